import { ResearchError } from '../errors.ts'

/**
 * Public values of a Cox model between rounds. `center` (pooled baseline only): sums for the means. `scale`: sums for the units of the columns.
 * `start`: the likelihood with all coefficients 0. `iterate`: at the next coefficients. `final`: once more at the estimates.
 */
export interface CoxState {
  readonly phase: CoxPhase
  readonly steps: number
  readonly halvings: number
  /** Rounds for which the likelihood has stood still. */
  readonly settled: number
  /** Penalized, at `previous`. */
  readonly objective: number
  readonly nullLogLikelihood: number
  readonly scoreTest: number
  readonly rows: number
  readonly events: number
  readonly center: Float64Array
  readonly scale: Float64Array
  readonly aliased: Float64Array
  /** The best coefficients so far, and those that the sums are asked for; of scaled columns. */
  readonly previous: Float64Array
  readonly beta: Float64Array
}

const PHASES = ['center', 'scale', 'start', 'iterate', 'final'] as const
export type CoxPhase = (typeof PHASES)[number]
const COUNTERS = 9
const ARRAYS = 5

export function startState(phase: CoxPhase, width: number): CoxState {
  const zeros = new Float64Array(width)
  const counters = { steps: 0, halvings: 0, settled: 0, objective: 0, nullLogLikelihood: 0, scoreTest: 0, rows: 0, events: 0 }
  return { phase, ...counters, center: zeros, scale: zeros.map(() => 1), aliased: zeros, previous: zeros, beta: zeros }
}

export function encodeState(state: CoxState): Float64Array {
  const { steps, halvings, settled, objective, nullLogLikelihood, scoreTest, rows, events } = state
  const counters = [PHASES.indexOf(state.phase), steps, halvings, settled, objective, nullLogLikelihood, scoreTest, rows, events]
  return Float64Array.from([...counters, ...state.center, ...state.scale, ...state.aliased, ...state.previous, ...state.beta])
}

/** Throws `STUDY_ROUND` for values of another shape. */
export function decodeState(values: Float64Array, width: number): CoxState {
  const phase = PHASES[values[0] ?? -1]
  if (phase === undefined || values.length !== COUNTERS + ARRAYS * width || !values.every(Number.isFinite))
    throw new ResearchError('STUDY_ROUND', 'expected the state of a Cox model, found something else')
  const [, steps = 0, halvings = 0, settled = 0, objective = 0, nullLogLikelihood = 0, scoreTest = 0, rows = 0, events = 0] = values
  const part = (i: number) => values.slice(COUNTERS + i * width, COUNTERS + (i + 1) * width)
  const counters = { steps, halvings, settled, objective, nullLogLikelihood, scoreTest, rows, events }
  return { phase, ...counters, center: part(0), scale: part(1), aliased: part(2), previous: part(3), beta: part(4) }
}
