import { ResearchError } from '../errors.ts'
import type { Remainder } from '../linear/remainders.ts'

/**
 * The public values between two rounds of a GLM. They are plain numbers, because every site hashes and every auditor recomputes
 * them; this file is the only one that knows in which place each of them stands.
 */
export type GlmState = MomentState | FitState

/** Columns are the model's, the outcome last. A column `x` enters sums as `(x - center) / scale`; a scale of 0 makes it 0. */
export interface Scaling {
  readonly center: Float64Array
  readonly scale: Float64Array
}

/** Looking for means and spreads. */
export interface MomentState extends Scaling {
  readonly phase: 'moments'
  readonly attempt: number
}

/** Looking for coefficients. */
export interface FitState extends Scaling {
  readonly phase: 'fit'
  /** Rounds of this phase so far; in round 0 sites start from their outcomes, as R does. */
  readonly round: number
  readonly rows: number
  /** Times that round 0 was asked for, with other remainders each time. */
  readonly looks: number
  /** Columns that enter sums as what is left of them when earlier ones are taken out; `beta` and what goes with it are then for these. */
  readonly remainders: readonly Remainder[]
  /** Mean of the outcome, in its own unit. */
  readonly outcomeMean: number
  readonly nullDeviance: number
  readonly saturated: number
  /** Deviance and penalty at `previous`. */
  readonly objective: number
  /** Times that the last step was halved. */
  readonly halvings: number
  /** Rounds in a row in which the deviance has stood still. */
  readonly settled: number
  /** 1 from the round on in which R would have stopped. */
  readonly stopped: number
  /** 1 where steps that make things worse are halved, which R does not. */
  readonly careful: number
  /** Mean and n - 1 standard deviation of each column, over all rows; 0 and 1 where estimates are on the data's own scale. */
  readonly mean: Float64Array
  readonly deviation: Float64Array
  /** 1 for columns without a coefficient of their own. */
  readonly aliased: Float64Array
  /** Of the reported coefficients, for a dispersion of 1: from the last round but one, until R would have stopped. */
  readonly variances: Float64Array
  /** Coefficients of the scaled columns at which R would have stopped. */
  readonly reported: Float64Array
  /** Coefficients of the scaled columns, under which sites compute next, and those before. */
  readonly beta: Float64Array
  readonly previous: Float64Array
}

const MOMENTS = 0
const FIT = 1
const HEAD = 12

export function encodeState(state: GlmState): Float64Array {
  const { center, scale } = state
  if (state.phase === 'moments') return Float64Array.of(MOMENTS, state.attempt, ...center, ...scale)
  const { round, rows, outcomeMean, nullDeviance, saturated, objective, halvings, settled, stopped, careful, looks, remainders } = state
  const { mean, deviation, aliased, variances, reported, beta, previous } = state
  const head = [FIT, round, rows, outcomeMean, nullDeviance, saturated, objective, halvings, settled, stopped, careful, looks]
  const made = remainders.flatMap(({ column, limit, weights }) => [column, limit, ...weights])
  return Float64Array.from([...head, ...center, ...scale, ...mean, ...deviation, ...aliased, ...variances, ...reported, ...beta, ...previous, ...made])
}

const MOMENTS_HEAD = 2

/** `width` is the number of model columns. Throws `ResearchError` (`STUDY_ROUND`) for values of another shape. */
export function decodeState(values: Float64Array, width: number): GlmState {
  const [phase, round = 0, rows = 0, outcomeMean = 0, nullDeviance = 0, saturated = 0, objective = 0, ...counters] = values.subarray(0, HEAD)
  const [halvings = 0, settled = 0, stopped = 0, careful = 0, looks = 0] = counters
  refuseShape(values, width)
  let at = phase === MOMENTS ? MOMENTS_HEAD : HEAD
  const take = (count: number): Float64Array => values.slice(at, (at += count))
  const center = take(width + 1)
  const scale = take(width + 1)
  if (phase === MOMENTS) return { phase: 'moments', attempt: round, center, scale }
  const [mean, deviation, aliased, variances] = [take(width), take(width), take(width), take(width)]
  const [reported, beta, previous] = [take(width), take(width), take(width)]
  const remainders = Array.from({ length: (values.length - at) / (width + 2) }, (): Remainder => {
    const [column = 0, limit = 0] = take(2)
    return { column, limit, weights: take(width) }
  })
  const scalars = { round, rows, outcomeMean, nullDeviance, saturated, objective, halvings, settled, stopped, careful, looks }
  return { phase: 'fit', ...scalars, center, scale, mean, deviation, aliased, variances, reported, beta, previous, remainders }
}

function refuseShape(values: Float64Array, width: number): void {
  const phase = values[0]
  const expected = phase === MOMENTS ? MOMENTS_HEAD + 2 * (width + 1) : HEAD + 2 * (width + 1) + 7 * width
  const more = values.length - expected
  const isWhole = phase === MOMENTS ? more === 0 : phase === FIT && more >= 0 && more % (width + 2) === 0
  if (isWhole) return
  throw new ResearchError('STUDY_ROUND', `expected the ${expected} public values of a model with ${width} columns, found ${values.length} that are none`)
}
