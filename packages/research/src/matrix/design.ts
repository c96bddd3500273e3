import { ResearchError } from '../errors.ts'
import { formatVariable } from '../formula/parse.ts'
import type { Formula, Variable } from '../formula/types.ts'
import { MAX_MODEL_COLUMNS } from '../limits.ts'
import { shown } from '../table/near.ts'
import type { ColumnKinds } from '../table/types.ts'

/** How the columns of a model matrix are made from those of a table: the same at every site, because the levels are those of all sites. */
export interface Design {
  readonly formula: Formula
  readonly columns: readonly DesignColumn[]
  readonly levels: ReadonlyMap<string, readonly string[]>
}

/** A column of a model matrix is the product of its parts; of none (the intercept), 1. */
export interface DesignColumn {
  /** R's name of the coefficient, such as `GENDERMale:BMI`. */
  readonly name: string
  readonly parts: readonly Part[]
}

/** A column's number, or with a level 1 in rows that have this level and 0 in others. */
export interface Part {
  readonly column: string
  readonly level?: string
}

export const INTERCEPT = '(Intercept)'

/**
 * The columns that R's `model.matrix` makes, with its names and in its order: the intercept, then each term, in which the variable that is
 * named first changes fastest. `levels` has the pooled levels of every column that `columnsWithLevels` names.
 *
 * A factor with k levels gives k - 1 columns (treatment contrasts: one for each level but the first) where the term without that factor
 * is in the model already, and k columns (one for each level) where it is not. A Cox model has no intercept, as its baseline is free, but its
 * factors are coded as if it had one.
 *
 * Throws `ResearchError`: `STUDY_DATA` where a factor has fewer than two levels, `STUDY_FORMULA` where the columns are too many.
 */
export function createDesign(formula: Formula, kinds: ColumnKinds, levels: ReadonlyMap<string, readonly string[]>): Design {
  const survival = formula.outcome.kind === 'survival'
  const codings = codingsOf(survival ? { ...formula, intercept: true } : formula, kinds)
  const pieces = formula.variables.map((variable) => (isFactor(variable, kinds) ? factorPieces(variable, levels) : numberPieces(variable)))
  const columns: DesignColumn[] = formula.intercept && !survival ? [{ name: INTERCEPT, parts: [] }] : []
  formula.terms.forEach((term, i) => {
    const choices = term.map((variable) => (codings[i]?.get(variable) === 'contrasts' ? pieces[variable]?.slice(1) : pieces[variable]) ?? [])
    const width = choices.reduce((product, one) => product * one.length, 1)
    if (columns.length + width > MAX_MODEL_COLUMNS) throw new ResearchError('STUDY_FORMULA', `expected at most ${MAX_MODEL_COLUMNS} coefficients, found more`)
    columns.push(...combinations(choices))
  })
  return { formula, columns, levels }
}

export const namesOf = (design: Design): readonly string[] => design.columns.map(({ name }) => name)

/** The columns of which the levels at all sites have to be known before there is a design. */
export function columnsWithLevels(formula: Formula, kinds: ColumnKinds): readonly string[] {
  const outcome = formula.outcome.kind === 'variable' ? [formula.outcome.variable] : []
  return [...new Set([...[...outcome, ...formula.variables].filter((one) => isFactor(one, kinds)).map(({ column }) => column), ...formula.strata])]
}

export const isFactor = ({ column, factor }: Variable, kinds: ColumnKinds): boolean => factor || kinds.get(column) === 'factor'

type Coding = 'contrasts' | 'indicators'

/**
 * Of each term, how each of its factors is coded. R's rule (Chambers and Hastie, Statistical Models in S, page 38, as `terms.formula`
 * has it): contrasts where the rest of the term is empty or lies within a term that stands before. Without an intercept the first factor of
 * all takes its place and has a column for every level, also where R's users would not expect it (`x + x:f - 1`).
 */
function codingsOf({ terms, variables, intercept }: Formula, kinds: ColumnKinds): readonly ReadonlyMap<number, Coding>[] {
  const factors = new Set(variables.flatMap((variable, i) => (isFactor(variable, kinds) ? [i] : [])))
  let first = intercept ? undefined : terms.flat().find((variable) => factors.has(variable))
  return terms.map((term, i) => {
    const coding = new Map<number, Coding>()
    for (const variable of term.filter((one) => factors.has(one))) {
      const rest = term.filter((one) => one !== variable)
      const within = rest.length === 0 || terms.slice(0, i).some((before) => rest.every((one) => before.includes(one)))
      coding.set(variable, within && variable !== first ? 'contrasts' : 'indicators')
      if (variable === first) first = undefined
    }
    return coding
  })
}

const numberPieces = (variable: Variable): readonly DesignColumn[] => [{ name: formatVariable(variable), parts: [{ column: variable.column }] }]

function factorPieces(variable: Variable, levels: ReadonlyMap<string, readonly string[]>): readonly DesignColumn[] {
  const { column } = variable
  const found = levels.get(column)
  if (found === undefined) throw new ResearchError('STUDY_COLUMN', `expected the levels of \`${shown(column)}\` at all sites, found none`)
  if (found.length < 2) throw new ResearchError('STUDY_DATA', `expected at least two levels of \`${shown(column)}\` over all sites, found ${found.length}`)
  return found.map((level) => ({ name: `${formatVariable(variable)}${level}`, parts: [{ column, level }] }))
}

/** One piece of each choice, in every way; that of the first choice changes fastest. */
function combinations(choices: readonly (readonly DesignColumn[])[]): readonly DesignColumn[] {
  let columns: readonly DesignColumn[] | undefined
  for (const choice of choices) {
    const before = columns
    columns =
      before === undefined
        ? choice
        : choice.flatMap((piece) => before.map(({ name, parts }) => ({ name: `${name}:${piece.name}`, parts: [...parts, ...piece.parts] })))
  }
  return columns ?? []
}
