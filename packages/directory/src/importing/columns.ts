import { DirectoryError } from '../errors.ts'
import { ambiguous, placesOf } from '../reading/csv-header.ts'

/**
 * Columns by name, whatever place they stand in. Where none has the very name, case, blanks and punctuation do not count. Both throw
 * `CSV_HEADER` for a name that several columns have.
 */
export interface Columns {
  readonly find: (name: string) => number | undefined
  /** Throws `COLUMN_MISSING` that names the column and those that come near. */
  readonly need: (...names: readonly string[]) => number
}

export function columnsOf(header: readonly string[]): Columns {
  const exact = new Map(header.map((name, place) => [name, place]))
  const plain = new Map(header.map((name, place) => [plainName(name), place]))
  const repeated = new Set(header.filter((name, place) => exact.get(name) !== place))
  const find = (name: string) => {
    const place = exact.get(name) ?? plain.get(plainName(name))
    const found = place === undefined ? undefined : header[place]
    if (found !== undefined && repeated.has(found)) throw ambiguous(found, placesOf(header, found), 'row 1')
    return place
  }
  return {
    find,
    need(...names) {
      for (const name of names) {
        const place = find(name)
        if (place !== undefined) return place
      }
      const name = names[0] ?? ''
      throw new DirectoryError('COLUMN_MISSING', `expected a column \`${name}\`, found none${nearHint(name, header)}`, 'row 1')
    },
  }
}

export const plainName = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

function nearHint(name: string, header: readonly string[]): string {
  const near = nearestNames(name, header)
  return near.length === 0 ? ` among ${header.length}` : `; near it: ${near.map((one) => `\`${one.slice(0, SHOWN)}\``).join(', ')}`
}

/** Characters of a column's name in a message. */
const SHOWN = 80
const NEAR = 3
/** Shares of pairs of letters from which names are worth showing. */
const LIKENESS = 0.4

/** The names that share most pairs of letters with the one that is looked for, best first. */
export function nearestNames(name: string, names: readonly string[]): readonly string[] {
  const wanted = pairsOf(plainName(name))
  const liked = names.map((one) => ({ one, likeness: likenessOf(wanted, pairsOf(plainName(one))) })).filter(({ likeness }) => likeness >= LIKENESS)
  return liked
    .sort((a, b) => b.likeness - a.likeness)
    .slice(0, NEAR)
    .map(({ one }) => one)
}

const pairsOf = (text: string): ReadonlySet<string> => new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, i) => text.slice(i, i + 2)))

function likenessOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((pair) => b.has(pair)).length
  return a.size + b.size === 0 ? 0 : (2 * shared) / (a.size + b.size)
}
