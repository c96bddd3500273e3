import { shape } from '@fiducia/core'
import { purposeName } from '../disclosure/purpose.ts'
import { isFactor } from '../matrix/design.ts'
import type { Formula, Variable } from '../formula/types.ts'
import { usedColumns } from './program.ts'
import type { StudyMethod, StudySpec } from './spec.ts'

/** What a study computes, in sentences for those who decide about it and read no formulas. */
export function computedWords(spec: StudySpec): readonly string[] {
  const { method } = spec
  switch (method.name) {
    case 'count':
      return ['How many rows there are, over all sites together.']
    case 'describe':
      return [`Of ${list(method.columns)}: the number of rows, the mean, the variance and the standard deviation, over all sites together.`]
    case 'table':
      return [`How many rows have each level of ${list(method.columns)}${method.columns.length > 1 ? ', each with each' : ''}, over all sites together.`]
    case 'histogram':
      return [`How many rows have “${method.column}” between bounds that are written in the study: ${gridWords(method.grid)}.`]
    case 'kaplan-meier':
      return [...survivalWords(method.formula), ...curveWords(method)]
    case 'glm':
      return [...glmWords(spec, method), ...scaleWords(spec), ...ridgeWords(method.ridge)]
    case 'cox':
      return [...survivalWords(method.formula), ...coxWords(spec, method), ...scaleWords(spec), ...ridgeWords(method.ridge)]
  }
}

/** For what it is asked, and who approved that. */
export function purposeWords({ purpose, disease, ethics, nonCommercial }: StudySpec): readonly string[] {
  return [
    `${capital(purposeName(purpose) ?? 'a purpose that is not known here')} (${purpose}, GA4GH Data Use Ontology)${disease === undefined ? '' : `, about ${disease}`}.`,
    ethics === undefined ? 'No ethics approval is named.' : `Ethics approval: ${ethics}.`,
    ...(nonCommercial === true ? ['By organizations without profit, for no commercial use.'] : []),
  ]
}

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`

/** A view is told by what it looks at and which of these it takes, in its own words: they are what is approved. */
function viewWords({ view }: StudySpec): readonly string[] {
  if (view === undefined) return []
  const wheres = Array.isArray(view['where']) ? view['where'].filter(shape.isObject).map(({ path }) => `“${String(path)}”`) : []
  return [
    `A site’s rows are made of its FHIR resources of type “${String(view['resource'])}” by the view that stands in the study.`,
    ...(wheres.length === 0 ? [] : [`Of these it takes the ones for which ${sentenceList(wheres)} ${wheres.length === 1 ? 'holds' : 'hold'}.`]),
  ]
}

/** Which rows count. */
export function rowsWords(spec: StudySpec): readonly string[] {
  const used = usedColumns(spec)
  return [
    ...viewWords(spec),
    used.length === 0
      ? 'Every row of a site’s file counts.'
      : `A row of a site’s file counts if it has a value in ${list(used)}. A row in which one of them is empty, “NA” or “?” is left out; no value is made up for it.`,
    `How many rows were left out at all sites together is told${spec.split === undefined ? '' : ', whether or not they would have been kept aside'}.`,
    ...splitWords(spec),
  ]
}

function splitWords({ split, method }: StudySpec): readonly string[] {
  if (split === undefined) return []
  const kept = `Rows with “${split.test}” in “${split.column}” are kept aside: nothing is computed from them`
  if (method.name === 'cox') return [`${kept} until the model is there. Then one more sum says how well it orders these.`]
  const isJudged = method.name === 'glm' && method.family === 'binomial'
  return [isJudged ? `${kept} until the model is there. Each site then looks at how the model does on its own of these.` : `${kept}.`]
}

type Method<Name extends StudyMethod['name']> = Extract<StudyMethod, { readonly name: Name }>

// ---- models ---------------------------------------------------------------------------------------------------------------

const FAMILIES = {
  gaussian: { model: 'a linear regression', outcome: 'a number' },
  binomial: { model: 'a logistic regression', outcome: 'yes or no' },
  poisson: { model: 'a Poisson regression', outcome: 'a count' },
} as const

function glmWords(spec: StudySpec, { family, formula }: Method<'glm'>): readonly string[] {
  const { model, outcome } = FAMILIES[family]
  const explained = formula.outcome.kind === 'variable' ? formula.outcome.variable.column : formula.outcome.time
  return [
    `How “${explained}” (${outcome}) goes with other columns: ${model} over all sites together, as if all rows lay in one place.`,
    ...predictorWords(spec, formula),
  ]
}

function coxWords(spec: StudySpec, { formula, pooledGrid, ties }: Method<'cox'>): readonly string[] {
  const within = formula.strata.length === 0 ? '' : `, and there only with the same level of ${list(formula.strata)}`
  return [
    'How the risk of the event goes with other columns: a Cox model of proportional hazards over all sites together.',
    ...predictorWords(spec, formula),
    pooledGrid === null
      ? `A row is compared only with rows of its own site${within}: each site has a baseline risk of its own (stratified by site).`
      : `All sites have one baseline risk${formula.strata.length === 0 ? '' : ` for each level of ${list(formula.strata)}`}, on times that are written in the study: ${gridWords(pooledGrid)}.`,
    `Events at the same time are treated as ${ties === 'efron' ? 'Efron' : 'Breslow'} proposed.`,
  ]
}

const survivalWords = ({ outcome }: Formula): readonly string[] =>
  outcome.kind === 'survival'
    ? [`“${outcome.time}” is the time until the event or until a row was last seen; “${outcome.event}” is 1 where the event happened, 0 where it had not.`]
    : []

function curveWords({ formula, grid }: Method<'kaplan-meier'>): readonly string[] {
  const [variable] = formula.variables
  return [
    `Which share is still without the event as time goes by (Kaplan–Meier), ${variable === undefined ? 'of all rows together' : `for each level of “${variable.column}”`}, over all sites together.`,
    ...(variable === undefined ? [] : ['Whether the curves differ by more than chance would have it (log-rank test).']),
    `Times are moved up to the next of those written in the study: ${gridWords(grid)}.`,
  ]
}

function predictorWords({ columns }: StudySpec, { variables, terms, intercept, outcome }: Formula): readonly string[] {
  const named = (i: number): string => (variables[i] === undefined ? '' : variableWords(variables[i], columns))
  const alone = terms.filter((term) => term.length === 1).map(([i = 0]) => named(i))
  const together = terms.filter((term) => term.length > 1).map((term) => term.map((i) => `“${variables[i]?.column ?? ''}”`).join(' with '))
  return [
    ...(alone.length === 0 && together.length === 0 ? ['Explained by nothing: the level over all rows alone.'] : []),
    ...(alone.length === 0 ? [] : [`Explained by ${sentenceList(alone)}.`]),
    ...(together.length === 0 ? [] : [`Also by ${sentenceList(together)} together: what one goes with may depend on the other (interaction).`]),
    ...(intercept || outcome.kind === 'survival' ? [] : ['Without an intercept: where all columns are 0, so is the predictor.']),
  ]
}

const variableWords = (variable: Variable, kinds: StudySpec['columns']): string =>
  `“${variable.column}” (${isFactor(variable, kinds) ? 'a factor: its levels are compared' : 'a number'})`

function scaleWords({ standardize }: StudySpec): readonly string[] {
  switch (standardize) {
    case 'none':
      return []
    case 'global':
      return [
        'Columns are put on one scale: each without its mean, in standard deviations, both over all sites together. A coefficient is for one standard deviation more.',
      ]
    case 'site':
      return ['Each site puts its columns on its own scale: each without its mean, in standard deviations, both of that site alone, which they do not leave.']
  }
}

const ridgeWords = (ridge: number): readonly string[] =>
  ridge === 0
    ? []
    : [
        `A ridge of ${ridge} draws coefficients toward 0: they are steadier than without, and a little too small. Standard errors and p values are approximate then.`,
      ]

// ---- lists ----------------------------------------------------------------------------------------------------------------

/** Numbers of a grid that are read at a glance; of a longer one how many there are, and the ends. */
const SHOWN_POINTS = 12

const gridWords = (grid: readonly number[]): string =>
  grid.length <= SHOWN_POINTS ? grid.join(', ') : `${grid.length} of them, from ${grid[0]} to ${grid.at(-1)}`

const list = (names: readonly string[]): string => sentenceList([...new Set(names)].map((name) => `“${name}”`))

function sentenceList(parts: readonly string[]): string {
  const last = parts.at(-1) ?? ''
  return parts.length <= 1 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`
}
