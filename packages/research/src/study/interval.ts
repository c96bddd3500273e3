import { tTwoSided } from '../models/distributions.ts'

/** The normal quantile of 95 % intervals, as R has it. */
export const Z95 = 1.959963984540054

/** With one degree of freedom the quantile is 12.706; more have less. */
const WIDEST = 13
/** Halvings of that width down to the last bit of a double. */
const HALVINGS = 60

/** How many standard errors a 95 % interval reaches: of the normal distribution, or of Student's with `df` > 0, so that it leaves out 0 exactly where p < 0.05. */
export function reachOf(df: number | undefined): number {
  if (df === undefined) return Z95
  let [low, high] = [Z95 / 2, WIDEST]
  for (let i = 0; i < HALVINGS; i += 1) {
    const middle = (low + high) / 2
    if (tTwoSided(middle, df) > 0.05) low = middle
    else high = middle
  }
  return (low + high) / 2
}
