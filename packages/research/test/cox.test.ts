import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_ROUNDS } from '../src/limits.ts'
import { runInTheClear } from '../src/rounds/types.ts'
import { coxFit } from '../src/survival/cox.ts'
import { heldOutConcordanceFit } from '../src/survival/cox-held-out.ts'
import type { CoxData, CoxOptions, CoxResult, Ties } from '../src/survival/cox-types.ts'
import { AML } from './aml.ts'
import { inTheRing } from './ring.ts'
import { estimate, type Estimates, pairsOf, type Row } from './cox-reference.ts'

function dataOf(rows: readonly Row[], columns: number): CoxData {
  return {
    time: Float64Array.from(rows, ({ time }) => time),
    event: Float64Array.from(rows, ({ event }) => event),
    x: Float64Array.from(rows.flatMap(({ x }) => x)),
    strata: Uint32Array.from(rows, ({ stratum }) => stratum),
    columns,
  }
}

const options = (width: number, more: Partial<CoxOptions> = {}): CoxOptions => ({
  names: Array.from({ length: width }, (_, i) => `x${i}`),
  ties: 'efron',
  ridge: 0,
  minimumCell: 0,
  ...more,
})
const sitesOf = (rows: readonly Row[], width: number) =>
  [0, 1, 2].map((site) =>
    dataOf(
      rows.filter((row) => row.site === site),
      width,
    ),
  )
const fit = (rows: readonly Row[], width: number, more: Partial<CoxOptions> = {}) =>
  runInTheClear(inTheRing(coxFit(options(width, more))), sitesOf(rows, width), MAX_ROUNDS)

function expectSame(found: CoxResult, wanted: Estimates): void {
  found.coefficients.forEach(({ estimate, se }, i) => {
    const size = wanted.se[i] ?? 1
    expect(Math.abs((estimate ?? NaN) - (wanted.beta[i] ?? 0)) / size).toBeLessThan(1e-8)
    expect(Math.abs((se ?? NaN) / size - 1)).toBeLessThan(1e-8)
  })
  expect(found.logLikelihood).toBeCloseTo(wanted.logLikelihood, 8)
}

const aml: readonly Row[] = AML.map(([time, event, x], i) => ({ site: i % 3, stratum: 0, time, event, x: [x] }))
const weeks = Array.from({ length: 162 }, (_, week) => week)

/** Rows whose coefficients exist: enough of them, times and columns with ties. */
const cohort = fc
  .array(fc.record({ site: fc.nat(2), stratum: fc.nat(1), time: fc.nat(12), event: fc.nat(1), x: fc.tuple(fc.integer({ min: -3, max: 3 }), fc.nat(1)) }), {
    minLength: 60,
    maxLength: 90,
  })
  .filter((rows) => rows.filter(({ event }) => event === 1).length > 15)

describe('cox', () => {
  it('gives the numbers that R gives for `aml`, on the grid of weeks over three sites and at one site', () => {
    const pooled = fit(aml, 1, { pooled: { grid: weeks, strata: 1 } })
    const single = fit(
      aml.map((row) => ({ ...row, site: 0 })),
      1,
    )
    for (const { coefficients, likelihoodRatioTest } of [pooled, single]) {
      expect(coefficients[0]?.estimate).toBeCloseTo(0.9155, 4)
      expect(coefficients[0]?.se).toBeCloseTo(0.5119, 4)
      expect(coefficients[0]?.z).toBeCloseTo(1.788, 3)
      expect(coefficients[0]?.p).toBeCloseTo(0.0737, 4)
      expect(likelihoodRatioTest.chisq).toBeCloseTo(3.38, 2)
      expect(likelihoodRatioTest.p).toBeCloseTo(0.06581, 4)
    }
  })

  it.each<Ties>(['efron', 'breslow'])('is the stratified model of all rows, with %s for ties', (ties) => {
    fc.assert(
      fc.property(cohort, (rows) => {
        const found = fit(rows, 2, { ties })
        const wanted = estimate(rows, 2, ties)
        expectSame(found, wanted)
        expect(found.scoreTest.chisq).toBeCloseTo(wanted.scoreTest, 7)
        const { concordant, discordant, tiedRisk, tiedTime, tiedBoth } = found.concordance ?? {}
        expect([concordant, discordant, tiedRisk, tiedTime, tiedBoth]).toEqual(pairsOf(rows, wanted.beta))
      }),
      { numRuns: 12 },
    )
  })

  it.each<Ties>(['efron', 'breslow'])('with a pooled baseline is the model of the gridded rows of all sites, with %s for ties', (ties) => {
    const grid = [1, 3, 4, 8, 10]
    fc.assert(
      fc.property(cohort, (rows) => {
        const moved = rows.map((row) => {
          const time = grid.find((point) => point >= row.time)
          return { ...row, site: 0, time: time ?? 10, event: time === undefined ? 0 : row.event }
        })
        expectSame(fit(rows, 2, { ties, pooled: { grid, strata: 2 } }), estimate(moved, 2, ties))
      }),
      { numRuns: 12 },
    )
  })

  it('with a ridge is where the penalized likelihood is highest, also for a coefficient that would have no end', () => {
    const rows = aml.map((row) => ({ ...row, x: [...row.x, Number(row.time < 9)] }))
    expectSame(fit(rows, 2, { ridge: 0.7 }), estimate(rows, 2, 'efron', 0.7))
  })

  it('orders rows that it has not seen as all their pairs say, and tells nothing of few events', () => {
    const held = Array.from(
      { length: 60 },
      (_, i): Row => ({ site: i % 3, stratum: i % 2, time: (i * 7) % 11, event: (i * i) % 5 < 2 ? 1 : 0, x: [(i * 5) % 7, i % 3] }),
    )
    const run = (minimumCell: number) => runInTheClear(heldOutConcordanceFit({ names: ['x0', 'x1'], estimates: [0.4, -0.3], minimumCell }), sitesOf(held, 2), 1)
    const { concordant, discordant, tiedRisk, tiedTime, tiedBoth } = run(10) ?? {}
    expect([concordant, discordant, tiedRisk, tiedTime, tiedBoth]).toEqual(pairsOf(held, [0.4, -0.3]))
    expect(run(50)).toBe(null)
  })

  it('does not depend on the unit or the origin of a column', () => {
    const plain = fit(aml, 1).coefficients[0]
    for (const [unit, origin] of [
      [2 ** -30, 0],
      [2 ** 20, 0],
      [1, 2 ** 20],
    ] as const) {
      const moved = fit(
        aml.map((row) => ({ ...row, x: [(row.x[0] ?? 0) * unit + origin] })),
        1,
      ).coefficients[0]
      expect((moved?.estimate ?? 0) * unit).toBeCloseTo(plain?.estimate ?? 0, 10)
      expect(moved?.p).toBeCloseTo(plain?.p ?? 0, 10)
    }
  })

  it('gives no coefficient to a column that follows from earlier ones, or is the same in every row of a stratum', () => {
    const rows = aml.map((row, i) => ({ ...row, x: [row.x[0] ?? 0, Math.sin(i), 3 * (row.x[0] ?? 0) - 2 * Math.sin(i), 5, row.site] }))
    const found = fit(rows, 5)
    expect(found.coefficients.map(({ kind }) => kind)).toEqual(['estimated', 'estimated', 'aliased', 'aliased', 'aliased'])
    expect(found.df).toBe(2)
    expectSame(
      { ...found, coefficients: found.coefficients.slice(0, 2) },
      estimate(
        rows.map((row) => ({ ...row, x: row.x.slice(0, 2) })),
        2,
        'efron',
      ),
    )
  })

  it('says which coefficient has no end and estimates the others', () => {
    const rows = aml.map((row) => ({ ...row, x: [...row.x, Number(row.time < 9)] }))
    const found = fit(rows, 2)
    expect(found.coefficients.map(({ kind }) => kind)).toEqual(['estimated', 'infinite'])
    expect(found.coefficients[1]?.estimate).toBeNull()
    expect(found.waldTest).toBeNull()
    const separated = fit(
      aml.map((row) => ({ ...row, event: 1, x: [-row.time] })),
      1,
    )
    expect(separated.coefficients[0]?.kind).toBe('infinite')
  })

  it('is the same with a site that has no rows', () => {
    const two = aml.map((row) => ({ ...row, site: row.site % 2 }))
    expectSame(fit(two, 1), estimate(two, 1, 'efron'))
  })

  it.each([
    ['an event of 2', { event: 2 }, 'expected events that are 0 or 1'],
    ['a negative time', { time: -4711 }, 'expected times that are finite and not negative'],
    ['a time that is none', { time: Number.NaN }, 'expected times that are finite and not negative'],
    ['a column that is infinite', { x: [Infinity] }, 'expected columns of finite numbers'],
    ['a column of 1e300', { x: [1e300] }, 'column `x0`: expected numbers between'],
  ])('refuses %s without quoting it', (_, wrong, message) => {
    const run = () => fit([...aml, { site: 0, stratum: 0, time: 1, event: 1, x: [1], ...wrong }], 1)
    expect(run).toThrow(message)
    expect(run).not.toThrow('4711')
  })

  it('refuses cohorts without events, or with too few, or too few without', () => {
    expect(() =>
      fit(
        aml.map((row) => ({ ...row, event: 0 })),
        1,
      ),
    ).toThrow('expected events, found none at any site')
    expect(() => fit(aml, 1, { minimumCell: 19 })).toThrow('rule `minimum-cell`: expected at least 19 events in total')
    expect(() => fit(aml, 1, { minimumCell: 10 })).toThrow('rule `minimum-cell`: expected at least 10 rows without event in total')
    expect(() => fit(aml, 1, { pooled: { grid: weeks, strata: 1 }, minimumCell: 3 })).toThrow('rule `public-grid`')
  })
})
