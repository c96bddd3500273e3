import { describe, expect, it } from 'vitest'
import type { GlmResult } from '../src/models/glm-model.ts'
import type { ColumnKinds, TextTable } from '../src/table/types.ts'
import { fitStudy } from './glm-study.ts'

/** Rows dealt out to three sites, one after the other. */
const deal = (header: readonly string[], rows: readonly (readonly (string | number)[])[]): readonly TextTable[] =>
  [0, 1, 2].map((site) => ({ header, rows: rows.filter((_, i) => i % 3 === site).map((row) => row.map(String)) }))
const kindsOf = (kinds: Record<string, 'number' | 'factor'>): ColumnKinds => new Map(Object.entries(kinds))

/** A line of R's `summary`, with the digits that it prints. */
const lineOf = ({ coefficients }: GlmResult, name: string, digits: number): string => {
  const found = coefficients.find((one) => one.name === name)
  return [found?.estimate, found?.se, found?.statistic].map((value) => value?.toFixed(digits)).join(' ')
}

describe('examples whose answers R prints', () => {
  it('?glm: a randomized controlled trial (Dobson 1990, page 93), Poisson', () => {
    const counts = [18, 17, 15, 20, 10, 20, 25, 13, 12]
    const rows = counts.map((count, i) => [count, (i % 3) + 1, Math.floor(i / 3) + 1])
    const kinds = kindsOf({ counts: 'number', outcome: 'factor', treatment: 'factor' })
    const fit = fitStudy({ formula: 'counts ~ outcome + treatment', kinds, sites: deal([...kinds.keys()], rows) }, { family: 'poisson' })
    expect(lineOf(fit, '(Intercept)', 3)).toBe('3.045 0.171 17.815')
    expect(lineOf(fit, 'outcome2', 3)).toBe('-0.454 0.202 -2.247')
    expect(lineOf(fit, 'outcome3', 3)).toBe('-0.293 0.193 -1.520')
    for (const name of ['treatment2', 'treatment3']) {
      expect(fit.coefficients.find((one) => one.name === name)?.estimate).toBeCloseTo(0, 12)
      expect(fit.coefficients.find((one) => one.name === name)?.se?.toFixed(4)).toBe('0.2000')
    }
    expect(fit.coefficients[1]?.p?.toFixed(4)).toBe('0.0246')
    expect([fit.nullDeviance.toFixed(4), fit.nullDf, fit.deviance.toFixed(4), fit.df, fit.aic?.toFixed(2)]).toEqual(['10.5814', 8, '5.1291', 4, '56.76'])
  })

  it('?lm: weights of plants (Dobson 1990, page 9), gaussian', () => {
    const control = [4.17, 5.58, 5.18, 6.11, 4.5, 4.61, 5.17, 4.53, 5.33, 5.14]
    const treated = [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69]
    const rows = [...control.map((weight) => [weight, 'Ctl']), ...treated.map((weight) => [weight, 'Trt'])]
    const kinds = kindsOf({ weight: 'number', group: 'factor' })
    const fit = fitStudy({ formula: 'weight ~ group', kinds, sites: deal([...kinds.keys()], rows) }, { family: 'gaussian' })
    expect(lineOf(fit, '(Intercept)', 4)).toBe('5.0320 0.2202 22.8501')
    expect(lineOf(fit, 'groupTrt', 4)).toBe('-0.3710 0.3114 -1.1913')
    expect(fit.coefficients.map(({ p }) => p?.toPrecision(3))).toEqual(['9.55e-15', '0.249'])
    expect(Math.sqrt(fit.dispersion ?? Number.NaN).toFixed(4)).toBe('0.6964')
    expect(fit.df).toBe(18)
    const sameWithoutIntercept = fitStudy({ formula: 'weight ~ group - 1', kinds, sites: deal([...kinds.keys()], rows) }, { family: 'gaussian' })
    expect(lineOf(sameWithoutIntercept, 'groupCtl', 4)).toBe('5.0320 0.2202 22.8501')
    expect(lineOf(sameWithoutIntercept, 'groupTrt', 4)).toMatch(/^4.6610 0.2202 /)
    expect(sameWithoutIntercept.coefficients[1]?.p?.toPrecision(3)).toBe('3.62e-14')
  })

  it('datasets::mtcars: gears of cars by their weight, binomial', () => {
    const weights = [2.62, 2.875, 2.32, 3.215, 3.44, 3.46, 3.57, 3.19, 3.15, 3.44, 3.44, 4.07, 3.73, 3.78, 5.25, 5.424, 5.345, 2.2, 1.615, 1.835, 2.465, 3.52]
    weights.push(3.435, 3.84, 3.845, 1.935, 2.14, 1.513, 3.17, 2.77, 3.57, 2.78)
    const manual = (i: number) => Number(i < 3 || (i >= 17 && i < 20) || i >= 25)
    const kinds = kindsOf({ am: 'number', wt: 'number' })
    const sites = deal(
      [...kinds.keys()],
      weights.map((weight, i) => [manual(i), weight]),
    )
    const fit = fitStudy({ formula: 'am ~ wt', kinds, sites }, { family: 'binomial' })
    expect(lineOf(fit, '(Intercept)', 3)).toBe('12.040 4.510 2.670')
    expect(lineOf(fit, 'wt', 3)).toBe('-4.024 1.436 -2.801')
    expect(fit.coefficients.map(({ p }) => p?.toFixed(5))).toEqual(['0.00759', '0.00509'])
    expect([fit.nullDeviance.toFixed(3), fit.nullDf, fit.deviance.toFixed(3), fit.df, fit.aic?.toFixed(3)]).toEqual(['43.230', 31, '19.176', 30, '23.176'])
  })
})
