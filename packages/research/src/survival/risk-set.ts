import { triangleLength } from '../linear/gram.ts'
import type { Ties } from './cox-types.ts'

/** The partial log likelihood at given coefficients with its gradient and the negative of its curvature (upper triangle). */
export interface Likelihood {
  /** False where a risk set has no weight that a number could hold. */
  finite: boolean
  logLikelihood: number
  readonly score: Float64Array
  readonly information: Float64Array
}

export const emptyLikelihood = (width: number): Likelihood => ({
  finite: true,
  logLikelihood: 0,
  score: new Float64Array(width),
  information: new Float64Array(triangleLength(width)),
})

/** Numbers of a risk set: the sum of weights exp(xβ), of weight × x, and of weight × x xᵀ (upper triangle). */
export const riskLength = (width: number): number => 1 + width + triangleLength(width)

/** Adds one row to the risk set that starts at `at`. */
export function addToRisk(risk: Float64Array, at: number, weight: number, x: Float64Array): void {
  const width = x.length
  risk[at] = (risk[at] ?? 0) + weight
  let place = at + 1 + width
  for (let i = 0; i < width; i += 1) {
    const value = weight * (x[i] ?? 0)
    risk[at + 1 + i] = (risk[at + 1 + i] ?? 0) + value
    for (let j = i; j < width; j += 1) {
      risk[place] = (risk[place] ?? 0) + value * (x[j] ?? 0)
      place += 1
    }
  }
}

export interface DeathsAtOnce {
  readonly deaths: number
  /** Of everybody at risk, and of those who die now; weights are divided by exp(`offset`). */
  readonly risk: Float64Array
  readonly dying: Float64Array
  readonly offset: number
}

/**
 * What deaths at one time take from the likelihood: the risk set for each of them. Breslow leaves all who die now in it for every one; Efron
 * takes them out by fractions, the k-th death finds k/d of them gone (Efron 1977). What they add, xβ and x, is the caller's.
 */
export function addDeaths(likelihood: Likelihood, { deaths, risk, dying, offset }: DeathsAtOnce, ties: Ties): void {
  const [terms, times] = ties === 'efron' ? [deaths, 1] : [1, deaths]
  const left = new Float64Array(risk.length)
  for (let k = 0; k < terms; k += 1) {
    for (let i = 0; i < left.length; i += 1) left[i] = (risk[i] ?? 0) - (k / deaths) * (dying[i] ?? 0)
    const weight = left[0] ?? 0
    if (!(weight > 0 && Number.isFinite(weight))) likelihood.finite = false
    likelihood.logLikelihood -= times * (Math.log(weight) + offset)
    addMoments(likelihood, left, times)
  }
}

/** Mean and covariance of x among those left, by their weights. */
function addMoments({ score, information }: Likelihood, left: Float64Array, times: number): void {
  const width = score.length
  const weight = left[0] ?? 0
  let at = 0
  for (let i = 0; i < width; i += 1) {
    const mean = (left[1 + i] ?? 0) / weight
    score[i] = (score[i] ?? 0) - times * mean
    for (let j = i; j < width; j += 1) {
      information[at] = (information[at] ?? 0) + (times * ((left[1 + width + at] ?? 0) - mean * (left[1 + j] ?? 0))) / weight
      at += 1
    }
  }
}
