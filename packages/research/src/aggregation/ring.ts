import { ResearchError } from '../errors.ts'
import { MAX_SITES } from '../limits.ts'
import { addLong, decodeLong, encodeLong, longLimit, subtractLong } from './long-numbers.ts'

/**
 * What masked sums are made of: integers modulo 2^32 or 2^128, one for each number. A site *encodes* its numbers as fixed-point
 * integers, masks are added and subtracted modulo the ring, and the sum is *decoded* as a signed integer. It is the sum of
 * the encoded numbers exactly, as long as no legal numbers of all sites together leave the range; so each
 * site refuses at encoding what is beyond its part of the range, and a decoded sum beyond it is refused too:
 * it was not made of legal numbers.
 *
 * A vector is limbs of 32 bits, the lowest first; its bytes are the limbs' in memory, which is little-endian on every platform of ours.
 */
export type RingTerms =
  | { readonly name: 'exact' }
  /** Each number is cut to −`clip`…`clip`, then rounded to a multiple of 1/`scale`. */
  | { readonly name: 'model'; readonly clip: number; readonly scale: number }

export interface Ring {
  readonly limbs: 1 | 4
  /** The limbs of one site's numbers. Throws `STUDY_RANGE` for a number that is not finite, or (`exact`) above what every possible sum can carry. */
  encode(numbers: Float64Array): Uint32Array
  /** Adds to the limbs from `at` on, which is where a number begins. */
  readonly add: (into: Uint32Array, limbs: Uint32Array, at?: number) => void
  readonly subtract: (into: Uint32Array, limbs: Uint32Array, at?: number) => void
  /** The sum of at most as many encoded vectors as the ring was made for, each number correctly rounded (to even). Throws `STUDY_RANGE` beyond the range. */
  decode(sum: Uint32Array): Float64Array
}

/** The ring for sums over at most `sites` vectors. Throws `STUDY_RANGE` where clip and scale leave no room for them. */
export function createRing(terms: RingTerms, sites: number): Ring {
  requireLittleEndian()
  if (!Number.isInteger(sites) || sites < 1 || sites > MAX_SITES) throw new ResearchError('STUDY_RANGE', `expected 1 to ${MAX_SITES} sites, found ${sites}`)
  return terms.name === 'exact' ? exactRing(sites) : modelRing(terms.clip, terms.scale, sites)
}

/** 128 bits, 64 of them fraction. Any sum of legal numbers is below 2^62. */
function exactRing(sites: number): Ring {
  const limit = longLimit(sites)
  return {
    limbs: 4,
    encode: (numbers) => {
      const limbs = new Uint32Array(numbers.length * 4)
      for (let i = 0; i < numbers.length; i += 1) encodeLong(inRange(numbers[i] ?? Number.NaN, limit), limbs, i * 4)
      return limbs
    },
    add: addLong,
    subtract: subtractLong,
    decode: (sum) => {
      const numbers = new Float64Array(sum.length / 4)
      for (let i = 0; i < numbers.length; i += 1) numbers[i] = sumInRange(decodeLong(sum, i * 4), limit * sites)
      return numbers
    },
  }
}

function inRange(value: number, limit: number): number {
  if (Math.abs(value) <= limit) return value
  const found = Number.isFinite(value) ? `expected numbers up to ${limit}, found a larger one` : 'expected finite numbers, found another'
  throw new ResearchError('STUDY_RANGE', `${found}; a sum over all sites must stay below 2^62`)
}

function sumInRange(value: number, limit: number): number {
  if (Math.abs(value) <= limit) return value
  throw new ResearchError('STUDY_RANGE', 'a sum is beyond what legal numbers add up to')
}

/** 32 bits; any sum of legal numbers is below 2^31. */
function modelRing(clip: number, scale: number, sites: number): Ring {
  const most = roundHalfEven(clip * scale)
  if (!(clip > 0 && scale > 0 && most >= 1 && most * sites < 2 ** 31)) {
    throw new ResearchError('STUDY_RANGE', `clip × scale × sites must be below 2^31, found \`${clip}\` × \`${scale}\` × ${sites}`)
  }
  return {
    limbs: 1,
    encode: (numbers) => {
      const limbs = new Uint32Array(numbers.length)
      for (let i = 0; i < numbers.length; i += 1) limbs[i] = roundHalfEven(clipped(numbers[i] ?? Number.NaN, clip) * scale)
      return limbs
    },
    add: addShort,
    subtract: subtractShort,
    decode: (sum) => {
      const numbers = new Float64Array(sum.length)
      for (let i = 0; i < numbers.length; i += 1) numbers[i] = sumInRange((sum[i] ?? 0) | 0, most * sites) / scale
      return numbers
    },
  }
}

function clipped(value: number, clip: number): number {
  if (Number.isFinite(value)) return Math.min(clip, Math.max(-clip, value))
  throw new ResearchError('STUDY_RANGE', 'expected finite numbers, found another')
}

/** In the middle of 2^52 to 2^53, where doubles are the whole numbers. */
const WHOLE_NUMBERS = 1.5 * 2 ** 52

/**
 * Half-way cases to the even neighbor: a rounding that always goes up would add up over many updates. IEEE 754 rounds the first sum so,
 * and nothing is lost in the second: for all numbers below 2^51.
 */
const roundHalfEven = (value: number): number => value + WHOLE_NUMBERS - WHOLE_NUMBERS

function addShort(into: Uint32Array, limbs: Uint32Array, at = 0): void {
  for (let i = 0; i < limbs.length; i += 1) into[at + i] = ((into[at + i] ?? 0) + (limbs[i] ?? 0)) | 0
}

function subtractShort(into: Uint32Array, limbs: Uint32Array, at = 0): void {
  for (let i = 0; i < limbs.length; i += 1) into[at + i] = ((into[at + i] ?? 0) - (limbs[i] ?? 0)) | 0
}

/** The bytes of limbs, without a copy. */
export const bytesOfLimbs = (limbs: Uint32Array): Uint8Array => new Uint8Array(limbs.buffer, limbs.byteOffset, limbs.byteLength)

/** The limbs of bytes, whose number is a multiple of four; copied only where they do not lie on a boundary of four. */
export function limbsOfBytes(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4)
}

function requireLittleEndian(): void {
  if (new Uint8Array(Uint32Array.of(1).buffer)[0] !== 1) throw new Error('masked sums need a little-endian platform')
}
