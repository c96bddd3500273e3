/**
 * Everything that is computed over several sites is a *fit*: rounds of sums. In each round every site turns its rows and the public values
 * into a vector of numbers; only the sum of these vectors over all sites is ever seen (masked, `aggregation/`), and from it follow
 * the next public values, or the result. Pure on both sides, so that the same rows in one place give the same numbers: a test adds
 * the vectors up and compares with the pooled answer.
 */
export interface Fit<Data, Result> {
  /** Public values of the first round. */
  readonly start: Float64Array
  /** How many numbers a site gives under these values: the same at every site, whatever its rows. */
  lengthOf(values: Float64Array): number
  /** At a site. Finite numbers; throws `ResearchError` (`STUDY_DATA`, `STUDY_RANGE`). */
  contribute(data: Data, values: Float64Array): Float64Array
  /** Anywhere. Throws `ResearchError` (`STUDY_DATA`) where the sums do not allow the method. */
  next(values: Float64Array, sum: Float64Array): Step<Result>
}

export type Step<Result> = { readonly done: false; readonly values: Float64Array } | { readonly done: true; readonly result: Result }

/** Runs a fit over sites whose data is at hand: what tests compare the masked protocol with. */
export function runInTheClear<Data, Result>(fit: Fit<Data, Result>, sites: readonly Data[], mostRounds: number): Result {
  let values = fit.start
  for (let round = 0; round < mostRounds; round += 1) {
    const sum = new Float64Array(fit.lengthOf(values))
    for (const site of sites) fit.contribute(site, values).forEach((value, i) => (sum[i] = (sum[i] ?? 0) + value))
    const step = fit.next(values, sum)
    if (step.done) return step.result
    values = step.values
  }
  throw new Error(`the fit did not end within ${mostRounds} rounds`)
}
