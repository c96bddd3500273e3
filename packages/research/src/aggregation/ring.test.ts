import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ResearchError } from '../errors.ts'
import { MAX_SITES } from '../limits.ts'
import { longLimit } from './long-numbers.ts'
import { bytesOfLimbs, createRing, limbsOfBytes, type Ring } from './ring.ts'

const sumOf = (ring: Ring, vectors: readonly (readonly number[])[]): Uint32Array => {
  const [first = [], ...rest] = vectors
  const sum = ring.encode(Float64Array.from(first))
  for (const vector of rest) ring.add(sum, ring.encode(Float64Array.from(vector)))
  return sum
}

/** The slow oracle: a double as an exact fraction over 2^1074, from its bits. */
function exactly(value: number): bigint {
  const bits = new BigUint64Array(Float64Array.of(value).buffer)[0] ?? 0n
  const exponent = (bits >> 52n) & 0x7ffn
  const mantissa = (bits & (2n ** 52n - 1n)) | (exponent === 0n ? 0n : 2n ** 52n)
  const magnitude = mantissa << (exponent === 0n ? 0n : exponent - 1n)
  return bits >> 63n === 1n ? -magnitude : magnitude
}

/** In units of 2^-64, half-way cases to even. */
function fixed(value: number): bigint {
  const unit = 2n ** 1010n
  const exact = exactly(Math.abs(value))
  const [below, rest] = [exact / unit, exact % unit]
  const up = rest * 2n > unit || (rest * 2n === unit && below % 2n === 1n)
  const magnitude = up ? below + 1n : below
  return value < 0 ? -magnitude : magnitude
}

const bigOf = (limbs: Uint32Array): bigint =>
  BigInt.asIntN(
    128,
    limbs.reduceRight((sum, limb) => (sum << 32n) | BigInt(limb), 0n),
  )

/** The double nearest to n · 2^-64: below 2^53 the division is exact, above it `Number` rounds to even. */
const nearest = (n: bigint): number => Number(n) / 2 ** 64

const legal = (sites: number) =>
  fc.oneof(
    fc.double({ noNaN: true, min: -longLimit(sites), max: longLimit(sites) }),
    fc.double({ noNaN: true, min: -1, max: 1 }),
    fc.double({ noNaN: true, min: -(2 ** -50), max: 2 ** -50 }),
    fc.integer().map((n) => n * 2 ** -65),
    fc.constantFrom(0, -0, longLimit(sites), -longLimit(sites), 1 - 2 ** -53, 2 ** -64, 2 ** -65, 3 * 2 ** -65, 5e-324, 2 ** 32 - 2 ** -20),
  )

describe('the 128-bit ring', () => {
  it('rounds each number to 2^-64 and adds up exactly, as BigInt does', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }).chain((sites) => fc.array(legal(sites), { minLength: sites, maxLength: sites })),
        (numbers) => {
          const ring = createRing({ name: 'exact' }, numbers.length)
          const sum = sumOf(
            ring,
            numbers.map((value) => [value]),
          )
          const expected = numbers.reduce((total, value) => total + fixed(value), 0n)
          expect(bigOf(sum)).toBe(expected)
          expect(ring.decode(sum)[0]).toBe(nearest(expected))
        },
      ),
      { numRuns: 3000 },
    ))
  it('decodes any integer to the nearest double', () =>
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 126n) + 2n ** 80n, max: 2n ** 126n - 2n ** 80n }), fc.integer({ min: 0, max: 126 }), (wide, shift) => {
        const n = wide >> BigInt(shift)
        const limbs = Uint32Array.from([0n, 32n, 64n, 96n], (at) => Number(BigInt.asUintN(32, n >> at)))
        expect((createRing({ name: 'exact' }, 1).decode(limbs)[0] ?? Number.NaN) + 0).toBe(nearest(n))
      }),
      { numRuns: 5000 },
    ))
  it.each([1, 2, 3, 7, 10, MAX_SITES])('cannot overflow: %i sites at the border', (sites) => {
    const ring = createRing({ name: 'exact' }, sites)
    const limit = longLimit(sites)
    for (const sign of [1, -1]) {
      const sum = sumOf(
        ring,
        Array.from({ length: sites }, () => [sign * limit]),
      )
      expect(bigOf(sum)).toBe(BigInt(sign) * BigInt(sites) * BigInt(limit) * 2n ** 64n)
      expect(Math.abs(ring.decode(sum)[0] ?? 0)).toBeLessThanOrEqual(2 ** 62)
      expect(() => ring.encode(Float64Array.of(sign * limit * (1 + Number.EPSILON)))).toThrow(ResearchError)
    }
    expect(BigInt(limit) * BigInt(sites)).toBeLessThan(2n ** 62n)
  })
  it.each([Number.NaN, Infinity, -Infinity, 1e300, -1e300, 2 ** 62])('refuses %d', (value) =>
    expect(() => createRing({ name: 'exact' }, 3).encode(Float64Array.of(0, value))).toThrow(expect.objectContaining({ code: 'STUDY_RANGE' })),
  )
  it('refuses a sum that legal numbers cannot give', () =>
    expect(() => createRing({ name: 'exact' }, 3).decode(Uint32Array.of(0, 0, 0, 2 ** 31))).toThrow(expect.objectContaining({ code: 'STUDY_RANGE' })))
})

describe('the 32-bit ring', () => {
  const terms = { name: 'model', clip: 4, scale: 2 ** 24 } as const
  it('adds up clipped and rounded numbers exactly', () =>
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 10 }), (numbers) => {
        const ring = createRing(terms, 10)
        const rounded = (value: number) => {
          const scaled = Math.max(-4, Math.min(4, value)) * 2 ** 24
          const nearestInteger = Math.round(scaled)
          return Math.abs(scaled % 1) === 0.5 ? 2 * Math.round(scaled / 2) : nearestInteger
        }
        const total = numbers.reduce((sum, value) => sum + rounded(value), 0)
        expect(
          ring.decode(
            sumOf(
              ring,
              numbers.map((value) => [value]),
            ),
          )[0],
        ).toBe(total / 2 ** 24 + 0)
      }),
      { numRuns: 2000 },
    ))
  it.each([
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [-0.5, 0],
    [-1.5, -2],
    [-2.5, -2],
    [2.499, 2],
    [2 ** 26 - 0.5, 2 ** 26],
  ])('rounds %d units to %d, a half to the even neighbor', (units, rounded) => {
    const ring = createRing(terms, 10)
    expect(ring.decode(ring.encode(Float64Array.of(units / terms.scale)))[0]).toBe(rounded / terms.scale)
  })
  it('cannot overflow at the border', () => {
    const most = { name: 'model', clip: 2 ** 31 / 10 - 1, scale: 1 } as const
    const ring = createRing(most, 10)
    for (const sign of [1, -1]) {
      const sum = sumOf(
        ring,
        Array.from({ length: 10 }, () => [sign * 1e300]),
      )
      expect(ring.decode(sum)[0]).toBe(sign * Math.round(most.clip) * 10)
    }
  })
  it.each([
    [4, 2 ** 26],
    [Number.NaN, 1],
    [Infinity, 1],
    [0, 1],
    [-1, 1],
    [1e-9, 1],
    [1, Number.NaN],
  ])('has no room for clip %d and scale %d with ten sites', (clip, scale) =>
    expect(() => createRing({ name: 'model', clip, scale }, 10)).toThrow(expect.objectContaining({ code: 'STUDY_RANGE' })),
  )
  it.each([Number.NaN, Infinity])('refuses %d', (value) => expect(() => createRing(terms, 3).encode(Float64Array.of(value))).toThrow(ResearchError))
})

describe.each([{ name: 'exact' }, { name: 'model', clip: 1, scale: 1000 }] as const)('both rings: $name', (terms) => {
  it('take away what was added, with wrap-around, also within a longer vector', () =>
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ minLength: 16, maxLength: 16 }), (start, mask) => {
        const ring = createRing(terms, 3)
        const vector = limbsOfBytes(start.slice())
        ring.add(vector, limbsOfBytes(mask), 4)
        ring.subtract(vector, limbsOfBytes(mask), 4)
        expect(bytesOfLimbs(vector)).toEqual(start)
      }),
    ))
  it('are little-endian', () => expect(bytesOfLimbs(Uint32Array.of(0x01020304))).toEqual(Uint8Array.of(4, 3, 2, 1)))
  it.each([0, MAX_SITES + 1, 1.5])('refuse %d sites', (sites) => expect(() => createRing(terms, sites)).toThrow(ResearchError))
})
