import { parseOrganizationId } from '@fiducia/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alpha, beta, bytes, net } from '../test/clinic.ts'
import { custodyKey, unwrapSeed, wrapSeed } from './index.ts'

const [secret, seed, rand32] = [bytes('wrapping secret'), bytes('seed'), bytes('rand')]
const place = { net, custodian: alpha }
const wrapped = wrapSeed(secret, place, { seed, rand32 })

describe('a wrapped seed', () => {
  it('comes back with the secret it was wrapped with', () => {
    expect(unwrapSeed(secret, place, wrapped)).toEqual(seed)
    expect(wrapped).toHaveLength(81)
  })

  it('opens with no other secret and for no other custodian or network', () => {
    const refused = 'does not open with this secret'
    expect(() => unwrapSeed(bytes('another'), place, wrapped)).toThrow(refused)
    expect(() => unwrapSeed(secret, { net, custodian: beta }, wrapped)).toThrow(refused)
    expect(() => unwrapSeed(secret, { net: `${net}2` as typeof net, custodian: alpha }, wrapped)).toThrow(refused)
    expect(() => unwrapSeed(secret.slice(1), place, wrapped)).toThrow('expected a wrapping secret of 32 bytes, found 31')
    expect(() => wrapSeed(secret, place, { seed: seed.slice(1), rand32 })).toThrow('32 bytes each')
  })

  it('is refused with any bit changed, cut off or added', () => {
    fc.assert(
      fc.property(fc.nat(wrapped.length * 8 - 1), (bit) => {
        const changed = wrapped.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
        expect(() => unwrapSeed(secret, place, changed)).toThrow('does not open')
      }),
    )
    for (const length of [0, 1, 32, 48, 80]) expect(() => unwrapSeed(secret, place, wrapped.slice(0, length))).toThrow('does not open')
    expect(() => unwrapSeed(secret, place, new Uint8Array([...wrapped, 0]))).toThrow('does not open')
  })

  it('lies under another key at each custodian and in each network', () => {
    const keys = [alpha, beta, parseOrganizationId('alpha-2')].flatMap((custodian) =>
      [net, `${net}2` as typeof net].map((one) => custodyKey(secret, { net: one, custodian }).pub),
    )
    expect(new Set(keys).size).toBe(6)
    // No name runs into the next one.
    expect(custodyKey(secret, { net: 'a' as typeof net, custodian: parseOrganizationId('b') }).pub).not.toBe(
      custodyKey(secret, { net: 'ab' as typeof net, custodian: parseOrganizationId('0') }).pub,
    )
  })
})
