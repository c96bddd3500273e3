import { MAX_WORDS } from '../limits.ts'
import { type DateOptions, parseDay, YEAR_LAST } from '../normalize/parse-day.ts'
import { plainText, saysNothing } from '../normalize/plain-text.ts'

/**
 * From what somebody typed to tokens: short strings that two spellings of one fact share. An encoding keeps nothing but the
 * set of tokens, so what is alike must become alike here, before any key is used.
 *
 * - `words` (names, streets, cities): each word gives its bigrams, with a mark before and after it: `ann` is `_a an nn n_`.
 *   One typing error changes two or three of them and leaves the others; the order of words does not count.
 * - `digits` (numbers of insurances, phones, postal codes): bigrams of the digits and letters alone.
 * - `date`: year, month and day, alone and two by two, and the digits of the year: one wrong digit leaves half of them.
 * - `code` (state, sex): the whole value; a code is right or wrong.
 *
 * There is no list of names, nicknames or places: such a list helps those whose names are on it.
 */
export type Form = 'words' | 'digits' | 'date' | 'code'

/** The tokens of a value, each once; none for a value that says nothing. */
export function tokensOf(value: string, form: Form, options: DateOptions = {}): ReadonlySet<string> {
  const plain = plainText(value)
  if (saysNothing(plain)) return new Set()
  switch (form) {
    case 'words':
      return new Set(plain.split(' ').slice(0, MAX_WORDS).flatMap(bigrams))
    case 'digits':
      return new Set(bigrams(plain.replaceAll(' ', '')))
    case 'date':
      return new Set(dateTokens(value, plain, options))
    case 'code':
      return new Set([plain])
  }
}

function bigrams(word: string): readonly string[] {
  const marked = [...`_${word}_`]
  return marked.slice(1).map((character, i) => `${marked[i] ?? ''}${character}`)
}

// ---- dates ----------------------------------------------------------------------------------------------------------------

function dateTokens(value: string, plain: string, options: DateOptions): readonly string[] {
  const date = parseDay(value, options)
  if (date === undefined) return bigrams(plain.replaceAll(' ', ''))
  const { year, month, day } = date
  const digits = [2, 3].map((i) => `${i}${year[i] ?? ''}`)
  return [`y${year}`, `m${month}`, `d${day}`, `ym${year}${month}`, `md${month}${day}`, `yd${year}${day}`, ...digits]
}

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
    const last = YEAR_LAST.exec(value)
    return last === null ? [] : [{ one: Number(last[1]), two: Number(last[2]) }]
  })
  return parts.filter(({ two }) => two > 12).length > parts.filter(({ one }) => one > 12).length
}
