import { formatFormula } from '../formula/parse.ts'
import { levelColumns } from './program.ts'
import type { StudyResult } from './result.ts'
import type { StudySpec } from './spec.ts'
import { computedWords, purposeWords, rowsWords } from './words.ts'

/** The model card: what was computed, on whom, how well it fits, and what was disclosed. All of it follows from the spec and the result. */
export interface Card {
  readonly title: string
  readonly purpose: string
  /** The purpose in sentences, with the ethics approval. */
  readonly intended: readonly string[]
  readonly method: string
  /** The method in sentences. */
  readonly computed: readonly string[]
  readonly sites: StudyResult['sites']
  readonly rows: number
  readonly excludedForMissingValues: number
  /** Which rows count. */
  readonly counted: readonly string[]
  readonly rounds: number
  /** Figures of the fit; null where they do not apply. */
  readonly fit: Fit
  readonly test: StudyResult['test']
  readonly disclosed: readonly string[]
  readonly rules: StudySpec['disclosure']
  readonly limits: readonly string[]
}

type Fit = Pick<
  StudyResult,
  'iterations' | 'lastStep' | 'deviance' | 'nullDeviance' | 'df' | 'nullDf' | 'dispersion' | 'loglik' | 'aic' | 'events' | 'concordance' | 'tests' | 'logrank'
>

export function cardOf(spec: StudySpec, result: StudyResult): Card {
  const { purpose, title, disclosure } = spec
  return {
    title,
    purpose,
    intended: purposeWords(spec),
    method: methodLine(spec),
    computed: computedWords(spec),
    sites: result.sites,
    rows: result.n,
    excludedForMissingValues: result.excluded.missing,
    counted: rowsWords(spec),
    rounds: result.rounds,
    fit: fitOf(result),
    test: result.test,
    disclosed: disclosures(spec),
    rules: disclosure,
    limits: limitsOf(spec),
  }
}

function fitOf({ iterations, lastStep, deviance, nullDeviance, df, nullDf, dispersion, loglik, aic, events, concordance, tests, logrank }: StudyResult): Fit {
  return { iterations, lastStep, deviance, nullDeviance, df, nullDf, dispersion, loglik, aic, events, concordance, tests, logrank }
}

/** What leaves the sites, in words. */
export function disclosures(spec: StudySpec): readonly string[] {
  const { method, split, disclosure } = spec
  const { minimumCell } = disclosure
  const factors = levelColumns(spec)
  return [
    'sums over all sites together, a list of numbers in each round, and what follows from them',
    'over all sites together: how many rows were left out for missing values',
    ...(factors.length === 0 ? [] : [`over all sites together: the levels of ${factors.map((name) => `“${name}”`).join(', ')}, and how many rows have each`]),
    ...(spec.standardize === 'global' ? ['over all sites together: the mean and the standard deviation of each column of the model'] : []),
    ...(method.name === 'kaplan-meier'
      ? [
          `the curves to their end, also where fewer than ${minimumCell} are at risk (how many is not told there): a step between two times of the grid may be one person`,
        ]
      : []),
    `of each site: how many rows it has in the study (with fewer than ${minimumCell} it takes no part)`,
    ...(split === undefined ? [] : ['over all sites together: how many rows are kept aside', ...testDisclosures(spec)]),
    'on the ledger of all sites: that a site approved and took part, keys and hashes; no number about anybody',
  ]
}

function testDisclosures({ method, disclosure: { minimumCell } }: StudySpec): readonly string[] {
  if (method.name === 'cox') return ['over all sites together: how well the model orders the rows kept aside, where enough of them have the event']
  if (method.name !== 'glm' || method.family !== 'binomial') return []
  return [`of each site with at least ${minimumCell} rows kept aside: how many there are, and the share of which the model is right`]
}

/** What the result does not say, and what nobody can vouch for. */
function limitsOf({ method, standardize }: StudySpec): readonly string[] {
  const isModel = method.name === 'glm' || method.name === 'cox'
  return [
    'Not private: the result is an aggregate without noise. It says little about one person, and not nothing; many studies of nearly the same people together can tell about one.',
    'That a site put in its true rows is not proved: masks hide what it gives from everybody.',
    'Whoever sees the sums of a round can see a small number of them, also where the result leaves it out.',
    ...(isModel ? ['What goes together in these rows need not be cause and effect, and need not hold for other people or places.'] : []),
    ...(isModel && method.ridge > 0 ? ['Because of the ridge, standard errors, intervals and p values are approximate.'] : []),
    ...(isModel && standardize === 'site'
      ? ['Coefficients are for a standard deviation of each site’s own: the same number is not the same difference everywhere.']
      : []),
    ...(method.name === 'kaplan-meier' ? ['Times are those of the grid: a finer curve would have other steps.'] : []),
  ]
}

export function methodLine({ method }: StudySpec): string {
  switch (method.name) {
    case 'count':
      return 'number of rows'
    case 'describe':
      return `mean and variance of ${method.columns.join(', ')}`
    case 'table':
      return `counts of ${method.columns.join(' by ')}`
    case 'histogram':
      return `histogram of ${method.column} on ${method.grid.length} points`
    case 'glm':
      return `${method.family} model ${formatFormula(method.formula)}${ridgeText(method.ridge)}`
    case 'cox':
      return `Cox model ${formatFormula(method.formula)}, ties ${method.ties}, ${method.pooledGrid === null ? 'stratified by site' : 'one baseline on a grid'}${ridgeText(method.ridge)}`
    case 'kaplan-meier':
      return `survival ${formatFormula(method.formula)} on ${method.grid.length} points`
  }
}

const ridgeText = (ridge: number): string => (ridge === 0 ? '' : `, ridge ${ridge}`)
