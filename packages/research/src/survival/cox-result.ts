import { inverse } from '../linear/cholesky.ts'
import { chiSquareTail, normalTwoSided } from '../models/distributions.ts'
import { curvatureOf, infiniteColumns } from './cox-newton.ts'
import type { CoxState } from './cox-state.ts'
import type { Concordance, CoxCoefficient, CoxOptions, CoxResult, Test } from './cox-types.ts'
import type { Likelihood } from './risk-set.ts'

/** What R's `summary(coxph)` has, from the sums at the estimates. */
export function coxResult(state: CoxState, likelihood: Likelihood, options: CoxOptions, concordance: Concordance | null): CoxResult {
  const coefficients = coefficientsOf(state, likelihood, options)
  const df = coefficients.filter(({ kind }) => kind !== 'aliased').length
  const { rows, events, nullLogLikelihood } = state
  const { logLikelihood } = likelihood
  return {
    coefficients,
    rows,
    events,
    nullLogLikelihood,
    logLikelihood,
    df,
    likelihoodRatioTest: testOf(2 * (logLikelihood - nullLogLikelihood), df),
    scoreTest: testOf(state.scoreTest, df),
    waldTest: coefficients.some(({ kind }) => kind === 'infinite') ? null : testOf(waldOf(state, likelihood, options.ridge), df),
    concordance,
    iterations: state.steps + 2,
    lastStep: lastStepOf(state),
  }
}

function coefficientsOf(state: CoxState, likelihood: Likelihood, { names, ridge }: CoxOptions): readonly CoxCoefficient[] {
  const infinite = infiniteColumns(state, likelihood, ridge)
  const covariance = inverse(curvatureOf(state, likelihood, ridge))
  return names.map((name, j) => {
    const nothing = { estimate: null, se: null, z: null, p: null }
    if (state.aliased[j] === 1) return { name, kind: 'aliased', ...nothing }
    if (infinite[j] === true) return { name, kind: 'infinite', ...nothing }
    const scale = state.scale[j] ?? 1
    const estimate = (state.beta[j] ?? 0) / scale
    const se = Math.sqrt(covariance[j * names.length + j] ?? Number.NaN) / scale
    return { name, kind: 'estimated', estimate, se, z: estimate / se, p: normalTwoSided(estimate / se) }
  })
}

/** Where a coefficient is infinite no step is taken at the end, and this is 0. */
function lastStepOf({ beta, previous }: CoxState): number {
  const size = beta.reduce((most, value) => Math.max(most, Math.abs(value)), 1)
  return beta.reduce((most, value, j) => Math.max(most, Math.abs(value - (previous[j] ?? 0))), 0) / size
}

/** βᵀ I β with the curvature at β. */
function waldOf(state: CoxState, likelihood: Likelihood, ridge: number): number {
  const { factor } = curvatureOf(state, likelihood, ridge)
  const width = state.beta.length
  let sum = 0
  for (let k = 0; k < width; k += 1) {
    let product = 0
    for (let j = k; j < width; j += 1) product += (factor[j * width + k] ?? 0) * (state.beta[j] ?? 0)
    sum += product * product
  }
  return sum
}

const testOf = (chisq: number, df: number): Test => ({ chisq, df, p: df === 0 ? 1 : chiSquareTail(chisq, df) })
