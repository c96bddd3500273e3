import { expect, it } from 'vitest'
import { compareWithOracle } from './against-oracle.ts'

it('decides 20,000 random cases as the oracle does, both ways often', () => {
  const permitted = compareWithOracle(20_000, 20261122)
  expect(permitted).toBeGreaterThan(1000)
  expect(permitted).toBeLessThan(19_000)
})
