import { describe, expect, it } from 'vitest'
import { checkDifferencing, checkLevels, checkMinimumCell, checkParameters, checkStatistic } from '../src/disclosure/rules.ts'
import { enforce } from '../src/disclosure/ruling.ts'
import { parseFormula } from '../src/formula/parse.ts'
import { countLevels } from '../src/levels/codes.ts'
import { levelsFit } from '../src/levels/levels.ts'
import { MAX_ROUNDS } from '../src/limits.ts'
import { createDesign } from '../src/matrix/design.ts'
import { runInTheClear } from '../src/rounds/types.ts'
import { countFit, describeFit } from '../src/statistics/describe.ts'
import { histogramFit, tableFit } from '../src/statistics/tables.ts'
import { coxFit } from '../src/survival/cox.ts'
import { kaplanMeierFit } from '../src/survival/kaplan-meier.ts'
import type { ColumnKinds, Table } from '../src/table/types.ts'

const policy = { minimumCell: 10, maxParametersPerRow: 0.1 }
const kinds: ColumnKinds = new Map([
  ['y', 'number'],
  ['x', 'number'],
  ['id', 'factor'],
])

/** Made up: `x` counts, `y` swings, `event` is every second row, `id` is another for every row. */
function siteOf(rows: number, from = 0): Table {
  const numbers = (valueOf: (i: number) => number) => ({ kind: 'number' as const, values: Float64Array.from({ length: rows }, (_, i) => valueOf(from + i)) })
  const id = { kind: 'factor' as const, levels: Array.from({ length: rows }, (_, i) => `p${from + i}`), codes: Uint32Array.from({ length: rows }, (_, i) => i) }
  const columns = new Map<string, ReturnType<typeof numbers> | typeof id>([
    ['x', numbers((i) => i)],
    ['y', numbers((i) => Math.sin(i))],
    ['event', numbers((i) => i % 2)],
    ['id', id],
  ])
  return { rows, columns, missing: 0 }
}

describe('reconstruction from covariances', () => {
  it.each(['I(x == 3)', 'x[1]', 'c(1, 0, 0)', 'x > 2', 'poly(x, 2)', 'x + 3', 'ifelse(x, 1, 0)', 'x * (y > 0)', '.', 'offset(x)', 'x %in% 3'])(
    'a study cannot build a vector: `y ~ %s` is no formula',
    (right) => expect(() => parseFormula(`y ~ ${right}`, kinds)).toThrow(expect.objectContaining({ code: 'STUDY_FORMULA' })),
  )

  it('a study cannot name a column that it did not declare, or a statistic with weights', () => {
    expect(() => parseFormula('y ~ weights', kinds)).toThrow('weights')
    for (const name of ['cov(x, v)', 'sum(x * v)', 'v', '']) expect(() => enforce(checkStatistic(name))).toThrow('rule `caller-vectors`')
  })

  it('a factor that picks out rows is refused at the site, and otherwise by its sums', () => {
    const sites = [siteOf(40), siteOf(40, 40), siteOf(40, 80)]
    for (const site of sites) expect(() => enforce(checkLevels('id', countLevels(site, 'id').size, site.rows, policy))).toThrow('rule `levels-per-row`')
    expect(() => runInTheClear(levelsFit(['id'], policy.minimumCell), sites, MAX_ROUNDS)).toThrow('rule `minimum-cell`')
  })
})

describe('a saturated model', () => {
  it('has as many columns as rows, and is refused before anything is computed', () => {
    const design = createDesign(parseFormula('y ~ id', kinds), kinds, new Map([['id', [...countLevels(siteOf(100), 'id').keys()]]]))
    expect(design.columns).toHaveLength(100)
    expect(() => enforce(checkParameters(design.columns.length, 100, policy))).toThrow(
      'rule `parameters-per-row`: found 100 parameters, allowed are 0.1 for each row of this site',
    )
  })
})

describe('differencing by one patient', () => {
  const others = [siteOf(50, 100), siteOf(50, 200)]
  const meanOf = (rows: number) => runInTheClear(describeFit(['y'], policy.minimumCell), [siteOf(rows), ...others], 2)[0]
  const hashes = (rows: number) => new Set(Array.from({ length: rows }, (_, i) => `hash ${i}`))

  it('would tell the value of the one: this is what the rule is against', () => {
    const [before, after] = [meanOf(50), meanOf(51)]
    expect((after?.mean ?? 0) * (after?.n ?? 0) - (before?.mean ?? 0) * (before?.n ?? 0)).toBeCloseTo(Math.sin(50), 9)
  })

  it('is refused by the site, however the rest of the cohort changes', () => {
    const released = [hashes(50)]
    for (const rows of [49, 51, 59]) expect(() => enforce(checkDifferencing(hashes(rows), released, policy))).toThrow('rule `differencing`')
    for (const rows of [40, 50, 60]) expect(() => enforce(checkDifferencing(hashes(rows), released, policy))).not.toThrow()
  })
})

describe('a site with no rows, and a cohort of a single site', () => {
  const sites = [siteOf(200), siteOf(0), siteOf(0)]

  it('are refused at the sites that have none, though the total would do', () => {
    const rulings = sites.map(({ rows }) => checkMinimumCell({ 'rows at this site': rows }, policy).allowed)
    expect(rulings).toEqual([true, false, false])
  })

  it('break no fit: what is computed is that of the rows there are', () => {
    expect(runInTheClear(countFit(10), sites, 1).n).toBe(200)
    expect(runInTheClear(describeFit(['x'], 10), sites, 2)[0]?.mean).toBeCloseTo(99.5, 12)
    expect(runInTheClear(histogramFit('x', [-1, 99, 199], 10), sites, 1)).toMatchObject({ counts: [100, 100] })
    expect(
      runInTheClear(kaplanMeierFit({ time: 'x', event: 'event', group: null, grid: [50, 100], interval: 'log', minimumCell: 10 }), sites, 1).curves[0]?.rows,
    ).toBe(200)
  })

  it.each([
    ['count', () => runInTheClear(countFit(10), [siteOf(0), siteOf(0), siteOf(0)], 1)],
    ['describe', () => runInTheClear(describeFit(['x'], 10), [siteOf(0), siteOf(3), siteOf(6)], 2)],
    ['table', () => runInTheClear(tableFit({ column: 'event', levels: ['0', '1'] }, null, 10), [siteOf(0), siteOf(3), siteOf(6)], 1)],
    ['histogram', () => runInTheClear(histogramFit('x', [0, 1], 10), [siteOf(0), siteOf(3), siteOf(6)], 1)],
    [
      'kaplan-meier',
      () => runInTheClear(kaplanMeierFit({ time: 'x', event: 'event', group: null, grid: [5], interval: 'log', minimumCell: 10 }), [siteOf(0), siteOf(9)], 1),
    ],
    [
      'cox',
      () => {
        const empty = { time: new Float64Array(), event: new Float64Array(), x: new Float64Array(), columns: 1 }
        const few = { time: Float64Array.of(1, 2, 3), event: Float64Array.of(1, 0, 1), x: Float64Array.of(1, 2, 3), columns: 1 }
        return runInTheClear(coxFit({ names: ['x'], ties: 'efron', ridge: 0, minimumCell: 10 }), [few, empty, empty], MAX_ROUNDS)
      },
    ],
  ])('%s of too few rows in total tells nothing, and no number in its refusal', (_, run) => {
    expect(run).toThrow('rule `minimum-cell`')
    expect(run).not.toThrow(/\b9\b/)
  })
})
