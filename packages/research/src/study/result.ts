import type { OrganizationId } from '@fiducia/core'
import { cardOf } from './card.ts'
import type { StudyAnswer } from './program.ts'
import type { StudySpec } from './spec.ts'

/** What a study found, as it is printed and kept: `result.json` of its bundle. Fields that do not apply are null. */
export interface StudyResult {
  readonly n: number
  readonly excluded: { readonly missing: number | null }
  readonly sites: readonly { readonly name: string; readonly rows: number }[]
  readonly rounds: number
  readonly coefficients: Readonly<Record<string, ResultCoefficient>> | null
  readonly deviance: number | null
  readonly nullDeviance: number | null
  readonly loglik: number | null
  readonly df: number | null
  readonly dispersion: number | null
  readonly test: ResultTest | null
  readonly concordance: number | null
  readonly columns: readonly object[] | null
  readonly table: object | null
  readonly histogram: object | null
  readonly curves: Readonly<Record<string, readonly object[]>> | null
  readonly logrank: { readonly chisq: number; readonly df: number; readonly p: number } | null
  readonly tests: object | null
  readonly epsilon: number
  readonly aborted: null
}

export interface ResultCoefficient {
  readonly estimate: number | null
  readonly se: number | null
  readonly statistic: number | null
  readonly p: number | null
}

interface ResultTest {
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
  deviance: null,
  nullDeviance: null,
  loglik: null,
  df: null,
  dispersion: null,
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
    case 'glm': {
      const { coefficients, deviance, nullDeviance, df, dispersion, logLikelihood } = answer.glm
      const named = coefficients.map(({ name, estimate, se, statistic, p }) => [name, { estimate, se, statistic, p }] as const)
      return { coefficients: Object.fromEntries(named), deviance, nullDeviance, df, dispersion, loglik: logLikelihood }
    }
    case 'cox': {
      const { coefficients, logLikelihood, nullLogLikelihood, df, likelihoodRatioTest, scoreTest, waldTest, concordance } = answer.cox
      const named = coefficients.map(({ name, estimate, se, z, p }) => [name, { estimate, se, statistic: z, p }] as const)
      const tests = { nullLoglik: nullLogLikelihood, likelihoodRatio: likelihoodRatioTest, score: scoreTest, wald: waldTest }
      return { coefficients: Object.fromEntries(named), loglik: logLikelihood, df, tests, concordance: concordance?.concordance ?? null }
    }
    case 'kaplan-meier': {
      const { column, curves } = answer
      const named = curves.curves.map(({ group, points }) => [group === null ? 'all' : `${column}=${group}`, points] as const)
      const test = curves.logRank
      return { curves: Object.fromEntries(named), logrank: test === null ? null : { chisq: test.chisq, df: test.df, p: test.p } }
    }
  }
}

/** Shares of all test rows whose sites tell theirs. */
function testOf(answer: StudyAnswer, sites: StudyTold['sites']): ResultTest | null {
  const told = sites.flatMap(({ test }) => test ?? [])
  if (answer.kind !== 'glm' || told.length === 0) return null
  const n = told.reduce((sum, one) => sum + one.n, 0)
  const right = told.reduce((sum, one) => sum + one.accuracy * one.n, 0)
  const bySite = Object.fromEntries(sites.map(({ name, test }) => [name, test]))
  return { accuracy: right / n, bySite, concordance: null }
}
