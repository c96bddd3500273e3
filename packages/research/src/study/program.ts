import { concatBytes, encodeU32 } from '@fiducia/core'
import { enforce } from '../disclosure/ruling.ts'
import { checkLevels, checkMinimumCell, checkParameters } from '../disclosure/rules.ts'
import { ResearchError } from '../errors.ts'
import { columnsOf } from '../formula/parse.ts'
import type { Formula } from '../formula/types.ts'
import { countLevels } from '../levels/codes.ts'
import { type FoundLevels, levelsFit } from '../levels/levels.ts'
import { columnsWithLevels, createDesign, type Design, namesOf } from '../matrix/design.ts'
import { matrixOf, outcomeOf, strataOf, survivalOf } from '../matrix/matrix.ts'
import { knownRows } from '../matrix/known.ts'
import { type ColumnScaling, scaleColumns, scalingAtSite, standardizeAtSite } from '../matrix/standardize.ts'
import { createGlm } from '../models/glm.ts'
import type { GlmData, GlmResult } from '../models/glm-model.ts'
import type { Fit } from '../rounds/types.ts'
import { type Count, type CountedRows, countFit, type Description, describeFit } from '../statistics/describe.ts'
import { type ContingencyTable, type Histogram, histogramFit, tableFit } from '../statistics/tables.ts'
import { coxFit } from '../survival/cox.ts'
import { heldOutConcordanceFit } from '../survival/cox-held-out.ts'
import type { Concordance, CoxData, CoxResult } from '../survival/cox-types.ts'
import { type KaplanMeier, kaplanMeierFit } from '../survival/kaplan-meier.ts'
import { readTable, splitTable } from '../table/read.ts'
import type { Table, TextTable } from '../table/types.ts'
import type { StudyMethod, StudySpec } from './spec.ts'

/**
 * A study as rounds of sums, from its first question to its result: who is counted, which levels there are, what the model needs. Public: every site
 * goes through it with the sums that all have seen, so each knows by itself what the next round asks, and a coordinator cannot ask one site
 * something else than the others.
 *
 *   rows → levels of factors, where there are any → the method → of a Cox model, how it orders the rows kept aside
 */
export interface Program {
  /** From 0; with the values it is all that a round says. */
  readonly stage: number
  readonly values: Float64Array
  /** How many numbers each site gives. */
  readonly length: number
  /** At a site; `test` are the rows that a `split` keeps aside. Throws `STUDY_POLICY` where the site's rows are too few for what is asked. */
  contribute(training: Table, test?: Table): Float64Array
  next(sum: Float64Array): Program | Finished
}

export interface Finished {
  readonly finished: StudyAnswer
}

export type StudyAnswer = { readonly counted: Count } & (
  | { readonly kind: 'count' }
  | { readonly kind: 'describe'; readonly columns: readonly Description[] }
  | { readonly kind: 'table'; readonly table: ContingencyTable }
  | { readonly kind: 'histogram'; readonly histogram: Histogram }
  | { readonly kind: 'glm'; readonly design: Design; readonly glm: GlmResult }
  /** `heldOut`: on the rows kept aside; null without them, with fewer events among them than the minimum cell, or with a coefficient that has no end. */
  /** `scaling` of columns that were standardized over all sites. */
  | { readonly kind: 'cox'; readonly design: Design; readonly scaling: ColumnScaling | null; readonly cox: CoxResult; readonly heldOut: Concordance | null }
  | { readonly kind: 'kaplan-meier'; readonly column: string | null; readonly curves: KaplanMeier }
)

/** The bytes of a round's public values, as their hash stands on the ledger: u32 stage ‖ each number as eight bytes, the lowest first. */
export function programBytes({ stage, values }: Pick<Program, 'stage' | 'values'>): Uint8Array {
  return concatBytes(encodeU32(stage), new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
}

/** The columns in which a row must have a value to be part of the study; the one that tells rows kept aside is among them. */
export const usedColumns = (spec: Pick<StudySpec, 'method' | 'split'>): readonly string[] => [...methodColumns(spec), ...splitColumns(spec)]

const splitColumns = ({ split }: Pick<StudySpec, 'split'>): readonly string[] => (split === undefined ? [] : [split.column])

/** A file's rows as the study uses them. Throws `STUDY_COLUMN` that names row and column. */
export function readParts(spec: StudySpec, text: TextTable): { readonly training: Table; readonly test: Table | undefined } {
  const read = (part: TextTable): Table => readTable(part, spec.columns, methodColumns(spec), splitColumns(spec))
  if (spec.split === undefined) return { training: read(text), test: undefined }
  const { training, test } = splitTable(text, spec.split)
  return { training: read(training), test: read(test) }
}

/** The columns whose values are read. */
function methodColumns({ method }: Pick<StudySpec, 'method'>): readonly string[] {
  switch (method.name) {
    case 'count':
      return []
    case 'describe':
      return method.columns
    case 'table':
      return method.columns
    case 'histogram':
      return [method.column]
    case 'glm':
    case 'cox':
    case 'kaplan-meier':
      return columnsOf(method.formula)
  }
}

export function startProgram(spec: StudySpec): Program {
  const { minimumCell } = spec.disclosure
  return stageOver(0, { fit: withRows(countFit(minimumCell, spec.split), spec), dataOf: countedRows }, (counted) => {
    const columns = levelColumns(spec)
    if (columns.length === 0) return methodOf(1, spec, counted, [])
    return stageOf(1, withLevels(levelsFit(columns, minimumCell), spec, columns), (levels) => methodOf(2, spec, counted, levels))
  })
}

const countedRows = (training: Table, test: Table | undefined): CountedRows =>
  test === undefined ? training : { rows: training.rows, missing: training.missing + test.missing, keptAside: test.rows }

// ---- stages ---------------------------------------------------------------------------------------------------------------

type Then<R> = (result: R) => Program | Finished

const stageOf = <R>(stage: number, fit: Fit<Table, R>, then: Then<R>): Program => stageOver(stage, { fit, dataOf: (training) => training }, then)

/** What is computed, and of which of a site's rows. */
interface Stage<Data, R> {
  readonly fit: Fit<Data, R>
  readonly dataOf: (training: Table, test: Table | undefined) => Data
}

function stageOver<Data, R>(stage: number, { fit, dataOf }: Stage<Data, R>, then: Then<R>): Program {
  const at = (values: Float64Array): Program => ({
    stage,
    values,
    length: fit.lengthOf(values),
    contribute: (training, test) => fit.contribute(dataOf(training, test), values),
    next(sum) {
      const step = fit.next(values, sum)
      return step.done ? then(step.result) : at(step.values)
    },
  })
  return at(fit.start)
}

/** With a rule that each site holds itself to before it gives anything. */
const guarded = <Data, R>(fit: Fit<Data, R>, guard: (data: Data) => void): Fit<Data, R> => ({
  ...fit,
  contribute(data, values) {
    guard(data)
    return fit.contribute(data, values)
  },
})

const withRows = <R>(fit: Fit<CountedRows, R>, { disclosure }: StudySpec) =>
  guarded(fit, ({ rows }) => enforce(checkMinimumCell({ 'rows at this site': rows }, disclosure)))

const withLevels = <R>(fit: Fit<Table, R>, { disclosure }: StudySpec, columns: readonly string[]) =>
  guarded(fit, (table) => enforce(...columns.map((column) => checkLevels(column, countLevels(table, column).size, table.rows, disclosure))))

/** The factors whose levels over all sites have to be known before the method can begin. */
export function levelColumns({ method, columns }: StudySpec): readonly string[] {
  switch (method.name) {
    case 'table':
      return method.columns
    case 'glm':
    case 'cox':
      return columnsWithLevels(method.formula, columns)
    case 'kaplan-meier':
      return method.formula.variables.map(({ column }) => column)
    case 'count':
    case 'describe':
    case 'histogram':
      return []
  }
}

function methodOf(stage: number, spec: StudySpec, counted: Count, levels: readonly FoundLevels[]): Program | Finished {
  const { method, disclosure } = spec
  const { minimumCell } = disclosure
  switch (method.name) {
    case 'count':
      return { finished: { kind: 'count', counted } }
    case 'describe':
      return stageOf(stage, describeFit(method.columns, minimumCell), (columns) => ({ finished: { kind: 'describe', counted, columns } }))
    case 'table': {
      const [rows = NO_FACTOR, columns = null] = levels
      return stageOf(stage, tableFit(rows, columns, minimumCell), (table) => ({ finished: { kind: 'table', counted, table } }))
    }
    case 'histogram':
      return stageOf(stage, histogramFit(method.column, method.grid, minimumCell), (histogram) => ({ finished: { kind: 'histogram', counted, histogram } }))
    case 'glm':
      return glmStages(stage, spec, { method, counted, levels })
    case 'cox':
      return coxStages(stage, spec, { method, counted, levels })
    case 'kaplan-meier':
      return curveStage(stage, spec, { method, counted, levels })
  }
}

const NO_FACTOR = { column: '', levels: [] }

// ---- models ---------------------------------------------------------------------------------------------------------------

interface Modeling<Name extends StudyMethod['name']> {
  readonly method: Extract<StudyMethod, { readonly name: Name }>
  readonly counted: Count
  readonly levels: readonly FoundLevels[]
}

function glmStages(stage: number, spec: StudySpec, { method, counted, levels }: Modeling<'glm'>): Program {
  const design = designOf(method.formula, spec, levels)
  const { family, ridge } = method
  const glm = createGlm({ family, names: namesOf(design), ridge, standardize: spec.standardize === 'global' ? 'global' : 'none' })
  const fit = guarded(
    onData(glm, (table) => glmData(design, spec, table)),
    ({ rows }) => enforce(checkParameters(design.columns.length, rows, spec.disclosure)),
  )
  const finish = (result: GlmResult): Finished => ({ finished: { kind: 'glm', counted, design, glm: result } })
  if (family !== 'binomial') return stageOf(stage, fit, finish)
  return stageOf(stage, outcomesFit(design, spec), () => stageOf(stage + 1, fit, finish))
}

function designOf(formula: Formula, spec: StudySpec, levels: readonly FoundLevels[]): Design {
  return createDesign(formula, spec.columns, new Map(levels.map((found) => [found.column, found.levels])))
}

export function glmData(design: Design, { standardize }: Pick<StudySpec, 'standardize'>, table: Table): GlmData {
  const { x } = matrixOf(design, table)
  const names = namesOf(design)
  return { x: standardize === 'site' ? standardizeAtSite(x, names) : x, y: outcomeOf(design, table), columns: names.length }
}

/** Where columns are standardized over all sites, their spreads come first. */
function coxStages(stage: number, spec: StudySpec, modeling: Modeling<'cox'>): Program {
  const design = designOf(modeling.method.formula, spec, modeling.levels)
  if (spec.standardize !== 'global') return coxStage(stage, spec, { ...modeling, design, scaling: null })
  const spreads = onData(describeFit(keysOf(design), spec.disclosure.minimumCell), (table) => columnTable(design, table))
  return stageOf(stage, spreads, (columns) => {
    const scaling = { mean: columns.map(({ mean }) => mean), deviation: columns.map(({ sd }) => sd ?? 0) }
    return coxStage(stage + 1, spec, { ...modeling, design, scaling })
  })
}

interface CoxModeling extends Modeling<'cox'> {
  readonly design: Design
  /** Over all sites; null where columns are as they are, or each site standardizes its own. */
  readonly scaling: ColumnScaling | null
}

function coxStage(stage: number, spec: StudySpec, modeling: CoxModeling): Program {
  const { method, counted, design, scaling } = modeling
  const { ties, ridge, pooledGrid } = method
  const pooled = pooledGrid === null ? {} : { pooled: { grid: pooledGrid, strata: strataCount(design) } }
  const cox = coxFit({ names: namesOf(design), ties, ridge, minimumCell: spec.disclosure.minimumCell, ...pooled })
  const fit = guarded(
    onData(cox, (table) => coxData(design, table, scalingOf(spec, { design, scaling, training: table }))),
    ({ rows }) => enforce(checkParameters(design.columns.length, rows, spec.disclosure)),
  )
  return stageOf(stage, fit, (result) => {
    const finish = (heldOut: Concordance | null): Finished => ({ finished: { kind: 'cox', counted, design, scaling, cox: result, heldOut } })
    const hasEnd = result.coefficients.every(({ kind }) => kind !== 'infinite')
    return spec.split === undefined || !hasEnd ? finish(null) : heldOutStage(stage + 1, spec, { ...modeling, result, finish })
  })
}

interface HeldOut extends CoxModeling {
  readonly result: CoxResult
  readonly finish: Then<Concordance | null>
}

function heldOutStage(stage: number, spec: StudySpec, { design, scaling, result, finish }: HeldOut): Program {
  const estimates = result.coefficients.map(({ estimate }) => estimate ?? 0)
  const fit = heldOutConcordanceFit({ names: namesOf(design), estimates, minimumCell: spec.disclosure.minimumCell })
  const dataOf = (training: Table, test: Table | undefined): CoxData => {
    if (test === undefined) throw new ResearchError('STUDY_ROUND', 'expected the rows that the study keeps aside, found none')
    return coxData(design, knownRows(design, test), scalingOf(spec, { design, scaling, training }))
  }
  return stageOver(stage, { fit, dataOf }, finish)
}

/** The names of a model matrix, each once: a level and a column can make the same name. */
const keysOf = (design: Design): readonly string[] => namesOf(design).map((name, j, names) => (names.indexOf(name) === j ? name : `${name}, column ${j + 1}`))

/** A model matrix as a table of its columns. */
function columnTable(design: Design, table: Table): Table {
  const { x } = matrixOf(design, table)
  const keys = keysOf(design)
  const columns = keys.map((key, j) => [key, { kind: 'number', values: x.filter((_, i) => i % keys.length === j) }] as const)
  return { ...table, columns: new Map(columns) }
}

interface SiteScaling {
  readonly design: Design
  readonly scaling: ColumnScaling | null
  readonly training: Table
}

/** How a site's columns are standardized: as all sites', or by its own training rows. */
function scalingOf({ standardize }: Pick<StudySpec, 'standardize'>, { design, scaling, training }: SiteScaling): ColumnScaling | null {
  return standardize === 'site' ? scalingAtSite(matrixOf(design, training).x, namesOf(design)) : scaling
}

/** Strata as all sites number them: each combination of levels is one. */
const strataCount = ({ formula, levels }: Design): number => formula.strata.reduce((product, column) => product * (levels.get(column)?.length ?? 1), 1)

function coxData(design: Design, table: Table, scaling: ColumnScaling | null): CoxData {
  const { x } = matrixOf(design, table)
  const { time, event } = survivalOf(design, table)
  const strata = design.formula.strata.length === 0 ? {} : { strata: strataOf(design, table) }
  return { time, event, x: scaling === null ? x : scaleColumns(x, scaling), columns: design.columns.length, ...strata }
}

function curveStage(stage: number, spec: StudySpec, { method, counted, levels }: Modeling<'kaplan-meier'>): Program {
  const { outcome } = method.formula
  if (outcome.kind !== 'survival') throw new Error('a curve has a survival outcome')
  const { time, event } = outcome
  const [group = null] = levels
  const fit = kaplanMeierFit({ time, event, group, grid: method.grid, interval: 'log', minimumCell: spec.disclosure.minimumCell })
  return stageOf(stage, fit, (curves) => ({ finished: { kind: 'kaplan-meier', counted, column: group?.column ?? null, curves } }))
}

/** Events and non-events over all sites, before any model looks at them. */
function outcomesFit(design: Design, { disclosure }: StudySpec): Fit<Table, undefined> {
  return {
    start: new Float64Array(),
    lengthOf: () => 2,
    contribute(table) {
      const outcomes = outcomeOf(design, table)
      if (!outcomes.every((one) => one === 0 || one === 1))
        throw new ResearchError('STUDY_DATA', 'expected 0 or 1, or a factor of two levels, as outcome of a binomial model, found another number')
      const events = outcomes.reduce((sum, one) => sum + one, 0)
      return Float64Array.of(events, table.rows - events)
    },
    next(_, [events = 0, others = 0]) {
      enforce(checkMinimumCell({ 'events in total': events, 'rows without the event in total': others }, disclosure))
      return { done: true, result: undefined }
    },
  }
}

/** A fit over what is made of a site's table, which is made once. */
function onData<Data, R>(fit: Fit<Data, R>, dataOf: (table: Table) => Data): Fit<Table, R> {
  const made = new WeakMap<Table, { readonly data: Data }>()
  return {
    ...fit,
    contribute(table, values) {
      const { data } = made.get(table) ?? { data: dataOf(table) }
      made.set(table, { data })
      return fit.contribute(data, values)
    },
  }
}
