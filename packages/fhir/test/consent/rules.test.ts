import { decideCase } from '@fiducia/fhir'
import { InputError } from '@fiducia/core'
import { expect, it } from 'vitest'
import { oracleDecideCase, OracleRefuses } from './case-oracle.ts'
import { ROWS_OF_CONSENTS } from './rules-of-consents.ts'
import { ROWS_OF_DIMENSIONS } from './rules-of-dimensions.ts'
import { ROWS_OF_PEOPLE } from './rules-of-people.ts'

const ROWS = [...ROWS_OF_CONSENTS, ...ROWS_OF_DIMENSIONS, ...ROWS_OF_PEOPLE].map((row) => [`${row.section}: ${row.says}`, row] as const)

it.each(ROWS)('the oracle, %s', (_, { document, released }) => {
  if (released === 'refused') expect(() => oracleDecideCase(document)).toThrow(OracleRefuses)
  else expect(oracleDecideCase(document).released).toEqual(released.map((id) => `Observation/${id}`))
})

it.each(ROWS)('the decision, %s', (_, { document, released }) => {
  const text = JSON.stringify(document)
  if (released === 'refused') expect(() => decideCase(text)).toThrow(InputError)
  else expect(decideCase(text)).toMatchObject({ exitCode: released.length > 0 ? 0 : 1, output: { released: released.map((id) => `Observation/${id}`) } })
})
