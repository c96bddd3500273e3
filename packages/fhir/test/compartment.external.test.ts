import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { COMPARTMENT_TYPES } from '../src/index.ts'

const data = process.env['FIDUCIA_DATA'] ?? '../shared/data'

it('the types of the patient compartment are those that HL7 publishes', () => {
  const definition = JSON.parse(readFileSync(path.join(data, 'consent/hl7-r4/CompartmentDefinition-patient.json'), 'utf8'))
  const published = definition.resource.filter((entry: { param?: string[] }) => entry.param !== undefined).map((entry: { code: string }) => entry.code)
  expect([...COMPARTMENT_TYPES].sort()).toEqual(published.sort())
})
