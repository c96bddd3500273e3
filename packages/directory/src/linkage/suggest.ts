import { MAX_EXHAUSTIVE_PAIRS } from '../limits.ts'
import type { EncodedRecords } from './encode.ts'
import { type Nearest, nearestAtHome, nearestInBlocks, nearestOfAll, type Sides, sidesOf } from './nearest.ts'
import { LIST_PLACES, type Seen, thresholdOf } from './threshold.ts'

/** A record of A and one of B that may be one, by their places in the encodings; `score` from 0 to 1. */
export interface SuggestedLink {
  readonly a: number
  readonly b: number
  readonly score: number
}

export interface SuggestedLinks {
  /** The most alike first. */
  readonly links: readonly SuggestedLink[]
  /** From this score on pairs are shown. */
  readonly threshold: number
  /** How many of the links chance brings at least, as far as that was found: with a threshold that was given, and in small files, it is not. */
  readonly expectedWrong: number | undefined
  /** Pairs were compared in blocks only, so a few that are barely alike may be missing. */
  readonly isBlocked: boolean
}

export interface SuggestOptions {
  /** From 0 to 1; found in the data where it is absent. */
  readonly threshold?: number
  /** Each record of A at most once too: the best pairs first. */
  readonly oneToOne?: boolean
  /** Pairs that are compared one by one. */
  readonly maxPairs?: number
}

/**
 * Which records of two organizations may be one, from encodings alone: bits go in, places come out. Whoever runs this needs
 * neither the key nor a name. Each record of B gets at most one record of A. Nothing is joined: a person looks at
 * what is suggested, at the organizations that have the records.
 */
export function suggestLinks(a: EncodedRecords, b: EncodedRecords, options: SuggestOptions = {}): SuggestedLinks {
  const { oneToOne = false, maxPairs = MAX_EXHAUSTIVE_PAIRS } = options
  const sides = sidesOf(a, b)
  const isBlocked = a.count * b.count > maxPairs
  const nearest = isBlocked ? nearestInBlocks(sides, LIST_PLACES) : nearestOfAll(sides, LIST_PLACES, range(b.count))
  const { threshold, expectedWrong } =
    options.threshold === undefined ? thresholdOf(seenOf(sides, nearest, isBlocked, maxPairs)) : { threshold: options.threshold, expectedWrong: undefined }
  const links = pairsOf(nearest, oneToOne ? LIST_PLACES : 1).filter(({ score }) => score >= threshold && score > 0)
  links.sort(bestFirst)
  return { links: oneToOne ? eachOnce(links) : links, threshold, expectedWrong, isBlocked }
}

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i)

/** What the threshold is found from. In blocks the places after the first few are missing, so some records are compared with all. */
function seenOf(sides: Sides, nearest: Nearest, isBlocked: boolean, maxPairs: number): Seen {
  const { a, b } = sides
  const quarter = (count: number): number => maxPairs / 4 / count
  return {
    first: nearest.scores.filter((_, i) => i % nearest.width === 0),
    lists: isBlocked ? nearestOfAll(sides, LIST_PLACES, spread(b.count, quarter(a.count))) : nearest,
    a: { count: a.count, nearest: nearestAtHome(sides, 'a', spread(a.count, Math.min(MAX_AT_HOME, quarter(a.count)))) },
    b: { count: b.count, nearest: nearestAtHome(sides, 'b', spread(b.count, Math.min(MAX_AT_HOME, quarter(b.count)))) },
  }
}

/** Records of each file whose neighbors at home are looked for: a hundredth of them is still a number. */
const MAX_AT_HOME = 2_000

/** So many of `count` places, evenly over all of them. */
function spread(count: number, wanted: number): readonly number[] {
  const chosen = Math.max(1, Math.min(count, Math.floor(wanted)))
  return range(chosen).map((i) => Math.floor((i * count) / chosen))
}

function pairsOf({ at, scores, width }: Nearest, places: number): SuggestedLink[] {
  const pairs: SuggestedLink[] = []
  at.forEach((a, i) => {
    if (a >= 0 && i % width < places) pairs.push({ a, b: Math.floor(i / width), score: scores[i] ?? 0 })
  })
  return pairs
}

const bestFirst = (one: SuggestedLink, two: SuggestedLink): number => two.score - one.score || one.b - two.b || one.a - two.a

/** The best pair first, then the best of those whose records are both still free. */
function eachOnce(links: readonly SuggestedLink[]): readonly SuggestedLink[] {
  const [usedA, usedB] = [new Set<number>(), new Set<number>()]
  return links.filter(({ a, b }) => {
    if (usedA.has(a) || usedB.has(b)) return false
    usedA.add(a)
    usedB.add(b)
    return true
  })
}
