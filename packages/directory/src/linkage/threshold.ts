import type { Nearest } from './nearest.ts'

/**
 * From which likeness on a pair is shown, found in the data without knowing a single true pair.
 *
 * The records of B are a mixture: some have partners in A, the others are like somebody by chance alone. If `chance(t)` is the share
 * of records without partner whose nearest stranger reaches t, and `unmatched` their number, then of the pairs shown from t on
 * `unmatched × chance(t)` are wrong and the rest are right. What is shown is counted; the two others are estimated.
 *
 * **Chance** is seen in two ways, and the lower one counts, because each errs upward where the other does not:
 *
 * - *By the places behind the tenth.* A record has one partner in A or a few, so from the tenth nearest on there are strangers. The largest of
 *   many chance values fall off exponentially, and the gap between the k-th and the next, times k, has one mean for all k
 *   (Rényi 1953). From it follows how far above the tenth the first comes by chance: P(first > t) = 1 - (1 - exp(-(t - tenth) / gap))^9.
 *   Where few fields are shared, likeness comes in steps and ends at 1, and this tail reaches too far; only at 1 itself, where strangers
 *   are alike in all, it may show too few.
 * - *By the neighbors at home.* Another record of the same file is somebody else. So the nearest other record of A, for each record of A,
 *   shows what strangers come to, whatever the shape of the tail. Of the two files the one with fewer near neighbors counts:
 *   a file that has people twice would take its copies for strangers. As a count of few cases is a matter of luck, some are added.
 *
 * **Unmatched** is what the records below t tell: `unmatched × (1 - chance(t))` of them stay there for lack of a partner, and all others below
 * t only make the estimate larger. The lowest estimate over all t is taken (Storey 2002 does so with p-values).
 *
 * The threshold is the t with the best trade: right pairs, less `WRONG_COSTS` for each wrong one. So lowering it must bring several right pairs
 * for one more that is wrong. As long as the fields tell people apart, that ends where about one in a hundred is wrong, or fewer. Where strangers
 * can be alike in all that is shared, more are wrong, and `expectedWrong` says how many at least; asking for one in a hundred there would
 * give away most of the right ones. And first there must be somebody in common at all: what could be there with nobody in
 * common is not shown.
 *
 * What none of this sees are relatives at one address: the weights of the fields (`meanings.ts`) keep them below `LOWEST`, mostly.
 */
export interface Threshold {
  readonly threshold: number
  /** Wrong pairs that chance brings among those shown, at least; unknown for small files. */
  readonly expectedWrong: number | undefined
}

/** What the comparison has seen. */
export interface Seen {
  /** Of each record of B, the likeness of the nearest of A. */
  readonly first: Float64Array
  /** Lists of `LIST_PLACES` for records of B, all of them or a sample. */
  readonly lists: Nearest
  readonly a: OwnFile
  readonly b: OwnFile
}

/** How alike strangers of one file are. */
export interface OwnFile {
  /** Records of the file. */
  readonly count: number
  /** Of some of them, the likeness of the nearest other one. */
  readonly nearest: Float64Array
}

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

/** Right pairs that one wrong pair outweighs. */
const WRONG_COSTS = 5

/** Trades that differ by less are one: the estimates are not finer. The lowest threshold of these shows the most. */
const ALIKE = 0.003

/** Pairs that would be there with this probability, were nobody in common, are not shown. */
const LUCK = 0.001

const STEP = 0.005
const STEPS = Math.round((1 - LOWEST) / STEP)

export function thresholdOf(seen: Seen): Threshold {
  if (seen.a.count < SMALL_FILE) return { threshold: SMALL_FILE_THRESHOLD, expectedWrong: undefined }
  const chance = chanceOf(seen)
  const steps = Array.from({ length: STEPS + 1 }, (_, i) => round(LOWEST + i * STEP)).map((threshold) => ({
    threshold,
    shown: atLeast(threshold, seen.first),
    chance: chance(threshold),
  }))
  const unmatched = unmatchedOf(steps, seen.b.count)
  const trades = steps.filter(({ shown, chance }) => isMoreThanLuck(shown, seen.b.count * chance)).map(tradesOf(unmatched))
  const most = Math.max(0, ...trades.map(({ gain }) => gain))
  const best = trades.find(({ gain }) => gain > 0 && gain >= (1 - ALIKE) * most)
  if (best === undefined) return { threshold: aboveAll(seen.first), expectedWrong: 0 }
  const passed = (1 - unmatched / seen.b.count) * passedOver(steps, best.threshold)
  return { threshold: best.threshold, expectedWrong: Math.min(best.shown, best.expectedWrong + passed) }
}

interface Step {
  readonly threshold: number
  readonly shown: number
  readonly chance: number
}

/** Records of B without partner, at most. */
const unmatchedOf = (steps: readonly Step[], countB: number): number =>
  Math.min(countB, ...steps.filter(({ chance }) => chance < 1).map(({ shown, chance }) => (countB - shown) / (1 - chance)))

/**
 * Were all shown records to have a partner, how many of them a stranger would take: one who is as near as the partner stands before it half of the
 * time. No threshold changes that much, so it is told and not weighed.
 */
const passedOver = (steps: readonly Step[], threshold: number): number =>
  steps.reduce((sum, step, i) => (step.threshold < threshold ? sum : sum + ((step.shown - (steps[i + 1]?.shown ?? 0)) * step.chance) / 2), 0)

const tradesOf =
  (unmatched: number) =>
  ({ threshold, shown, chance }: Step) => {
    const expectedWrong = Math.min(shown, unmatched * chance)
    return { threshold, shown, expectedWrong, gain: shown - expectedWrong - WRONG_COSTS * expectedWrong }
  }

/** Whether luck would bring so many where it brings `mean` on average: Chernoff's bound of a Poisson distribution. */
const isMoreThanLuck = (shown: number, mean: number): boolean => shown > mean && (mean === 0 || shown - mean - shown * Math.log(shown / mean) <= Math.log(LUCK))

const atLeast = (threshold: number, scores: Float64Array): number => scores.reduce((count, score) => (score >= threshold ? count + 1 : count), 0)

/** No score reaches it, so nothing is shown. */
const aboveAll = (scores: Float64Array): number => round(scores.reduce((high, score) => Math.max(high, score), LOWEST) + STEP)

// ---- chance ---------------------------------------------------------------------------------------------------------------

/** The share of records without partner whose nearest stranger reaches a threshold. */
function chanceOf({ lists, a, b }: Seen): (threshold: number) => number {
  const gap = gapOf(lists)
  const tenths = lists.scores.filter((_, i) => i % lists.width === CHANCE_PLACE - 1)
  const byTail = (threshold: number): number => tenths.reduce((sum, tenth) => sum + byChance(threshold - tenth, gap), 0) / tenths.length
  return (threshold) => Math.min(byTail(threshold), atHome(a, a.count, threshold), atHome(b, a.count, threshold))
}

/** How likely chance brings the first place this far above the tenth. */
const byChance = (above: number, gap: number): number => (above <= 0 ? 1 : 1 - (1 - Math.exp(-above / gap)) ** (CHANCE_PLACE - 1))

/** The share of records that have a neighbor at `threshold` in a file of `countA` records of this kind, rather too high. */
function atHome({ nearest, count }: OwnFile, countA: number, threshold: number): number {
  const near = atLeast(threshold, nearest)
  const most = (near + 2 * Math.sqrt(near) + 3) / nearest.length
  return count < 2 || most >= 1 ? 1 : 1 - (1 - most) ** (countA / count)
}

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
