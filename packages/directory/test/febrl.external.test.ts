import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { type CsvTable, parseCsv } from '../src/index.ts'
import { judge, link, type LinkOptions, OTHER_KEY } from './link.ts'

/**
 * FEBRL 1 to 3 (the person stands in the record id): originals are one organization's records, duplicates the other's. `half`
 * takes a third of the people out of each file, another third each, so that about half of each file has no partner. The
 * figures that these tests print stand in `docs/reference/linkage.md`.
 */
const data = path.resolve(process.env['FIDUCIA_DATA'] ?? '../shared/data', 'linkage')
const SETS = ['dataset1', 'dataset2', 'dataset3'] as const
const SEEDS = ['one', 'two', 'three'] as const

const personOf = (id: string): string => /^rec-\d+/.exec(id)?.[0] ?? id
const read = (set: string): CsvTable => parseCsv(new Uint8Array(readFileSync(path.join(data, `${set}.csv`))))
const where = ({ header, rows }: CsvTable, keep: (id: string) => boolean): CsvTable => ({ header, rows: rows.filter(([id = '']) => keep(id)) })
const isOriginal = (id: string): boolean => id.endsWith('-org')

interface Files {
  readonly a: CsvTable
  readonly b: CsvTable
}

const split = (table: CsvTable): Files => ({ a: where(table, isOriginal), b: where(table, (id) => !isOriginal(id)) })

function half(table: CsvTable, seed: string): Files {
  const third = (id: string): number =>
    (createHash('sha256')
      .update(`${seed}/${personOf(id)}`)
      .digest()[0] ?? 0) % 3
  const { a, b } = split(table)
  return { a: where(a, (id) => third(id) !== 0), b: where(b, (id) => third(id) !== 1) }
}

const without = ({ header, rows }: CsvTable, ...columns: readonly string[]): CsvTable => {
  const keep = header.flatMap((name, i) => (columns.includes(name) ? [] : [i]))
  return { header: keep.map((i) => header[i] ?? ''), rows: rows.map((row) => keep.map((i) => row[i] ?? '')) }
}

function measure(name: string, { a, b }: Files, options: LinkOptions = {}): { readonly recall: number; readonly precision: number } {
  const found = link(a, b, options)
  const { recall, precision, possible } = judge(found, a, b, personOf)
  const figures = [`${a.rows.length} × ${b.rows.length}`, String(possible), found.threshold.toFixed(3), recall.toFixed(4), precision.toFixed(4)]
  process.stdout.write(`| ${[name, ...figures].join(' | ')} |\n`)
  return { recall, precision }
}

describe.each(SETS)('%s', (set) => {
  const table = read(set)

  it('whole: recall and precision 0.99', () => {
    const { recall, precision } = measure(`${set}, whole`, split(table))
    expect(recall).toBeGreaterThanOrEqual(0.99)
    expect(precision).toBeGreaterThanOrEqual(0.99)
  })

  it.each(SEEDS)('half of each file unmatched (%s): recall and precision 0.97', (seed) => {
    const { recall, precision } = measure(`${set}, half of each file unmatched, seed ${seed}`, half(table, seed))
    expect(recall).toBeGreaterThanOrEqual(0.97)
    expect(precision).toBeGreaterThanOrEqual(0.97)
  })

  it('the same with the files changed over, several copies of one person in A', () => {
    const { a, b } = half(table, 'one')
    const { recall, precision } = measure(`${set}, half, changed over`, { a: b, b: a })
    expect(recall).toBeGreaterThanOrEqual(0.97)
    expect(precision).toBeGreaterThanOrEqual(0.97)
  })

  it.each([
    ['no soc_sec_id', ['soc_sec_id'], 0.97, 0.97],
    ['no soc_sec_id, no date_of_birth', ['soc_sec_id', 'date_of_birth'], 0.95, 0.97],
    ['no names', ['given_name', 'surname'], 0.97, 0.97],
    ['names, date_of_birth, postcode and state only', ['soc_sec_id', 'street_number', 'address_1', 'address_2', 'suburb'], 0.93, 0.97],
    ['names and date_of_birth only', ['soc_sec_id', 'street_number', 'address_1', 'address_2', 'suburb', 'postcode', 'state'], 0.88, 0.97],
  ] as const)('half, %s', (name, columns, leastRecall, leastPrecision) => {
    const { a, b } = half(table, 'one')
    const { recall, precision } = measure(`${set}, half, ${name}`, { a: without(a, ...columns), b: without(b, ...columns) })
    expect(recall).toBeGreaterThanOrEqual(leastRecall)
    expect(precision).toBeGreaterThanOrEqual(leastPrecision)
  })

  it('half, with relatives of one record in ten of A who have the same family name and address', () => {
    const { a, b } = half(table, 'one')
    const strangers = split(table).a.rows.filter(([id = '']) => !a.rows.some(([other]) => other === id))
    const relative = (row: readonly string[], i: number): readonly string[] => {
      const other = strangers[(i * 7) % strangers.length] ?? []
      return row.map((cell, column) => (column === 0 ? `relative-${i}` : [1, 9, 10].includes(column) ? (other[column] ?? '') : cell))
    }
    const relatives = a.rows.filter((_, i) => i % 10 === 0).map(relative)
    const { recall, precision } = measure(`${set}, half, relatives`, { a, b: { header: b.header, rows: [...b.rows, ...relatives] } })
    expect(recall).toBeGreaterThanOrEqual(0.97)
    expect(precision).toBeGreaterThanOrEqual(0.9)
  })

  it('in blocks only', () => {
    const { recall, precision } = measure(`${set}, half, in blocks`, half(table, 'one'), { maxPairs: 50_000 })
    expect(recall).toBeGreaterThanOrEqual(0.97)
    expect(precision).toBeGreaterThanOrEqual(0.97)
  })

  it('nobody in common, or two keys: nothing is shown', () => {
    const { a, b } = half(table, 'one')
    const people = new Set(a.rows.map(([id = '']) => personOf(id)))
    const strangers = where(b, (id) => !people.has(personOf(id)))
    expect(strangers.rows.length).toBeGreaterThan(100)
    expect(link(a, strangers).pairs).toEqual([])
    expect(link(a, b, { keyOfB: OTHER_KEY }).pairs).toEqual([])
  })
})

describe('FEBRL 2 and 3 together', () => {
  it('6,000 with 4,000 records, half of each without a partner', () => {
    const [two, three] = [read('dataset2'), read('dataset3')]
    const renamed = ({ header, rows }: CsvTable, set: string): CsvTable => ({
      header,
      rows: rows.map(([id = '', ...cells]) => [id.replace('rec-', `rec-${set}`), ...cells]),
    })
    const both = { header: two.header, rows: [...renamed(two, '2').rows, ...renamed(three, '3').rows] }
    for (const [name, files] of [
      ['whole', split(both)],
      ['half', half(both, 'one')],
    ] as const) {
      const { recall, precision } = measure(`2 and 3, ${name}`, files)
      expect(recall).toBeGreaterThanOrEqual(0.97)
      expect(precision).toBeGreaterThanOrEqual(0.97)
    }
  })
})
