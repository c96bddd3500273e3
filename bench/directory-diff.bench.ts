import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { createRosterComparison, planDiff, type RosterDiff } from '@fiducia/directory'
import { createRandom, makePerson } from '../packages/directory/test/people.ts'
import { installBeside } from '../scripts/install-beside.ts'
import { root } from '../scripts/run.ts'
import { median, milliseconds, printTable, timed, times } from './measure.ts'

/**
 * Two rosters of 100,000 rows compared by the normalizers of twelve fields: the other one has other names for its columns, another
 * spelling of given names, and every tenth person elsewhere. Compared with what one would write in an hour: csv-parse, a Map by key, and
 * cells that are equal or not; and with the same comparison of cells as they are written.
 */
const ROWS = 100_000
const ROUNDS = 3
const CHUNK_BYTES = 256 * 1024

type Parse = (bytes: Uint8Array) => readonly (readonly string[])[]

async function library(): Promise<Parse> {
  if (!installBeside('csv', 'csv-parse')) throw new Error('csv-parse could not be installed')
  const place = path.join(root, 'tools', 'csv', 'node_modules', 'csv-parse', 'lib', 'sync.js')
  const { parse } = (await import(pathToFileURL(place).href)) as { readonly parse: Parse }
  return parse
}

const FIELDS =
  'name.given name.family location.line npi.enumerated location.city location.state location.postalCode role.phone role.fax gender name.credential role.code'.split(
    ' ',
  )
const COLUMNS_A = ['id', ...FIELDS]
const COLUMNS_B = COLUMNS_A.map((name) => `their ${name}`)

function rosters(): readonly [a: Uint8Array, b: Uint8Array] {
  const random = createRandom(7)
  const [a, b] = [[COLUMNS_A.join(',')], [COLUMNS_B.join(',')]]
  for (let i = 0; i < ROWS; i += 1) {
    const { given_name, surname, date_of_birth, street_number, street, suburb, postcode, sex } = makePerson(random)
    const rest = [date_of_birth, suburb, 'OR', postcode, '503 555 0100', '503 555 0101', sex, 'MD', '207Q00000X']
    a.push([i, given_name, surname, `${street_number} ${street}`, ...rest].join(','))
    b.push([i, given_name?.toUpperCase(), surname, i % 10 === 0 ? 'elsewhere' : `${street_number} ${street}`, ...rest].join(','))
  }
  const encode = (lines: readonly string[]) => new TextEncoder().encode(lines.join('\n'))
  return [encode(a), encode(b)]
}

function feed(bytes: Uint8Array, side: { push(chunk: Uint8Array): void; end(): void }): void {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) side.push(bytes.subarray(at, at + CHUNK_BYTES))
  side.end()
}

function ours(a: Uint8Array, b: Uint8Array, normalize: 'raw' | 'default'): RosterDiff {
  const headers = { a: COLUMNS_A, b: COLUMNS_B }
  const plan = planDiff(headers, { key: 'id:their id', fields: FIELDS.map((name) => `${name}=${name}:their ${name}`), normalize })
  const comparison = createRosterComparison(plan)
  feed(a, comparison.a)
  feed(b, comparison.b)
  return comparison.result()
}

/** Cells that differ, by field. */
function naive(parse: Parse, a: Uint8Array, b: Uint8Array): readonly number[] {
  const known = new Map(parse(a).map((row) => [row[0], row]))
  const differs = FIELDS.map(() => 0)
  for (const row of parse(b)) {
    const other = known.get(row[0])
    if (other !== undefined) FIELDS.forEach((_, i) => (differs[i] = (differs[i] ?? 0) + Number(row[i + 1] !== other[i + 1])))
  }
  return differs
}

const parse = await library()
const [a, b] = rosters()
const [given, family, line] = naive(parse, a, b)
const { both, fields } = ours(a, b, 'default')
if (both !== ROWS || fields['name.given']?.differs !== 0 || fields['location.line']?.differs !== ROWS / 10)
  throw new Error('expected every tenth address to differ, and no name')
// Headings of the two are rows without a partner to the naive one.
if (line !== ROWS / 10 || family !== 0 || given === 0) throw new Error('expected cells to differ where spellings do')

const samples: { readonly default: number[]; readonly raw: number[]; readonly naive: number[] } = { default: [], raw: [], naive: [] }
for (let round = 0; round < ROUNDS; round += 1) {
  samples.default.push(await timed(() => ours(a, b, 'default')))
  samples.raw.push(await timed(() => ours(a, b, 'raw')))
  samples.naive.push(await timed(() => naive(parse, a, b)))
}
const took = { default: median(samples.default), raw: median(samples.raw), naive: median(samples.naive) }
printTable(`directory diff: two rosters of ${ROWS.toLocaleString('en-US')} rows, ${FIELDS.length} fields`, [
  {
    what: 'compared by the normalizers',
    measured: milliseconds(took.default),
    goal: '<= 30 s',
    comparedWith: `${times(took.default, took.naive)} the time of csv-parse, a Map and equal cells`,
  },
  { what: 'compared as they are written', measured: milliseconds(took.raw), comparedWith: `${times(took.raw, took.naive)} the time of the same` },
  { what: 'csv-parse, a Map and equal cells', measured: milliseconds(took.naive) },
])
