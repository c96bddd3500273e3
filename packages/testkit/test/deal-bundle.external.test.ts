import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { referenceOf } from '@fiducia/fhir'
import { describe, expect, it } from 'vitest'
import { dealBundle } from '../src/people/index.ts'

const folder = path.join(process.env['FIDUCIA_DATA'] ?? '../shared/data', 'records/synthea')

describe.each(readdirSync(folder))('%s', (file) => {
  const { records, counts } = dealBundle(JSON.parse(readFileSync(path.join(folder, file), 'utf8')), ['alder', 'cedar', 'dune', 'birch'])

  it('is dealt whole to at least two organizations', () => {
    expect(records.size).toBeGreaterThanOrEqual(2)
    expect(counts.dealt + counts.shared + counts.unusable).toBe(counts.entries)
    expect(counts.unusable).toBe(0)
    const references = [...records.values()].flatMap((list) =>
      list.filter(({ resourceType }) => !['Patient', 'Practitioner', 'Organization'].includes(resourceType)).map(referenceOf),
    )
    expect(references).toHaveLength(counts.dealt)
    expect(new Set(references).size).toBe(counts.dealt)
  })

  it('keeps no reference to the Bundle', () => {
    expect(JSON.stringify([...records.values()])).not.toContain('"urn:uuid:')
  })
})
