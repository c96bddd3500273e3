import { parseOrganizationId } from '@fiducia/core'
import { describe, expect, it } from 'vitest'
import { cardOf, disclosures } from './card.ts'
import { reachOf } from './interval.ts'
import type { StudyAnswer } from './program.ts'
import { resultOf, writeStudy } from './result.ts'
import { parseSpec, type StudySpec } from './spec.ts'
import { computedWords, purposeWords, rowsWords } from './words.ts'

/** What people who decide about a study read of it, and what stays when it is over. */
const COLUMNS = { y: 'number', x: 'number', t: 'number', f: 'factor', g: 'factor' }
const spec = (method: object, more: object = {}): StudySpec => parseSpec({ title: 'T', purpose: 'DUO:0000006', columns: COLUMNS, method, ...more })
const words = (method: object, more: object = {}) => computedWords(spec(method, more)).join('\n')
const glm = { name: 'glm', family: 'binomial', formula: 'y ~ x + f' }
const cox = { name: 'cox', formula: 'Surv(t, y) ~ x + strata(f) + strata(g)' }

describe('a study in words', () => {
  it.each([
    ['a count', { name: 'count' }, {}, /how many rows there are/i],
    ['a description', { name: 'describe', columns: ['x', 't'] }, {}, /“x” and “t”: the number of rows, the mean/],
    ['a table', { name: 'table', columns: ['f', 'g'] }, {}, /each level of “f” and “g”, each with each/],
    ['a histogram', { name: 'histogram', column: 'x', grid: [1, 2.5] }, {}, /“x” between bounds.*1, 2\.5\./],
    ['a long grid', { name: 'histogram', column: 'x', grid: Array.from({ length: 30 }, (_, i) => i) }, {}, /30 of them, from 0 to 29/],
    ['outcome and predictors', glm, {}, /“y” \(yes or no\).*logistic[^]*“x” \(a number\) and “f” \(a factor/],
    ['a count as outcome', { ...glm, family: 'poisson' }, {}, /“y” \(a count\).*Poisson/],
    ['an interaction', { ...glm, formula: 'y ~ x * f' }, {}, /“x” with “f” together/],
    ['an intercept alone', { ...glm, formula: 'y ~ 1' }, {}, /Explained by nothing/],
    ['no intercept', { ...glm, formula: 'y ~ x - 1' }, {}, /Without an intercept/],
    ['a number taken as a factor', { ...glm, formula: 'y ~ factor(x)' }, {}, /“x” \(a factor/],
    ['one scale', glm, { standardize: 'global' }, /both over all sites together. A coefficient is for one standard deviation/],
    ['one scale for survival', cox, { standardize: 'global' }, /both over all sites together/],
    ['a scale for each site', glm, { standardize: 'site' }, /its own scale.*do not leave/],
    ['a ridge', { ...glm, ridge: 2 }, {}, /ridge of 2 draws coefficients toward 0/],
    ['survival', cox, {}, /“t” is the time until.*“y” is 1 where the event happened/],
    ['sites and strata', cox, {}, /only with rows of its own site, and there only with the same level of “f” and “g”[^]*Efron/],
    ['one baseline', { ...cox, pooledStrata: true, grid: [1, 2], ties: 'breslow' }, {}, /one baseline risk for each level of “f” and “g”.*1, 2[^]*Breslow/],
    ['a curve', { name: 'kaplan-meier', formula: 'Surv(t, y) ~ 1', grid: [1] }, {}, /of all rows together/],
    ['curves', { name: 'kaplan-meier', formula: 'Surv(t, y) ~ g', grid: [1] }, {}, /each level of “g”[^]*log-rank/],
  ])('says %s', (_, method, more, expected) => {
    expect(words(method, more)).toMatch(expected)
  })

  it('says nothing of what is not asked', () => {
    expect(words(glm)).not.toMatch(/ridge|standard deviation|intercept/i)
  })

  it('says which rows count, and which are kept aside', () => {
    expect(rowsWords(spec({ name: 'count' })).join()).toContain('Every row')
    expect(rowsWords(spec(glm, { disclosure: { minimumCell: 5 } })).join()).toMatch(/value in “y”, “x” and “f”.*left out at all sites together is told/)
    expect(rowsWords(spec(glm, { split: { column: 'g', test: 'b' } })).join()).toMatch(/“b” in “g” are kept aside.*how the model does/)
    const poisson = { ...glm, family: 'poisson' }
    expect(rowsWords(spec(poisson, { split: { column: 'g', test: 'b' } })).join()).toMatch(/“b” in “g” are kept aside: nothing is computed from them\.$/)
    expect(rowsWords(spec(cox, { split: { column: 'g', test: 'b' } })).join()).toMatch(
      /“b” in “g” are kept aside.*one more sum says how well it orders these\.$/,
    )
  })

  it('names every kind of figure that leaves a site', () => {
    expect(disclosures(spec({ name: 'count' })).join()).not.toMatch(/levels|rows kept aside/)
    expect(disclosures(spec(cox)).join()).toContain('the levels of “f”, “g”')
    expect(disclosures(spec(glm, { split: { column: 'g', test: 'b' } })).join()).toContain('rows kept aside')
    expect(disclosures(spec(cox, { split: { column: 'g', test: 'b' } })).join()).toContain('how well the model orders the rows kept aside')
    expect(disclosures(spec({ name: 'count' }, { split: { column: 'g', test: 'b' } })).join()).not.toContain('rows kept aside')
  })
})

describe('a 95 % interval', () => {
  /** R 4.2: `qt(0.975, df)`. */
  it.each([
    [1, 12.706_204_736_174_694],
    [2, 4.302_652_729_749_462],
    [5, 2.570_581_835_636_314],
    [30, 2.042_272_456_301_238],
    [327, 1.967_245_105_862_274],
    [1e5, 1.959_987_707_534_609],
  ])('reaches as far as Student’s distribution with %d degrees of freedom does', (df, expected) => {
    expect(reachOf(df)).toBeCloseTo(expected, 10)
  })

  it('reaches as far as the normal distribution without', () => {
    expect(reachOf(undefined)).toBe(1.959_963_984_540_054)
  })
})

it('is said for what a study is, who approved it, and of which resources its rows are', () => {
  const view = { resourceType: 'ViewDefinition', resource: 'Observation', where: [{ path: "status = 'final'" }, { path: 'value.exists()' }] }
  const study = spec({ name: 'count' }, { purpose: 'DUO:0000007', disease: 'MONDO:0005148', ethics: 'board 7', nonCommercial: true, view })
  expect(purposeWords(study)).toEqual([
    'Disease-specific research (DUO:0000007, GA4GH Data Use Ontology), about MONDO:0005148.',
    'Ethics approval: board 7.',
    'By organizations without profit, for no commercial use.',
  ])
  expect(rowsWords(study).slice(0, 2)).toEqual([
    'A site’s rows are made of its FHIR resources of type “Observation” by the view that stands in the study.',
    "Of these it takes the ones for which “status = 'final'” and “value.exists()” hold.",
  ])
})

describe('what stays of a study', () => {
  const coefficient = { name: 'x', estimate: 2, se: 0.5, statistic: 4, p: 0.001 }
  const aliased = { name: 'f', estimate: null, se: null, statistic: null, p: null }
  const figures = {
    rows: 40,
    deviance: 10,
    nullDeviance: 20,
    df: 5,
    nullDf: 6,
    rank: 1,
    dispersion: 2,
    logLikelihood: -5,
    aic: 14,
    iterations: 1,
    lastStep: 1e-12,
  }
  const answer = (family: 'gaussian' | 'binomial'): StudyAnswer => ({
    kind: 'glm',
    counted: { n: 40, missing: 0 },
    design: {
      formula: { outcome: { kind: 'variable', variable: { column: 'y', factor: false } }, intercept: true, variables: [], terms: [], strata: [] },
      columns: [],
      levels: new Map(),
    },
    glm: { family, coefficients: [coefficient, aliased], ...figures, standardization: { mean: Float64Array.of(3, 0), deviation: Float64Array.of(2, 1) } },
  })
  const told = { rounds: 3, sites: [] }
  const tested = { rounds: 3, sites: [{ name: parseOrganizationId('east'), rows: 40, test: { n: 20, accuracy: 0.5 } }] }

  it('has intervals that leave out 0 exactly where p is below 0.05', () => {
    const { coefficients } = resultOf(answer('gaussian'), told)
    expect(coefficients?.['x']).toMatchObject({
      kind: 'estimated',
      lower: expect.closeTo(2 - 2.570581835636314 * 0.5, 9),
      upper: expect.closeTo(2 + 2.570581835636314 * 0.5, 9),
    })
    expect(coefficients?.['f']).toEqual({ kind: 'aliased', estimate: null, se: null, statistic: null, p: null, lower: null, upper: null })
    expect(resultOf(answer('binomial'), told).coefficients?.['x']?.upper).toBeCloseTo(2 + 1.959963984540054 * 0.5, 12)
  })

  it('has what a program needs to use the model, and how the iteration ended', () => {
    expect(resultOf(answer('binomial'), told)).toMatchObject({
      standardization: { x: { mean: 3, deviation: 2 }, f: { mean: 0, deviation: 1 } },
      aic: 14,
      nullDf: 6,
      iterations: 1,
      lastStep: 1e-12,
    })
  })

  it('keeps both of two coefficients that R would call the same', () => {
    const twice = answer('binomial')
    if (twice.kind !== 'glm') throw new Error('expected a glm')
    const names = ['x', 'x', 'x.1', 'x']
    const both = { ...twice, glm: { ...twice.glm, coefficients: names.map((name, i) => ({ ...coefficient, name, estimate: i })), standardization: null } }
    const { coefficients } = resultOf(both, told)
    expect(Object.entries(coefficients ?? {}).map(([name, { estimate }]) => [name, estimate])).toEqual([
      ['x', 0],
      ['x.2', 1],
      ['x.1', 2],
      ['x.3', 3],
    ])
  })

  it('has shares of right answers for outcomes of yes or no alone', () => {
    expect(resultOf(answer('binomial'), tested).test).toMatchObject({ accuracy: 0.5 })
    expect(resultOf(answer('gaussian'), tested).test).toBeNull()
  })

  it('is the same for everybody who has the same answer', () => {
    const study = spec(glm)
    expect(writeStudy(study, answer('binomial'), tested)).toEqual(writeStudy(study, answer('binomial'), tested))
    const card = cardOf(study, resultOf(answer('binomial'), tested))
    expect(JSON.parse(writeStudy(study, answer('binomial'), tested).card)).toEqual(card)
    expect(card).toMatchObject({
      intended: ['Health, medical or biomedical research (DUO:0000006, GA4GH Data Use Ontology).', 'No ethics approval is named.'],
      rows: 40,
      fit: { aic: 14, iterations: 1, concordance: null },
      test: { bySite: { east: { n: 20, accuracy: 0.5 } } },
    })
    expect(card.limits.join()).toMatch(/Not private.*not proved.*cause/)
  })
})
