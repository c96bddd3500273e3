import type { Nearest } from './nearest.ts'

/**
 * From which likeness on a pair is shown, found in the data without knowing a single true pair.
 *
 * A record of B has one or a few partners in A, or none; all others are like it by chance. So the tenth nearest
 * record of A, and those after it, are there by chance, and show how chance looks for this very record: somebody with a frequent
 * name in a big town has near strangers. The largest of many chance values fall off exponentially, and the gap between the
 * k-th and the next, times k, has one mean for all k (Rényi 1953). That mean, taken from the tenth to the last
 * place of the lists, says how far above the tenth place chance alone would bring the first:
 *
 *   P(first > t) = 1 - (1 - exp(-(t - tenth) / gap))^9
 *
 * Summed over the records of B, it is the number of wrong pairs to expect at t, were no record to have a partner: too many rather
 * than too few. The threshold is the lowest t at which they are at most one in a hundred of the pairs shown.
 *
 * What this does not see are relatives at one address: the weights of the fields (`columns.ts`) keep them below `LOWEST`, mostly.
 */

/** The place in a list that is taken to be chance: nobody has more copies in a file than come before it. */
const CHANCE_PLACE = 10

/** Places that a list needs: as many behind the tenth as before it. */
export const LIST_PLACES = 20

/** Files with fewer records have no tenth place that is far from the last. */
const SMALL_FILE = 2 * LIST_PLACES

/** What is used for small files. In the sets that were measured, chance stayed below it. */
const SMALL_FILE_THRESHOLD = 0.65

/** Relatives at one address come up to about here, wherever chance ends: they are alike for a reason, which no chance explains. */
const LOWEST = 0.6

/** One wrong pair in a hundred. */
const WRONG_SHARE = 0.01

const STEP = 0.005

/** `nearest` has lists of `LIST_PLACES` for records of B, all of them or a sample; A has `countA` records. */
export function thresholdOf(nearest: Nearest, countA: number): number {
  if (countA < SMALL_FILE) return SMALL_FILE_THRESHOLD
  const lists = nearest.at.length / nearest.width
  const gap = gapOf(nearest)
  for (let step = LOWEST / STEP; step * STEP < 1; step += 1) {
    const threshold = step * STEP
    let wrong = 0
    let shown = 0
    for (let list = 0; list < lists; list += 1) {
      const start = list * nearest.width
      wrong += byChance(threshold - (nearest.scores[start + CHANCE_PLACE - 1] ?? 0), gap)
      if ((nearest.scores[start] ?? 0) >= threshold) shown += 1
    }
    if (wrong <= WRONG_SHARE * Math.max(1, shown)) return round(threshold)
  }
  return 1
}

/** How likely chance brings the first place this far above the tenth. */
const byChance = (above: number, gap: number): number => (above <= 0 ? 1 : 1 - (1 - Math.exp(-above / gap)) ** (CHANCE_PLACE - 1))

/** The mean of the gaps, each times its place. */
function gapOf({ width, scores }: Nearest): number {
  let sum = 0
  let count = 0
  for (let start = 0; start < scores.length; start += width) {
    for (let place = CHANCE_PLACE; place < width; place += 1) {
      sum += place * ((scores[start + place - 1] ?? 0) - (scores[start + place] ?? 0))
      count += 1
    }
  }
  return Math.max(sum / Math.max(1, count), Number.EPSILON)
}

const round = (score: number): number => Math.round(score * 1000) / 1000
