/**
 * Rules by name: which rows speak of a display such as `Buprenorphine 8 MG / naloxone 2 MG Sublingual Film`.
 *
 * A row's key is one or more lower-case words; a `*` at the end of a word stands for any further letters, one at its start
 * for any before: `schizophren*`, `*azepam`, `sexual abuse`. A display is read word by word from the left. Where several
 * keys fit, the one with more words wins, and among those a key without `*`: so a longer key is how a false friend is
 * told apart (`alcohol swab` beside `alcohol`). Words are letters and digits; everything else separates them.
 */
export interface NameIndex<Row> {
  /** Keys by their first word as written, by its beginning and by its end. */
  readonly exact: ReadonlyMap<string, readonly Key<Row>[]>
  readonly beginnings: ReadonlyMap<string, readonly Key<Row>[]>
  readonly ends: ReadonlyMap<string, readonly Key<Row>[]>
  /** Lengths of the beginnings and of the ends, ascending. */
  readonly beginningLengths: readonly number[]
  readonly endLengths: readonly number[]
}

interface Key<Row> {
  readonly words: readonly string[]
  readonly wild: boolean
  readonly row: Row
}

export function indexNames<Row>(rows: readonly (readonly [key: string, row: Row])[]): NameIndex<Row> {
  const [exact, beginnings, ends] = [new Map<string, Key<Row>[]>(), new Map<string, Key<Row>[]>(), new Map<string, Key<Row>[]>()]
  for (const [text, row] of rows) {
    const words = text.split(' ')
    const first = words[0] ?? ''
    const key: Key<Row> = { words, wild: text.includes('*'), row }
    if (first.endsWith('*')) add(beginnings, first.slice(0, -1), key)
    else if (first.startsWith('*')) add(ends, first.slice(1), key)
    else add(exact, first, key)
  }
  return { exact, beginnings, ends, beginningLengths: lengthsOf(beginnings), endLengths: lengthsOf(ends) }
}

function add<Row>(map: Map<string, Key<Row>[]>, word: string, key: Key<Row>): void {
  const keys = map.get(word)
  if (keys === undefined) map.set(word, [key])
  else keys.push(key)
}

/** The lengths of the keys, ascending. */
export const lengthsOf = (keyed: ReadonlyMap<string, unknown>): readonly number[] =>
  [...new Set([...keyed.keys()].map((key) => key.length))].sort((a, b) => a - b)

export const wordsOf = (display: string): readonly string[] => display.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

/** The rows that speak of a display, in the order of its words. Linear in the display. */
export function matchNames<Row>(index: NameIndex<Row>, words: readonly string[]): readonly Row[] {
  const rows: Row[] = []
  for (let at = 0; at < words.length; ) {
    const best = bestKeys(index, words, at)
    for (const { row } of best) rows.push(row)
    at += best[0]?.words.length ?? 1
  }
  return rows
}

function bestKeys<Row>(index: NameIndex<Row>, words: readonly string[], at: number): readonly Key<Row>[] {
  let best: Key<Row>[] = []
  for (const key of candidates(index, words[at] ?? '')) {
    if (!fits(key.words, words, at)) continue
    const order = best[0] === undefined ? 1 : key.words.length - best[0].words.length || Number(best[0].wild) - Number(key.wild)
    if (order > 0) best = [key]
    else if (order === 0) best.push(key)
  }
  return best
}

function* candidates<Row>(index: NameIndex<Row>, word: string): Generator<Key<Row>> {
  yield* index.exact.get(word) ?? []
  for (const length of index.beginningLengths) {
    if (length > word.length) break
    yield* index.beginnings.get(word.slice(0, length)) ?? []
  }
  for (const length of index.endLengths) {
    if (length > word.length) break
    yield* index.ends.get(word.slice(word.length - length)) ?? []
  }
}

function fits(key: readonly string[], words: readonly string[], at: number): boolean {
  for (let i = 0; i < key.length; i += 1) if (!wordFits(key[i] ?? '', words[at + i])) return false
  return true
}

function wordFits(pattern: string, word: string | undefined): boolean {
  if (word === undefined) return false
  if (pattern.endsWith('*')) return word.startsWith(pattern.slice(0, -1))
  return pattern.startsWith('*') ? word.endsWith(pattern.slice(1)) : word === pattern
}
