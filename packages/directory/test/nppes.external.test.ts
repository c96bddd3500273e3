import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { createNppesReader, parseStatement } from '../src/index.ts'
import { countsOf, readFile } from './read-file.ts'

/** Rows of the national register of 2018; the counts stand in `data/README.md`. */
const folder = path.resolve(process.env['FIDUCIA_DATA'] ?? '../shared/data', 'directory/nppes-2018')
const load = (name: string, size?: number) => readFile(createNppesReader(), new Uint8Array(readFileSync(path.join(folder, name))), size)

describe('the national register', () => {
  const records = [...load('sample-nppes-practitioner_20181204-data.csv', 997), ...load('sample-nppes-organization-data.csv')]
  const { read, accepted, findings, subjects } = countsOf(records)

  it('is read whole: 2,040 rows, all accepted', () => {
    expect([read, accepted]).toEqual([2_040, 2_040])
    expect([subjects['practitioner'], subjects['organization'], subjects['role']]).toEqual([2_000, 40, 2_000])
  })

  it('shows where the primary taxonomy is missing or not the first one, and nothing else', () => {
    process.stdout.write(`| nppes-2018 | ${JSON.stringify(findings)} |\n| subjects | ${JSON.stringify(subjects)} |\n`)
    expect(findings).toEqual({ PRIMARY_TAXONOMY_MISSING: 31, PRIMARY_TAXONOMY_NOT_FIRST: 203 })
  })

  it('has 2,607 taxonomies, and never takes a mailing address for a place', () => {
    const facts = records.flatMap((record) => (record.accepted ? record.facts : []))
    const fields = facts.flatMap((one) => Object.keys(one.fields))
    // The register lists one taxonomy twice where it is licensed in two states: as a field it is one.
    expect(fields.filter((name) => name.startsWith('taxonomy/')).length).toBeLessThanOrEqual(2_607)
    const places = facts.filter(({ subject }) => subject.startsWith('location/'))
    expect(places.length).toBe(2_040)
    expect(places.flatMap((one) => Object.keys(one.fields)).filter((name) => name.startsWith('mailing.'))).toEqual([])
  })

  it('gives statements that a batch carries', () => {
    for (const record of records)
      if (record.accepted)
        for (const { subject, fields, observedAt = 0 } of record.facts)
          expect(parseStatement({ subject, operation: 'assert', fields, observedAt, basis: 'import', origin: 'nppes' }, '').subject).toBe(subject)
  })
})
