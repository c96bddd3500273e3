import { expect, it } from 'vitest'
import { compareWithOracle } from './against-oracle.ts'

it('decides 100,000 random cases as the oracle does', () => {
  expect(compareWithOracle(100_000, Date.now() % 1_000_000_000)).toBeGreaterThan(1000)
})
