import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createFhirReader, createReferenceCollector, type ImportedRecord, parseStatement } from '../src/index.ts'
import { countsOf, readFile } from './read-file.ts'

/** The Plan-Net reference data of Rhode Island, as it was found: counts that others made of it stand in `data/README.md`. */
const folder = path.resolve(process.env['FIDUCIA_DATA'] ?? '../shared/data', 'directory/plan-net-ri')
const files = readdirSync(folder).map((name) => ({ name, bytes: new Uint8Array(gunzipSync(readFileSync(path.join(folder, name)))) }))

function load(chosen: typeof files): readonly ImportedRecord[] {
  const references = createReferenceCollector({ origin: 'ri' })
  for (const { bytes } of chosen) {
    references.push(bytes)
    references.end()
  }
  return chosen.flatMap(({ bytes }) => readFile(createFhirReader({ origin: 'ri', references }), bytes, 10_000))
}

describe('Plan-Net of Rhode Island', () => {
  const records = load(files)
  const { read, accepted, findings, subjects } = countsOf(records)

  it('is read whole: 5,264 resources, none dropped, all accepted', () => {
    expect(read).toBe(5_264)
    expect(accepted).toBe(5_264)
  })

  it('shows its faults: check digits, wrong types, an unknown code system, and no reference that dangles', () => {
    process.stdout.write(`| plan-net-ri | ${JSON.stringify(findings)} |\n| subjects | ${JSON.stringify(subjects)} |\n`)
    expect(findings['NPI_CHECK_DIGIT']).toBeGreaterThanOrEqual(1_829)
    expect(findings['WRONG_TYPE']).toBeGreaterThanOrEqual(122)
    expect(findings['REFERENCE_DANGLING'] ?? 0).toBe(0)
    expect(findings['REFERENCE_KIND'] ?? 0).toBe(0)
    expect(findings['UNKNOWN_CODE_SYSTEM']).toBe(1)
  })

  it('names every practitioner, and every role by what it joins', () => {
    expect(subjects['practitioner']).toBe(2_003)
    expect(subjects['role']).toBe(2_006)
  })

  it('gives statements that a batch carries', () => {
    for (const record of records)
      if (record.accepted)
        for (const { subject, fields, observedAt = 0 } of record.facts)
          expect(parseStatement({ subject, operation: 'assert', fields, observedAt, basis: 'import', origin: 'ri' }, '').subject).toBe(subject)
  })

  it('dangles where a file is missing', () => {
    const without = load(files.filter(({ name }) => !name.startsWith('Location')))
    expect(countsOf(without).findings['REFERENCE_DANGLING']).toBeGreaterThan(2_000)
  })
})
