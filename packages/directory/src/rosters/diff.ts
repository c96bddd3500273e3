import { fieldPolicy } from '../facts/fields.ts'
import { SUBJECT_KINDS } from '../facts/types.ts'
import { DirectoryError } from '../errors.ts'
import { splitField } from '../importing/mapping.ts'
import { nearestNames } from '../importing/columns.ts'
import { NORMALIZERS } from '../normalize/normalizers.ts'
import { checkWidth, faultOf, parseHeader } from '../reading/csv-header.ts'
import type { CsvRow } from '../reading/csv-row.ts'
import { createCsvScanner } from '../reading/csv-scanner.ts'
import { hashOf } from '../reading/seen-rows.ts'

/**
 * How two rosters differ: whom only one of them has, and in how many of those that both have each field says something else. A key can have
 * several rows in either file, its locations for example: a field differs where no row of the one agrees with any row of the other.
 *
 * Of a value its fingerprint is kept, 53 bits of it: two that differ are taken for one once in some quadrillion.
 */
export interface RosterDiff {
  /** Keys, each counted once. */
  readonly a: number
  readonly b: number
  readonly both: number
  readonly onlyA: number
  readonly onlyB: number
  readonly fields: { readonly [name: string]: FieldDiff }
  readonly rows: { readonly a: number; readonly b: number }
  /** Rows without a key, which are compared with nothing. */
  readonly unnamed: { readonly a: number; readonly b: number }
}

export interface FieldDiff {
  /** Keys of both for which no row agrees. */
  readonly differs: number
  /** `ID/VERSION` of what two spellings had to share, or `raw`. */
  readonly normalizer: string
}

export interface DiffOptions {
  readonly key: string
  /** `NAME=COLUMN_A:COLUMN_B`, or `NAME=COLUMN` where both files name it alike. */
  readonly fields: readonly string[]
  readonly normalize: 'raw' | 'default'
}

export interface PlannedDiff {
  readonly key: Pair
  readonly fields: readonly PlannedField[]
}

interface PlannedField extends Pair {
  readonly name: string
  readonly normalizer: string
  normalize(value: string): string
}

/** Places of one column in both files. */
interface Pair {
  readonly a: number
  readonly b: number
}

// ---- columns --------------------------------------------------------------------------------------------------------------

type Header = readonly string[]

/** Throws `COLUMN_MISSING` that names the column, and `ROSTER_FIELD` for a field that is written otherwise or twice. */
export function planDiff(headers: { readonly a: Header; readonly b: Header }, { key, fields, normalize }: DiffOptions): PlannedDiff {
  const planned = fields.map((written) => {
    const equals = written.indexOf('=')
    if (equals <= 0) throw new DirectoryError('ROSTER_FIELD', `expected \`NAME=COLUMN_A:COLUMN_B\`, found \`${written}\``)
    const name = written.slice(0, equals)
    return { name, ...pairOf(written.slice(equals + 1), headers), ...(normalize === 'raw' ? RAW : normalizerOf(name)) }
  })
  const names = new Set(planned.map(({ name }) => name))
  if (names.size < planned.length) throw new DirectoryError('ROSTER_FIELD', 'expected each field once, found one twice')
  return { key: pairOf(key, headers), fields: planned }
}

/** A column's name may have colons of its own, so every one is tried as the one between the two names. */
function pairOf(written: string, { a, b }: { readonly a: Header; readonly b: Header }): Pair {
  for (let colon = written.indexOf(':'); colon >= 0; colon = written.indexOf(':', colon + 1)) {
    const pair = { a: a.indexOf(written.slice(0, colon)), b: b.indexOf(written.slice(colon + 1)) }
    if (pair.a >= 0 && pair.b >= 0) return pair
  }
  const same = { a: a.indexOf(written), b: b.indexOf(written) }
  if (same.a >= 0 && same.b >= 0) return same
  const colon = written.indexOf(':')
  const [nameA, nameB] = colon < 0 ? [written, written] : [written.slice(0, colon), written.slice(colon + 1)]
  throw a.includes(nameA) ? missing(nameB, b, 'second') : missing(nameA, a, 'first')
}

function missing(name: string, header: Header, file: string): DirectoryError {
  const near = nearestNames(name, header).map((one) => `\`${one.slice(0, 80)}\``)
  const hint = near.length === 0 ? '' : `; near it: ${near.join(', ')}`
  return new DirectoryError('COLUMN_MISSING', `expected a column \`${name}\` in the ${file} file, found none among ${header.length}${hint}`, 'row 1')
}

const RAW = { normalizer: 'raw', normalize: (value: string) => value }

/** That of the first kind of subject that has such a field, `text` for a name that none has. */
function normalizerOf(name: string): { readonly normalizer: string; readonly normalize: (value: string) => string } {
  const { kind, field } = splitField(name)
  const kinds = name === field ? SUBJECT_KINDS : [kind]
  for (const one of kinds) {
    try {
      return named(NORMALIZERS[fieldPolicy(one, field).normalizer])
    } catch {
      // Of another kind, then.
    }
  }
  return named(NORMALIZERS.text)
}

const named = (normalizer: (typeof NORMALIZERS)['text']) => ({
  normalizer: `${normalizer.id}/${normalizer.version}`,
  normalize: (value: string) => normalizer.normalize(value),
})

/** Reads no further than the header. */
export interface HeaderReader {
  /** The names of the columns, as soon as they are there. */
  push(chunk: Uint8Array): Header | undefined
  /** Throws `CSV_EMPTY` where there are none. */
  end(): Header
}

export function createHeaderReader(): HeaderReader {
  let header: Header | undefined
  const scanner = createCsvScanner((row) => {
    header ??= parseHeader(row)
  })
  return {
    push(chunk) {
      if (header === undefined) scanner.push(chunk)
      return header
    },
    end() {
      if (header === undefined) scanner.end()
      if (header === undefined) throw new DirectoryError('CSV_EMPTY', 'expected a header and records, found an empty file')
      return header
    },
  }
}

// ---- comparison -----------------------------------------------------------------------------------------------------------

/** One file as its bytes come. Throws `DirectoryError` for a row that cannot be compared: a count over the others would be wrong. */
export interface RosterSide {
  push(chunk: Uint8Array): void
  end(): void
}

export interface RosterComparison {
  readonly a: RosterSide
  readonly b: RosterSide
  /** After the end of both. */
  result(): RosterDiff
}

/** `onProgress` gets the rows read so far, now and then. */
export function createRosterComparison(plan: PlannedDiff, onProgress: (rows: number) => void = () => {}): RosterComparison {
  let read = 0
  const count = () => {
    read += 1
    if (read % PROGRESS_ROWS === 0) onProgress(read)
  }
  const [a, b] = [createRoster(plan, 'a', count), createRoster(plan, 'b', count)]
  return { a, b, result: () => compare(plan, a, b) }
}

const PROGRESS_ROWS = 10_000

interface Roster extends RosterSide {
  /** Fingerprints of each row of a key, all fields of one row after another. */
  readonly keys: ReadonlyMap<string, readonly number[]>
  readonly rows: number
  readonly unnamed: number
}

function createRoster(plan: PlannedDiff, side: keyof Pair, count: () => void): Roster {
  const keys = new Map<string, number[]>()
  let [header, rows, unnamed]: [Header | undefined, number, number] = [undefined, 0, 0]

  const take = (row: CsvRow) => {
    if (header === undefined) {
      header = parseHeader(row)
      return
    }
    const fault = faultOf(row)
    if (fault !== undefined) throw fault
    checkWidth(row, header)
    count()
    rows += 1
    const key = row.cell(plan.key[side]).trim()
    if (key === '') unnamed += 1
    else
      add(
        keys,
        key,
        plan.fields.map((field) => fingerprintOf(field.normalize(row.cell(field[side])))),
      )
  }

  const scanner = createCsvScanner(take)
  return {
    keys,
    get rows() {
      return rows
    },
    get unnamed() {
      return unnamed
    },
    push: (chunk) => scanner.push(chunk),
    end: () => scanner.end(),
  }
}

function add(keys: Map<string, number[]>, key: string, prints: readonly number[]): void {
  const known = keys.get(key)
  if (known === undefined) keys.set(key, [...prints])
  else known.push(...prints)
}

const fingerprintOf = (text: string): number => hashOf(text) * 2 ** 21 + (hashOf(text, 0x9747b28c) >>> 11)

function compare({ fields }: PlannedDiff, a: Roster, b: Roster): RosterDiff {
  const differs = fields.map(() => 0)
  let both = 0
  for (const [key, rowsA] of a.keys) {
    const rowsB = b.keys.get(key)
    if (rowsB === undefined) continue
    both += 1
    fields.forEach((_, field) => {
      if (!agrees(rowsA, rowsB, field, fields.length)) differs[field] = (differs[field] ?? 0) + 1
    })
  }
  return {
    a: a.keys.size,
    b: b.keys.size,
    both,
    onlyA: a.keys.size - both,
    onlyB: b.keys.size - both,
    fields: Object.fromEntries(fields.map(({ name, normalizer }, field) => [name, { differs: differs[field] ?? 0, normalizer }])),
    rows: { a: a.rows, b: b.rows },
    unnamed: { a: a.unnamed, b: b.unnamed },
  }
}

function agrees(rowsA: readonly number[], rowsB: readonly number[], field: number, width: number): boolean {
  const valuesB = new Set<number>()
  for (let at = field; at < rowsB.length; at += width) valuesB.add(rowsB[at] ?? 0)
  for (let at = field; at < rowsA.length; at += width) if (valuesB.has(rowsA[at] ?? 0)) return true
  return false
}
