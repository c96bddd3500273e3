import { configureGlobal, type IRawProperty, type Parameters } from 'fast-check'
import { vi } from 'vitest'

/** Random tests take the same cases for every mutant, so that the same mutants survive in every run; nobody reads the counterexamples. */
configureGlobal({ seed: 20261122, endOnFailure: true })

/** Cases of a random test that says itself which ones it takes stay as they are; each other one is cut, as every survivor waits for all of them. */
const MAX_RUNS = 1000

vi.mock('fast-check', async (importOriginal) => {
  const original = await importOriginal<typeof import('fast-check')>()
  const assert = (property: IRawProperty<unknown>, parameters: Parameters = {}) =>
    original.assert(property, parameters.seed === undefined ? { ...parameters, numRuns: Math.min(parameters.numRuns ?? MAX_RUNS, MAX_RUNS) } : parameters)
  return { ...original, assert }
})
