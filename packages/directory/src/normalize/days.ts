import { parseDay } from './parse-day.ts'
import { plainText, saysNothing } from './plain-text.ts'

/**
 * A day as `YYYY-MM-DD`, from ISO (with or without hyphens or a time), from the American order (`1/31/2020`), and with the month as a word (`Jan 31,
 * 2020`, `31-JAN-2020`). What is no day of the calendar stays as plain text, and so does a year of two digits: its century would be a guess.
 */
export function day(value: string): string {
  const plain = plainText(value)
  if (saysNothing(plain) || /^[0 ]+$/.test(plain)) return ''
  const parsed = parseDay(value, MONTH_FIRST) ?? parseDay(plain, MONTH_FIRST) ?? dayInWords(plain)
  if (parsed === undefined) return plain
  const { year, month, day } = parsed
  return isOfCalendar(Number(year), Number(month), Number(day)) ? `${year}-${month}-${day}` : plain
}

const MONTH_FIRST = { monthFirst: true }
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const IN_WORDS = /^(?:(\d{1,2}) )?([a-z]{3})[a-z]* (?:(\d{1,2}) )?(\d{4})$/

function dayInWords(plain: string): ReturnType<typeof parseDay> {
  const [, before, name = '', behind, year = ''] = IN_WORDS.exec(plain) ?? []
  const [month, day] = [MONTHS.indexOf(name) + 1, before ?? behind]
  if (month === 0 || day === undefined || (before !== undefined && behind !== undefined)) return undefined
  return { year, month: String(month).padStart(2, '0'), day: day.padStart(2, '0') }
}

function isOfCalendar(year: number, month: number, day: number): boolean {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  return year > 0 && day >= 1 && day <= (lengths[month - 1] ?? 0)
}
