import { factorize, inverseForm } from '../linear/cholesky.ts'
import { triangleIndex, triangleLength } from '../linear/gram.ts'
import { chiSquareTail } from '../models/distributions.ts'
import type { Test } from './cox-types.ts'
import type { Leaving } from './kaplan-meier.ts'

export interface LogRank extends Test {
  /** Of each group, if survival were the same in all; without small counts, as observed ones are not told below the minimum. */
  readonly expected: readonly number[]
}

/**
 * The log-rank test of at least two groups: events against what each group's share of those at risk lets expect, with the hypergeometric
 * variance (Mantel 1966). Groups that nothing is expected of are left out, as R does.
 */
export function logRankTest(groups: readonly Leaving[]): LogRank {
  const points = groups[0]?.all.length ?? 0
  const atRisk = groups.map(({ all }) => all.reduce((a, b) => a + b, 0))
  const expected = groups.map(() => 0)
  const difference = groups.map(() => 0)
  const variance = new Float64Array(triangleLength(groups.length))
  for (let k = 0; k < points; k += 1) {
    const events = groups.map((group) => group.events[k] ?? 0)
    addPoint({ expected, difference, variance }, events, atRisk)
    groups.forEach((group, g) => (atRisk[g] = (atRisk[g] ?? 0) - (group.all[k] ?? 0)))
  }
  return { ...testOf(difference, variance, expected), expected }
}

interface LogRankSums {
  readonly expected: number[]
  readonly difference: number[]
  readonly variance: Float64Array
}

function addPoint({ expected, difference, variance }: LogRankSums, events: readonly number[], atRisk: readonly number[]): void {
  const died = events.reduce((a, b) => a + b, 0)
  const n = atRisk.reduce((a, b) => a + b, 0)
  if (died === 0) return
  const share = atRisk.map((one) => one / n)
  const spread = n > 1 ? (died * (n - died)) / (n - 1) : 0
  share.forEach((one, g) => {
    expected[g] = (expected[g] ?? 0) + died * one
    difference[g] = (difference[g] ?? 0) + (events[g] ?? 0) - died * one
    for (let h = g; h < share.length; h += 1) {
      const at = triangleIndex(g, h, share.length)
      variance[at] = (variance[at] ?? 0) + spread * one * (Number(g === h) - (share[h] ?? 0))
    }
  })
}

/** The last group's difference follows from the others', so it is left out. */
function testOf(difference: readonly number[], variance: Float64Array, expected: readonly number[]): Test {
  const used = expected.flatMap((one, g) => (one > 0 ? [g] : [])).slice(0, -1)
  const upper = used.flatMap((g, i) => used.slice(i).map((h) => variance[triangleIndex(g, h, expected.length)] ?? 0))
  const cholesky = factorize(Float64Array.from(upper), used.length)
  const chisq =
    cholesky === undefined
      ? 0
      : inverseForm(
          cholesky,
          Float64Array.from(used, (g) => difference[g] ?? 0),
        )
  return { chisq, df: used.length, p: used.length === 0 ? 1 : chiSquareTail(chisq, used.length) }
}
