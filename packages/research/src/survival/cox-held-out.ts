import { checkMinimumCell } from '../disclosure/rules.ts'
import type { Fit } from '../rounds/types.ts'
import { concordanceOf, countPairs, PAIRS } from './concordance.ts'
import { predictors, sortedStrata } from './cox-site.ts'
import type { Concordance, CoxData } from './cox-types.ts'

export interface HeldOutOptions {
  readonly names: readonly string[]
  /** Of the fitted model, in the order of the names; 0 for aliased columns. */
  readonly estimates: readonly number[]
  readonly minimumCell: number
}

/**
 * How well a fitted model orders rows that it was not fitted on: pairs within each site and stratum, added over sites; `null` where there are fewer
 * events than the minimum cell in total.
 */
export function heldOutConcordanceFit({ names, estimates, minimumCell }: HeldOutOptions): Fit<CoxData, Concordance | null> {
  return {
    start: Float64Array.from(estimates),
    lengthOf: () => 1 + PAIRS,
    contribute: (data, values) => {
      const pairs = new Float64Array(PAIRS)
      for (const stratum of sortedStrata(data, names)) countPairs(pairs, stratum, predictors(stratum.x, values, stratum.time.length))
      return Float64Array.from([data.event.reduce((a, b) => a + b, 0), ...pairs])
    },
    next: (_, [events = 0, ...pairs]) => {
      const { allowed } = checkMinimumCell({ 'events in total': events }, { minimumCell })
      return { done: true, result: allowed ? concordanceOf(Float64Array.from(pairs)) : null }
    },
  }
}
