import { expect, it } from 'vitest'
import { compareWithOracle } from './against-oracle.ts'

it('decides 100,000 random cases as the oracle does', () => {
  expect(compareWithOracle(100_000, Number(process.env['FIDUCIA_SEED'] ?? 20_261_122))).toBeGreaterThan(1000)
})
