import { ResearchError } from '../errors.ts'
import { checkData } from './cox-site.ts'
import type { CoxState } from './cox-state.ts'
import type { CoxData, CoxOptions, PooledBaseline, Ties } from './cox-types.ts'
import { toGrid } from './grid.ts'
import { addDeaths, addToRisk, emptyLikelihood, type Likelihood, riskLength } from './risk-set.ts'

/**
 * One baseline for all sites. At each grid point a site gives the sums over those who leave there and over those who die there; the risk set of a
 * point is the sum over those who leave at it or later, so with these sums anybody can compute the likelihood of the gridded data exactly.
 * Columns are centered at their mean over all sites, or weights would outgrow numbers.
 *
 * In each block, for each stratum and grid point: of those who leave weight, weight × x, weight × x xᵀ; the same of those who die; their number; their x.
 */
const blockLength = (width: number): number => 2 * riskLength(width) + 1 + width

export const pooledLength = ({ grid, strata }: PooledBaseline, width: number): number => 1 + strata * grid.length * blockLength(width)

/** Weights beyond this would leave no digits for others in a masked sum. */
const LARGEST_PREDICTOR = 30

/** Rows, events, and sums of the columns, or of distances from their means. */
export function pooledMoments(data: CoxData, names: readonly string[], state: CoxState, { grid }: PooledBaseline): Float64Array {
  checkData(data, names)
  const sums = new Float64Array(2 + names.length)
  const events = data.event.reduce((count, event, row) => count + toGrid(grid, data.time[row] ?? 0, event).event, 0)
  sums.set([data.time.length, events])
  data.x.forEach((value, i) => {
    const j = i % names.length
    sums[2 + j] = (sums[2 + j] ?? 0) + (state.phase === 'center' ? value : Math.abs(value - (state.center[j] ?? 0)))
  })
  return sums
}

/** The part of a site. Throws `STUDY_COLUMN` for a stratum that the study does not have. */
export function pooledSums(data: CoxData, names: readonly string[], state: CoxState, baseline: PooledBaseline): Float64Array {
  const width = names.length
  const sums = new Float64Array(pooledLength(baseline, width))
  const dead = riskLength(width)
  for (let row = 0; row < data.time.length; row += 1) {
    const stratum = data.strata?.[row] ?? 0
    if (stratum >= baseline.strata) throw new ResearchError('STUDY_COLUMN', `expected strata 0 to ${baseline.strata - 1}, found another`)
    const x = Float64Array.from({ length: width }, (_, j) => ((data.x[row * width + j] ?? 0) - (state.center[j] ?? 0)) / (state.scale[j] ?? 1))
    const eta = x.reduce((sum, value, j) => sum + value * (state.beta[j] ?? 0), 0)
    if (Math.abs(eta) > LARGEST_PREDICTOR) return Float64Array.from({ length: sums.length }, (_, i) => Number(i === 0))
    const { at, event } = toGrid(baseline.grid, data.time[row] ?? 0, data.event[row] ?? 0)
    const block = 1 + (stratum * baseline.grid.length + at) * blockLength(width)
    addToRisk(sums, block, Math.exp(eta), x)
    if (event === 1) addDeath(sums, block + dead, Math.exp(eta), x)
  }
  return sums
}

function addDeath(sums: Float64Array, at: number, weight: number, x: Float64Array): void {
  addToRisk(sums, at, weight, x)
  const count = at + riskLength(x.length)
  sums[count] = (sums[count] ?? 0) + 1
  x.forEach((value, j) => (sums[count + 1 + j] = (sums[count + 1 + j] ?? 0) + value))
}

/** The likelihood from the sums over all sites. */
export function readPooledSum(sum: Float64Array, { names, ties }: Pick<CoxOptions, 'names' | 'ties'>, state: CoxState, baseline: PooledBaseline): Likelihood {
  const width = names.length
  const likelihood = emptyLikelihood(width)
  likelihood.finite = sum[0] === 0
  for (let stratum = 0; stratum < baseline.strata && likelihood.finite; stratum += 1) {
    const risk = new Float64Array(riskLength(width))
    for (let at = baseline.grid.length - 1; at >= 0; at -= 1) {
      const start = 1 + (stratum * baseline.grid.length + at) * blockLength(width)
      addPoint(likelihood, risk, sum.subarray(start, start + blockLength(width)), { beta: state.beta, ties })
    }
  }
  return likelihood
}

function addPoint(likelihood: Likelihood, risk: Float64Array, block: Float64Array, { beta, ties }: { readonly beta: Float64Array; readonly ties: Ties }): void {
  for (let i = 0; i < risk.length; i += 1) risk[i] = (risk[i] ?? 0) + (block[i] ?? 0)
  const deaths = block[2 * risk.length] ?? 0
  if (deaths === 0) return
  block.subarray(2 * risk.length + 1).forEach((value, j) => {
    likelihood.score[j] = (likelihood.score[j] ?? 0) + value
    likelihood.logLikelihood += value * (beta[j] ?? 0)
  })
  addDeaths(likelihood, { deaths, risk, dying: block.subarray(risk.length, 2 * risk.length), offset: 0 }, ties)
}
