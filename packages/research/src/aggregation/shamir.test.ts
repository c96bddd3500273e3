import { decodeHex, encodeHex } from '@fiducia/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ResearchError } from '../errors.ts'
import { createRandom } from '../../test/aggregation-random.ts'
import { joinShares, SHARE_BYTES, type Share, splitSecret } from './shamir.ts'

const secrets = fc.uint8Array({ minLength: 32, maxLength: 32 })
const sizes = fc.integer({ min: 1, max: 12 }).chain((count) => fc.record({ count: fc.constant(count), threshold: fc.integer({ min: 1, max: count }) }))
const flip = (share: Share, at: number): Share => ({ ...share, value: share.value.map((byte, i) => (i === at ? byte ^ 1 : byte)) })

/** Miller and Rabin, with the first forty odd numbers as bases. */
function isProbablePrime(n: bigint): boolean {
  const power = (base: bigint, exponent: bigint): bigint => {
    let [result, square] = [1n, base % n]
    for (let e = exponent; e > 0n; e >>= 1n) {
      if (e & 1n) result = (result * square) % n
      square = (square * square) % n
    }
    return result
  }
  let [odd, twos] = [n - 1n, 0]
  while (odd % 2n === 0n) [odd, twos] = [odd / 2n, twos + 1]
  return Array.from({ length: 40 }, (_, i) => BigInt(2 * i + 3)).every((base) => {
    let x = power(base, odd)
    if (x === 1n || x === n - 1n) return true
    for (let i = 1; i < twos; i += 1) {
      x = (x * x) % n
      if (x === n - 1n) return true
    }
    return false
  })
}

describe('shares of a secret', () => {
  it('give it back from any of them, as many as the threshold or more', () =>
    fc.assert(
      fc.property(secrets, sizes, fc.integer(), fc.integer({ min: 0 }), (secret, { count, threshold }, seed, skip) => {
        const random = createRandom(seed)
        const shares = splitSecret(secret, threshold, count, random.bytes)
        expect(shares.every(({ value }) => value.length === SHARE_BYTES)).toBe(true)
        const some = random.shuffled(shares).slice(0, threshold + (skip % (count - threshold + 1)))
        expect(joinShares(some, threshold)).toEqual(secret)
      }),
    ))
  it('hold the least and the greatest secret', () => {
    for (const secret of [new Uint8Array(32), new Uint8Array(32).fill(255)]) {
      expect(joinShares(splitSecret(secret, 3, 4, createRandom(1).bytes).slice(1), 3)).toEqual(secret)
    }
  })
  it('are refused where one of more than enough is changed', () =>
    fc.assert(
      fc.property(secrets, fc.integer(), fc.nat(4), fc.integer({ min: 1, max: SHARE_BYTES - 1 }), (secret, seed, which, at) => {
        const shares = splitSecret(secret, 4, 5, createRandom(seed).bytes).map((share, i) => (i === which ? flip(share, at) : share))
        expect(() => joinShares(shares, 4)).toThrow(ResearchError)
      }),
    ))
  it.each<[string, (shares: readonly Share[]) => readonly Share[]]>([
    ['too few', (shares) => shares.slice(0, 2)],
    ['two of one index', ([a, b]) => (a && b ? [a, b, b] : [])],
    ['an index of zero', ([a, b, c]) => (a && b && c ? [a, b, { ...c, index: 0 }] : [])],
    ['a value of the prime or more', ([a, b, c]) => (a && b && c ? [a, b, { ...c, value: new Uint8Array(33).fill(255) }] : [])],
    ['a value of another length', ([a, b, c]) => (a && b && c ? [a, b, { ...c, value: c.value.subarray(1) }] : [])],
  ])('are refused: %s', (_what, change) =>
    expect(() => joinShares(change(splitSecret(new Uint8Array(32).fill(3), 3, 4, createRandom(2).bytes)), 3)).toThrow(
      expect.objectContaining({ code: 'STUDY_ROUND' }),
    ),
  )
  it('say nothing below the threshold: whatever secret one thinks of, there is a share that gives it', () => {
    const prime = 2n ** 256n + 297n
    const valueOf = ({ value }: Share) => BigInt(`0x${encodeHex(value)}`)
    const [first] = splitSecret(new Uint8Array(32).fill(1), 2, 3, createRandom(3).bytes)
    if (first === undefined) throw new Error('expected a share')
    for (const guess of [0, 77, 255]) {
      const secret = new Uint8Array(32).fill(guess)
      const second = (2n * valueOf(first) - BigInt(`0x${encodeHex(secret)}`) + prime) % prime
      const fitting = { index: 2, value: decodeHex(second.toString(16).padStart(2 * SHARE_BYTES, '0')) }
      expect(joinShares([first, fitting], 2)).toEqual(secret)
    }
  })
  it('are of a prime field, the smallest above 2^256', () => {
    for (let n = 1n; n < 297n; n += 2n) expect(isProbablePrime(2n ** 256n + n)).toBe(false)
    expect(isProbablePrime(2n ** 256n + 297n)).toBe(true)
  })
  it('cannot be made with a threshold above their number, or of another length', () => {
    expect(() => splitSecret(new Uint8Array(32), 4, 3, createRandom(1).bytes)).toThrow(RangeError)
    expect(() => splitSecret(new Uint8Array(31), 2, 3, createRandom(1).bytes)).toThrow(RangeError)
  })
})
