import { ResearchError } from '../errors.ts'
import { MAX_MODEL_COLUMNS } from '../limits.ts'
import { INTERCEPT } from '../matrix/design.ts'
import type { Fit, Step } from '../rounds/types.ts'
import { FAMILIES } from './glm-families.ts'
import type { GlmData, GlmModel, GlmOptions, GlmResult } from './glm-model.ts'
import { contributeMoments, momentsLength, nextAfterMoments, startMoments } from './glm-moments.ts'
import { newtonStep } from './glm-newton.ts'
import { resultOf } from './glm-result.ts'
import { contributeFit, fitLength } from './glm-site.ts'
import { decodeState, encodeState, type GlmState } from './glm-state.ts'

/**
 * A generalized linear model over several sites, equal to the one that R's `glm` fits to all their rows in one table. It is, because all that
 * Newton's method needs of the rows are sums over them: at coefficients β the curvature XᵀWX, the score Xᵀ(y - μ) and the deviance.
 *
 * First rounds look for the mean and spread of each column (`glm-moments.ts`), the others for the coefficients (`glm-newton.ts`): 2 + as many as
 * R needs. Estimates are those at which R stops, and standard errors those of the curvature one step before, so that they are R's to
 * the digit.
 *
 * Refused with `STUDY_DATA`, as no number would be right: no rows, an outcome that does not vary, and separation (binomial and Poisson
 * coefficients that grow without end; R gives what it has after some steps, with a warning). A ridge above 0 always has an answer.
 */
export function createGlm(options: GlmOptions): Fit<GlmData, GlmResult> {
  const model = modelOf(options)
  const width = model.names.length
  const decode = (values: Float64Array): GlmState => decodeState(values, width)
  return {
    start: encodeState(startMoments(width)),
    lengthOf: (values) => (decode(values).phase === 'moments' ? momentsLength(width) : fitLength(width)),
    contribute(data, values) {
      const state = decode(values)
      refuseShape(model, data)
      if (state.phase === 'fit') return contributeFit(model, data, state)
      refuseOutcome(model, data)
      return contributeMoments(model, data, state)
    },
    next: (values, sum) => nextOf(model, decode(values), sum),
  }
}

function nextOf(model: GlmModel, state: GlmState, sum: Float64Array): Step<GlmResult> {
  if (state.phase === 'moments') return { done: false, values: encodeState(nextAfterMoments(model, state, sum)) }
  const step = newtonStep(model, state, sum)
  return step.done ? { done: true, result: resultOf(model, step.found) } : { done: false, values: encodeState(step.state) }
}

function modelOf({ family, names, ridge = 0, standardize = 'none' }: GlmOptions): GlmModel {
  if (names.length === 0) throw new ResearchError('STUDY_FORMULA', 'expected at least one coefficient, found none')
  if (names.length > MAX_MODEL_COLUMNS) throw new ResearchError('STUDY_FORMULA', `expected at most ${MAX_MODEL_COLUMNS} coefficients, found ${names.length}`)
  if (!(ridge >= 0 && Number.isFinite(ridge))) throw new ResearchError('STUDY_SPEC', `expected a ridge from 0, found \`${ridge}\``)
  const intercept = names.indexOf(INTERCEPT)
  return { family: FAMILIES[family], names, intercept: intercept === -1 ? undefined : intercept, ridge, standardize }
}

function refuseShape({ names }: GlmModel, { x, y, columns }: GlmData): void {
  if (columns === names.length && x.length === y.length * columns) return
  throw new ResearchError('STUDY_COLUMN', `expected rows of ${names.length} numbers, found ${x.length} numbers for ${y.length} rows of ${columns}`)
}

function refuseOutcome({ family }: GlmModel, { y }: GlmData): void {
  if (y.every((one) => family.accepts(one))) return
  throw new ResearchError('STUDY_DATA', `expected ${family.expects ?? 'finite numbers'} as outcome of a ${family.name} model, found another value`)
}
