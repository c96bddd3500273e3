import type { StudyResult, StudySpec } from '@fiducia/research'
import { figure, percent, pValue } from './figures.ts'
import { textRows, textTable } from './text-table.ts'

/** How well a model fits, and how sure it is that the iteration has ended. */
export const fitLines = (spec: StudySpec, result: StudyResult): readonly string[] => [...glmFit(spec, result), ...coxFit(result), ...convergence(result)]

function glmFit({ method }: StudySpec, { deviance, nullDeviance, df, nullDf, loglik, aic, dispersion }: StudyResult): readonly string[] {
  if (method.name !== 'glm' || deviance === null) return []
  return [
    ...figureRows([
      ['null deviance', figure(nullDeviance), `on ${nullDf} degrees of freedom`],
      ['residual deviance', figure(deviance), `on ${df} degrees of freedom`],
      ['log likelihood', figure(loglik), `AIC ${figure(aic)}`],
      ['dispersion', figure(dispersion), method.family === 'gaussian' ? 'the residual variance, estimated' : `fixed by the ${method.family} family`],
    ]),
    '',
  ]
}

function coxFit({ tests, loglik, df, n, events, concordance }: StudyResult): readonly string[] {
  if (tests === null) return []
  const { nullLoglik, likelihoodRatio, wald, score } = tests
  const all = [
    ['likelihood ratio test', likelihoodRatio],
    ['Wald test', wald],
    ['score (log-rank) test', score],
  ] as const
  const known = all.flatMap(([name, test]) => (test === null ? [] : [{ name, test }]))
  return [
    ...textTable([
      { heading: 'all coefficients together', cells: known.map(({ name }) => name), isWords: true },
      { heading: 'chi-square', cells: known.map(({ test }) => figure(test.chisq)) },
      { heading: 'df', cells: known.map(({ test }) => String(test.df)) },
      { heading: 'p', cells: known.map(({ test }) => pValue(test.p)) },
    ]),
    ...(wald === null ? ['There is no Wald test where a coefficient is infinite.'] : []),
    '',
    ...figureRows([
      ['events', String(events), `of ${n} rows`],
      ['log likelihood', figure(loglik), `with all coefficients 0: ${figure(nullLoglik)}; on ${df} degrees of freedom`],
      ...(concordance === null ? [] : [['concordance', figure(concordance), 'of pairs within a site and stratum; 0.5 is chance, 1 is perfect'] as const]),
    ]),
    '',
  ]
}

/** Name, figure and what is said beside it. */
const figureRows = (rows: readonly (readonly [string, string, string])[]): readonly string[] =>
  textRows(
    [{ cells: rows.map(([name]) => name), isWords: true }, { cells: rows.map(([, value]) => value) }, { cells: rows.map(([, , note]) => note), isWords: true }],
    Number.POSITIVE_INFINITY,
  )

/** A step of Newton's method is about the square of the one before it. */
function convergence({ iterations, lastStep, coefficients }: StudyResult): readonly string[] {
  if (iterations === null || lastStep === null) return []
  const after = `after ${iterations} ${iterations === 1 ? 'iteration' : 'iterations'}`
  const isInfinite = Object.values(coefficients ?? {}).some(({ kind }) => kind === 'infinite')
  if (isInfinite) return [`The likelihood came to rest ${after}, the coefficients that are infinite did not.`, '']
  return [
    `Converged ${after}: the last step moved nothing by more than ${lastStep.toExponential(1)} of the largest coefficient, and a next one would be far smaller.`,
    '',
  ]
}

// ---- on rows kept aside ---------------------------------------------------------------------------------------------------

export function testLines({ split }: StudySpec, { test }: StudyResult): readonly string[] {
  if (split === undefined || test === null) return []
  if (test.concordance !== null)
    return [`Rows kept aside (\`${split.column}\` is \`${split.test}\`): concordance ${figure(test.concordance)} of pairs within a site and stratum`, '']
  if (test.accuracy === null) return []
  const sites = Object.entries(test.bySite)
  const told = sites.reduce((sum, [, figures]) => sum + (figures?.n ?? 0), 0)
  const rows = [...sites.map(([name, figures]) => ({ name, figures })), { name: 'together', figures: { n: told, accuracy: test.accuracy } }]
  return [
    `Rows kept aside (\`${split.column}\` is \`${split.test}\`), with 1 expected from a probability of one half on`,
    ...textTable([
      { heading: 'site', cells: rows.map(({ name }) => name), isWords: true },
      { heading: 'rows', cells: rows.map(({ figures }) => (figures === null ? 'few' : String(figures.n))) },
      { heading: 'right', cells: rows.map(({ figures }) => (figures === null ? 'not told' : percent(figures.accuracy))) },
    ]),
    '',
  ]
}
