import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { isMonthStart, monthStart, nextMonthStart } from './months.ts'

it('agrees with the calendar of the platform', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (ms) => {
      const date = new Date(ms)
      const start = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
      expect(monthStart(ms)).toBe(start)
      expect(nextMonthStart(ms)).toBe(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1))
      expect(isMonthStart(ms)).toBe(ms === start)
      expect(isMonthStart(start)).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})

it('knows leap days and the ends of centuries', () => {
  for (const [year, month] of [
    [2000, 2],
    [2024, 1],
    [2100, 2],
    [1970, 0],
    [2400, 2],
  ] as const)
    expect(isMonthStart(Date.UTC(year, month, 1))).toBe(true)
  for (const ms of [1, -86_400_000, 0.5, Number.NaN, Date.UTC(2024, 1, 29), Date.UTC(2027, 1, 1) + 1, 2 ** 53]) expect(isMonthStart(ms)).toBe(false)
})
