import type { OrganizationId } from '@fiducia/core'
import type { GlmResult } from '../models/glm-model.ts'
import type { Description } from '../statistics/describe.ts'
import type { ContingencyTable, Histogram } from '../statistics/tables.ts'
import type { CoxResult, Test } from '../survival/cox-types.ts'
import type { CurvePoint } from '../survival/kaplan-meier.ts'
import { cardOf } from './card.ts'
import { reachOf } from './interval.ts'
import type { StudyAnswer } from './program.ts'
import type { StudySpec } from './spec.ts'

/** What a study found, as it is printed and kept: `result.json` of its bundle. Fields that do not apply are null. */
export interface StudyResult {
  readonly n: number
  readonly excluded: { readonly missing: number }
  readonly sites: readonly { readonly name: string; readonly rows: number }[]
  readonly rounds: number
  readonly coefficients: Readonly<Record<string, ResultCoefficient>> | null
  /** Of a fit with `standardize: global`, by coefficient: a value enters as (value - mean) / deviation. */
  readonly standardization: Readonly<Record<string, { readonly mean: number; readonly deviation: number }>> | null
  readonly deviance: number | null
  readonly nullDeviance: number | null
  readonly loglik: number | null
  readonly aic: number | null
  readonly df: number | null
  readonly nullDf: number | null
  readonly dispersion: number | null
  /** Of a Cox model: rows with the event. */
  readonly events: number | null
  /** Times that coefficients were looked for. */
  readonly iterations: number | null
  /** Largest part of the last step, relative to the largest coefficient: what is left to find is about its square. */
  readonly lastStep: number | null
  readonly test: ResultTest | null
  readonly concordance: number | null
  readonly columns: readonly Description[] | null
  readonly table: ContingencyTable | null
  readonly histogram: Histogram | null
  /** By group, as `column=level`; `all` without groups. */
  readonly curves: Readonly<Record<string, readonly CurvePoint[]>> | null
  readonly logrank: Test | null
  readonly tests: CoxTests | null
  readonly epsilon: number
  readonly aborted: null
}

export interface ResultCoefficient {
  /** `aliased`: a combination of earlier columns (R's `NA`). `infinite`: of a Cox model whose likelihood grows as long as it does. Without figures then. */
  readonly kind: 'estimated' | 'aliased' | 'infinite'
  readonly estimate: number | null
  readonly se: number | null
  /** z; t where the dispersion is estimated. */
  readonly statistic: number | null
  readonly p: number | null
  /** 95 % interval, of the same distribution as p. */
  readonly lower: number | null
  readonly upper: number | null
}

/** Of all coefficients of a Cox model together. */
export interface CoxTests {
  readonly nullLoglik: number
  readonly likelihoodRatio: Test
  readonly score: Test
  readonly wald: Test | null
}

export interface ResultTest {
  readonly accuracy: number | null
  readonly bySite: Readonly<Record<string, { readonly accuracy: number; readonly n: number } | null>>
  readonly concordance: number | null
}

/** What is known beside the answer. */
export interface StudyTold {
  readonly rounds: number
  /** In the order of their names. */
  readonly sites: readonly ({ readonly name: OrganizationId } & SiteFigures)[]
}

/** What a site tells of itself once the study is done. */
export interface SiteFigures {
  /** At least the minimum cell: below it the site has no part in the study. */
  readonly rows: number
  /** How the model does on rows that it did not learn from; null without such rows, or with fewer than the minimum cell. */
  readonly test: null | { readonly n: number; readonly accuracy: number }
}

/** The bytes of `result.json` and `card.json`: everybody who has the answer and was told the same writes the same. */
export function writeStudy(spec: StudySpec, answer: StudyAnswer, told: StudyTold): { readonly result: string; readonly card: string } {
  const result = resultOf(answer, told)
  return { result: jsonText(result), card: jsonText(cardOf(spec, result)) }
}

const jsonText = (value: object): string => `${JSON.stringify(value, null, 1)}\n`

export function resultOf(answer: StudyAnswer, { rounds, sites }: StudyTold): StudyResult {
  const { n, missing } = answer.counted
  const told = { n, excluded: { missing }, sites: sites.map(({ name, rows }) => ({ name, rows })), rounds }
  return { ...NOTHING, ...told, ...found(answer), test: testOf(answer, sites) }
}

const NOTHING = {
  coefficients: null,
  standardization: null,
  deviance: null,
  nullDeviance: null,
  loglik: null,
  aic: null,
  df: null,
  nullDf: null,
  dispersion: null,
  events: null,
  iterations: null,
  lastStep: null,
  concordance: null,
  columns: null,
  table: null,
  histogram: null,
  curves: null,
  logrank: null,
  tests: null,
  epsilon: 0,
  aborted: null,
} as const

function found(answer: StudyAnswer): Partial<StudyResult> {
  switch (answer.kind) {
    case 'count':
      return {}
    case 'describe':
      return { columns: answer.columns }
    case 'table':
      return { table: answer.table }
    case 'histogram':
      return { histogram: answer.histogram }
    case 'glm':
      return ofGlm(answer.glm)
    case 'cox':
      return ofCox(answer.cox, answer.scaling)
    case 'kaplan-meier': {
      const { column, curves } = answer
      const named = curves.curves.map(({ group, points }) => [group === null ? 'all' : `${column}=${group}`, points] as const)
      const test = curves.logRank
      return { curves: Object.fromEntries(named), logrank: test === null ? null : { chisq: test.chisq, df: test.df, p: test.p } }
    }
  }
}

function ofGlm({ coefficients, logLikelihood, ...glm }: GlmResult): Partial<StudyResult> {
  const { deviance, nullDeviance, df, nullDf, dispersion, aic, iterations, lastStep } = glm
  const reach = reachOf(glm.family === 'gaussian' && df > 0 ? df : undefined)
  const named = byName(coefficients, (one) => withInterval(one.estimate === null ? 'aliased' : 'estimated', one, reach))
  const figures = { deviance, nullDeviance, loglik: logLikelihood, aic, df, nullDf, dispersion, iterations, lastStep }
  return { coefficients: named, standardization: standardizationOf(coefficients, glm.standardization), ...figures }
}

interface Scaling {
  readonly mean: ArrayLike<number>
  readonly deviation: ArrayLike<number>
}

/** A column that does not vary is told as it is. */
function standardizationOf(coefficients: readonly { readonly name: string }[], scaling: Scaling | null): StudyResult['standardization'] {
  if (scaling === null) return null
  const { mean, deviation } = scaling
  return byName(coefficients, (_, i) => (deviation[i] === 0 ? { mean: 0, deviation: 1 } : { mean: mean[i] ?? 0, deviation: deviation[i] ?? 1 }))
}

function ofCox({ coefficients, logLikelihood, nullLogLikelihood, ...cox }: CoxResult, scaling: Scaling | null): Partial<StudyResult> {
  const { df, events, iterations, lastStep, concordance, likelihoodRatioTest, scoreTest, waldTest } = cox
  const named = byName(coefficients, ({ kind, z, ...one }) => withInterval(kind, { ...one, statistic: z }, reachOf(undefined)))
  const tests = { nullLoglik: nullLogLikelihood, likelihoodRatio: likelihoodRatioTest, score: scoreTest, wald: waldTest }
  const figures = { loglik: logLikelihood, df, events, iterations, lastStep, concordance: concordance?.concordance ?? null }
  return { coefficients: named, standardization: standardizationOf(coefficients, scaling), tests, ...figures }
}

/** A column `sexmale` and the level `male` of `sex` have one name in R; the second is told as `sexmale.1`, as R's `make.unique` has it. */
function byName<Named extends { readonly name: string }, T>(all: readonly Named[], valueOf: (one: Named, i: number) => T): Readonly<Record<string, T>> {
  const names = new Set(all.map(({ name }) => name))
  const taken = new Set<string>()
  const unique = all.map(({ name }) => {
    let [free, next] = [name, 1]
    while (taken.has(free) || (free !== name && names.has(free))) free = `${name}.${next++}`
    taken.add(free)
    return free
  })
  return Object.fromEntries(all.map((one, i) => [unique[i] ?? one.name, valueOf(one, i)]))
}

type Figures = Pick<ResultCoefficient, 'estimate' | 'se' | 'statistic' | 'p'>

function withInterval(kind: ResultCoefficient['kind'], { estimate, se, statistic, p }: Figures, reach: number): ResultCoefficient {
  const interval = estimate === null || se === null ? { lower: null, upper: null } : { lower: estimate - reach * se, upper: estimate + reach * se }
  return { kind, estimate, se, statistic, p, ...interval }
}

/** Shares of all test rows whose sites tell theirs, where outcomes are 0 and 1; of a Cox model how it orders them, by a sum over all sites. */
function testOf(answer: StudyAnswer, sites: StudyTold['sites']): ResultTest | null {
  if (answer.kind === 'cox' && answer.heldOut !== null) return { accuracy: null, bySite: {}, concordance: answer.heldOut.concordance }
  const told = sites.flatMap(({ test }) => test ?? [])
  if (answer.kind !== 'glm' || answer.glm.family !== 'binomial' || told.length === 0) return null
  const n = told.reduce((sum, one) => sum + one.n, 0)
  const right = told.reduce((sum, one) => sum + one.accuracy * one.n, 0)
  const bySite = Object.fromEntries(sites.map(({ name, test }) => [name, test]))
  return { accuracy: right / n, bySite, concordance: null }
}
