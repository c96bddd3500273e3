import { MAX_WORDS } from '../limits.ts'
import { type DateOptions, parseDay, YEAR_LAST } from '../normalize/parse-day.ts'
import { plainText, saysNothing } from '../normalize/plain-text.ts'
import { type PartialDay, readDay, SHORT_YEAR } from './birth-date.ts'
import { DATE_PARTS, type DatePart } from './meanings.ts'

/**
 * From what somebody typed to tokens: short strings that two spellings of one fact share. An encoding keeps nothing but the
 * set of tokens, so what is alike must become alike here, before any key is used.
 *
 * - `words` (names, streets, cities): each word gives its bigrams, with a mark before and after it: `ann` is `_a an nn n_`.
 *   One typing error changes two or three of them and leaves the others; the order of words does not count.
 * - `digits` (numbers of insurances, phones, postal codes): bigrams of the digits and letters alone.
 * - `date`: year, month and day, alone and two by two, and the digits of the year: one wrong digit leaves half of them.
 * - `postalCode`: the same, without the four digits that a long ZIP code has behind its five.
 * - `code` (state, sex): the whole value; a code is right or wrong. `female`, `F`, `w` and `2` are one.
 *
 * There is no list of names, nicknames or places: such a list helps those whose names are on it.
 */
export type Form = 'words' | 'digits' | 'date' | 'postalCode' | 'code'

export interface TokenOptions extends DateOptions {
  /** Of a date, what is compared. */
  readonly parts?: readonly DatePart[]
}

/** The tokens of a value, each once; none for a value that says nothing. */
export function tokensOf(value: string, form: Form, options: TokenOptions = {}): ReadonlySet<string> {
  const plain = plainText(value)
  if (saysNothing(plain)) return new Set()
  switch (form) {
    case 'words':
      return new Set(plain.split(' ').slice(0, MAX_WORDS).flatMap(bigrams))
    case 'digits':
      return new Set(bigrams(plain.replaceAll(' ', '')))
    case 'date':
      return new Set(dateTokens(value, plain, options))
    case 'postalCode':
      return new Set(bigrams(plain.replaceAll(' ', '').replace(LONG_ZIP, '$1')))
    case 'code':
      return new Set([FEMALE.test(plain) ? 'f' : MALE.test(plain) ? 'm' : plain])
  }
}

const LONG_ZIP = /^(\d{5})\d{4}$/
/** Words of headers' languages, and the numbers of ISO/IEC 5218. */
const FEMALE = /^(?:f|w|2|female|woman|weiblich|frau|femme|feminin|femenino|mujer)$/
const MALE = /^(?:m|h|1|male|man|mannlich|mann|homme|masculin|masculino|hombre|varon)$/

function bigrams(word: string): readonly string[] {
  const marked = [...`_${word}_`]
  return marked.slice(1).map((character, i) => `${marked[i] ?? ''}${character}`)
}

// ---- dates ----------------------------------------------------------------------------------------------------------------

function dateTokens(value: string, plain: string, { parts = DATE_PARTS, ...options }: TokenOptions): Iterable<string> {
  const date = readDay(value, options)
  if (date === undefined) return parts.length === DATE_PARTS.length ? bigrams(plain.replaceAll(' ', '')) : []
  return dayTokens(Object.fromEntries(parts.map((part) => [part, date[part]])))
}

/** Each part that is known alone, each two together, and the last digits of the year; a year without its century has its digits alone. */
export function dayTokens({ year, month, day }: PartialDay): ReadonlySet<string> {
  const whole = year?.length === 4 ? year : undefined
  const parts = { y: whole, m: month, d: day, ym: both(whole, month), md: both(month, day), yd: both(whole, day), 2: year?.at(-2), 3: year?.at(-1) }
  return new Set(Object.entries(parts).flatMap(([name, value]) => (value === undefined ? [] : [`${name}${value}`])))
}

const both = (one: string | undefined, two: string | undefined): string | undefined => (one === undefined || two === undefined ? undefined : one + two)

/** A number of eight digits can be read as a day; a column of them holds days only if the calendar has them. */
export function isCalendarDay(value: string): boolean {
  const date = parseDay(value)
  if (date === undefined || !/^(?:18|19|20)/.test(date.year)) return false
  const [one, two] = [Number(date.month), Number(date.day)]
  return Math.min(one, two) >= 1 && Math.min(one, two) <= 12 && Math.max(one, two) <= 31
}

/** `3/4/1990` alone does not tell; a column does, which has months up to twelve and days beyond. */
export function isMonthFirst(values: readonly string[]): boolean {
  const parts = values.flatMap((value) => {
    const last = YEAR_LAST.exec(value) ?? SHORT_YEAR.exec(value)
    return last === null ? [] : [{ one: Number(last[1]), two: Number(last[2]) }]
  })
  return parts.filter(({ two }) => two > 12).length > parts.filter(({ one }) => one > 12).length
}
