import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { normalizerName, type NormalizerId, NORMALIZERS, parseCsv } from '../src/index.ts'

/**
 * What each normalizer brings together among the spellings of NPPES (2,040 rows of 2018): how many different values its columns have, and how many are left.
 * A change of a rule changes them, and then its version has to rise.
 */
const data = path.resolve(process.env['FIDUCIA_DATA'] ?? '../shared/data', 'directory/nppes-2018')
const page = readFileSync(new URL('../../../docs/reference/directory.md', import.meta.url), 'utf8')
const tables = ['sample-nppes-organization-data.csv', 'sample-nppes-practitioner_20181204-data.csv'].map((file) =>
  parseCsv(new Uint8Array(readFileSync(path.join(data, file)))),
)

/** Every value of the columns whose name matches, once. */
function valuesOf(columns: RegExp): readonly string[] {
  const values = tables.flatMap(({ header, rows }) => {
    const at = header.flatMap((name, i) => (columns.test(name) ? [i] : []))
    return rows.flatMap((row) => at.map((i) => row[i] ?? ''))
  })
  return [...new Set(values)]
}

const COUNTS: readonly (readonly [NormalizerId, columns: RegExp, raw: number, normalized: number])[] = [
  ['text', /Organization Name/, 58, 58],
  ['code', /Credential Text/, 178, 134],
  ['person-name', /(Last|First|Middle) Name|Name (Prefix|Suffix) Text/, 2704, 2679],
  ['organization-name', /Organization Name|Organization LBN/, 60, 58],
  ['phone', /Telephone Number|Fax Number/, 2734, 2731],
  ['address-line', /(First|Second) Line/, 1960, 1786],
  ['city', /City Name/, 373, 367],
  ['state', /State (Name|Code)|Identifier State/, 42, 42],
  ['postal-code', /Postal Code/, 1409, 462],
  ['country', /Country Code/, 2, 2],
  ['taxonomy', /Provider Taxonomy Code/, 240, 240],
  ['day', / Date$/, 1032, 1032],
]

it('has every normalizer but that of addresses on the web, which the file has none of', () => {
  expect([...COUNTS.map(([id]) => id), 'url'].toSorted()).toEqual(Object.keys(NORMALIZERS).toSorted())
})

it.each(COUNTS)('%s', (id, columns, raw, normalized) => {
  const { normalize } = NORMALIZERS[id]
  const values = valuesOf(columns)
  const given = new Set(values.map(normalize))
  expect([...given].filter((value) => normalize(value) !== value).length).toBe(0)
  expect([values.length, given.size]).toEqual([raw, normalized])
  const row = page.split('\n').find((line) => line.startsWith(`| \`${normalizerName(id)}\``))
  expect(row?.split(' | ').slice(-2).join(' ')).toBe(`${raw.toLocaleString('en-US')} ${normalized.toLocaleString('en-US')} |`)
})
