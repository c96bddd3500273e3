import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AML } from '../../test/aml.ts'
import { runInTheClear } from '../rounds/types.ts'
import type { Table } from '../table/types.ts'
import { kaplanMeierFit, type KaplanMeierOptions } from './kaplan-meier.ts'

type Row = readonly [time: number, event: number, group: number]

function tableOf(rows: readonly Row[]): Table {
  const numbers = (at: 0 | 1) => ({ kind: 'number' as const, values: Float64Array.from(rows, (row) => row[at]) })
  const group = { kind: 'factor' as const, levels: ['0', '1', '2'], codes: Uint32Array.from(rows, (row) => row[2]) }
  return {
    rows: rows.length,
    columns: new Map<string, Table['columns'] extends ReadonlyMap<string, infer C> ? C : never>([
      ['time', numbers(0)],
      ['event', numbers(1)],
      ['arm', group],
    ]),
    missing: 0,
  }
}
const weeks = Array.from({ length: 162 }, (_, week) => week)
const options: KaplanMeierOptions = { time: 'time', event: 'event', group: { column: 'arm', levels: ['0', '1'] }, grid: weeks, interval: 'log', minimumCell: 0 }
const fit = (rows: readonly Row[], more: Partial<KaplanMeierOptions> = {}) =>
  runInTheClear(
    kaplanMeierFit({ ...options, ...more }),
    [0, 1, 2].map((site) => tableOf(rows.filter((_, i) => i % 3 === site))),
    1,
  )

describe('kaplan-meier', () => {
  it('gives the curve that R gives for `aml`', () => {
    const points = fit(AML).curves[0]?.points ?? []
    const at = (week: number) => {
      const { survival = NaN, se, lower, upper, atRisk } = points.find(({ time }) => time === week) ?? {}
      return [survival.toFixed(3), se?.toFixed(4), lower?.toFixed(4), upper?.toFixed(3), atRisk]
    }
    expect(at(9)).toEqual(['0.909', '0.0867', '0.7541', '1.000', 11])
    expect(at(23)).toEqual(['0.614', '0.1526', '0.3769', '0.999', 7])
    expect(at(34)).toEqual(['0.368', '0.1627', '0.1549', '0.875', 4])
    expect(at(48)).toEqual(['0.184', '0.1535', '0.0359', '0.944', 2])
    expect(fit(AML).curves[1]?.points.find(({ time }) => time === 45)).toMatchObject({ survival: 0, se: null, lower: null, upper: null })
  })

  it('gives the log-rank test that R gives for `aml`', () => {
    const test = fit(AML).logRank
    expect(test?.chisq).toBeCloseTo(3.4, 1)
    expect(test?.p).toBeCloseTo(0.0653, 3)
    expect(test?.df).toBe(1)
    expect(test?.expected.map((one) => one.toFixed(2))).toEqual(['10.69', '7.31'])
  })

  it('is the product of the definition on the gridded rows of all sites', () => {
    const rows = fc.array(fc.tuple(fc.nat(30), fc.nat(1), fc.nat(2)), { minLength: 20, maxLength: 60 })
    const grid = [0, 4, 5, 9, 17, 25]
    fc.assert(
      fc.property(rows, (rows) => {
        const moved = rows.map(([time, event]): readonly [number, number] => {
          const point = grid.find((one) => one >= time)
          return point === undefined ? [25, 0] : [point, event]
        })
        fc.pre(moved.some(([, event]) => event === 1))
        for (const { time, survival, se } of fit(rows, { group: null, grid }).curves[0]?.points ?? []) {
          const steps = grid
            .filter((point) => point <= time)
            .map((point) => ({
              died: moved.filter(([t, event]) => t === point && event === 1).length,
              atRisk: moved.filter(([t]) => t >= point).length,
            }))
          const product = steps.reduce((left, { died, atRisk }) => left * (1 - died / atRisk), 1)
          expect(survival).toBeCloseTo(product, 12)
          const greenwood = steps.reduce((sum, { died, atRisk }) => sum + died / (atRisk * (atRisk - died)), 0)
          if (product > 0) expect(se).toBeCloseTo(product * Math.sqrt(greenwood), 12)
        }
      }),
    )
  })

  it('tests three groups with two degrees of freedom, whichever comes first', () => {
    const rows: readonly Row[] = Array.from({ length: 90 }, (_, i) => [(i * 37) % 29, Number(i % 4 !== 0), (i * i) % 3])
    const three = ['0', '1', '2']
    const chisq = [three, three.toReversed()].map((levels) => fit(rows, { group: { column: 'arm', levels } }).logRank)
    expect(chisq[0]?.df).toBe(1)
    const mixed: readonly Row[] = rows.map(([time, event], i) => [time, event, i % 3])
    const [forward, back] = [three, three.toReversed()].map((levels) => fit(mixed, { group: { column: 'arm', levels } }).logRank)
    expect(forward?.df).toBe(2)
    expect(forward?.chisq).toBeCloseTo(back?.chisq ?? 0, 10)
  })

  it('goes on where few are at risk, and keeps how many', () => {
    const rows: readonly Row[] = Array.from({ length: 60 }, (_, i) => [i, Number(i % 2 === 0), 0])
    const [curve] = fit(rows, { group: null, grid: [10, 20, 30, 40, 55], minimumCell: 10 }).curves
    expect(curve?.points.map(({ time, atRisk, events }) => [time, atRisk, events])).toEqual([
      [10, 60, null],
      [20, 49, null],
      [30, 39, null],
      [40, 29, null],
      [55, 19, null],
    ])
    const [fine, told] = [10, 0].map((minimumCell) => fit(rows, { group: null, grid: weeks, minimumCell }).curves[0]?.points ?? [])
    expect(fine?.slice(50, 52)).toEqual([
      { ...told?.[50], events: null },
      { time: 51, survival: told?.[51]?.survival, se: null, lower: null, upper: null, atRisk: null, events: null },
    ])
    expect(fine?.map(({ survival }) => survival)).toEqual(told?.map(({ survival }) => survival))
    expect(fine?.length).toBe(60)
  })

  it.each([
    ['a group with few rows', AML, { minimumCell: 12, grid: [10] }, 'rule `minimum-cell`: expected at least 12 rows in total for each group'],
    ['a grid that falls', AML, { grid: [1, 3, 2] }, 'rule `public-grid`'],
    ['an event of 2', [[1, 2, 0]], {}, 'column `event`: expected 0 or 1'],
    ['a negative time', [[-1, 1, 0]], {}, 'column `time`: expected times that are not negative'],
    ['no events', [[1, 0, 0]], {}, 'expected events, found none at any site'],
  ] as const)('refuses %s', (_, rows, more, message) => {
    expect(() => fit(rows, more)).toThrow(message)
  })
})
