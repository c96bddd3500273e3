import { aesCtrStream, type Bytes32, encodeBase64Url, type OrganizationId, parseOrganizationId } from '@fiducia/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../test/aggregation-random.ts'
import { createWorld, give, runUntil, type WorldOptions } from '../../test/aggregation-world.ts'
import { addsMask, applyMask, maskKey } from './masks.ts'
import { bytesOfLimbs, createRing, limbsOfBytes, type RingTerms } from './ring.ts'

const EXACT: RingTerms = { name: 'exact' }
const MODEL: RingTerms = { name: 'model', clip: 8, scale: 2 ** 20 }
const hash = (fill: number) => encodeBase64Url(new Uint8Array(32).fill(fill)) as Bytes32
const context = { study: hash(1), round: 7, model: hash(2) }
const [a, b, c] = ['a', 'b', 'c'].map((name) => parseOrganizationId(name)) as [OrganizationId, OrganizationId, OrganizationId]
const secret = new Uint8Array(32).fill(5)

describe('a mask', () => {
  it('is the AES-256-CTR key stream of its key, in parts of any length', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), (length) => {
        const ring = createRing(EXACT, 3)
        const vector = new Uint32Array(length * 4)
        applyMask(ring, vector, secret, true)
        expect(bytesOfLimbs(vector)).toEqual(aesCtrStream(secret, 0, length * 16))
        applyMask(ring, vector, secret, false)
        expect(vector.every((limb) => limb === 0)).toBe(true)
      }),
      { numRuns: 20 },
    ))
  it('has the same key on both sides of a pair, and one side adds it', () => {
    expect(maskKey(context, secret, a, b)).toEqual(maskKey(context, secret, b, a))
    expect([addsMask(a, b), addsMask(b, a), addsMask(a, a)]).toEqual([true, false, true])
  })
  it('has another key for another study, round, model, pair or secret', () => {
    const keys = [
      maskKey(context, secret, a, b),
      maskKey({ ...context, study: hash(3) }, secret, a, b),
      maskKey({ ...context, round: 8 }, secret, a, b),
      maskKey({ ...context, model: hash(3) }, secret, a, b),
      maskKey(context, secret, a, c),
      maskKey(context, secret, a, a),
      maskKey(context, new Uint8Array(32).fill(6), a, b),
    ]
    expect(new Set(keys.map((key) => encodeBase64Url(key))).size).toBe(keys.length)
  })
})

/** The masked vectors of all sites of a world, by place. */
function maskedOf(options: WorldOptions): readonly Uint32Array[] {
  const world = createWorld(options)
  return runUntil(world, 'masked').flatMap((output) => {
    const message = output.type === 'send' ? give(world, output.to, output.message) : undefined
    return message?.type === 'masked' ? [message.vector] : []
  })
}

/** Chi-squared of how often each byte value occurs; 255 degrees of freedom: 99.99 % of uniform samples are below 346, and 0.01 % below 179. */
function chiSquared(bytes: Uint8Array): number {
  const counts = new Float64Array(256)
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1
  const expected = bytes.length / 256
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

describe.each([EXACT, MODEL])('masked vectors, ring $name', (ring) => {
  const LENGTH = 20_000
  const numbersOf = (fill: number) => () => new Float64Array(LENGTH).fill(fill)
  it.each([0, 1, -3.25])('pass a uniformity test: every number %d', (fill) => {
    for (const vector of maskedOf({ seed: 21, sites: 3, ring, length: LENGTH, numbersOf: numbersOf(fill) })) {
      const bytes = bytesOfLimbs(vector)
      for (let lane = 0; lane < (ring.name === 'exact' ? 16 : 4); lane += 1) {
        const found = chiSquared(bytes.filter((_, i) => i % (ring.name === 'exact' ? 16 : 4) === lane))
        expect(found).toBeLessThan(346)
        expect(found).toBeGreaterThan(179)
      }
    }
  })
  it('would fail it without a mask', () => expect(chiSquared(bytesOfLimbs(createRing(ring, 3).encode(numbersOf(1)())))).toBeGreaterThan(1e5))
  it('do not depend on inputs under fixed keys: less their numbers they are the same masks, whatever the numbers of anybody', () => {
    const numbers = createRing(ring, 4)
    const masksUnder = (seed: number, own: readonly number[]) => {
      const inputs = own.map((fill) => Float64Array.from({ length: 50 }, (_, i) => fill * (i - 25)))
      const vectors = maskedOf({ seed, sites: 4, ring, length: 50, numbersOf: (place) => inputs[place] ?? new Float64Array(50) })
      return vectors.map((vector, place) => {
        numbers.subtract(vector, numbers.encode(inputs[place] ?? new Float64Array(50)))
        return vector
      })
    }
    const masks = masksUnder(22, [0, 0, 0, 0])
    expect(masksUnder(22, [0.1, 0, 0, 0])).toEqual(masks)
    expect(masksUnder(22, [0.1, -0.2, 0.25, 0.3])).toEqual(masks)
    expect(masksUnder(23, [0, 0, 0, 0])).not.toEqual(masks)
  })
  it('of two sites with the same numbers have nothing in common', () => {
    const [one, other] = maskedOf({ seed: 24, sites: 3, ring, length: LENGTH, numbersOf: numbersOf(2) })
    const same = one?.filter((limb, i) => limb === other?.[i]).length
    expect(same).toBeLessThan(5)
  })
})

it('adds to limbs that do not lie on a boundary of four', () => {
  const bytes = createRandom(1).bytes(33).subarray(1)
  expect(bytesOfLimbs(limbsOfBytes(bytes))).toEqual(bytes)
})
