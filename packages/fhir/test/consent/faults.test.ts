import { expect, it } from 'vitest'
import { injectFault } from './against-faults.ts'
import { FAULTS_OF_CONSENTS } from './faults.ts'
import { FAULTS_OF_RECORDS, HUGE_FAULTS } from './faults-of-records.ts'

const SEED = 20241122
const FAULTS = [...FAULTS_OF_CONSENTS, ...FAULTS_OF_RECORDS]
const RUNS = Math.ceil(1500 / FAULTS.length)

it.each(FAULTS.map((fault) => [fault.kind, fault] as const))('%s never widens', (_, fault) => {
  expect(injectFault(fault, RUNS, SEED)).toBeGreaterThanOrEqual(0)
})

it.each(HUGE_FAULTS.map((fault) => [fault.kind, fault] as const))('%s never widen', (_, fault) => {
  expect(injectFault(fault, 1, SEED)).toBeGreaterThanOrEqual(0)
})
