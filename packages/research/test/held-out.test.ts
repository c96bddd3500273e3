import { describe, expect, it } from 'vitest'
import { resultOf } from '../src/study/result.ts'
import type { TextTable } from '../src/table/types.ts'
import { simulateStudy } from './study-run.ts'

/**
 * Rows kept aside, and columns standardized. Numbers are what R 4.2 prints for: i <- 0:149; fold <- i %% 4 == 0; site <- i %% 3;
 * z <- (7*i) %% 5; x <- (38*i*i + i) %% 7; y <- as.numeric((3*i*i + 38*i) %% 11 + x/7*6 > 9);
 * w <- (17*i*i + i) %% 7; t <- 1 + (5*i*i + 17*i) %% 29; e <- as.numeric((i*i + 17) %% 7 > 2).
 */
const ROWS = Array.from({ length: 150 }, (_, i) => {
  const x = (38 * i * i + i) % 7
  const y = Number(((3 * i * i + 38 * i) % 11) + (x / 7) * 6 > 9)
  const survival = { w: (17 * i * i + i) % 7, t: 1 + ((5 * i * i + 17 * i) % 29), e: Number((i * i + 17) % 7 > 2) }
  return { i, x, y, z: (7 * i) % 5, ...survival, fold: i % 4 === 0 ? 'test' : 'train', g: i % 12 === 0 ? 'rare' : i % 2 === 1 ? 'b' : 'a' }
})
const HEADER = ['x', 'y', 'z', 'w', 't', 'e', 'fold', 'g'] as const
const files: readonly TextTable[] = [0, 1, 2].map((site) => ({
  header: HEADER,
  rows: ROWS.filter(({ i }) => i % 3 === site).map((row) => HEADER.map((name) => String(row[name]))),
}))
const COLUMNS = { x: 'number', y: 'number', z: 'number', w: 'number', t: 'number', e: 'number', g: 'factor' }
const SPLIT = { column: 'fold', test: 'test' }

const glm = (formula: string, more: object = {}) =>
  simulateStudy({ columns: COLUMNS, split: SPLIT, method: { name: 'glm', family: 'binomial', formula }, ...more }, files)

function cox(formula: string, more: object = {}, of = files) {
  const { answer } = simulateStudy({ columns: COLUMNS, split: SPLIT, method: { name: 'cox', formula }, ...more }, of)
  if (answer.kind !== 'cox') throw new Error('expected a Cox model')
  return answer
}

describe('rows that are kept aside', () => {
  it('of which a level is unknown are left out: the study does not fail of them, and their site tells the others', () => {
    // Test rows of the first site are all `rare`.
    const { judged } = glm('y ~ x + g')
    expect(judged.map((one) => one?.n ?? null)).toEqual([null, 13, 12])
    expect(glm('y ~ x').judged.map((one) => one?.n ?? null)).toEqual([13, 13, 12])
  })

  it.each([
    // glm(y ~ x + z, binomial, subset = !fold), columns as they are, by scale() of all and of each site; mean((predict(…) >= 0.5) == y) by site
    ['none', [-3.6893228742824, 0.84035359256144, 0.20559655436526]],
    ['global', [-1.6162606846161, 1.2015355291822, 0.29204093302742]],
    ['site', [-1.6177225638006, 1.2144791418357, 0.29688755063364]],
  ])('are judged by columns that are standardized as those of the fit: %s', (standardize, wanted) => {
    const { answer, judged } = glm('y ~ x + z', { standardize })
    if (answer.kind !== 'glm') throw new Error('expected a glm')
    wanted.forEach((one, i) => expect(answer.glm.coefficients[i]?.estimate).toBeCloseTo(one, 10))
    expect(judged.slice(1).map((one) => one?.accuracy.toFixed(10))).toEqual(['0.7692307692', '0.7500000000'])
  })

  it('are those of the level at every site, however the site writes it', () => {
    const written = [
      ['1', '0'],
      ['1.0', '0.0'],
      ['01', '2'],
    ]
    const folds = files.map(({ header, rows }, site) => ({
      header,
      rows: rows.map((row) => row.map((cell, at) => (header[at] === 'fold' ? (written[site]?.[cell === 'test' ? 0 : 1] ?? '') : cell))),
    }))
    const of = (kind: string) => ({
      columns: { ...COLUMNS, fold: kind },
      split: { column: 'fold', test: '1' },
      method: { name: 'glm', family: 'binomial', formula: 'y ~ x' },
    })
    for (const kind of ['number', 'factor'])
      expect(simulateStudy(of(kind), folds)).toMatchObject({ answer: { glm: { rows: 112 } }, judged: [{ n: 13 }, { n: 13 }, { n: 12 }] })
  })

  it('of a level that no row has are missed, rather than learned from', () => {
    expect(() => glm('y ~ x', { split: { column: 'fold', test: 'tset' } })).toThrow(
      'expected rows with `tset` in `fold` to keep aside, found none with a value in every column used, at any site',
    )
  })

  it('are none where nobody knows which they are: those rows are counted as missing, as are those kept aside without a value', () => {
    const torn = files.map(({ header, rows }, site) => ({
      header,
      rows: rows.map((row, i) => row.map((cell, at) => ((header[at] === 'fold' && i === site) || (header[at] === 'x' && i < 8) ? '' : cell))),
    }))
    const { counted } = simulateStudy({ columns: COLUMNS, split: SPLIT, method: { name: 'glm', family: 'binomial', formula: 'y ~ z' } }, torn).answer
    expect(counted).toEqual({ n: 112, missing: 3 })
    const both = simulateStudy({ columns: COLUMNS, split: SPLIT, method: { name: 'glm', family: 'binomial', formula: 'y ~ x' } }, torn)
    const kept = both.judged.reduce((sum, one) => sum + (one?.n ?? 0), 0)
    expect([both.answer.counted.missing, both.answer.counted.n + kept]).toEqual([24, 126])
  })

  it('are told by nobody below the minimum cell, and not judged by a model that says no yes or no', () => {
    const disclosure = { minimumCell: 13, maxParametersPerRow: 1 }
    expect(glm('y ~ x', { disclosure }).judged.map((one) => one?.n ?? null)).toEqual([13, 13, null])
    expect(glm('y ~ x', { method: { name: 'glm', family: 'gaussian', formula: 'y ~ x' } }).judged).toEqual([null, null, null])
  })
})

describe('a Cox model', () => {
  it('standardizes over all sites as scale() does', () => {
    // Z <- scale(cbind(w, z)[!fold, ]); coxph(Surv(t, e) ~ Z + strata(site))
    const answer = cox('Surv(t, e) ~ w + z', { standardize: 'global' })
    const { coefficients } = answer.cox
    ;[0.2058240957134, -0.031173465482418].forEach((one, i) => expect(coefficients[i]?.estimate).toBeCloseTo(one, 11))
    ;[0.12091907923888, 0.12090895989002].forEach((one, i) => expect(coefficients[i]?.se).toBeCloseTo(one, 11))
    // attributes(Z): without them nobody can use the coefficients.
    const scale = (mean: number, deviation: number) => ({ mean: expect.closeTo(mean, 12), deviation: expect.closeTo(deviation, 12) })
    expect(resultOf(answer, { rounds: 1, sites: [] }).standardization).toEqual({
      w: scale(1.97321428571429, 1.42979757547043),
      z: scale(2.01785714285714, 1.4204563589552),
    })
    expect(resultOf(cox('Surv(t, e) ~ w'), { rounds: 1, sites: [] }).standardization).toBe(null)
  })

  it('standardized over all sites tells a column that does not vary as it is', () => {
    const ones = files.map(({ header, rows }) => ({ header: [...header, 'one'], rows: rows.map((row) => [...row, '1']) }))
    const answer = cox('Surv(t, e) ~ w + one', { standardize: 'global', columns: { ...COLUMNS, one: 'number' } }, ones)
    expect(resultOf(answer, { rounds: 1, sites: [] }).standardization?.['one']).toEqual({ mean: 0, deviation: 1 })
  })

  it.each(['none', 'global', 'site'])('orders the rows kept aside, standardized or not: %s', (standardize) => {
    const { heldOut } = cox('Surv(t, e) ~ w + z', { standardize })
    // concordance(coxph(Surv(t, e) ~ w + z + strata(site), subset = !fold), newdata = …[fold, ])$concordance
    if (standardize !== 'site') expect(heldOut?.concordance).toBeCloseTo(0.56626506024096, 12)
    else expect(heldOut?.concordance).toBeGreaterThan(0.5)
  })

  it('tells nothing of them where there are none, few events, or a coefficient without end', () => {
    const { split: _, ...whole } = { split: SPLIT, columns: COLUMNS, method: { name: 'cox', formula: 'Surv(t, e) ~ w' } }
    expect(simulateStudy(whole, files).answer).toMatchObject({ kind: 'cox', heldOut: null })
    expect(cox('Surv(t, e) ~ w', { disclosure: { minimumCell: 30, maxParametersPerRow: 1 } }).heldOut).toBe(null)
    const early = files.map(({ rows, header }) => ({
      header,
      rows: rows.map((row) => [...row.slice(0, 3), String(Number(Number(row[4]) < 5)), ...row.slice(4)]),
    }))
    const found = cox('Surv(t, e) ~ w', { columns: { ...COLUMNS, e: 'number' } }, early)
    expect(found.cox.coefficients[0]?.kind).toBe('infinite')
    expect(found.heldOut).toBe(null)
  })

  it('leaves out rows with a level that no training row has', () => {
    const { heldOut } = cox('Surv(t, e) ~ w + g')
    expect(heldOut?.concordance).toBeGreaterThan(0)
  })
})
