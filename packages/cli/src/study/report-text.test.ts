import { describe, expect, it } from 'vitest'
import { HOSTILE_NAMES } from '../../test/hostile-names.ts'
import { estimated, studyResult, studySpec, without } from '../../test/study-results.ts'
import { figures, pValue } from './figures.ts'
import { reportLines } from './report-text.ts'
import { wrapped } from './wrapped.ts'

const report = (spec: ReturnType<typeof studySpec>, changes = {}) => reportLines(spec, studyResult(changes)).join('\n')
const glm = (family: string, more: object = {}) => studySpec({ name: 'glm', family, formula: 'y ~ x + f' }, more)

describe('figures', () => {
  it('of a column have the same decimals, as many as the smallest needs', () => {
    expect(figures([-4.67608, 0.0538, null, 0])).toEqual(['-4.67608', '0.05380', 'NA', '0.00000'])
    expect(figures([1200, 35.5])).toEqual(['1200.00', '35.50'])
    expect(figures([])).toEqual([])
  })

  it('that would be lost among others, or are out of hand, have powers of ten', () => {
    expect(figures([1e-12, 5])).toEqual(['1.000e-12', '5.000000'])
    expect(figures([1.5e12])).toEqual(['1.500e+12'])
  })

  it.each([
    [null, 'NA'],
    [0, '<2e-16'],
    [0.000123, '1.23e-4'],
    [0.0512, '0.0512'],
    [1, '1.0000'],
  ])('p %s is %s', (p, text) => {
    expect(pValue(p)).toBe(text)
  })
})

describe('a report of a model', () => {
  it('has R’s columns, in line', () => {
    const text = report(glm('binomial'), { coefficients: { '(Intercept)': estimated(-4.5, 0.8), x: estimated(0.05, 0.01) } })
    const lines = text.split('\n').filter((line) => /estimate|Intercept|^x/.test(line))
    expect(lines).toEqual(
      [
        '             estimate  std. error        95 % interval       z       p',
        '(Intercept)  -4.50000     0.80000  -6.10000 to -2.90000  -5.625  0.0400',
        'x             0.05000     0.01000    0.03000 to 0.07000   5.000  0.0400',
        'x       1.051  1.030 to 1.073',
      ].map((line) => expect.stringMatching(new RegExp(`^${line.replaceAll(/[.()]/g, String.raw`\$&`).replaceAll(/ +/g, ' +').replace(/^ \+/, ' +')}$`))),
    )
    expect(new Set(lines.slice(0, 3).map(({ length }) => length)).size).toBe(1)
  })

  it.each([
    ['binomial', 'odds ratio', 'z'],
    ['poisson', 'rate ratio', 'z'],
  ])('of the %s family has the %s', (family, ratio, statistic) => {
    const text = report(glm(family), { coefficients: { '(Intercept)': estimated(1, 1), x: estimated(Math.log(2), 0.1) } })
    expect(text).toMatch(new RegExp(`${ratio} +95 % interval\nx +2\\.000`))
    expect(text).toContain(` ${statistic} `)
  })

  it('of the gaussian family has t and no ratio, and says that the dispersion is estimated', () => {
    const text = report(glm('gaussian'), { coefficients: { x: estimated(1, 1) }, deviance: 10, nullDeviance: 20, df: 5, nullDf: 6, dispersion: 2 })
    expect(text).toMatch(/ t +p/)
    expect(text).not.toContain('ratio')
    expect(text).toMatch(/dispersion +2 {2}the residual variance, estimated/)
  })

  it('says what a coefficient of a standardized column is for', () => {
    const results = { coefficients: { '(Intercept)': estimated(1, 1), x: estimated(2, 1) }, standardization: { x: { mean: 61.25, deviation: 9.5 } } }
    expect(report(glm('binomial', { standardize: 'global' }), results)).toMatch(
      /one standard deviation more, over all sites together:\n +mean +std\. deviation\nx +61\.25 +9\.500/,
    )
    const coefficients = { x: estimated(2, 1) }
    expect(report(glm('binomial', { standardize: 'site' }), { coefficients })).toContain('of the site’s own')
    expect(report(glm('binomial'), { coefficients })).not.toContain('standard deviation')
  })

  it('says in words what has no figures', () => {
    const text = report(studySpec({ name: 'cox', formula: 'Surv(t, y) ~ x + f' }), {
      coefficients: { x: without('aliased'), fb: without('infinite'), fc: estimated(1, 1) },
      tests: { nullLoglik: -20, likelihoodRatio: { chisq: 3, df: 2, p: 0.2 }, score: { chisq: 3.5, df: 2, p: 0.17 }, wald: null },
      loglik: -18.5,
      df: 2,
      events: 30,
      iterations: 20,
      lastStep: 0,
    })
    expect(text).toMatch(/^x +aliased\nfb +infinite\nfc +1\.000/m)
    expect(text).toMatch(/follow from those before them.*`x`/)
    expect(text).toMatch(/ever larger.*`fb`/)
    expect(text).toContain('no Wald test')
    expect(text).toContain('the coefficients that are infinite did not')
    expect(text).toMatch(/hazard ratio +95 % interval\nfc/)
  })

  it('says how sure it is that the fit has ended', () => {
    expect(report(glm('binomial'), { coefficients: { x: estimated(1, 1) }, iterations: 6, lastStep: 2.3e-10 })).toContain(
      'Converged after 6 iterations: the last step moved nothing by more than 2.3e-10 of the largest coefficient',
    )
  })

  it('has how a Cox model orders rows kept aside', () => {
    const cox = studySpec({ name: 'cox', formula: 'Surv(t, y) ~ x' }, { split: { column: 'fold', test: 'test' } })
    const test = { accuracy: null, bySite: {}, concordance: 0.6123456 }
    expect(report(cox, { test })).toContain('Rows kept aside (`fold` is `test`): concordance 0.61235 of pairs within a site and stratum')
  })

  it('has the accuracy of each site on rows kept aside, and of none with few', () => {
    const test = { accuracy: 0.75, bySite: { east: { accuracy: 0.75, n: 40 }, west: null }, concordance: null }
    const text = report(glm('binomial', { split: { column: 'g', test: '1' } }), { coefficients: { x: estimated(1, 1) }, test })
    expect(text).toMatch(/east +40 +75\.0 %\nwest +few +not told\ntogether +40 +75\.0 %/)
  })

  it('has many coefficients without their ratios', () => {
    const coefficients = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`x${i}`, estimated(1, 1)]))
    expect(report(glm('binomial'), { coefficients })).not.toContain('odds ratio')
    expect(report(glm('binomial'), { coefficients: {} })).toContain('No coefficients.')
  })
})

describe('a report of counts', () => {
  const table = {
    rows: { column: 'f', levels: ['a', 'b'] },
    columns: { column: 'g', levels: ['u', 'v'] },
    counts: [
      [100, null],
      [null, 80],
    ],
    rowTotals: [null, null],
    columnTotals: [112, 93],
    n: 205,
    hidden: 4,
  } as const

  it('is a table with its margins, in which hidden cells say so', () => {
    const text = report(studySpec({ name: 'table', columns: ['f', 'g'] }), { table })
    expect(text).toMatch(/f \\ g +u +v +all\na +100 +hidden +hidden\nb +hidden +80 +hidden\nall +112 +93 +205\n/)
    expect(text).toContain('hidden: 1 to 9 rows, or any number from which such a one would follow')
  })

  it('of one factor has shares', () => {
    const one = { ...table, columns: null, counts: [[150], [50]], rowTotals: [150, 50], columnTotals: [], n: 200, hidden: 0 }
    const text = report(studySpec({ name: 'table', columns: ['f'] }), { table: one })
    expect(text).toMatch(/a +150 +75\.0 %\nb +50 +25\.0 %\nall +200/)
    expect(text).not.toContain('hidden')
  })

  it('of a histogram has a bar for each bin', () => {
    const histogram = { column: 'x', grid: [0, 10, 20], counts: [60, 30], below: 0, above: null, n: 95, hidden: 1 }
    const text = report(studySpec({ name: 'histogram', column: 'x', grid: [0, 10, 20] }), { histogram })
    expect(text).toMatch(/ below 0 +0\n +\[0, 10\] +60 +█{30}\n\(10, 20\] +30 +█{15}\nabove 20 +hidden\n/)
  })

  it('of columns has n, what is missing, mean and spread', () => {
    const columns = [
      { column: 'x', n: 300, mean: 58.25, variance: 100, sd: 10 },
      { column: 'y', n: 300, mean: 1, variance: null, sd: null },
    ]
    const text = report(studySpec({ name: 'describe', columns: ['x', 'y'] }), { columns })
    expect(text).toMatch(/^x +300 +3 +58\.25 +10 +100 +0\.57735$/m)
    expect(text).toMatch(/^y +300 +3 +1 +NA +NA +NA$/m)
  })
})

describe('a wrapped item', () => {
  it('begins each further line below its first word, and keeps every word whole', () => {
    const text = Array.from({ length: 60 }, (_, i) => `word${i}`).join(' ')
    const lines = wrapped(text, '  - ')
    expect(lines.length).toBeGreaterThan(3)
    expect(lines.map((line) => line.slice(0, 4))).toEqual(['  - ', ...lines.slice(1).map(() => '    ')])
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100)
    expect(lines.map((line) => line.slice(4)).join(' ')).toBe(text)
    expect(wrapped('x'.repeat(300), '- ')).toEqual([`- ${'x'.repeat(300)}`])
    expect(wrapped('', '- ')).toEqual(['- '])
  })
})

describe('a report of curves', () => {
  const spec = studySpec({ name: 'kaplan-meier', formula: 'Surv(t, y) ~ f', grid: [10, 20, 30] })
  const point = { time: 10, survival: 0.9, se: 0.02, lower: 0.86, upper: 0.94, atRisk: 100, events: 10 }

  it('has a table for each, where they end, and the test', () => {
    const last = { time: 20, survival: 0, se: null, lower: null, upper: null, atRisk: 12, events: null }
    const text = report(spec, { curves: { 'f=a': [point, last], 'f=b': [] }, logrank: { chisq: 27.4449, df: 1, p: 1.6e-7 } })
    expect(text).toMatch(
      /f=a\ntime +at risk +events +survival +std\. error +95 % interval\n +10 +100 +10 +0\.9000 +0\.02000 +0\.8600 to 0\.9400\n +20 +12 +few +0\.0000 +NA +NA\n/,
    )
    expect(text).toContain('at most half are without the event from 20 on\nfrom 30 on nobody is at risk')
    expect(text).toContain('f=b\n')
    const few = { ...point, time: 20, survival: 0.8, se: null, lower: null, upper: null, atRisk: null, events: null }
    expect(report(spec, { curves: { 'f=a': [point, few] } })).toContain('from 20 on fewer than 10 are at risk: how many is not told')
    const long = Array.from({ length: 50 }, (_, i) => ({ ...point, time: i, survival: i < 25 ? 0.9 : 0.8 }))
    expect(report(spec, { curves: { 'f=a': long } }).match(/^ +\d+ +100 /gm)).toEqual(['   0      100 ', '  25      100 ', '  49      100 '])
    expect(text).toContain('log-rank test: chi-square 27.445 on 1 df, p 1.60e-7')
  })

  it.each(HOSTILE_NAMES)('of a group called %j has lines and letters only', (name) => {
    const lines = reportLines(
      studySpec({ name: 'kaplan-meier', formula: 'Surv(t, y) ~ f', grid: [10] }, { title: name.toWellFormed().slice(0, 200) }),
      studyResult({ curves: { [`f=${name}`]: [point] } }),
    )
    for (const line of lines) expect(line).not.toMatch(/(?![\u200C\u200D])\p{C}/u)
  })
})
