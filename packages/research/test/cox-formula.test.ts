import { expect, it } from 'vitest'
import { columnsOf, parseFormula } from '../src/formula/parse.ts'
import { levelsFit } from '../src/levels/levels.ts'
import { MAX_ROUNDS } from '../src/limits.ts'
import { columnsWithLevels, createDesign, namesOf } from '../src/matrix/design.ts'
import { matrixOf, strataOf, survivalOf } from '../src/matrix/matrix.ts'
import { runInTheClear } from '../src/rounds/types.ts'
import { coxFit } from '../src/survival/cox.ts'
import { readTable } from '../src/table/read.ts'
import type { ColumnKinds, TextTable } from '../src/table/types.ts'
import { estimate, type Row } from './cox-reference.ts'

const kinds: ColumnKinds = new Map([
  ['weeks', 'number'],
  ['relapse', 'number'],
  ['age', 'number'],
  ['stage', 'factor'],
  ['ward', 'factor'],
])
const STAGES = ['I', 'II', 'III']
const header = [...kinds.keys()]

/** Made up; the third stage is at one site only, and each site has its own wards. */
const rowsOf = (site: number): readonly (readonly string[])[] =>
  Array.from({ length: 60 }, (_, i) => [
    `${(i * 17 + site * 5) % 41}`,
    `${Number((i * i) % 7 > 1)}`,
    `${40 + ((i * 13) % 29)}`,
    STAGES[site === 0 ? i % 3 : i % 2] ?? '',
    `${site}${i % 2}`,
  ])
const files: readonly TextTable[] = [0, 1, 2].map((site) => ({ header, rows: rowsOf(site) }))

it('a formula over three files becomes the stratified model of all rows, with the levels that no site knew alone', () => {
  const formula = parseFormula('Surv(weeks, relapse) ~ age + stage + strata(ward)', kinds)
  const tables = files.map((file) => readTable(file, kinds, columnsOf(formula)))
  const found = runInTheClear(levelsFit(columnsWithLevels(formula, kinds), 10), tables, MAX_ROUNDS)
  const design = createDesign(formula, kinds, new Map(found.map(({ column, levels }) => [column, levels])))
  const names = namesOf(design)
  expect(names).toEqual(['age', 'stageII', 'stageIII'])
  const sites = tables.map((table) => ({ ...survivalOf(design, table), x: matrixOf(design, table).x, strata: strataOf(design, table), columns: names.length }))
  const { coefficients } = runInTheClear(coxFit({ names, ties: 'efron', ridge: 0, minimumCell: 10 }), sites, MAX_ROUNDS)
  const pooled = files.flatMap(({ rows }, site) =>
    rows.map(
      ([weeks, relapse, age, stage, ward]): Row => ({
        site,
        stratum: Number(ward),
        time: Number(weeks),
        event: Number(relapse),
        x: [Number(age), Number(stage === 'II'), Number(stage === 'III')],
      }),
    ),
  )
  const wanted = estimate(pooled, 3, 'efron')
  coefficients.forEach(({ estimate, se }, i) => {
    expect(estimate).toBeCloseTo(wanted.beta[i] ?? NaN, 9)
    expect(se).toBeCloseTo(wanted.se[i] ?? NaN, 9)
  })
})
