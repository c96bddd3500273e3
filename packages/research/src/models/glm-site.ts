import { ResearchError } from '../errors.ts'
import { addGram, CHUNK_ROWS, triangleLength } from '../linear/gram.ts'
import { applyRemainders } from '../linear/remainders.ts'
import { MAX_SUM } from '../limits.ts'
import type { GlmData, GlmModel } from './glm-model.ts'
import type { FitState } from './glm-state.ts'

/** What the sum of a round of the fit says. */
export interface FitSums {
  readonly rows: number
  readonly deviance: number
  readonly saturated: number
  /** Xᵀ(y - μ); in the first round XᵀWz, with z the working response of R's start. */
  readonly score: Float64Array
  /** The upper triangle of XᵀWX. */
  readonly gram: Float64Array
}

export const fitLength = (width: number): number => 3 + width + triangleLength(width)

export const fitSums = (sum: Float64Array, width: number): FitSums => ({
  rows: Math.round(sum[0] ?? 0),
  deviance: sum[1] ?? 0,
  saturated: sum[2] ?? 0,
  score: sum.subarray(3, 3 + width),
  gram: sum.subarray(3 + width),
})

/** A site's part of a round. Throws `ResearchError` (`STUDY_RANGE`). */
export function contributeFit(model: GlmModel, data: GlmData, state: FitState): Float64Array {
  const width = model.names.length
  const sum = new Float64Array(fitLength(width))
  const gram = sum.subarray(3 + width)
  const rows = new Float64Array(CHUNK_ROWS * width)
  const weights = new Float64Array(CHUNK_ROWS)
  const inverse = state.scale.subarray(0, width).map((scale) => (scale === 0 ? 0 : 1 / scale))
  sum[0] = data.y.length
  for (let start = 0; start < data.y.length; start += CHUNK_ROWS) {
    const count = Math.min(CHUNK_ROWS, data.y.length - start)
    scaleRows(rows, data.x.subarray(start * width, (start + count) * width), state.center, inverse)
    applyRemainders(rows, count, width, state.remainders)
    const y = data.y.subarray(start, start + count)
    if (state.round === 0) startRows({ model, state, rows, y, weights, sum })
    else newtonRows({ model, state, rows, y, weights, sum })
    addGram(gram, { count, width, rows, weights })
  }
  if (!sum.every((value) => Math.abs(value) < MAX_SUM)) throw new ResearchError('STUDY_RANGE', 'expected sums below 2^62, found larger ones')
  return sum
}

/** Row after row, as the numbers lie in memory: column after column takes twice as long. */
function scaleRows(into: Float64Array, x: Float64Array, center: Float64Array, inverse: Float64Array): void {
  const width = inverse.length
  for (let row = 0; row < x.length; row += width) {
    for (let j = 0; j < width; j += 1) into[row + j] = ((x[row + j] ?? 0) - (center[j] ?? 0)) * (inverse[j] ?? 0)
  }
}

interface Rows {
  readonly model: GlmModel
  readonly state: FitState
  readonly rows: Float64Array
  readonly y: Float64Array
  readonly weights: Float64Array
  readonly sum: Float64Array
}

/** R's start: a mean that lies a little inside of each outcome, and the least squares that follow from it. The deviance is that of the null model. */
function startRows({ model: { family, intercept }, state, rows, y, weights, sum }: Rows): void {
  const width = state.beta.length
  const outcome = scaledOutcome(state)
  const nullEta = intercept === undefined ? 0 : family.link(outcome(state.outcomeMean))
  let [deviance, saturated] = [0, 0]
  for (let row = 0; row < y.length; row += 1) {
    const value = outcome(y[row] ?? 0)
    const eta = family.startEta(value)
    const mu = family.mean(eta)
    const weight = family.variance(mu)
    weights[row] = weight
    deviance += family.deviance(value, nullEta)
    saturated += family.saturated(value)
    addScore(sum, rows, { row, width, value: weight * eta + value - mu })
  }
  sum[1] = (sum[1] ?? 0) + deviance
  sum[2] = (sum[2] ?? 0) + saturated
}

function newtonRows({ model: { family }, state, rows, y, weights, sum }: Rows): void {
  const { beta } = state
  const width = beta.length
  const outcome = scaledOutcome(state)
  let deviance = 0
  for (let row = 0; row < y.length; row += 1) {
    const value = outcome(y[row] ?? 0)
    let eta = 0
    for (let j = 0; j < width; j += 1) eta += (beta[j] ?? 0) * (rows[row * width + j] ?? 0)
    const mu = family.mean(eta)
    weights[row] = family.variance(mu)
    deviance += family.deviance(value, eta)
    addScore(sum, rows, { row, width, value: value - mu })
  }
  sum[1] = (sum[1] ?? 0) + deviance
}

function addScore(
  sum: Float64Array,
  rows: Float64Array,
  { row, width, value }: { readonly row: number; readonly width: number; readonly value: number },
): void {
  for (let j = 0; j < width; j += 1) sum[3 + j] = (sum[3 + j] ?? 0) + value * (rows[row * width + j] ?? 0)
}

const scaledOutcome = ({ center, scale, beta }: FitState): ((y: number) => number) => {
  const middle = center[beta.length] ?? 0
  const inverse = 1 / (scale[beta.length] ?? 1)
  return (y) => (y - middle) * inverse
}
