import { ResearchError } from '../errors.ts'
import { MAX_SUM } from '../limits.ts'
import { shown } from '../table/near.ts'
import type { Family } from './glm-families.ts'
import type { GlmModel } from './glm-model.ts'
import type { FitState, MomentState, Scaling } from './glm-state.ts'

/**
 * The first rounds: where each column lies and how far it spreads. Masked sums have 64 bits after the point and 62 before it, and the
 * difference of two large sums of squares has few digits left. So a column is centered at its mean and divided by its spread, both public,
 * before squares of it are summed. Most columns are found in one round; one that lies far from 0 (a year, a blood count in cells) or has
 * tiny numbers takes another look from where the last one said it is.
 */
export function startMoments(width: number): MomentState {
  return { phase: 'moments', attempt: 0, center: new Float64Array(width + 1), scale: new Float64Array(width + 1).fill(START_SCALE) }
}

/** Sums of squares then hold numbers from 1e-6 to 1e9 at once. A power of two, so that dividing by it rounds nothing. */
const START_SCALE = 1024

/** Looks at a column: at the fourth, what is known has to do. */
const MOST_ATTEMPTS = 4

/** So much closer a column is looked at again at most: where it is so small that nothing of it reached the sums, nothing is known of it. */
const ZOOM = 2 ** 40

/** R's `glm` takes a column for constant where its spread is less than this, relative to its size. */
const CONSTANT = 1e-11

/** Rows, and then of each column (the outcome last) the sum and the sum of squares, scaled. */
export const momentsLength = (width: number): number => 1 + 2 * (width + 1)

/** What is known of a column after a round. */
interface Moments {
  readonly mean: number
  /** With n as its divisor. */
  readonly deviation: number
  readonly constant: boolean
  readonly settled: boolean
  /** From where to look again. */
  readonly center: number
  readonly scale: number
}

/** Goes on with the moments where some are not settled, else with the fit. Throws `ResearchError` (`STUDY_DATA`). */
export function nextAfterMoments(model: GlmModel, state: MomentState, sum: Float64Array): MomentState | FitState {
  const rows = Math.round(sum[0] ?? 0)
  if (rows < 1) throw new ResearchError('STUDY_DATA', 'expected rows in which every used column has a value, found none over all sites')
  const width = model.names.length
  const moments = Array.from({ length: width + 1 }, (_, i) => momentsOf(state, i, { rows, total: sum[1 + 2 * i] ?? 0, squares: sum[2 + 2 * i] ?? 0 }))
  if (moments.some(({ settled }, i) => !settled && i !== model.intercept) && state.attempt + 1 < MOST_ATTEMPTS) {
    return {
      phase: 'moments',
      attempt: state.attempt + 1,
      center: Float64Array.from(moments, ({ center }) => center),
      scale: Float64Array.from(moments, ({ scale }) => scale),
    }
  }
  return startFit(model, moments, rows)
}

function momentsOf(state: MomentState, i: number, sums: { readonly rows: number; readonly total: number; readonly squares: number }): Moments {
  const { attempt } = state
  const [center, scale] = [state.center[i] ?? 0, state.scale[i] ?? 1]
  const offset = sums.total / sums.rows
  const variance = Math.max(0, sums.squares / sums.rows - offset * offset)
  const mean = center + scale * offset
  const deviation = scale * Math.sqrt(variance)
  // The difference of squares has kept enough digits, and the squares enough places.
  const settled = variance > 1e-4 * offset * offset && variance > 1e-10
  const nothing = sums.total === 0 && sums.squares === 0 && (center !== 0 || attempt > 1)
  // At the first look the squares of a large mean hide a spread; later the scale is that of the spread, or of the least one that counts.
  const small = attempt > 0 && scale <= Math.abs(mean) && deviation < CONSTANT * Math.abs(mean)
  const constant = nothing || small
  const closest = Math.max(deviation, CONSTANT * Math.abs(mean), scale / ZOOM)
  return { mean, deviation, constant, settled: settled || constant, center: mean, scale: closest }
}

function startFit(model: GlmModel, moments: readonly Moments[], rows: number): FitState {
  const { family, names, intercept, standardize } = model
  const outcome = moments.at(-1)
  if (outcome === undefined || hasNoModel(family, outcome)) throw new ResearchError('STUDY_DATA', constantOutcome(family))
  const columns = moments.slice(0, -1)
  const scalings = columns.map((one, i) => columnScaling(model, one, i))
  const outcomeScaling = scalingOfOutcome(model, outcome)
  const center = Float64Array.of(...scalings.map((one) => one.center), outcomeScaling.center)
  const scale = Float64Array.of(...scalings.map((one) => one.scale), outcomeScaling.scale)
  const sampleFactor = Math.sqrt(rows / Math.max(rows - 1, 1))
  const isScaled = (i: number, one: Moments) => standardize === 'global' && i !== intercept && !one.constant
  const mean = Float64Array.from(columns, (one, i) => (isScaled(i, one) ? one.mean : 0))
  const deviation = Float64Array.from(columns, (one, i) => (isScaled(i, one) ? one.deviation * sampleFactor : 1))
  const zeros = new Float64Array(names.length)
  const figures = { rows, outcomeMean: outcome.mean, nullDeviance: 0, saturated: 0, objective: 0 }
  const counters = { round: 0, halvings: 0, settled: 0, stopped: 0, careful: 0, looks: 0 }
  return {
    phase: 'fit',
    ...figures,
    ...counters,
    center,
    scale,
    mean,
    deviation,
    aliased: zeros,
    variances: zeros,
    reported: zeros,
    beta: zeros,
    previous: zeros,
    remainders: [],
  }
}

/** Counts may all be the same, unless they are 0: the intercept is their logarithm. */
const hasNoModel = ({ name }: Family, { mean, deviation, constant }: Moments): boolean => (name === 'poisson' ? mean === 0 : constant || deviation === 0)

/** With an intercept, moving a column changes nothing but the intercept, and a constant column is aliased; without one, it is another model. */
function columnScaling(
  { intercept, standardize }: GlmModel,
  { mean, deviation, constant }: Moments,
  i: number,
): { readonly center: number; readonly scale: number } {
  if (i === intercept) return { center: 0, scale: 1 }
  if (intercept !== undefined || standardize === 'global') return { center: mean, scale: constant ? 0 : deviation }
  return { center: 0, scale: Math.hypot(mean, deviation) }
}

function scalingOfOutcome({ family, intercept }: GlmModel, { mean, deviation }: Moments): { readonly center: number; readonly scale: number } {
  if (family.name !== 'gaussian') return { center: 0, scale: 1 }
  return intercept === undefined ? { center: 0, scale: Math.hypot(mean, deviation) } : { center: mean, scale: deviation }
}

function constantOutcome({ name }: Family): string {
  switch (name) {
    case 'binomial':
      return 'expected rows with outcome 0 and rows with outcome 1, found one kind over all sites'
    case 'poisson':
      return 'expected counts above 0, found none over all sites'
    case 'gaussian':
      return 'expected an outcome that varies, found one value over all sites'
  }
}

/** A site's moments. Throws `ResearchError` (`STUDY_RANGE`) that names the column. */
export function contributeMoments(model: GlmModel, data: { readonly x: Float64Array; readonly y: Float64Array }, { center, scale }: Scaling): Float64Array {
  const width = model.names.length
  const sum = new Float64Array(momentsLength(width))
  sum[0] = data.y.length
  for (let i = 0; i <= width; i += 1) {
    const [values, start, stride] = i === width ? [data.y, 0, 1] : [data.x, i, width]
    const sums = sumsOf({ values, start, stride }, center[i] ?? 0, 1 / (scale[i] ?? 1))
    const fault = faultOf(sums)
    if (fault !== undefined) {
      const where = i === width ? 'the outcome' : `\`${shown(model.names[i] ?? '')}\``
      throw new ResearchError('STUDY_RANGE', `expected numbers that can be summed, found ${fault} ones in ${where}; choose another unit`)
    }
    sum[1 + 2 * i] = sums.total
    sum[2 + 2 * i] = sums.squares
  }
  return sum
}

/** Sums hold nothing of numbers of which even the largest is this small, and they are no zeros. */
const LEAST_SQUARES = 2 ** -220

function faultOf({ total, squares }: { readonly total: number; readonly squares: number }): 'larger' | 'smaller' | undefined {
  if (!(squares < MAX_SUM && Math.abs(total) < MAX_SUM)) return 'larger'
  return squares < LEAST_SQUARES && (squares !== 0 || total !== 0) ? 'smaller' : undefined
}

interface Column {
  readonly values: Float64Array
  readonly start: number
  readonly stride: number
}

function sumsOf({ values, start, stride }: Column, center: number, inverse: number): { readonly total: number; readonly squares: number } {
  let total = 0
  let squares = 0
  for (let at = start; at < values.length; at += stride) {
    const value = ((values[at] ?? 0) - center) * inverse
    total += value
    squares += value * value
  }
  return { total, squares }
}
