import { normalTwoSided, tTwoSided } from './distributions.ts'
import type { Coefficient, GlmModel, GlmResult } from './glm-model.ts'
import type { Found } from './glm-newton.ts'
import { reportWeights } from './glm-scaling.ts'
import type { FitState } from './glm-state.ts'

/** A fit as R's `summary` has it, on the scale of the report. */
export function resultOf(model: GlmModel, found: Found): GlmResult {
  const { family, standardize, intercept } = model
  const { state, sums, cholesky } = found
  const unit = state.scale.at(-1) ?? 1
  const rank = cholesky.aliased.filter((aliased) => !aliased).length
  const df = state.rows - rank
  const deviance = sums.deviance * unit * unit
  const dispersion = family.dispersion ? (df > 0 ? deviance / df : null) : 1
  const logLikelihood = logLikelihoodOf(model, state, deviance)
  return {
    family: family.name,
    coefficients: coefficientsOf(model, found, { unit, dispersion, df }),
    rows: state.rows,
    deviance,
    nullDeviance: state.nullDeviance * unit * unit,
    df,
    nullDf: state.rows - (intercept === undefined ? 0 : 1),
    rank,
    dispersion,
    logLikelihood,
    aic: logLikelihood === null ? null : 2 * (rank + Number(family.dispersion)) - 2 * logLikelihood,
    iterations: state.round,
    lastStep: found.lastStep,
    standardization: standardize === 'global' ? { mean: state.mean, deviation: state.deviation } : null,
  }
}

function logLikelihoodOf({ family }: GlmModel, { rows, saturated }: FitState, deviance: number): number | null {
  if (family.name === 'gaussian' && deviance === 0) return null
  return family.name === 'gaussian' ? (-rows / 2) * (Math.log((2 * Math.PI * deviance) / rows) + 1) : saturated - deviance / 2
}

interface Spread {
  readonly unit: number
  readonly dispersion: number | null
  readonly df: number
}

function coefficientsOf(model: GlmModel, { state, cholesky, estimates, variances }: Found, { unit, dispersion, df }: Spread): readonly Coefficient[] {
  return model.names.map((name, i) => {
    if (cholesky.aliased[i] === true) return { name, estimate: null, se: null, statistic: null, p: null }
    const weights = reportWeights(model, state, i)
    const outcomeCenter = i === model.intercept ? (state.center.at(-1) ?? 0) : 0
    const estimate = outcomeCenter + unit * estimates.reduce((sum, value, j) => sum + value * (weights[j] ?? 0), 0)
    if (dispersion === null) return { name, estimate, se: null, statistic: null, p: null }
    const se = Math.sqrt((variances[i] ?? 0) * dispersion)
    if (se === 0) return { name, estimate, se, statistic: null, p: null }
    const statistic = estimate / se
    return { name, estimate, se, statistic, p: model.family.dispersion ? tTwoSided(statistic, df) : normalTwoSided(statistic) }
  })
}
