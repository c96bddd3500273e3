import { expect, it } from 'vitest'
import { standardizeAtSite } from './standardize.ts'

it('centers and scales each column at a site, but not the intercept; what does not vary becomes 0', () => {
  const names = ['(Intercept)', 'age', 'same']
  const x = Float64Array.of(1, 10, 0.1, 1, 20, 0.1, 1, 30, 0.1)
  expect([...standardizeAtSite(x, names)]).toEqual([1, -1, 0, 1, 0, 0, 1, 1, 0])
  expect([...x.subarray(0, 3)]).toEqual([1, 10, 0.1])
  expect([...standardizeAtSite(Float64Array.of(1, 5, 7), names)]).toEqual([1, 0, 0])
  expect(standardizeAtSite(new Float64Array(), names)).toHaveLength(0)
})
