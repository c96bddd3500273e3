import { enforce } from '../disclosure/ruling.ts'
import { checkGrid, checkMinimumCell } from '../disclosure/rules.ts'
import { ResearchError } from '../errors.ts'
import type { Fit, Step } from '../rounds/types.ts'
import { powerOfTwoNear } from '../statistics/range.ts'
import { concordanceOf } from './concordance.ts'
import { firstStep, nextStep } from './cox-newton.ts'
import { pooledLength, pooledMoments, pooledSums, readPooledSum } from './cox-pooled.ts'
import { coxResult } from './cox-result.ts'
import { readSiteSum, siteLength, siteLikelihood, siteScale } from './cox-site.ts'
import { type CoxState, decodeState, encodeState, startState } from './cox-state.ts'
import type { CoxData, CoxOptions, CoxResult } from './cox-types.ts'

/**
 * Cox's proportional hazards with a baseline of its own for every site (and every stratum within one): the partial likelihood is then a sum of
 * what each site computes from its own rows, so what comes out is exactly R's `coxph(… + strata(site))` on all rows in one place. With a pooled
 * baseline it is exactly R's on the gridded times (`cox-pooled.ts`). First the columns are scaled by sums over all sites, then Newton's
 * method runs on sums of log likelihood, score and information.
 *
 * Throws `STUDY_POLICY` for too few events or rows without, or a grid that is none or too fine; `STUDY_DATA` for rows that are none, no events, or
 * coefficients that do not come to rest. Coefficients without end are said to be `infinite`.
 */
export function coxFit(options: CoxOptions): Fit<CoxData, CoxResult> {
  const width = options.names.length
  if (options.pooled !== undefined) enforce(checkGrid(options.pooled.grid, undefined, options))
  return {
    start: encodeState(startState(options.pooled === undefined ? 'scale' : 'center', width)),
    lengthOf: (values) => lengthOf(options, decodeState(values, width)),
    contribute: (data, values) => contribute(options, data, decodeState(values, width)),
    next: (values, sum) => {
      const step = next(options, decodeState(values, width), sum)
      return step.done ? step : { done: false, values: encodeState(step.state) }
    },
  }
}

const isMoments = ({ phase }: CoxState): boolean => phase === 'center' || phase === 'scale'

function lengthOf({ names, pooled }: CoxOptions, state: CoxState): number {
  if (isMoments(state)) return 2 + names.length
  return pooled === undefined ? siteLength(names.length) : pooledLength(pooled, names.length)
}

function contribute({ names, ties, pooled }: CoxOptions, data: CoxData, state: CoxState): Float64Array {
  if (pooled === undefined) return isMoments(state) ? siteScale(data, names) : siteLikelihood(data, names, state, ties)
  return isMoments(state) ? pooledMoments(data, names, state, pooled) : pooledSums(data, names, state, pooled)
}

type CoxStep = { readonly done: false; readonly state: CoxState } | Extract<Step<CoxResult>, { done: true }>

function next(options: CoxOptions, state: CoxState, sum: Float64Array): CoxStep {
  const { names, pooled } = options
  if (isMoments(state)) return { done: false, state: afterMoments(options, state, sum) }
  const likelihood = pooled === undefined ? readSiteSum(sum, names.length).likelihood : readPooledSum(sum, options, state, pooled)
  if (state.phase === 'start') return { done: false, state: firstStep(state, likelihood, options) }
  if (state.phase === 'iterate') return { done: false, state: nextStep(state, likelihood, options) }
  if (!likelihood.finite) throw new ResearchError('STUDY_DATA', 'expected a likelihood that is finite at the estimates, found none; use a ridge')
  const pairs = pooled === undefined ? concordanceOf(readSiteSum(sum, names.length).pairs) : null
  return { done: true, result: coxResult(state, likelihood, options, pairs) }
}

function afterMoments({ pooled, minimumCell }: CoxOptions, state: CoxState, sum: Float64Array): CoxState {
  const [rows = 0, events = 0] = sum
  if (state.phase === 'scale' && state.rows !== 0 && state.rows !== rows) throw new ResearchError('STUDY_ROUND', 'expected the rows of the first round')
  if (events === 0) throw new ResearchError('STUDY_DATA', 'expected events, found none at any site')
  enforce(checkMinimumCell({ 'events in total': events, 'rows without event in total': rows - events }, { minimumCell }))
  if (pooled !== undefined) enforce(checkGrid(pooled.grid, rows, { minimumCell }))
  const means = sum.slice(2).map((value) => value / rows)
  if (state.phase === 'center') return { ...state, phase: 'scale', rows, events, center: means }
  return { ...state, phase: 'start', rows, events, scale: means.map(powerOfTwoNear) }
}
