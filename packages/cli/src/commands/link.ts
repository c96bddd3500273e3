import { gunzipSync } from 'node:zlib'
import { decodeHex, InputError } from '@fiducia/core'
import { type CsvTable, agreeFields, describeColumns, encodeRecords, type Field, parseCsv, suggestLinks } from '@fiducia/directory'
import { MAX_INPUT_BYTES } from '../limits.ts'
import { naming } from '../naming.ts'
import { type Answer, UsageError } from '../output.ts'
import { readInput, readTextInput } from '../read-input.ts'
import { tableOf } from '../table.ts'

/**
 * `fiducia link suggest A.csv B.csv`: both organizations in one process, in the order in which they would do it apart. Each
 * reads its own file and describes its columns; they agree on fields; each encodes; whoever compares gets encodings.
 */
export interface SuggestFlags {
  readonly id?: string
  readonly threshold?: string
  readonly oneToOne?: boolean
  readonly key?: string
}

/** One organization's side: what it has, and never shows. */
interface Side {
  readonly path: string
  readonly table: CsvTable
  readonly idColumn: string
}

export function suggest(pathA: string, pathB: string, flags: SuggestFlags): Answer {
  const threshold = flags.threshold === undefined ? undefined : parseThreshold(flags.threshold)
  const key = flags.key === undefined ? crypto.getRandomValues(new Uint8Array(32)) : readKey(flags.key)
  const [a, b] = [readSide(pathA, flags.id), readSide(pathB, flags.id)]
  const [columnsA, columnsB] = [a, b].map(({ table, idColumn }) => describeColumns(table, idColumn))
  const fields = naming(`${pathA}, ${pathB}`, () => agreeFields(columnsA ?? [], columnsB ?? []))
  const [ownA, ownB] = [encode(a, fields.a, key), encode(b, fields.b, key)]
  showProgress(ownA.ids.length, ownB.ids.length)
  const found = suggestLinks(ownA.shown, ownB.shown, { ...(threshold !== undefined && { threshold }), oneToOne: flags.oneToOne === true })
  const json = {
    candidates: found.links.map((link) => ({ a: ownA.ids[link.a] ?? '', b: ownB.ids[link.b] ?? '', score: round(link.score) })),
    threshold: found.threshold,
    expectedWrong: found.expectedWrong === undefined ? null : Math.round(found.expectedWrong),
    records: { a: ownA.ids.length, b: ownB.ids.length },
    fields: fields.a.map(({ name, columns }, i) => ({ name, a: columns, b: fields.b[i]?.columns ?? [] })),
    blocked: found.isBlocked,
    key: flags.key === undefined ? 'fresh' : 'file',
  }
  return { exitCode: 0, json, text: render(json) }
}

// ---- input ----------------------------------------------------------------------------------------------------------------

function parseThreshold(text: string): number {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= 0 && value <= 1) return value
  throw new UsageError('BAD_USE', `expected --threshold from 0 to 1, found \`${text}\``)
}

function readKey(path: string): Uint8Array {
  const what = 'a key file of 32 bytes in hex'
  const text = readTextInput(path, what).trim()
  try {
    const key = decodeHex(text)
    if (key.length === 32) return key
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause
  }
  throw new UsageError('LINKAGE_KEY', `expected ${what}, found other text`, path)
}

function readSide(path: string, id: string | undefined): Side {
  const bytes = unpacked(readInput(path, 'records as CSV'), path)
  const table = naming(path, () => parseCsv(bytes))
  const idColumn = id ?? table.header[0] ?? ''
  if (table.header.includes(idColumn)) return { path, table, idColumn }
  throw new UsageError('LINKAGE_ID', `${path}: expected a column \`${idColumn}\`, found ${table.header.length} others`, path)
}

/** Half a file is never used: an archive that is cut off is refused. */
function unpacked(bytes: Uint8Array, path: string): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return new Uint8Array(gunzipSync(bytes, { maxOutputLength: MAX_INPUT_BYTES }))
  } catch {
    throw new UsageError(
      'FILE_UNREADABLE',
      `expected records as gzip of at most ${MAX_INPUT_BYTES} bytes, found a damaged or larger archive at \`${path}\``,
      path,
    )
  }
}

const encode = ({ path, table, idColumn }: Side, fields: readonly Field[], key: Uint8Array) => naming(path, () => encodeRecords(table, idColumn, fields, key))

// ---- for people -----------------------------------------------------------------------------------------------------------

/** Pairs that take about a second. */
const SLOW_PAIRS = 10_000_000

function showProgress(a: number, b: number): void {
  if (process.stderr.isTTY && a * b > SLOW_PAIRS) process.stderr.write(`comparing ${a} with ${b} encodings …\n`)
}

const round = (score: number): number => Math.round(score * 10_000) / 10_000

interface Shown {
  readonly candidates: readonly { readonly a: string; readonly b: string; readonly score: number }[]
  readonly threshold: number
  readonly expectedWrong: number | null
  readonly records: { readonly a: number; readonly b: number }
  readonly fields: readonly { readonly name: string }[]
}

const WIDTH = 60

function render({ candidates, threshold, expectedWrong, records, fields }: Shown): string {
  const rows = candidates.map(({ a, b, score }) => [a, b, score.toFixed(3)])
  const summary = [
    `${candidates.length} suggestions among ${records.a} and ${records.b} records, from a score of ${threshold} on; compared: ${fields.map(({ name }) => name).join(', ')}.`,
    ...(expectedWrong === null || expectedWrong === 0 ? [] : [`By chance at least about ${expectedWrong} of them are wrong.`]),
    'These are suggestions from encodings alone; nothing was joined. Somebody who knows the patients decides.',
  ]
  return [...(rows.length === 0 ? [] : [...tableOf([['a', 'b', 'score'], ...rows], WIDTH), '']), ...summary].join('\n')
}
