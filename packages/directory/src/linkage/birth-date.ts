import { type DateOptions, parseDay } from '../normalize/parse-day.ts'
import { plainText, saysNothing } from '../normalize/plain-text.ts'
import type { DatePart } from './meanings.ts'

/**
 * A birth date in pieces: a column for the year, one for the month, one for the day. Registers that were punched on cards have it so, and so do
 * files in which the day was taken out. What a header does not tell the values do: `birth_day` holds days of a month in one file and whole
 * dates in another.
 */
export type PartialDay = Readonly<Partial<Record<DatePart, string>>>

/** A day as people and spreadsheets write it, beyond the usual spellings: with the name of a month, two digits of a year, or a time behind it. */
export function readDay(value: string, options: DateOptions = {}): PartialDay | undefined {
  const text = value.replace(TIME, '').replace(/\.0+$/, '')
  const usual = parseDay(text, options)
  if (usual !== undefined) return usual
  const short = SHORT_YEAR.exec(text)
  if (short !== null) return options.monthFirst === true ? joined(short[3], short[1], short[2]) : joined(short[3], short[2], short[1])
  const dayFirst = DAY_NAMED_MONTH.exec(text)
  if (dayFirst !== null) return joined(dayFirst[3], dayFirst[2], dayFirst[1])
  const monthFirst = NAMED_MONTH_DAY.exec(text)
  return monthFirst === null ? undefined : joined(monthFirst[3], monthFirst[1], monthFirst[2])
}

const TIME = /[ T]\d{1,2}:\d{2}[^]*/
export const SHORT_YEAR = /^\s*(\d{1,2})[-/.](\d{1,2})[-/.](\d{2})\s*$/
const DAY_NAMED_MONTH = /^\s*(\d{1,2})[-/. ]+(\p{L}{3,10})[-/., ]+(\d{4}|\d{2})\s*$/u
const NAMED_MONTH_DAY = /^\s*(\p{L}{3,10})[-/. ]+(\d{1,2})[-/., ]+(\d{4}|\d{2})\s*$/u

function joined(ofYear = '', ofMonth = '', ofDay = ''): PartialDay | undefined {
  const [year, month, day] = [parsePart(ofYear, 'year'), parsePart(ofMonth, 'month'), parsePart(ofDay, 'day')]
  return year === undefined || month === undefined || day === undefined ? undefined : { year, month, day }
}

/** What a cell says: four digits of a year, or two where the century is missing; two of a month or a day. Nothing for what it is not. */
export function parsePart(value: string, part: DatePart): string | undefined {
  const plain = plainText(value.replace(/\.0+$/, ''))
  if (saysNothing(plain)) return undefined
  const month = part === 'month' ? MONTHS.findIndex((pattern) => pattern.test(plain)) : -1
  const number = month >= 0 ? month + 1 : /^\d{1,4}$/.test(plain) ? Number(plain) : Number.NaN
  if (part === 'year') return number >= 1800 && number <= 2100 ? String(number) : number < 100 ? twoDigits(number) : undefined
  return number >= 1 && number <= (part === 'month' ? 12 : 31) ? twoDigits(number) : undefined
}

const twoDigits = (number: number): string => String(number).padStart(2, '0')

/** As English, German, French and Spanish begin them. */
const MONTHS = [
  /^(?:jan|ene)/,
  /^fe[bv]/,
  /^m(?:ar|aer|rz)/,
  /^a[pbv]r/,
  /^ma[iy]/,
  /^jui?n/,
  /^jui?l/,
  /^a(?:ug|go|ou)/,
  /^sep/,
  /^o[ck]t/,
  /^nov/,
  /^d(?:ec|ez|ic)/,
]

/** Years of many lives lie far apart; those of visits, reports and updates do not. */
export function areLifetimes(years: readonly number[]): boolean {
  if (years.length < MANY) return true
  const sorted = years.toSorted((one, two) => one - two)
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0
  return at(0.95) - at(0.05) >= LIFETIME_YEARS
}

/** Fewer values show no spread. */
const MANY = 20
/** Of nine in ten people: children's hospitals have 18 years, a register of visits rarely more than ten. */
const LIFETIME_YEARS = 12
