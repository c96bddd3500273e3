import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createGlm } from '../src/models/glm.ts'
import type { FamilyName } from '../src/models/glm-families.ts'
import type { GlmData, GlmOptions, GlmResult } from '../src/models/glm-model.ts'
import { predictGlm } from '../src/models/glm-predict.ts'
import { runInTheClear } from '../src/rounds/types.ts'
import { type Problem, splitRows, studyOf } from './glm-cases.ts'
import { type Reference, referenceFit } from './glm-reference.ts'
import { dataOf, fitStudy, runInFixedPoint, type Study } from './glm-study.ts'

const families: readonly FamilyName[] = ['gaussian', 'binomial', 'poisson']
const FORMULAS = ['y ~ x + z', 'y ~ x*f', 'y ~ f + g + x:g', 'y ~ f:g', 'y ~ x + f - 1', 'y ~ x + z - 1', 'y ~ 1', 'y ~ factor(k) + z', 'y ~ (x + z + g)^2']
const ALIASED = [
  'y ~ x + twice',
  'y ~ f + x + sum + z',
  'y ~ constant + x',
  'y ~ zero + x - 1',
  'y ~ x + twice + f + g:f',
  'y ~ x + x:f - 1',
  'y ~ sum + x + z',
]
const problem: fc.Arbitrary<Problem> = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 30 }),
  rows: fc.integer({ min: 60, max: 150 }),
  sites: fc.integer({ min: 3, max: 6 }),
  family: fc.constantFrom(...families),
  formula: fc.constantFrom(...FORMULAS, ...ALIASED),
})

function near(found: number | null | undefined, expected: number | null | undefined, tolerance: number): void {
  if (typeof expected === 'number') expect(Math.abs((found ?? Number.NaN) - expected) / (1 + Math.abs(expected))).toBeLessThan(tolerance)
  else expect(found).toBe(null)
}

function agree(fit: GlmResult, reference: Reference, tolerance = 1e-9): void {
  fit.coefficients.forEach(({ estimate, se }, i) => {
    near(estimate, reference.estimates[i], tolerance)
    near(se, reference.se[i], tolerance * 10)
  })
  near(fit.deviance, reference.deviance, tolerance)
  near(fit.nullDeviance, reference.nullDeviance, tolerance)
}

const rowsOf = ({ sites }: { readonly sites: readonly GlmData[] }) =>
  sites.flatMap(({ x, y, columns }) => Array.from(y, (_, i) => [...x.subarray(i * columns, (i + 1) * columns)]))
const outcomesOf = ({ sites }: { readonly sites: readonly GlmData[] }) => sites.flatMap(({ y }) => [...y])

function pooled(study: Study, family: FamilyName, ridge = 0): Reference {
  const data = dataOf(study)
  return referenceFit({ family, rows: rowsOf(data), y: outcomesOf(data), intercept: data.names[0] === '(Intercept)', ridge })
}

/** Small groups of rows can all have the same outcome: then there is no fit, and R's errors are huge. */
function fitIfItExists(study: Study, family: FamilyName): GlmResult | undefined {
  try {
    return fitStudy(study, { family })
  } catch (error) {
    expect(error).toMatchObject({ code: 'STUDY_DATA', message: expect.stringContaining('separation') })
    return undefined
  }
}

describe('a GLM over sites', () => {
  it('is the pooled one: estimates, standard errors, deviances, aliased columns', () => {
    fc.assert(
      fc.property(problem, (one) => {
        const study = studyOf(one)
        const reference = pooled(study, one.family)
        const fit = fitIfItExists(study, one.family)
        if (fit === undefined) expect(Math.max(...reference.se.map((se) => se ?? 0))).toBeGreaterThan(100)
        else agree(fit, reference)
      }),
      { numRuns: 150 },
    )
  })

  it('does not depend on who has which rows, nor on the order of sites', () => {
    fc.assert(
      fc.property(problem, fc.integer({ min: 3, max: 6 }), (one, sites) => {
        const study = studyOf(one)
        const fit = fitIfItExists(study, one.family)
        if (fit === undefined) return
        const other = fitStudy({ ...study, sites: splitRows(study.sites, sites) }, { family: one.family })
        const reversed = fitStudy({ ...study, sites: [...study.sites].reverse() }, { family: one.family })
        fit.coefficients.forEach(({ estimate, se }, i) => {
          near(other.coefficients[i]?.estimate, estimate, 1e-9)
          near(reversed.coefficients[i]?.estimate, estimate, 1e-10)
          near(other.coefficients[i]?.se, se, 1e-8)
        })
      }),
      { numRuns: 60 },
    )
  })

  it('is the same through sums as masks carry them', () => {
    fc.assert(
      fc.property(problem, (one) => {
        const data = dataOf(studyOf(one))
        const fit = createGlm({ family: one.family, names: data.names })
        if (fitIfItExists(studyOf(one), one.family) === undefined) return
        const clear = runInTheClear(fit, data.sites, 50)
        const { result, rounds } = runInFixedPoint(fit, data.sites)
        result.coefficients.forEach(({ estimate }, i) => near(estimate, clear.coefficients[i]?.estimate ?? null, 1e-10))
        expect(rounds).toBeLessThan(20)
      }),
      { numRuns: 40 },
    )
  })

  it('with a ridge is the pooled one with rows that pull each coefficient but the intercept to 0', () => {
    fc.assert(
      fc.property(problem, fc.constantFrom(0.01, 1, 50), (one, ridge) => {
        const study = studyOf({ ...one, formula: 'y ~ x + z + f' })
        agree(fitStudy(study, { family: one.family, ridge }), pooled(study, one.family, ridge), 1e-8)
      }),
      { numRuns: 40 },
    )
  })

  it('standardized over all sites is the pooled one of standardized columns', () => {
    fc.assert(
      fc.property(problem, fc.constantFrom(0, 2), (one, ridge) => {
        const data = dataOf(studyOf({ ...one, formula: 'y ~ x + z*f' }))
        const rows = rowsOf(data)
        const fit = runInTheClear(createGlm({ family: one.family, names: data.names, standardize: 'global', ridge }), data.sites, 50)
        agree(fit, referenceFit({ family: one.family, rows: standardized(rows), y: outcomesOf(data), intercept: true, ridge }), 1e-8)
        expect(fit.standardization?.deviation[0]).toBe(1)
      }),
      { numRuns: 40 },
    )
  })
})

function standardized(rows: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const columns = (rows[0] ?? []).map((_, j) => rows.map((row) => row[j] ?? 0))
  const moments = columns.map((column) => {
    const mean = column.reduce((sum, one) => sum + one, 0) / column.length
    return { mean, deviation: Math.sqrt(column.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (column.length - 1)) }
  })
  return rows.map((row) => row.map((value, j) => (j === 0 ? 1 : (value - (moments[j]?.mean ?? 0)) / (moments[j]?.deviation ?? 1))))
}

describe('what a model expects of rows', () => {
  it.each(families)("%s: the same on either scale, and with the outcomes' sum", (family) => {
    const data = dataOf(studyOf({ seed: 7, rows: 90, sites: 3, family, formula: 'y ~ x + twice + f' }))
    const fitOf = (standardize: 'none' | 'global') => runInTheClear(createGlm({ family, names: data.names, standardize }), data.sites, 50)
    const x = Float64Array.from(rowsOf(data).flat())
    const [plain, scaled] = [predictGlm(fitOf('none'), x), predictGlm(fitOf('global'), x)]
    plain.forEach((mean, i) => near(scaled[i], mean, 1e-10))
    // With an intercept and the canonical link, the score equation of the intercept says that means and outcomes have the same sum.
    near(
      plain.reduce((sum, one) => sum + one, 0),
      outcomesOf(data).reduce((sum, one) => sum + one, 0),
      1e-10,
    )
  })
})

describe('columns far from 0 and of odd size', () => {
  const fitOf = (family: FamilyName, x: readonly number[], y: readonly number[], options: Partial<GlmOptions> = {}) => {
    const sites = [0, 1, 2].map((site) => {
      const mine = x.flatMap((one, i) => (i % 3 === site ? [{ x: one, y: y[i] ?? 0 }] : []))
      return { x: Float64Array.from(mine.flatMap((one) => [1, one.x])), y: Float64Array.from(mine, (one) => one.y), columns: 2 }
    })
    return runInFixedPoint(createGlm({ family, names: ['(Intercept)', 'x'], ...options }), sites)
  }
  const base = Array.from({ length: 90 }, (_, i) => Math.sin(i * i))
  const linear = base.map((one, i) => 3 + 2 * one + Math.cos(7 * i))
  const binary = base.map((one, i) => Number(one + Math.cos(7 * i) > 0.2))

  it.each([
    [1e6, 1],
    [5e6, 1],
    [-1e9, 1e3],
    [0, 1e-6],
    [0, 1e-12],
    [1e-6, 1e-9],
    [0, 1e8],
    [2000, 0.01],
  ])('%d ± %d give the slope of 0 ± 1, in their unit', (middle, spread) => {
    const x = base.map((one) => middle + spread * one)
    // The slope of the numbers as doubles hold them: the middle takes digits away before any fit sees them.
    const seen = x.map((one) => (one - middle) / spread)
    for (const [family, y] of [
      ['gaussian', linear],
      ['binomial', binary],
    ] as const) {
      const plain = fitOf(family, seen, y).result.coefficients[1]
      const { result, rounds } = fitOf(family, x, y)
      near((result.coefficients[1]?.estimate ?? Number.NaN) * spread, plain?.estimate, 1e-9)
      near((result.coefficients[1]?.se ?? Number.NaN) * spread, plain?.se, 1e-9)
      expect(rounds).toBeLessThan(14)
    }
  })

  it('aliased far from 0 as R has it: by what is left of a column relative to its raw length', () => {
    const rows = base.map((one, i) => [1, 1e4 + one, 1e4 + Math.cos(5 * i), 2e4 + one + Math.cos(5 * i) + 1e-7 * Math.sin(11 * i)])
    const near0 = rows.map((row) => row.map((one, j) => (j === 0 ? one : one - (j === 3 ? 2e4 : 1e4))))
    const names = ['(Intercept)', 'a', 'b', 'c']
    for (const some of [rows, near0]) {
      const sites = [0, 1, 2].map((site) => {
        const mine = some.map((row, i) => ({ row, y: linear[i] ?? 0 })).filter((_, i) => i % 3 === site)
        return { x: Float64Array.from(mine.flatMap(({ row }) => row)), y: Float64Array.from(mine, ({ y }) => y), columns: 4 }
      })
      const reference = referenceFit({ family: 'gaussian', rows: some, y: linear, intercept: true })
      expect(reference.estimates.map((one) => one === null)).toEqual([false, false, false, some === rows])
      agree(runInTheClear(createGlm({ family: 'gaussian', names }), sites, 50), reference, 1e-6)
    }
  })

  it('outcomes of any unit are fitted in it', () => {
    for (const unit of [1e-9, 1e6, 1e8]) {
      const { result } = fitOf(
        'gaussian',
        base,
        linear.map((one) => unit * (one + 1000)),
      )
      const plain = fitOf('gaussian', base, linear).result
      near((result.coefficients[1]?.estimate ?? Number.NaN) / unit, plain.coefficients[1]?.estimate, 1e-9)
      near(result.deviance / unit / unit, plain.deviance, 1e-9)
    }
  })

  it('a column that R takes for constant is aliased, and one beyond all sums is refused by name', () => {
    expect(
      fitOf(
        'gaussian',
        base.map((one) => 3e11 + one),
        linear,
      ).result.coefficients[1]?.estimate,
    ).toBe(null)
    expect(
      fitOf(
        'gaussian',
        base.map(() => 0.1),
        linear,
        { standardize: 'global' },
      ).result.coefficients[1]?.estimate,
    ).toBe(null)
    for (const large of [1e300, 1e13, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() =>
        fitOf(
          'gaussian',
          base.map((one, i) => (i === 5 ? large : one)),
          linear,
        ),
      ).toThrow(expect.objectContaining({ code: 'STUDY_RANGE', message: expect.stringContaining('`x`') }))
    }
  })
})

describe('what has no fit', () => {
  const site = (y: readonly number[], x: readonly number[] = y.map((_, i) => i)): GlmData => ({
    x: Float64Array.from(x.flatMap((one) => [1, one])),
    y: Float64Array.from(y),
    columns: 2,
  })
  const fitOf = (family: FamilyName, sites: readonly GlmData[], ridge = 0) =>
    runInFixedPoint(createGlm({ family, names: ['(Intercept)', 'x'], ridge }), sites).result

  it.each<[string, FamilyName, readonly GlmData[], string]>([
    ['no rows', 'gaussian', [site([]), site([])], 'found none over all sites'],
    ['one number as outcome', 'gaussian', [site([3, 3]), site([3])], 'an outcome that varies'],
    ['no events', 'binomial', [site([0, 0]), site([0])], 'rows with outcome 0 and rows with outcome 1'],
    ['only events', 'binomial', [site([1, 1]), site([1])], 'rows with outcome 0 and rows with outcome 1'],
    ['no counts', 'poisson', [site([0, 0]), site([0])], 'counts above 0, found none'],
    ['another outcome than 0 and 1', 'binomial', [site([0, 1, 2])], 'expected 0 or 1'],
    ['half a count', 'poisson', [site([0, 1, 0.5])], 'a whole number from 0'],
    [
      'complete separation',
      'binomial',
      [site([0, 0, 1, 1], [1, 2, 3, 4]), site([0, 1], [0, 5])],
      'those of `x` still growing: they tell the outcome of some rows for certain (separation)',
    ],
    ['quasi-separation', 'binomial', [site([0, 1, 0, 1], [0, 0, 0, 0]), site([1, 1, 1], [1, 1, 1])], '(separation)'],
    ['a group without counts', 'poisson', [site([2, 1, 3], [0, 0, 0]), site([0, 0], [1, 1])], '(separation)'],
  ])('%s: refused in words', (_, family, sites, message) => {
    expect(() => fitOf(family, sites)).toThrow(expect.objectContaining({ code: 'STUDY_DATA', message: expect.stringContaining(message) }))
  })

  it('separation is found where it is, and only there', () => {
    const row = fc.record({ x: fc.integer({ min: -3, max: 3 }), y: fc.constantFrom(0, 1) })
    fc.assert(
      fc.property(fc.array(row, { minLength: 4, maxLength: 30 }), (rows) => {
        const of = (y: number) => rows.filter((one) => one.y === y).map(({ x }) => x)
        const [no, yes] = [of(0), of(1)]
        fc.pre(no.length > 0 && yes.length > 0 && new Set([...no, ...yes]).size > 1)
        const separated = Math.max(...no) <= Math.min(...yes) || Math.max(...yes) <= Math.min(...no)
        const run = () =>
          fitOf('binomial', [
            site([]),
            site(
              rows.map(({ y }) => y),
              rows.map(({ x }) => x),
            ),
          ])
        if (separated) expect(run).toThrow('separation')
        else expect(Math.abs(run().coefficients[1]?.estimate ?? Number.NaN)).toBeLessThan(20)
      }),
      { numRuns: 400 },
    )
  })

  it('a perfect line has no errors, and no likelihood', () => {
    const fit = fitOf('gaussian', [site([1, 3, 5], [0, 1, 2]), site([7, 9, 11], [3, 4, 5])])
    expect(fit.coefficients.map(({ estimate }) => estimate?.toFixed(12))).toEqual(['1.000000000000', '2.000000000000'])
    expect(fit.deviance).toBeLessThan(1e-25)
  })

  it('steps of R that lead astray are taken again with care: counts of hundreds as often on the one side of 0 as on the other', () => {
    const [x, y] = [Float64Array.of(-1, 1, -1, 1, -1, 1, 1), Float64Array.of(900, 800, 700, 900, 800, 700, 300)]
    const { result, rounds } = runInFixedPoint(createGlm({ family: 'poisson', names: ['x'] }), [{ x, y, columns: 1 }])
    // Four rows have the mean e^b, three e^-b: 4e^b - 3e^-b is as much as their counts differ by, 2700 - 2400.
    expect(result.coefficients[0]?.estimate).toBeCloseTo(Math.log((300 + Math.sqrt(300 ** 2 + 4 * 4 * 3)) / 8), 8)
    expect(rounds).toBeLessThan(30)
  })

  it('separation with a ridge has a fit', () => {
    const fit = fitOf('binomial', [site([0, 0, 1, 1], [1, 2, 3, 4]), site([0, 1], [0, 5])], 0.1)
    expect(fit.coefficients[1]?.estimate).toBeGreaterThan(0)
  })

  it('a site without rows changes nothing, and one that comes or goes between rounds is noticed', () => {
    const [a, b] = [site([1, 2, 4, 3]), site([0, 5, 2])]
    expect(fitOf('poisson', [a, b, site([])])).toEqual(fitOf('poisson', [a, b]))
    const fit = createGlm({ family: 'poisson', names: ['(Intercept)', 'x'] })
    const first = fit.next(fit.start, fit.contribute(a, fit.start))
    if (first.done) throw new Error('expected another round')
    expect(() => fit.next(first.values, fit.contribute(b, first.values))).toThrow('expected the rows of the first round, found fewer')
  })

  it('options and rows of another shape are refused', () => {
    expect(() => createGlm({ family: 'gaussian', names: [] })).toThrow('at least one coefficient')
    for (const ridge of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => createGlm({ family: 'gaussian', names: ['x'], ridge })).toThrow('expected a ridge from 0')
    const fit = createGlm({ family: 'gaussian', names: ['x'] })
    expect(() => fit.contribute(site([1, 2]), fit.start)).toThrow('expected rows of 1 numbers')
    for (const values of [[], [0], [2, ...fit.start.slice(1)], [...fit.start, 0], [1, 1, 1]]) {
      expect(() => fit.lengthOf(Float64Array.from(values))).toThrow(expect.objectContaining({ code: 'STUDY_ROUND' }))
    }
  })

  it('as many coefficients as rows leave nothing for errors', () => {
    const fit = fitOf('gaussian', [site([1], [0]), site([4], [2])])
    expect(fit.coefficients.map(({ estimate }) => estimate?.toFixed(9))).toEqual(['1.000000000', '1.500000000'])
    expect([fit.df, fit.dispersion, fit.coefficients[0]?.se]).toEqual([0, null, null])
  })
})
