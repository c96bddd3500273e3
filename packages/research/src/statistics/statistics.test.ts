import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inTheRing } from '../../test/ring.ts'
import { runInTheClear } from '../rounds/types.ts'
import type { Table } from '../table/types.ts'
import { countFit, describeFit } from './describe.ts'
import { histogramFit, tableFit } from './tables.ts'

const numbers = (...values: number[]): Table => ({
  rows: values.length,
  columns: new Map([['x', { kind: 'number', values: Float64Array.from(values) }]]),
  missing: 1,
})

/** Rows of two factors as `aX`: level of the first, level of the second. */
function factors(...cells: string[]): Table {
  const column = (at: number) => {
    const levels = [...new Set(cells.map((cell) => cell.charAt(at)))].sort()
    return { kind: 'factor' as const, levels, codes: Uint32Array.from(cells, (cell) => levels.indexOf(cell.charAt(at))) }
  }
  return {
    rows: cells.length,
    columns: new Map([
      ['row', column(0)],
      ['column', column(1)],
    ]),
    missing: 0,
  }
}
const times = (count: number, cell: string) => Array.from({ length: count }, () => cell)

describe('count', () => {
  it('adds rows and missing rows, and tells nothing below the minimum of rows', () => {
    const sites = [numbers(1, 2), numbers(3), numbers(4)]
    expect(runInTheClear(countFit(3), sites, 1)).toEqual({ n: 4, missing: 3 })
    expect(runInTheClear(countFit(4), sites, 1)).toEqual({ n: 4, missing: 3 })
    expect(() => runInTheClear(countFit(5), sites, 1)).toThrow('rule `minimum-cell`: expected at least 5 rows in total, found fewer')
  })
})

describe('describe', () => {
  it('gives mean and variance of the pooled rows', () => {
    const [answer] = runInTheClear(inTheRing(describeFit(['x'], 0)), [numbers(2, 4, 4), numbers(4, 5, 5), numbers(7, 9)], 2)
    expect(answer).toEqual({ column: 'x', n: 8, mean: 5, variance: 32 / 7, sd: Math.sqrt(32 / 7) })
  })

  it('loses no digit to a large mean or a small unit', () => {
    const deviations = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 4, maxLength: 40 })
    fc.assert(
      fc.property(deviations, fc.constantFrom(2 ** -30, 1, 2 ** 10), fc.constantFrom(0, 2 ** 12), (whole, unit, offset) => {
        const site = (k: number) => numbers(...whole.filter((_, i) => i % 3 === k).map((one) => (one + offset * 1024) * unit))
        const [answer] = runInTheClear(inTheRing(describeFit(['x'], 0)), [site(0), site(1), site(2)], 2)
        const mean = whole.reduce((a, b) => a + b, 0) / whole.length
        const variance = whole.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (whole.length - 1)
        expect((answer?.variance ?? 0) / (unit * unit)).toBeCloseTo(variance, 6)
        expect(answer?.mean).toBeCloseTo((mean + offset * 1024) * unit, 6)
      }),
    )
  })

  it('refuses numbers that masked sums do not carry', () => {
    for (const value of [1e300, 2 ** 40, 1e-13])
      expect(() => runInTheClear(inTheRing(describeFit(['x'], 0)), [numbers(value)], 2)).toThrow('column `x`: expected numbers between')
  })

  it('refuses a column of another kind', () => {
    expect(() => runInTheClear(inTheRing(describeFit(['row'], 0)), [factors('aX')], 2)).toThrow('expected a column of numbers `row`')
  })
})

describe('table', () => {
  const rows = { column: 'row', levels: ['a', 'b'] }
  const columns = { column: 'column', levels: ['X', 'Y'] }
  const sites = [factors(...times(12, 'aX'), ...times(13, 'bY')), factors(...times(3, 'aY'), ...times(20, 'bX')), factors(...times(14, 'bX'))]

  it('has what the rows of all sites have, with margins', () => {
    expect(runInTheClear(tableFit(rows, columns, 1), sites, 1)).toEqual({
      rows,
      columns,
      counts: [
        [12, 3],
        [34, 13],
      ],
      rowTotals: [15, 47],
      columnTotals: [46, 16],
      n: 62,
      hidden: 0,
    })
  })

  it('hides a small cell and what would give it away', () => {
    const answer = runInTheClear(tableFit(rows, columns, 10), sites, 1)
    expect(answer.counts).toEqual([
      [null, null],
      [null, null],
    ])
    expect(answer).toMatchObject({ rowTotals: [15, 47], columnTotals: [46, 16], n: 62, hidden: 4 })
  })

  it('is refused with more cells than can be looked through', () => {
    const many = Array.from({ length: 60 }, (_, i) => `${i}`)
    expect(() => tableFit({ column: 'row', levels: many }, { column: 'column', levels: many }, 10)).toThrow(
      'expected a table of at most 2500 cells, found 3600',
    )
  })

  it('of one factor hides a second level with the first', () => {
    const levels = { column: 'row', levels: ['a', 'b', 'c'] }
    const answer = runInTheClear(tableFit(levels, null, 10), [...sites, factors(...times(2, 'cX'))], 1)
    expect(answer).toMatchObject({ counts: [[null], [47], [null]], n: 64, hidden: 2 })
  })
})

describe('histogram', () => {
  it('counts as R does: upper bounds belong to the bin, the lowest bound to the first', () => {
    const answer = runInTheClear(histogramFit('x', [0, 1, 2], 1), [numbers(-1, 0, 0.5), numbers(1, 1.5, 2), numbers(2.5, 7)], 1)
    expect(answer).toMatchObject({ counts: [3, 2], below: 1, above: 2, n: 8 })
  })

  it('hides small bins in pairs, also on a fine grid, and refuses a grid that is none', () => {
    const sites = [numbers(...times(30, '').map(() => 0.5)), numbers(...times(30, '').map(() => 1.5)), numbers(9)]
    expect(runInTheClear(histogramFit('x', [0, 1, 2, 3], 10), sites, 1)).toMatchObject({ counts: [null, 30, 0], below: 0, above: null })
    const fine = runInTheClear(histogramFit('x', [0, 1, 2, 3, 4, 5, 6, 7, 8, 10], 10), sites, 1)
    expect(fine.counts).toEqual([null, 30, 0, 0, 0, 0, 0, 0, null])
    expect(() => histogramFit('x', [0, Number.NaN], 10)).toThrow('rule `public-grid`: expected rising numbers')
  })
})
