import { ResearchError } from '../errors.ts'
import { MAX_COX_STEPS } from '../limits.ts'
import { type Cholesky, factorize, solve } from '../linear/cholesky.ts'
import { triangleIndex } from '../linear/gram.ts'
import type { CoxState } from './cox-state.ts'
import type { CoxOptions } from './cox-types.ts'
import type { Likelihood } from './risk-set.ts'

/** R's `coxph.control(eps)`: relative change of the log likelihood. */
const SMALL_CHANGE = 1e-9
/** R's `toler.inf`: where the likelihood stands still, a next step that is still larger than this, relative to its coefficient, may have no end. */
const LARGE_STEP = Math.sqrt(SMALL_CHANGE)
/** Rounds in which the likelihood stands still while a coefficient goes on. */
const RUNAWAY = 4
/** Of a column's information, what has to be left when the earlier columns are taken out. R: 1.8e-12 of the largest column's. */
const ALIAS_TOLERANCE = 1e-11

/** The first step, from all coefficients 0. Which columns are aliased is decided here, once. */
export function firstStep(state: CoxState, likelihood: Likelihood, { ridge }: CoxOptions): CoxState {
  if (!likelihood.finite) throw new ResearchError('STUDY_DATA', 'expected columns whose likelihood is finite where no coefficient has an effect')
  const dependent = aliasedColumns(penalized(state, likelihood.information, ridge), state.beta.length)
  const aliased = Float64Array.from(curvatureOf({ ...state, aliased: dependent }, likelihood, ridge).aliased, Number)
  const step = stepFrom({ ...state, aliased }, likelihood, ridge)
  const { logLikelihood: nullLogLikelihood, score } = likelihood
  const scoreTest = score.reduce((sum, value, j) => sum + value * (step[j] ?? 0), 0)
  const { previous, beta } = { previous: state.beta, beta: step }
  return { ...state, phase: 'iterate', steps: 1, objective: nullLogLikelihood, nullLogLikelihood, scoreTest, aliased, previous, beta }
}

/**
 * Newton's method as R goes: steps that make things worse are halved, and it stops where the log likelihood changes by less than 1e-9 of itself.
 * What is reported are the coefficients at which R stops, up to 1e-6 from where they would come to rest. Where the next step is not small
 * yet, this goes on to see whether there is an end.
 */
export function nextStep(state: CoxState, likelihood: Likelihood, { ridge, names }: CoxOptions): CoxState {
  const objective = likelihood.logLikelihood - penaltyOf(state, ridge)
  const change = SMALL_CHANGE * Math.abs(objective)
  if (state.steps >= MAX_COX_STEPS) throw notAtRest(state)
  if (!likelihood.finite || !(objective >= state.objective - change)) return halved(state)
  const step = stepFrom(state, likelihood, ridge)
  const settled = Math.abs(objective - state.objective) <= change ? state.settled + 1 : 0
  const atRest = names.every((_, j) => !isLarge(step, state.beta, j))
  if (settled === 1 && atRest) return { ...state, phase: 'final', settled }
  if (settled > 1 && atRest) return { ...state, phase: 'final', settled, previous: state.beta, beta: state.previous }
  if (settled > RUNAWAY) return { ...state, phase: 'final', settled, previous: state.beta }
  return { ...state, steps: state.steps + 1, halvings: 0, settled, objective, previous: state.beta, beta: plus(state.beta, step) }
}

const isLarge = (step: Float64Array, beta: Float64Array, j: number): boolean =>
  Math.abs(step[j] ?? 0) > SMALL_CHANGE && Math.abs(step[j] ?? 0) > LARGE_STEP * Math.abs(beta[j] ?? 0)

/**
 * Columns whose coefficient still moves where the likelihood has long stood still, or about which nothing is left to be known: it grows for ever, and
 * is as large as it is by the number of rounds.
 */
export function infiniteColumns(state: CoxState, likelihood: Likelihood, ridge: number): readonly boolean[] {
  const curvature = curvatureOf(state, likelihood, ridge)
  const step = stepFrom(state, likelihood, ridge)
  const goesOn = (j: number) => state.settled > RUNAWAY && isLarge(step, state.beta, j)
  return Array.from(state.beta, (_, j) => state.aliased[j] === 0 && (curvature.aliased[j] === true || goesOn(j)))
}

function halved(state: CoxState): CoxState {
  const halvings = state.halvings + 1
  const beta = state.beta.map((value, j) => (value + halvings * (state.previous[j] ?? 0)) / (halvings + 1))
  return { ...state, steps: state.steps + 1, halvings, beta }
}

/** The curvature at the state's coefficients. Columns that the start left out are left out, and those that have lost all their information since. */
export function curvatureOf(state: CoxState, likelihood: Likelihood, ridge: number): Cholesky {
  const width = state.beta.length
  const curvature = penalized(state, likelihood.information, ridge)
  for (let i = 0; i < width; i += 1)
    for (let j = i; j < width; j += 1) if (state.aliased[i] === 1 || state.aliased[j] === 1) curvature[triangleIndex(i, j, width)] = 0
  const factorized = factorize(curvature, width)
  if (factorized === undefined) throw new ResearchError('STUDY_DATA', 'expected columns that can be told apart, found some that cannot')
  return factorized
}

const stepFrom = (state: CoxState, likelihood: Likelihood, ridge: number): Float64Array =>
  solve(
    curvatureOf(state, likelihood, ridge),
    likelihood.score.map((value, j) => value - penaltyWeight(state, ridge, j) * (state.beta[j] ?? 0)),
  )

/** The penalty is on coefficients of the columns as they are. */
const penaltyWeight = (state: CoxState, ridge: number, j: number): number => ridge / (state.scale[j] ?? 1) ** 2

const penaltyOf = (state: CoxState, ridge: number): number =>
  state.beta.reduce((sum, value, j) => sum + (penaltyWeight(state, ridge, j) * value * value) / 2, 0)

function penalized(state: CoxState, information: Float64Array, ridge: number): Float64Array {
  const sum = information.slice()
  for (let j = 0; j < state.beta.length; j += 1) {
    const at = triangleIndex(j, j, state.beta.length)
    sum[at] = (sum[at] ?? 0) + penaltyWeight(state, ridge, j)
  }
  return sum
}

/** Gaussian elimination column after column: 1 where nothing is left of a column's own information. */
function aliasedColumns(information: Float64Array, width: number): Float64Array {
  const left = information.slice()
  const aliased = new Float64Array(width)
  for (let j = 0; j < width; j += 1) {
    const pivot = left[triangleIndex(j, j, width)] ?? 0
    if (!(pivot > ALIAS_TOLERANCE * (information[triangleIndex(j, j, width)] ?? 0))) {
      aliased[j] = 1
      continue
    }
    for (let i = j + 1; i < width; i += 1) {
      const factor = (left[triangleIndex(j, i, width)] ?? 0) / pivot
      for (let k = i; k < width; k += 1) {
        const at = triangleIndex(i, k, width)
        left[at] = (left[at] ?? 0) - factor * (left[triangleIndex(j, k, width)] ?? 0)
      }
    }
  }
  return aliased
}

const plus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, j) => value + (b[j] ?? 0))

const notAtRest = (state: CoxState): ResearchError =>
  new ResearchError('STUDY_DATA', `expected coefficients that come to rest, found none after ${state.steps} steps; leave a term out or use a ridge`)
