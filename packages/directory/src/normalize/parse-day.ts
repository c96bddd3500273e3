export interface DateOptions {
  /** Of a day with its year last. */
  readonly monthFirst?: boolean
}

/** Digits as they came; nothing says that the calendar has such a day. */
export interface Day {
  readonly year: string
  readonly month: string
  readonly day: string
}

const YEAR_FIRST = /^\s*(\d{4})[-/. ]?(\d{2})[-/. ]?(\d{2})(?:[T ].*)?$/
export const YEAR_LAST = /^\s*(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})\s*$/

/** A day in one of the usual spellings; with the year last, the day comes first unless `monthFirst` says otherwise. */
export function parseDay(value: string, { monthFirst = false }: DateOptions = {}): Day | undefined {
  const first = YEAR_FIRST.exec(value)
  if (first !== null) return dayOf(first[1], first[2], first[3])
  const last = YEAR_LAST.exec(value)
  if (last === null) return undefined
  const [, one, two, year] = last
  return monthFirst ? dayOf(year, one, two) : dayOf(year, two, one)
}

const dayOf = (year = '', month = '', day = ''): Day => ({ year, month: month.padStart(2, '0'), day: day.padStart(2, '0') })
