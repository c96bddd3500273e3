import * as fc from 'fast-check'
import { decideAll } from '../src/index.ts'
import { facts, question, version } from './arbitraries.ts'
import { oracleDecideAll } from './oracle.ts'

/** Compares the decision with the oracle on random cases; gives how many of them permitted. Throws, shrunk, at the first difference. */
export function compareWithOracle(runs: number, seed: number): number {
  let permitted = 0
  fc.assert(
    fc.property(fc.array(version, { minLength: 1, maxLength: 2 }), question, fc.option(facts, { nil: undefined, freq: 30 }), (versions, asked, resource) => {
      const expected = oracleDecideAll(versions, asked, resource)
      if (expected === 'permit') permitted += 1
      return decideAll(versions, asked, resource).effect === expected
    }),
    { numRuns: runs, seed },
  )
  return permitted
}
