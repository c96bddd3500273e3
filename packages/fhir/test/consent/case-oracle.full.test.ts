import { expect, it } from 'vitest'
import { compareWithOracle, formatTally } from './against-oracle.ts'
import { missingRules } from './covered-rules.ts'

const RUNS = 100_000

it(`decides ${RUNS} random cases as the oracle does, every rule of the page among them`, () => {
  const seed = Number(process.env['FIDUCIA_SEED'] ?? 20_261_122)
  process.stdout.write(`seed ${seed}\n`)
  const tally = compareWithOracle(RUNS, seed)
  process.stdout.write(`${formatTally(tally)}\n`)
  expect(tally.permitted).toBeGreaterThan(RUNS / 4)
  expect(tally.permitted).toBeLessThan((RUNS * 3) / 4)
  expect(missingRules(tally.rules)).toEqual([])
})
