import { ResearchError } from '../errors.ts'
import { triangleLength } from '../linear/gram.ts'
import { checkRange } from '../statistics/range.ts'
import { countPairs, PAIRS } from './concordance.ts'
import type { CoxState } from './cox-state.ts'
import type { CoxData, Ties } from './cox-types.ts'
import { addDeaths, addToRisk, emptyLikelihood, type Likelihood, riskLength } from './risk-set.ts'

/** Rows of one stratum, latest first, with the columns centered: a likelihood within strata does not change when a column is moved. */
export interface Stratum {
  readonly time: Float64Array
  readonly event: Float64Array
  readonly x: Float64Array
}

/** Rows are sorted once, not in every round. */
const prepared = new WeakMap<CoxData, readonly Stratum[]>()

/** Throws `STUDY_DATA` for an event other than 0 and 1, a time below 0 or not finite, or a column that is not finite; `STUDY_RANGE` for columns out of range. */
export function sortedStrata(data: CoxData, names: readonly string[]): readonly Stratum[] {
  const known = prepared.get(data)
  if (known !== undefined) return known
  checkData(data, names)
  const rowsOf = new Map<number, number[]>()
  for (let row = 0; row < data.time.length; row += 1) {
    const stratum = data.strata?.[row] ?? 0
    const rows = rowsOf.get(stratum)
    if (rows === undefined) rowsOf.set(stratum, [row])
    else rows.push(row)
  }
  const strata = [...rowsOf.values()].map((rows) => stratumOf(data, rows))
  prepared.set(data, strata)
  return strata
}

/** No refusal quotes a row. */
export function checkData({ time, event, x, columns, strata }: CoxData, names: readonly string[]): void {
  const rows = time.length
  if (columns !== names.length || event.length !== rows || x.length !== rows * columns || (strata !== undefined && strata.length !== rows))
    throw new ResearchError('STUDY_COLUMN', `expected ${names.length} columns and as many events as times`)
  if (!time.every((one) => Number.isFinite(one) && one >= 0))
    throw new ResearchError('STUDY_DATA', 'expected times that are finite and not negative, found another')
  if (!event.every((one) => one === 0 || one === 1)) throw new ResearchError('STUDY_DATA', 'expected events that are 0 or 1, found another')
  if (!x.every(Number.isFinite)) throw new ResearchError('STUDY_DATA', 'expected columns of finite numbers, found another')
  names.forEach((name, j) =>
    checkRange(
      name,
      Array.from(time, (_, row) => x[row * columns + j] ?? 0),
    ),
  )
}

function stratumOf(data: CoxData, rows: readonly number[]): Stratum {
  const width = data.columns
  const sorted = rows.toSorted((a, b) => (data.time[b] ?? 0) - (data.time[a] ?? 0))
  const mean = Array.from({ length: width }, (_, j) => rows.reduce((sum, row) => sum + (data.x[row * width + j] ?? 0), 0) / rows.length)
  const x = new Float64Array(rows.length * width)
  sorted.forEach((row, i) => mean.forEach((center, j) => (x[i * width + j] = (data.x[row * width + j] ?? 0) - center)))
  return {
    time: Float64Array.from(sorted, (row) => data.time[row] ?? 0),
    event: Float64Array.from(sorted, (row) => data.event[row] ?? 0),
    x,
  }
}

/** Rows, events, and for each column the sum of distances from the mean of the stratum: what the columns are scaled by. */
export function siteScale(data: CoxData, names: readonly string[]): Float64Array {
  const sums = new Float64Array(2 + names.length)
  sums[0] = data.time.length
  for (const { event, x } of sortedStrata(data, names)) {
    for (const one of event) sums[1] = (sums[1] ?? 0) + one
    x.forEach((value, i) => (sums[2 + (i % names.length)] = (sums[2 + (i % names.length)] ?? 0) + Math.abs(value)))
  }
  return sums
}

/** Whether a stratum could not be computed, the log likelihood, score, information, and counted pairs. */
export const siteLength = (width: number): number => 2 + width + triangleLength(width) + PAIRS

/** The part of a site: the sum over its strata. Pairs are counted in the last round only. */
export function siteLikelihood(data: CoxData, names: readonly string[], state: CoxState, ties: Ties): Float64Array {
  const width = names.length
  const likelihood = emptyLikelihood(width)
  const pairs = new Float64Array(PAIRS)
  for (const stratum of sortedStrata(data, names)) {
    const x = stratum.x.map((value, i) => value / (state.scale[i % width] ?? 1))
    const eta = predictors(x, state.beta, stratum.time.length)
    addStratum(likelihood, { ...stratum, x }, eta, ties)
    if (state.phase === 'final') countPairs(pairs, stratum, eta)
  }
  if (!isFinite(likelihood)) return Float64Array.from({ length: siteLength(width) }, (_, i) => Number(i === 0))
  return Float64Array.from([0, likelihood.logLikelihood, ...likelihood.score, ...likelihood.information, ...pairs])
}

export function readSiteSum(sum: Float64Array, width: number): { readonly likelihood: Likelihood; readonly pairs: Float64Array } {
  const end = 2 + width + triangleLength(width)
  const [failed = 0, logLikelihood = 0] = sum
  return {
    likelihood: { finite: failed === 0, logLikelihood, score: sum.slice(2, 2 + width), information: sum.slice(2 + width, end) },
    pairs: sum.slice(end),
  }
}

const isFinite = (likelihood: Likelihood): boolean =>
  likelihood.finite && Number.isFinite(likelihood.logLikelihood) && likelihood.score.every(Number.isFinite) && likelihood.information.every(Number.isFinite)

/** xβ of each row. */
export function predictors(x: Float64Array, beta: Float64Array, rows: number): Float64Array {
  const width = beta.length
  const eta = new Float64Array(rows)
  for (let row = 0; row < rows; row += 1) {
    let sum = 0
    for (let j = 0; j < width; j += 1) sum += (beta[j] ?? 0) * (x[row * width + j] ?? 0)
    eta[row] = sum
  }
  return eta
}

/** From the latest time to the earliest, so that everybody at risk has been met. */
function addStratum(likelihood: Likelihood, { time, event, x }: Stratum, eta: Float64Array, ties: Ties): void {
  const width = likelihood.score.length
  const offset = eta.reduce((most, one) => Math.max(most, one), -Infinity)
  const risk = new Float64Array(riskLength(width))
  for (let row = 0; row < time.length; ) {
    const dying = new Float64Array(risk.length)
    let deaths = 0
    for (const now = time[row]; row < time.length && time[row] === now; row += 1) {
      const values = x.subarray(row * width, (row + 1) * width)
      const weight = Math.exp((eta[row] ?? 0) - offset)
      addToRisk(risk, 0, weight, values)
      if (event[row] !== 1) continue
      deaths += 1
      addToRisk(dying, 0, weight, values)
      likelihood.logLikelihood += eta[row] ?? 0
      values.forEach((value, j) => (likelihood.score[j] = (likelihood.score[j] ?? 0) + value))
    }
    if (deaths > 0) addDeaths(likelihood, { deaths, risk, dying, offset }, ties)
  }
}
