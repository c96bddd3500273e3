import { encodeUtf8, sha256 } from '@fiducia/core'
import { type EncodedRecords, ENCODED_BITS, WORDS } from './encode.ts'

/**
 * For each record of B the nearest records of A, by their bits alone.
 *
 * Likeness is the Dice coefficient, twice the bits in common over the bits of both, from 0 to 1. A record that sets few bits
 * is compared as though it set `floor`: two records that hold a state and nothing else are equal, and no reason to
 * suspect one person.
 *
 * Small files are compared pair by pair. Large ones are blocked first by locality-sensitive hashing for the Hamming distance
 * (Indyk, Motwani 1998; for linkage Durham 2012): a table looks at sixteen of the bits, and only records that agree in
 * all of them are compared; with 128 tables, records that are near meet in one of them. Blocks are made of the bits that the
 * other side has anyhow, so blocking shows nothing more.
 */
export interface Nearest {
  /** Places for each record of B; `at[j * width]` is its nearest record of A, -1 where there is none. */
  readonly width: number
  readonly at: Int32Array
  readonly scores: Float64Array
}

/** Both sides, with what the likeness needs. */
export interface Sides {
  readonly a: EncodedRecords
  readonly b: EncodedRecords
  readonly sizesA: Uint16Array
  readonly sizesB: Uint16Array
  readonly floor: number
}

/** Of the bits that a record of the middle sets, the share below which a record counts as saying little. */
const FLOOR_SHARE = 0.6

export function sidesOf(a: EncodedRecords, b: EncodedRecords): Sides {
  const [sizesA, sizesB] = [sizesOf(a), sizesOf(b)]
  return { a, b, sizesA, sizesB, floor: Math.max(1, FLOOR_SHARE * Math.min(middleOf(sizesA), middleOf(sizesB))) }
}

/** Every pair is compared; of B only the records in `of`, in that order. */
export function nearestOfAll(sides: Sides, width: number, of: readonly number[]): Nearest {
  const nearest = emptyLists(of.length, width)
  of.forEach((j, list) => {
    for (let i = 0; i < sides.a.count; i += 1) offer(nearest, list, i, likeness(sides, i, j))
  })
  return nearest
}

/**
 * For some records of one file, the likeness of the nearest other one in it. The nearest of all is the record itself, so the second place tells.
 */
export function nearestAtHome(sides: Sides, file: 'a' | 'b', of: readonly number[]): Float64Array {
  const [records, sizes] = file === 'a' ? [sides.a, sides.sizesA] : [sides.b, sides.sizesB]
  const home: Sides = { a: records, b: records, sizesA: sizes, sizesB: sizes, floor: sides.floor }
  const { scores } = nearestOfAll(home, 2, of)
  return Float64Array.from(of, (_, list) => Math.max(0, scores[2 * list + 1] ?? 0))
}

const TABLES = 128
const MOST_BITS = 16
const FEWEST_BITS = 8

/** Only records that meet in a block are compared. */
export function nearestInBlocks(sides: Sides, width: number): Nearest {
  const nearest = emptyLists(sides.b.count, width)
  const bitCount = Math.max(FEWEST_BITS, Math.min(MOST_BITS, Math.round(Math.log2(sides.a.count))))
  for (let table = 0; table < TABLES; table += 1) {
    const bits = bitsOfTable(table, bitCount)
    const blocks = blocksOf(sides.a, bits)
    for (let j = 0; j < sides.b.count; j += 1) {
      const block = blockOf(sides.b, j, bits)
      const end = blocks.starts[block + 1] ?? 0
      for (let place = blocks.starts[block] ?? 0; place < end; place += 1) {
        const i = blocks.members[place] ?? 0
        offer(nearest, j, i, likeness(sides, i, j))
      }
    }
  }
  return nearest
}

// ---- likeness -------------------------------------------------------------------------------------------------------------

function likeness({ a, b, sizesA, sizesB, floor }: Sides, i: number, j: number): number {
  let common = 0
  for (let word = 0; word < WORDS; word += 1) common += countBits((a.bits[i * WORDS + word] ?? 0) & (b.bits[j * WORDS + word] ?? 0))
  return (2 * common) / (Math.max(sizesA[i] ?? 0, floor) + Math.max(sizesB[j] ?? 0, floor))
}

/** Bits of a 32-bit number that are set: sums of pairs, of fours, of bytes. */
function countBits(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

function sizesOf({ count, bits }: EncodedRecords): Uint16Array {
  const sizes = new Uint16Array(count)
  bits.forEach((word, i) => {
    const record = Math.floor(i / WORDS)
    sizes[record] = (sizes[record] ?? 0) + countBits(word)
  })
  return sizes
}

const middleOf = (sizes: Uint16Array): number => sizes.toSorted()[sizes.length >>> 1] ?? 0

// ---- lists of the nearest -------------------------------------------------------------------------------------------------

const emptyLists = (count: number, width: number): Nearest => ({
  width,
  at: new Int32Array(count * width).fill(-1),
  scores: new Float64Array(count * width).fill(-1),
})

/** Keeps the list sorted, the earlier record of A first where scores are equal. A record that is in the list already stays once. */
function offer({ width, at, scores }: Nearest, list: number, i: number, score: number): void {
  const start = list * width
  let place = start + width - 1
  if (score < (scores[place] ?? 0) || (score === scores[place] && i > (at[place] ?? 0))) return
  for (let known = start; known <= place; known += 1) if (at[known] === i) return
  while (place > start && isBefore(score, i, scores[place - 1] ?? 0, at[place - 1] ?? 0)) {
    scores[place] = scores[place - 1] ?? 0
    at[place] = at[place - 1] ?? 0
    place -= 1
  }
  scores[place] = score
  at[place] = i
}

const isBefore = (score: number, i: number, otherScore: number, other: number): boolean => score > otherScore || (score === otherScore && i < other)

// ---- blocks ---------------------------------------------------------------------------------------------------------------

interface Blocks {
  /** Block `n` is `members[starts[n]]` up to `members[starts[n + 1]]`. */
  readonly starts: Uint32Array
  readonly members: Uint32Array
}

/** The same for everybody: which bits a table looks at is no secret, what they mean is. */
function bitsOfTable(table: number, count: number): readonly number[] {
  const stream = sha256(encodeUtf8(`fiducia/linkage-table/v1\0${table}`))
  return Array.from({ length: count }, (_, i) => (((stream[2 * i] ?? 0) << 8) | (stream[2 * i + 1] ?? 0)) % ENCODED_BITS)
}

function blockOf({ bits }: EncodedRecords, record: number, looked: readonly number[]): number {
  let block = 0
  for (const bit of looked) block = (block << 1) | (((bits[record * WORDS + (bit >>> 5)] ?? 0) >>> (bit & 31)) & 1)
  return block
}

function blocksOf(records: EncodedRecords, looked: readonly number[]): Blocks {
  const blocks = Uint32Array.from({ length: records.count }, (_, i) => blockOf(records, i, looked))
  const starts = new Uint32Array(2 ** looked.length + 2)
  for (const block of blocks) starts[block + 2] = (starts[block + 2] ?? 0) + 1
  for (let block = 2; block < starts.length; block += 1) starts[block] = (starts[block] ?? 0) + (starts[block - 1] ?? 0)
  const members = new Uint32Array(records.count)
  blocks.forEach((block, i) => {
    const place = starts[block + 1] ?? 0
    members[place] = i
    starts[block + 1] = place + 1
  })
  return { starts, members }
}
