import { InputError, shape } from '@fiducia/core'
import { ResearchError } from '../errors.ts'
import { parseFormula } from '../formula/parse.ts'
import type { Formula } from '../formula/types.ts'
import { isFactor } from '../matrix/design.ts'
import { MAX_COLUMNS, MAX_FORMULA, MAX_GRID, MAX_NAME, MAX_REFERENCE, MAX_TITLE } from '../limits.ts'
import type { FamilyName } from '../models/glm-families.ts'
import type { Ties } from '../survival/cox-types.ts'
import { parseLogical, parseNumber } from '../table/levels.ts'
import { nearHint, shown } from '../table/near.ts'
import { isMissing, type Split } from '../table/read.ts'
import type { ColumnKinds } from '../table/types.ts'

/**
 * A study as it is written down and approved: declarative, no code. Every member is known, and what has no meaning here is refused, so
 * that nobody approves a line that nothing reads. The hash of its canonical bytes names it.
 */
export interface StudySpec {
  readonly title: string
  /** GA4GH Data Use Ontology, such as `DUO:0000042`. */
  readonly purpose: string
  /** Of disease-specific research: the disease, such as `MONDO:0005148`. */
  readonly disease?: string
  /** Who approved it on ethical grounds, and under which number. */
  readonly ethics?: string
  /** By organizations without profit, for no commercial use. */
  readonly nonCommercial?: boolean
  /** A SQL-on-FHIR ViewDefinition, whose rows are the cohort at each site; absent where sites have rows already. */
  readonly view?: JsonMembers
  readonly columns: ColumnKinds
  readonly method: StudyMethod
  readonly standardize: 'none' | 'global' | 'site'
  readonly split?: Split
  readonly disclosure: { readonly minimumCell: number; readonly maxParametersPerRow: number }
}

interface JsonMembers {
  readonly [name: string]: unknown
}

export type StudyMethod =
  | { readonly name: 'count' }
  | { readonly name: 'describe'; readonly columns: readonly string[] }
  /** One factor, or two against each other. */
  | { readonly name: 'table'; readonly columns: readonly string[] }
  | { readonly name: 'histogram'; readonly column: string; readonly grid: readonly number[] }
  | { readonly name: 'glm'; readonly family: FamilyName; readonly formula: Formula; readonly ridge: number }
  | { readonly name: 'cox'; readonly formula: Formula; readonly ties: Ties; readonly ridge: number; readonly pooledGrid: readonly number[] | null }
  | { readonly name: 'kaplan-meier'; readonly formula: Formula; readonly grid: readonly number[] }

/** What a site allows where neither it nor the study says otherwise. */
export const DEFAULT_DISCLOSURE = { minimumCell: 10, maxParametersPerRow: 0.1 } as const

// ---- bytes ----------------------------------------------------------------------------------------------------------------

/** The one spelling of a spec (RFC 8785, with fractions): what is hashed and shown. */
export function formatSpec(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatSpec).join(',')}]`
  if (!shape.isObject(value)) return JSON.stringify(value)
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${formatSpec(member)}`).join(',')}}`
}

// ---- reading --------------------------------------------------------------------------------------------------------------

const { array, boolean, literal, object, text } = shape

const name = text(MAX_NAME)

const number =
  (min: number, max: number): shape.Parser<number> =>
  (value, at) => {
    if (typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max) return value
    throw new InputError('SHAPE', `expected a number from ${min} to ${max}`, { at })
  }

const parseColumns: shape.Parser<ColumnKinds> = (value, at) => {
  const entries = shape.isObject(value) ? Object.entries(value) : []
  if (entries.length === 0 || entries.length > MAX_COLUMNS) throw new InputError('SHAPE', `expected 1 to ${MAX_COLUMNS} columns with their kinds`, { at })
  return new Map(entries.map(([column, kind]) => [name(column, at), literal('number', 'factor')(kind, `${at}.${column}`)]))
}

const parsePoints = array(number(-Number.MAX_VALUE, Number.MAX_VALUE), MAX_GRID, 1)

const parseGrid: shape.Parser<readonly number[]> = (value, at) => {
  const grid = parsePoints(value, at)
  const falling = grid.findIndex((point, i) => i > 0 && point <= (grid[i - 1] ?? 0))
  if (falling === -1) return grid
  throw new InputError('SHAPE', `expected numbers that rise, found ${grid[falling]} after ${grid[falling - 1]}`, { at: `${at}[${falling}]` })
}

/** By name; what a method needs of the columns is looked at once they are known. */
const METHODS = {
  count: object({ name: literal('count') }),
  describe: object({ name: literal('describe'), columns: array(name, MAX_COLUMNS, 1) }),
  table: object({ name: literal('table'), columns: array(name, 2, 1) }),
  histogram: object({ name: literal('histogram'), column: name, grid: parseGrid }),
  glm: object({ name: literal('glm'), family: literal('gaussian', 'binomial', 'poisson'), formula: text(MAX_FORMULA) }, { ridge: number(0, Number.MAX_VALUE) }),
  cox: object(
    { name: literal('cox'), formula: text(MAX_FORMULA) },
    { ties: literal('efron', 'breslow'), ridge: number(0, Number.MAX_VALUE), pooledStrata: boolean, grid: parseGrid },
  ),
  'kaplan-meier': object({ name: literal('kaplan-meier'), formula: text(MAX_FORMULA), grid: parseGrid }),
} as const

const isMethod = (method: unknown): method is keyof typeof METHODS => typeof method === 'string' && Object.hasOwn(METHODS, method)

function parseMethod(value: unknown, columns: ColumnKinds): StudyMethod {
  const method = shape.isObject(value) ? value['name'] : undefined
  if (!isMethod(method)) throw new InputError('SHAPE', `expected one of ${Object.keys(METHODS).join(', ')}`, { at: 'method.name' })
  switch (method) {
    case 'count':
      return METHODS.count(value, 'method')
    case 'describe': {
      const description = METHODS.describe(value, 'method')
      description.columns.forEach((one, i) => requireNumbers(one, columns, `method.columns[${i}]`))
      return description
    }
    case 'table': {
      const table = METHODS.table(value, 'method')
      table.columns.forEach((one, i) => requireDeclared(one, columns, `method.columns[${i}]`))
      return table
    }
    case 'histogram': {
      const histogram = METHODS.histogram(value, 'method')
      requireNumbers(histogram.column, columns, 'method.column')
      return histogram
    }
    case 'glm': {
      const { ridge = 0, ...model } = METHODS.glm(value, 'method')
      return { ...model, ridge, formula: outcomeFormula(model.family, parseFormula(model.formula, columns), columns) }
    }
    case 'cox':
      return parseCox(value, columns)
    case 'kaplan-meier': {
      const { formula, ...curve } = METHODS['kaplan-meier'](value, 'method')
      return { ...curve, formula: groupFormula(survivalFormula(formula, columns)) }
    }
  }
}

function requireDeclared(column: string, columns: ColumnKinds, at: string): void {
  if (columns.has(column)) return
  throw new InputError('SHAPE', `expected one of \`columns\`, found \`${shown(column)}\`${nearHint(column, columns.keys())}`, { at })
}

function requireNumbers(column: string, columns: ColumnKinds, at: string): void {
  requireDeclared(column, columns, at)
  if (columns.get(column) !== 'number') throw new InputError('SHAPE', `expected a column of numbers, found the factor \`${shown(column)}\``, { at })
}

function parseCox(value: unknown, columns: ColumnKinds): StudyMethod {
  const { formula, ties = 'efron', ridge = 0, pooledStrata = false, grid } = METHODS.cox(value, 'method')
  if (pooledStrata !== (grid !== undefined))
    throw new InputError('SHAPE', 'expected a `grid` with `pooledStrata: true`, and with it alone', { at: 'method.grid' })
  return { name: 'cox', formula: survivalFormula(formula, columns), ties, ridge, pooledGrid: grid ?? null }
}

/** Only a binomial model explains a factor. */
function outcomeFormula(family: FamilyName, formula: Formula, columns: ColumnKinds): Formula {
  const { outcome } = formula
  if (outcome.kind === 'survival') throw new InputError('SHAPE', 'expected a column on the left, found `Surv`: that is for `cox`', { at: 'method.formula' })
  if (!formula.intercept && formula.terms.length === 0)
    throw new InputError('SHAPE', 'expected at least one coefficient, found neither a term nor an intercept', { at: 'method.formula' })
  if (family === 'binomial' || !isFactor(outcome.variable, columns)) return formula
  throw new InputError('SHAPE', `expected a column of numbers on the left of a ${family} model, found a factor`, { at: 'method.formula' })
}

function survivalFormula(text: string, columns: ColumnKinds): Formula {
  const formula = parseFormula(text, columns)
  if (formula.outcome.kind === 'survival') return formula
  throw new InputError('SHAPE', 'expected `Surv(time, event)` on the left', { at: 'method.formula' })
}

/** A curve for each level of one column, or one for all rows. */
function groupFormula(formula: Formula): Formula {
  if (formula.terms.length <= 1 && formula.variables.length <= 1 && formula.strata.length === 0) return formula
  throw new InputError('SHAPE', 'expected one column on the right, or 1', { at: 'method.formula' })
}

/** The column need not be declared, as no method reads it; where it is, a level of it has to be one of its kind. */
function requireLevel({ column, test }: Split, columns: ColumnKinds): void {
  if (isMissing(test.trim())) throw new InputError('SHAPE', 'expected a level, found what stands for a missing value', { at: 'split.test' })
  if (columns.get(column) === 'number' && parseNumber(test.trim()) === undefined && parseLogical(test.trim()) === undefined)
    throw new InputError('SHAPE', `expected a number, as \`${shown(column)}\` is a column of numbers`, { at: 'split.test' })
}

/** What a view has to be, its readers at the sites judge. */
function parseView(value: unknown, at: string): JsonMembers {
  if (shape.isObject(value)) return value
  throw new InputError('SHAPE', 'expected a ViewDefinition', { at })
}

const parseParts = object(
  {
    title: text(MAX_TITLE),
    purpose: shape.string(/^DUO:\d{7}$/, 'a purpose such as `DUO:0000042`'),
    columns: parseColumns,
    method: (value: unknown): unknown => value,
  },
  {
    standardize: literal('none', 'global', 'site'),
    disease: shape.string(/^[A-Z][A-Za-z]{1,15}:[0-9A-Za-z._-]{1,32}$/, 'a code of a disease such as `MONDO:0005148`'),
    ethics: text(MAX_REFERENCE),
    nonCommercial: boolean,
    view: parseView,
    split: object({ column: name, test: text(MAX_NAME) }),
    disclosure: object({}, { minimumCell: number(1, 1_000_000), maxParametersPerRow: number(0, 1) }),
    privacy: (value: unknown): unknown => value,
  },
)

/** Throws `STUDY_SPEC` for what is no spec, `STUDY_FORMULA` that points at the character of a formula. */
export function parseSpec(value: unknown): StudySpec {
  try {
    const { columns, method, standardize = 'none', disclosure, privacy, ...rest } = parseParts(value, '')
    if (privacy !== undefined)
      throw new InputError('SHAPE', 'noise for differential privacy is not offered by this version: leave `privacy` out', { at: 'privacy' })
    const parsed = parseMethod(method, columns)
    if (rest.split !== undefined) requireLevel(rest.split, columns)
    if (standardize !== 'none' && parsed.name !== 'glm' && parsed.name !== 'cox')
      throw new InputError('SHAPE', `expected \`none\` with ${parsed.name}: only the columns of a model are brought to one scale`, { at: 'standardize' })
    return { ...rest, columns, method: parsed, standardize, disclosure: { ...DEFAULT_DISCLOSURE, ...disclosure } }
  } catch (error) {
    if (error instanceof InputError) throw new ResearchError('STUDY_SPEC', error.message)
    throw error
  }
}
