import { expect, it } from 'vitest'
import { compareWithOracle } from './against-oracle.ts'
import { missingRules } from './covered-rules.ts'

const RUNS = 3000

it(`decides ${RUNS} random cases as the oracle does; between a quarter and three quarters permit something`, () => {
  const tally = compareWithOracle(RUNS, 20241122)
  expect(tally.permitted).toBeGreaterThan(RUNS / 4)
  expect(tally.permitted).toBeLessThan((RUNS * 3) / 4)
  expect(missingRules(tally.rules)).toEqual([])
})
