import { ResearchError } from '../errors.ts'
import { MAX_GLM_ROUNDS } from '../limits.ts'
import { type Cholesky, factorize, solve } from '../linear/cholesky.ts'
import { triangleIndex } from '../linear/gram.ts'
import { furtherRemainders, nothingLeft } from '../linear/remainders.ts'
import { shown } from '../table/near.ts'
import type { GlmModel } from './glm-model.ts'
import { type FitSums, fitSums } from './glm-site.ts'
import { reportFactor, reportVariances } from './glm-scaling.ts'
import type { FitState } from './glm-state.ts'

/** Where the iteration has ended: the sums at `state.beta`, from which the estimates differ by too little to change anything but the last digits. */
export interface Found {
  readonly state: FitState
  readonly sums: FitSums
  readonly cholesky: Cholesky
  readonly estimates: Float64Array
  /** Largest part of that step, relative to the largest scaled coefficient. */
  readonly lastStep: number
  /** Of the reported coefficients, for a dispersion of 1. */
  readonly variances: Float64Array
}

export type NewtonStep = { readonly done: false; readonly state: FitState } | { readonly done: true; readonly found: Found }

/** A step this small, relative to the largest scaled coefficient, leaves nothing to find: its square is the error that is left. */
const SMALL_STEP = 1e-8
/** With steps above it the iteration does not end, whatever the deviance does: with separation the deviance stands still while coefficients run away. */
const LARGE_STEP = 1e-4
/** R's bound for the change of the deviance. */
const DEVIANCE_TOLERANCE = 1e-8
/** Rounds after which R gives up. */
const MOST_ROUNDS_OF_R = 25
/** The first step comes from another place than the null model and may be a little worse; this is for one that has nothing to do with it. */
const FAR_WORSE = 0.9
/** Rounds in a row with a deviance that stands still and coefficients that do not: they go on for ever. */
const MOST_SETTLED = 4
/** Times that columns are replaced by what is left of them; twice is enough unless there are chains of them. */
const MOST_LOOKS = 8
/** A half, ten times: a thousandth of a step is either better or no step. */
const MOST_HALVINGS = 10

/**
 * Newton's method as R's IRLS goes: from the working responses of R's own start, each step taken as it comes, also one that makes things worse,
 * until the deviance changes by less than 1e-8. What is reported is what R reports: the coefficients at which it stops, up to 1e-7 from where
 * they would come to rest, and variances of the curvature from which its last step came. Where the next step is not small yet, this goes on to
 * see whether coefficients come to rest at all.
 *
 * Where R has no answer, nothing ties the steps to R's, and those that make things worse are halved: with a ridge, for which R has no `glm`, from the
 * first on (estimates and curvature are then those at rest); otherwise from the null model, once R's way has led astray.
 *
 * Throws `ResearchError`: `STUDY_ROUND` where rows came or went between rounds, `STUDY_DATA` where coefficients grow without end.
 */
export function newtonStep(model: GlmModel, state: FitState, sum: Float64Array): NewtonStep {
  const sums = fitSums(sum, model.names.length)
  refuseOtherRows(state, sums)
  if (state.round === 0) return { done: false, state: firstStep(model, state, sums) }
  const objective = sums.deviance + penaltyOf(model, state, state.beta)
  const change = (objective - state.objective) / (Math.abs(objective) + 0.1)
  const still = Math.abs(change) < DEVIANCE_TOLERANCE
  if (isAstray(model, state, sums) && !still) return { done: false, state: fromNullModel(model, state) }
  if (isWorse(state, change)) return { done: false, state: halved(model, state) }
  const cholesky = factorize(penalized(model, state, sums.gram), state.beta.length, booleans(state.aliased))
  if (cholesky === undefined && mayBeAstray(state)) return { done: false, state: fromNullModel(model, state) }
  if (cholesky === undefined) throw runaway(model, state, state.beta)
  const step = solve(cholesky, gradient(model, state, sums))
  const settled = still ? state.settled + 1 : 0
  const stopped = state.stopped === 1 || (still && state.round > 1 && model.ridge === 0)
  const size = largest(step) / Math.max(1, largest(state.beta))
  const beta = plus(state.beta, step)
  const reported = state.stopped === 1 ? state.reported : stopped ? state.beta : beta
  const variances = stopped ? state.variances : reportVariances(model, state, cholesky)
  const atRest = size <= SMALL_STEP || (size <= LARGE_STEP && (stopped || settled > 1))
  const lastStep = stopped ? largest(minus(state.beta, state.previous)) / Math.max(1, largest(state.beta)) : size
  if (atRest) return { done: true, found: { state, sums, cholesky, estimates: reported, lastStep, variances } }
  if (state.round >= MAX_GLM_ROUNDS || settled >= MOST_SETTLED) throw runaway(model, state, step)
  const counters = { round: state.round + 1, objective, halvings: 0, settled, stopped: Number(stopped) }
  return { done: false, state: { ...state, ...counters, variances, reported, previous: state.beta, beta } }
}

/** Sums over other rows than those before belong to another fit, and their difference would tell of whoever came or went. */
function refuseOtherRows(state: FitState, sums: FitSums): void {
  if (sums.rows === state.rows) return
  throw new ResearchError('STUDY_ROUND', `expected the rows of the first round, found ${sums.rows < state.rows ? 'fewer' : 'more'}`)
}

/** Which columns are aliased is decided here, once, and kept; where columns are nearly made of others, once these stand as their remainders. */
function firstStep(model: GlmModel, state: FitState, sums: FitSums): FitState {
  const width = state.beta.length
  const aliased = nothingLeft(sums.gram, width, state.remainders)
  const remainders = model.ridge > 0 ? undefined : furtherRemainders(sums.gram, rawSquares(model, state, sums.gram), { ...state, aliased })
  if (remainders !== undefined) {
    if (state.looks >= MOST_LOOKS) throw new ResearchError('STUDY_DATA', 'expected columns that can be told apart, found some too much alike; leave one out')
    return { ...state, looks: state.looks + 1, remainders }
  }
  const cholesky = factorize(penalized(model, state, sums.gram), width, aliased)
  if (cholesky === undefined) throw new ResearchError('STUDY_DATA', 'expected columns that can be told apart, found some that cannot; leave one out')
  const counters = { round: 1, nullDeviance: sums.deviance, saturated: sums.saturated, objective: sums.deviance, careful: Number(model.ridge > 0) }
  const kept = state.remainders.filter(({ column }) => aliased[column] !== true)
  return {
    ...state,
    ...counters,
    remainders: kept,
    aliased: Float64Array.from(aliased, Number),
    previous: nullModel(model, state),
    beta: solve(cholesky, sums.score),
  }
}

/** Squared lengths of the columns before they were centered, in their scale: a column far from 0 has to vary more for R to tell it from the intercept. */
function rawSquares({ intercept, standardize }: GlmModel, { center, scale, beta }: FitState, gram: Float64Array): Float64Array {
  const at = (i: number, j: number) => gram[triangleIndex(Math.min(i, j), Math.max(i, j), beta.length)] ?? 0
  return beta.map((_, j) => {
    if (intercept === undefined || standardize === 'global' || scale[j] === 0) return at(j, j)
    const offset = (center[j] ?? 0) / (scale[j] ?? 1)
    return at(j, j) + 2 * offset * at(intercept, j) + offset * offset * at(intercept, intercept)
  })
}

function nullModel({ intercept, family }: GlmModel, { outcomeMean, center, scale, beta }: FitState): Float64Array {
  const outcome = (outcomeMean - (center[beta.length] ?? 0)) / (scale[beta.length] ?? 1)
  return beta.map((_, j) => (j === intercept ? family.link(outcome) : 0))
}

const mayBeAstray = ({ careful, stopped }: FitState): boolean => careful === 0 && stopped === 0

/** Where R would give up, or where means have grown so large that the next round would not know them. */
const isAstray = ({ family }: GlmModel, state: FitState, { deviance }: FitSums): boolean =>
  mayBeAstray(state) && (state.round >= MOST_ROUNDS_OF_R || deviance >= family.mostDeviance)

/** Its objective is infinite, so that no step from there looks as if nothing had changed. */
function fromNullModel(model: GlmModel, state: FitState): FitState {
  const beta = nullModel(model, state)
  return { ...state, round: state.round + 1, objective: Infinity, settled: 0, careful: 1, previous: beta, beta }
}

const isWorse = ({ careful, round, halvings }: FitState, change: number): boolean =>
  careful === 1 && change > (round === 1 ? FAR_WORSE : DEVIANCE_TOLERANCE) && halvings < MOST_HALVINGS

function halved(model: GlmModel, state: FitState): FitState {
  if (state.round >= MAX_GLM_ROUNDS) throw runaway(model, state, state.beta)
  return { ...state, round: state.round + 1, halvings: state.halvings + 1, beta: state.beta.map((value, j) => (value + (state.previous[j] ?? 0)) / 2) }
}

const penaltyWeight = ({ ridge, intercept }: GlmModel, state: FitState, j: number): number =>
  ridge === 0 || j === intercept ? 0 : ridge * reportFactor(state, j) ** 2

const penaltyOf = (model: GlmModel, state: FitState, beta: Float64Array): number =>
  beta.reduce((sum, value, j) => sum + penaltyWeight(model, state, j) * value * value, 0)

function penalized(model: GlmModel, state: FitState, gram: Float64Array): Float64Array {
  const sum = gram.slice()
  const width = state.beta.length
  for (let j = 0; j < width; j += 1) {
    const at = triangleIndex(j, j, width)
    sum[at] = (sum[at] ?? 0) + penaltyWeight(model, state, j)
  }
  return sum
}

const gradient = (model: GlmModel, state: FitState, { score }: FitSums): Float64Array =>
  score.map((value, j) => value - penaltyWeight(model, state, j) * (state.beta[j] ?? 0))

const plus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, j) => value + (b[j] ?? 0))
const minus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, j) => value - (b[j] ?? 0))
const largest = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
const booleans = (values: Float64Array): readonly boolean[] => Array.from(values, (value) => value !== 0)

/** Columns that go on moving are those that tell the outcome. */
function runaway(model: GlmModel, state: FitState, step: Float64Array): ResearchError {
  const most = largest(step)
  const moving = model.names.filter((_, j) => j !== model.intercept && Math.abs(step[j] ?? 0) > most / 20).slice(0, 5)
  const what = moving.length === 0 ? 'the coefficients do' : `those of ${moving.map((name) => `\`${shown(name)}\``).join(', ')}`
  const why = model.family.name === 'gaussian' ? 'columns are too much alike' : 'they tell the outcome of some rows for certain (separation)'
  return new ResearchError(
    'STUDY_DATA',
    `expected coefficients that come to rest, after ${state.round} rounds found ${what} still growing: ${why}; leave a term out or use a ridge`,
  )
}
