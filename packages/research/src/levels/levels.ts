import { concatBytes, decodeU32, decodeUtf8, encodeU32, encodeUtf8, sha256 } from '@fiducia/core'
import { enforce } from '../disclosure/ruling.ts'
import { checkMinimumCell } from '../disclosure/rules.ts'
import { ResearchError } from '../errors.ts'
import { MAX_LEVEL_BYTES, MAX_LEVELS } from '../limits.ts'
import type { Fit, Step } from '../rounds/types.ts'
import { levelNames, sortLevels } from '../table/levels.ts'
import type { Table } from '../table/types.ts'
import { countLevels } from './codes.ts'

/**
 * The levels of factors over all sites, without any site showing which it has. For each column there are 256 buckets; a level falls into one by
 * a hash that is salted with the number of the round. A site gives for each bucket its number of rows, and this number times each part of
 * the level: its length and bytes in limbs of three bytes, and 48 bits of another hash. Where one level alone fell into a bucket, the sum
 * divided by the rows gives the level back; where two did, the quotients are no whole numbers or the hash does not fit. What was found is left
 * out of the next round, which has another salt, until every row is accounted for. (So are invertible Bloom lookup tables read, Goodrich and Mitzenmacher 2011.)
 *
 * Values: the salt; then for each column whether it is open, the number of levels found, and for each of them its rows and limbs.
 * Limbs have three bytes so that sums stay whole numbers of 53 bits up to half a billion rows.
 * Limit: whoever sees the sums can read rare levels in them. Sites check `checkLevels` first, which stops columns of names.
 */
export interface FoundLevels {
  readonly column: string
  /** In R's order. */
  readonly levels: readonly string[]
  /** Of each level, over all sites. */
  readonly rows: readonly number[]
}

const BUCKETS = 256
const TEXT_LIMBS = Math.ceil((MAX_LEVEL_BYTES + 1) / 3)
const LIMBS = TEXT_LIMBS + 2
const BUCKET = 1 + LIMBS

/** Throws `STUDY_COLUMN` for a level of more than `MAX_LEVEL_BYTES`, `STUDY_POLICY` where a level has fewer rows than the minimum cell in total. */
export function levelsFit(columns: readonly string[], minimumCell: number): Fit<Table, readonly FoundLevels[]> {
  return {
    start: encodeSearch({ salt: 0, columns: columns.map(() => ({ open: true, found: [] })) }),
    lengthOf: (values) => decodeSearch(values, columns.length).columns.filter((column) => column.open).length * BUCKETS * BUCKET,
    contribute: (table, values) => contribute(table, columns, decodeSearch(values, columns.length)),
    next: (values, sum) => next(columns, decodeSearch(values, columns.length), sum, minimumCell),
  }
}

interface Level {
  readonly rows: number
  readonly text: string
}

interface Search {
  readonly salt: number
  readonly columns: readonly { readonly open: boolean; readonly found: readonly Level[] }[]
}

function contribute(table: Table, names: readonly string[], search: Search): Float64Array {
  const parts = names.map((name, i) => {
    const column = search.columns[i]
    if (column?.open !== true) return new Float64Array()
    const known = new Set(column.found.map(({ text }) => text))
    return bucketsOf(
      name,
      [...countLevels(table, name)].filter(([text]) => !known.has(text)),
      search.salt,
    )
  })
  const all = new Float64Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

function bucketsOf(column: string, counts: readonly (readonly [string, number])[], salt: number): Float64Array {
  const buckets = new Float64Array(BUCKETS * BUCKET)
  for (const [text, rows] of counts) {
    if (encodeUtf8(text).length > MAX_LEVEL_BYTES)
      throw new ResearchError('STUDY_COLUMN', `column \`${column}\` has a level longer than ${MAX_LEVEL_BYTES} bytes`)
    const { bucket, limbs } = placeOf(text, salt)
    ;[1, ...limbs].forEach((limb, i) => (buckets[bucket * BUCKET + i] = (buckets[bucket * BUCKET + i] ?? 0) + rows * limb))
  }
  return buckets
}

function next(names: readonly string[], search: Search, sum: Float64Array, minimumCell: number): Step<readonly FoundLevels[]> {
  let at = 0
  const columns = search.columns.map((column, i) => {
    if (!column.open) return column
    const { alone, open } = readBuckets(sum.subarray(at, at + BUCKETS * BUCKET), search.salt)
    at += BUCKETS * BUCKET
    const found = [...column.found, ...alone]
    if (found.length > MAX_LEVELS) throw new ResearchError('STUDY_DATA', `column \`${names[i]}\` has more than ${MAX_LEVELS} levels`)
    return { open, found }
  })
  if (columns.some(({ open }) => open)) return { done: false, values: encodeSearch({ salt: search.salt + 1, columns }) }
  return { done: true, result: columns.map(({ found }, i) => released(names[i] ?? '', found, minimumCell)) }
}

function released(column: string, found: readonly Level[], minimumCell: number): FoundLevels {
  if (found.length === 0) throw new ResearchError('STUDY_DATA', `column \`${column}\` has no rows at any site`)
  const names = levelNames(found.map(({ text }) => text))
  const rowsOf = new Map<string, number>()
  for (const { text, rows } of found) {
    const name = names.get(text) ?? text
    rowsOf.set(name, (rowsOf.get(name) ?? 0) + rows)
  }
  const levels = sortLevels(rowsOf.keys())
  const rows = levels.map((level) => rowsOf.get(level) ?? 0)
  enforce(checkMinimumCell({ [`rows in total for each level of \`${column}\``]: Math.min(...rows) }, { minimumCell }))
  return { column, levels, rows }
}

/** Levels that were alone in their bucket; `open` while a bucket holds more than one. */
function readBuckets(sums: Float64Array, salt: number): { readonly alone: readonly Level[]; readonly open: boolean } {
  const alone: Level[] = []
  let open = false
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    const [rows = 0, ...limbs] = sums.subarray(bucket * BUCKET, (bucket + 1) * BUCKET)
    if (rows === 0) continue
    const text = textOf(limbs.map((limb) => limb / rows))
    if (text !== undefined && isPlace(text, salt, bucket, limbs, rows)) alone.push({ rows, text })
    else open = true
  }
  return { alone, open }
}

function isPlace(text: string, salt: number, bucket: number, limbs: readonly number[], rows: number): boolean {
  const place = placeOf(text, salt)
  return place.bucket === bucket && place.limbs.every((limb, i) => limb * rows === limbs[i])
}

function placeOf(text: string, salt: number): { readonly bucket: number; readonly limbs: readonly number[] } {
  const hash = sha256(concatBytes(encodeUtf8('fiducia/level/v1\0'), encodeU32(salt), encodeUtf8(text)))
  return { bucket: hash[0] ?? 0, limbs: [...limbsOf(text), decodeU32(hash, 0) & 0xffffff, decodeU32(hash, 4) & 0xffffff] }
}

function limbsOf(text: string): readonly number[] {
  const bytes = new Uint8Array(TEXT_LIMBS * 3)
  const encoded = encodeUtf8(text)
  bytes[0] = encoded.length
  bytes.set(encoded, 1)
  return Array.from({ length: TEXT_LIMBS }, (_, i) => ((bytes[3 * i] ?? 0) << 16) | ((bytes[3 * i + 1] ?? 0) << 8) | (bytes[3 * i + 2] ?? 0))
}

/** `undefined` where the limbs are no text's. */
function textOf(limbs: readonly number[]): string | undefined {
  if (!limbs.every((limb) => Number.isInteger(limb) && limb >= 0 && limb <= 0xffffff)) return undefined
  const bytes = Uint8Array.from(limbs.slice(0, TEXT_LIMBS).flatMap((limb) => [limb >>> 16, (limb >>> 8) & 255, limb & 255]))
  const length = bytes[0] ?? 0
  if (length > MAX_LEVEL_BYTES) return undefined
  try {
    return decodeUtf8(bytes.subarray(1, 1 + length))
  } catch {
    return undefined
  }
}

function encodeSearch({ salt, columns }: Search): Float64Array {
  const found = columns.map((column) => [Number(column.open), column.found.length, ...column.found.flatMap(({ rows, text }) => [rows, ...limbsOf(text)])])
  return Float64Array.from([salt, ...found.flat()])
}

/** Throws `STUDY_ROUND` where the values are not what `next` gives. */
function decodeSearch(values: Float64Array, columnCount: number): Search {
  let at = 1
  const columns = Array.from({ length: columnCount }, () => {
    const [open = 0, count = 0] = values.subarray(at, at + 2)
    at += 2
    const found = Array.from({ length: Math.min(count, MAX_LEVELS) }, () => {
      const [rows = 0, ...limbs] = values.subarray(at, at + 1 + TEXT_LIMBS)
      at += 1 + TEXT_LIMBS
      const text = textOf(limbs)
      if (text === undefined) throw new ResearchError('STUDY_ROUND', 'expected levels that were found, found something else')
      return { rows, text }
    })
    return { open: open === 1, found }
  })
  if (at !== values.length) throw new ResearchError('STUDY_ROUND', `expected ${at} values, found ${values.length}`)
  return { salt: values[0] ?? 0, columns }
}
