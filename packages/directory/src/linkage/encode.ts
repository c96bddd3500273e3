import { encodeUtf8, hmac } from '@fiducia/core'
import { type CsvTable, rowName } from '../reading/csv-table.ts'
import { DirectoryError } from '../errors.ts'
import type { Field } from './agree.ts'
import { parsePart, type PartialDay } from './birth-date.ts'
import { DATE_PARTS } from './meanings.ts'
import { dayTokens, isMonthFirst, tokensOf } from './normalize.ts'

/**
 * Encodings: what an organization shows of its records, and all that it shows.
 *
 * Each record becomes one array of bits, a cryptographic long-term key (Schnell, Bachteler, Reiher 2009 and 2011: a Bloom filter
 * over all fields of a record). Every token of every field sets a few bits, chosen by HMAC-SHA-256 under the consortium's
 * key. Two records with many tokens in common have many bits in common, whoever made them; without the key a bit
 * says nothing about a token.
 *
 * How it is hardened, and why:
 * - one array for the whole record, never one for each field: the most frequent surname has no pattern of its own;
 * - each field has a key of its own, so the same bigram in a name and in a street sets other bits;
 * - bits are drawn from an HMAC stream, not by double hashing, whose few patterns were taken apart (Niedermeyer, Steinmetzer,
 *   Kroll, Schnell 2014);
 * - the array is folded in two by XOR (Schnell, Borgs 2016): a bit that is set says that one of two was set and not which, so bits
 *   that stand together for a frequent token, where pattern mining starts (Christen, Vidanage, Ranbaduge, Schnell 2018), are
 *   hard to tell.
 *
 * What remains: whoever holds the key can encode a guess and see whether it fits; equal records have equal encodings; how
 * many bits are set tells roughly how much is written. `docs/guide/suggest-links.md` says who should compare, then.
 */
export interface EncodedRecords {
  readonly count: number
  /** `WORDS` numbers for each record, one record after the other. No text, no identifier. */
  readonly bits: Uint32Array
}

/** An organization's own view: record `i` of the encodings is the one that it calls `ids[i]`. It keeps the names. */
export interface OwnRecords {
  readonly ids: readonly string[]
  readonly shown: EncodedRecords
}

/** Bits of an encoding, and of the array before it is folded. */
export const ENCODED_BITS = 1024
export const WORDS = ENCODED_BITS / 32
const WIDE_BITS = 2 * ENCODED_BITS

/** Bits that one HMAC gives, two bytes for each; a power of two divides them evenly. */
const DRAWS = 16

/**
 * One organization encodes its records by itself. `fields` is what both agreed on, `key` the 32 bytes that the members of
 * the consortium share. Records come out sorted by their id, so the order of the rows in the file shows nothing and
 * changes nothing. Throws `LINKAGE_KEY`, and `LINKAGE_ID` for an id that is missing or there twice.
 */
export function encodeRecords(table: CsvTable, idColumn: string, fields: readonly Field[], key: Uint8Array): OwnRecords {
  if (key.length !== 32) throw new DirectoryError('LINKAGE_KEY', `expected a key of 32 bytes, found ${key.length}`)
  const order = sortedById(table, idColumn)
  const encoders = fields.flatMap((field) => encodersOf(table, field, key))
  const bits = new Uint32Array(order.length * WORDS)
  order.forEach(({ row }, i) => {
    const wide = new Uint32Array(2 * WORDS)
    for (const bitsOf of encoders) for (const bit of bitsOf(row)) setBit(wide, bit)
    for (let word = 0; word < WORDS; word += 1) bits[i * WORDS + word] = (wide[word] ?? 0) ^ (wide[WORDS + word] ?? 0)
  })
  return { ids: order.map(({ id }) => id), shown: { count: order.length, bits } }
}

type Encoder = (row: readonly string[]) => readonly number[]

function encodersOf(table: CsvTable, field: Field, key: Uint8Array): readonly Encoder[] {
  const draw = drawBits(key, field)
  const bitsOf = (tokens: ReadonlySet<string>): readonly number[] => [...tokens].flatMap((token) => [...draw(token)])
  const places = field.columns.map((name) => table.header.indexOf(name))
  if (field.isInPieces === true) return [(row) => bitsOf(dayTokens(joinedDay(field, places, row)))]
  return places.map((place) => {
    const read = readerOf(table, field, place)
    return (row) => bitsOf(read(row[place] ?? ''))
  })
}

function readerOf({ rows }: CsvTable, { form, parts = DATE_PARTS }: Field, place: number): (value: string) => ReadonlySet<string> {
  if (form !== 'date') return (value) => tokensOf(value, form)
  const monthFirst = isMonthFirst(rows.map((row) => row[place] ?? ''))
  return (value) => tokensOf(value, form, { monthFirst, parts })
}

/** The birth date of a row that has it in pieces, so far as it has. */
function joinedDay({ parts = [] }: Field, places: readonly number[], row: readonly string[]): PartialDay {
  return Object.fromEntries(
    parts.flatMap((part, i) => {
      const value = parsePart(row[places[i] ?? -1] ?? '', part)
      return value === undefined ? [] : [[part, value]]
    }),
  )
}

function setBit(bits: Uint32Array, bit: number): void {
  bits[bit >>> 5] = (bits[bit >>> 5] ?? 0) | (1 << (bit & 31))
}

/** Which bits a token of this field sets. There are a few thousand different tokens, so each is drawn once. */
function drawBits(key: Uint8Array, { space, hashes }: Field): (token: string) => Uint16Array {
  const fieldKey = hmac(key, encodeUtf8(`fiducia/linkage/v1\0${space}`))
  const drawn = new Map<string, Uint16Array>()
  return (token) => {
    const known = drawn.get(token)
    if (known !== undefined) return known
    const bits = new Uint16Array(hashes)
    for (let i = 0; i < hashes; i += DRAWS) {
      const stream = hmac(fieldKey, Uint8Array.of(i / DRAWS), encodeUtf8(token))
      for (let j = 0; j < DRAWS && i + j < hashes; j += 1) bits[i + j] = (((stream[2 * j] ?? 0) << 8) | (stream[2 * j + 1] ?? 0)) % WIDE_BITS
    }
    drawn.set(token, bits)
    return bits
  }
}

interface NamedRow {
  readonly id: string
  readonly row: readonly string[]
}

function sortedById({ header, rows }: CsvTable, idColumn: string): readonly NamedRow[] {
  const column = header.indexOf(idColumn)
  if (column < 0) throw new DirectoryError('LINKAGE_ID', `expected a column \`${idColumn}\` that names the records, found ${header.length} others`)
  const seen = new Set<string>()
  const named = rows.map((row, i) => {
    const id = row[column] ?? ''
    if (id === '') throw new DirectoryError('LINKAGE_ID', `expected a value in column \`${idColumn}\`, found none`, rowName(i))
    if (seen.has(id)) throw new DirectoryError('LINKAGE_ID', `expected each value of column \`${idColumn}\` once, found one again`, rowName(i))
    seen.add(id)
    return { id, row }
  })
  return named.sort((one, two) => (one.id < two.id ? -1 : 1))
}
