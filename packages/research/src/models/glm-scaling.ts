import { type Cholesky, inverseForm } from '../linear/cholesky.ts'
import { throughRemainders } from '../linear/remainders.ts'
import type { GlmModel } from './glm-model.ts'
import type { FitState } from './glm-state.ts'

/**
 * From scaled columns back to those of the report. With u = (x - center) / scale and z = (x - mean) / deviation (or z = x), the linear predictor
 * a + Σ b u has the intercept a + Σ b (mean - center) / scale and for each z the coefficient b × deviation / scale. The unit of a gaussian
 * outcome comes on top. Remainders are sums of columns, so their coefficients are those of columns with the same weights.
 */
export function reportWeights(model: GlmModel, state: FitState, i: number): Float64Array {
  const weights = new Float64Array(state.beta.length)
  if (i !== model.intercept) weights[i] = reportFactor(state, i)
  else weights.forEach((_, j) => (weights[j] = j === i ? 1 : interceptShare(state, j)))
  return throughRemainders(weights, state.remainders)
}

/** What a scaled coefficient is multiplied by on the scale of the report, which is also that of the penalty. */
export const reportFactor = (state: FitState, j: number): number => (state.scale[j] === 0 ? 0 : (state.deviation[j] ?? 1) / (state.scale[j] ?? 1))

const interceptShare = ({ mean, center, scale }: FitState, j: number): number => (scale[j] === 0 ? 0 : ((mean[j] ?? 0) - (center[j] ?? 0)) / (scale[j] ?? 1))

/** Variances of the reported coefficients under a curvature, for a dispersion of 1. */
export const reportVariances = (model: GlmModel, state: FitState, cholesky: Cholesky): Float64Array =>
  Float64Array.from(state.beta, (_, i) => inverseForm(cholesky, reportWeights(model, state, i)))
