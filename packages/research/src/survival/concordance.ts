import type { Concordance } from './cox-types.ts'

/** Numbers that a stratum adds to: concordant, discordant, tied in risk, in time, in both. */
export const PAIRS = 5

/**
 * Counts the pairs of one stratum whose rows come latest first. A row with the event is compared with each row that was seen longer, or as long
 * without the event; a tree of counts over ranks of risk (Fenwick 1994) makes it n log n.
 */
export function countPairs(pairs: Float64Array, { time, event }: { readonly time: Float64Array; readonly event: Float64Array }, risk: Float64Array): void {
  const sorted = [...new Set(risk)].sort((a, b) => a - b)
  const rankOf = new Map(sorted.map((value, i) => [value, i + 1]))
  const tree = new Float64Array(sorted.length + 1)
  const rank = (row: number) => rankOf.get(risk[row] ?? 0) ?? 0
  let seen = 0
  for (let row = 0; row < time.length; ) {
    let end = row
    while (end < time.length && time[end] === time[row]) end += 1
    const now = Array.from({ length: end - row }, (_, i) => row + i)
    const deaths = now.filter((one) => event[one] === 1)
    for (const one of now) if (event[one] !== 1) addAt(tree, rank(one))
    seen += now.length - deaths.length
    for (const one of deaths) comparePairs(pairs, tree, rank(one), seen)
    countTied(pairs, deaths.map(rank))
    for (const one of deaths) addAt(tree, rank(one))
    seen += deaths.length
    row = end
  }
}

function comparePairs(pairs: Float64Array, tree: Float64Array, rank: number, seen: number): void {
  const lower = upTo(tree, rank - 1)
  const notHigher = upTo(tree, rank)
  pairs[0] = (pairs[0] ?? 0) + lower
  pairs[1] = (pairs[1] ?? 0) + seen - notHigher
  pairs[2] = (pairs[2] ?? 0) + notHigher - lower
}

/** Rows that had the event at the same time. */
function countTied(pairs: Float64Array, ranks: readonly number[]): void {
  const countOf = new Map<number, number>()
  for (const rank of ranks) countOf.set(rank, (countOf.get(rank) ?? 0) + 1)
  let both = 0
  for (const count of countOf.values()) both += (count * (count - 1)) / 2
  pairs[3] = (pairs[3] ?? 0) + (ranks.length * (ranks.length - 1)) / 2 - both
  pairs[4] = (pairs[4] ?? 0) + both
}

function addAt(tree: Float64Array, rank: number): void {
  for (let i = rank; i < tree.length; i += i & -i) tree[i] = (tree[i] ?? 0) + 1
}

function upTo(tree: Float64Array, rank: number): number {
  let count = 0
  for (let i = rank; i > 0; i -= i & -i) count += tree[i] ?? 0
  return count
}

export function concordanceOf([concordant = 0, discordant = 0, tiedRisk = 0, tiedTime = 0, tiedBoth = 0]: Float64Array): Concordance {
  const comparable = concordant + discordant + tiedRisk
  return { concordant, discordant, tiedRisk, tiedTime, tiedBoth, concordance: comparable === 0 ? null : (concordant + tiedRisk / 2) / comparable }
}
