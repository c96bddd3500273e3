import type { CsvTable } from '../src/index.ts'

/** Invented people whose names are made of syllables, and copies of them with the errors that clerks make. The same seed gives the same. */
export interface Person {
  readonly [column: string]: string
}

export interface Random {
  below(limit: number): number
  pick<T>(items: readonly [T, ...T[]]): T
}

/** Mulberry32: enough to make up people. */
export function createRandom(seed: number): Random {
  let state = seed
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
  return { below, pick: (items) => items[below(items.length)] ?? items[0] }
}

const STARTS = ['b', 'd', 'f', 'g', 'h', 'k', 'l', 'm', 'n', 'r', 's', 't', 'v', 'w', 'br', 'kr', 'st', 'th'] as const
const MIDDLES = ['a', 'e', 'i', 'o', 'u', 'ai', 'ei', 'ou'] as const
const ENDS = ['', '', 'n', 'r', 'l', 's', 'm', 'nd'] as const

const syllable = ({ pick }: Random): string => pick(STARTS) + pick(MIDDLES) + pick(ENDS)
const word = (random: Random, syllables: number): string => Array.from({ length: syllables }, () => syllable(random)).join('')
const digits = ({ below }: Random, count: number): string => Array.from({ length: count }, () => below(10)).join('')
const two = (number: number): string => String(number).padStart(2, '0')

export function makePerson(random: Random): Person {
  const { below } = random
  return {
    given_name: word(random, 2),
    surname: word(random, 2 + below(2)),
    date_of_birth: `${1920 + below(100)}-${two(1 + below(12))}-${two(1 + below(28))}`,
    street_number: String(1 + below(200)),
    street: `${word(random, 3)} road`,
    suburb: word(random, 3),
    postcode: digits(random, 4),
    sex: random.pick(['f', 'm']),
  }
}

export const makePeople = (random: Random, count: number): readonly Person[] => Array.from({ length: count }, () => makePerson(random))

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

/** One character replaced, left out, doubled, or changed places with the next. */
export function misspell(text: string, { below }: Random): string {
  const at = below(Math.max(1, text.length - 1))
  const [before, here, after] = [text.slice(0, at), text.charAt(at), text.slice(at + 1)]
  const changed = [`${before}${LETTERS.charAt(below(26))}${after}`, `${before}${after}`, `${before}${here}${here}${after}`]
  return changed[below(4)] ?? `${before}${after.charAt(0)}${here}${after.slice(1)}`
}

/** As another clerk wrote the same person down: two fields with an error, sometimes one that is missing. */
export function copyOf(person: Person, random: Random): Person {
  const changed: Record<string, string> = { ...person }
  const columns = Object.keys(person)
  for (let i = 0; i < 2; i += 1) {
    const column = columns[random.below(columns.length)] ?? 'surname'
    changed[column] = misspell(changed[column] ?? '', random)
  }
  if (random.below(4) === 0) changed[columns[3 + random.below(4)] ?? 'street'] = ''
  return changed
}

export function tableOf(people: readonly Person[], idOf: (index: number) => string): CsvTable {
  const columns = Object.keys(people[0] ?? {})
  return { header: ['id', ...columns], rows: people.map((person, i) => [idOf(i), ...columns.map((column) => person[column] ?? '')]) }
}

/**
 * Two organizations: `both` people stand in both files, `a-N` and `b-N` with the same number; `alone` more stand in each file
 * without a partner.
 */
export function twoFiles(seed: number, both: number, alone: number): { readonly a: CsvTable; readonly b: CsvTable } {
  const random = createRandom(seed)
  const people = makePeople(random, both)
  const copies = people.map((person) => copyOf(person, random))
  return {
    a: tableOf([...people, ...makePeople(random, alone)], (i) => (i < both ? `a-${i}` : `a-alone-a${i}`)),
    b: tableOf([...copies, ...makePeople(random, alone)], (i) => (i < both ? `b-${i}` : `b-alone-b${i}`)),
  }
}

/**
 * Two organizations that know little: names, of which some are frequent, and a town. Each copy has one error. Some strangers are alike in
 * all that is known, and many are alike in most of it.
 */
export function twoTowns(seed: number, both: number, alone: number): { readonly a: CsvTable; readonly b: CsvTable } {
  const random = createRandom(seed)
  const pool = (count: number): readonly string[] => Array.from({ length: count }, () => word(random, 2))
  const [given, family, towns] = [pool(200), pool(500), pool(60).map((suburb) => ({ suburb, postcode: digits(random, 5) }))]
  const often = (names: readonly string[]): string => names[Math.floor(names.length * (random.below(1000) / 1000) ** 2)] ?? ''
  const neighbor = (): Person => ({ given_name: often(given), surname: often(family), ...towns[random.below(towns.length)] })
  const misspelled = (person: Person): Person => {
    const column = random.pick(['given_name', 'surname', 'suburb', 'postcode'])
    return { ...person, [column]: misspell(person[column] ?? '', random) }
  }
  const people = Array.from({ length: both }, neighbor)
  const strangers = (): readonly Person[] => Array.from({ length: alone }, neighbor)
  return {
    a: tableOf([...people, ...strangers()], (i) => (i < both ? `a-${i}` : `a-alone-a${i}`)),
    b: tableOf([...people.map(misspelled), ...strangers()], (i) => (i < both ? `b-${i}` : `b-alone-b${i}`)),
  }
}
