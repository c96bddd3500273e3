/**
 * Dates of FHIR as spans of whole days, UTC. A partial date stands for all of its days, so that a permit for a period
 * needs all of them inside and a deny any of them. What cannot be read is `undefined`, which is unknown.
 */
export interface DaySpan {
  readonly from: string
  readonly until: string
}

export const FIRST_DAY = '0000-01-01'
export const LAST_DAY = '9999-12-31'

const DATE_TIME = /^[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:[0-9]{2}))?)?)?$/

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return DAYS_IN_MONTH[month - 1] ?? 0
}

/** Whether `YYYY-MM-DD` names a day that exists. */
export function isCalendarDay(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return false
  const day = Number(text.slice(8))
  return day >= 1 && day <= daysInMonth(Number(text.slice(0, 4)), Number(text.slice(5, 7)))
}

/** The days that a FHIR date, dateTime or instant stands for. */
export function spanOfDate(value: unknown): DaySpan | undefined {
  if (typeof value !== 'string' || !DATE_TIME.test(value)) return undefined
  const year = numberAt(value, 0, 4)
  if (value.length === 4) return { from: `${value}-01-01`, until: `${value}-12-31` }
  const last = daysInMonth(year, numberAt(value, 5, 2))
  if (last === 0) return undefined
  if (value.length === 7) return { from: `${value}-01`, until: `${value}-${last}` }
  const day = numberAt(value, 8, 2)
  if (day < 1 || day > last) return undefined
  const date = value.slice(0, 10)
  const utc = value.length === 10 ? date : shiftToUtc(date, value)
  return utc === undefined ? undefined : { from: utc, until: utc }
}

const DIGIT_ZERO = 48

/** The number that the digits at this place stand for. */
function numberAt(text: string, at: number, digits: number): number {
  let value = 0
  for (let i = at; i < at + digits; i += 1) value = value * 10 + text.charCodeAt(i) - DIGIT_ZERO
  return value
}

/** The UTC day of a date with time and zone; the text has their form, but hours and minutes may be out of range. */
function shiftToUtc(date: string, dateTime: string): string | undefined {
  const hour = numberAt(dateTime, 11, 2)
  const minute = numberAt(dateTime, 14, 2)
  const second = dateTime.charAt(16) === ':' ? numberAt(dateTime, 17, 2) : 0
  if (hour > 23 || minute > 59 || second > 60) return undefined
  if (dateTime.endsWith('Z')) return date
  const zoneAt = dateTime.length - 6
  const [zoneHours, zoneMinutes] = [numberAt(dateTime, zoneAt + 1, 2), numberAt(dateTime, zoneAt + 4, 2)]
  if (zoneHours > 14 || zoneMinutes > 59) return undefined
  const offset = (zoneHours * 60 + zoneMinutes) * (dateTime.charAt(zoneAt) === '-' ? -1 : 1)
  const atUtc = hour * 60 + minute - offset
  if (atUtc >= 0 && atUtc < 1440) return date
  return shiftDay(date, atUtc < 0 ? -1 : 1)
}

/** The day before or after; the same day where there is none in the years 0 to 9999. */
export const addDay = (day: string, days: 1 | -1): string => (isCalendarDay(day) ? (shiftDay(day, days) ?? day) : day)

/** `undefined` outside the years 0 to 9999. */
function shiftDay(date: string, days: 1 | -1): string | undefined {
  const year = Number(date.slice(0, 4))
  const month = Number(date.slice(5, 7))
  const day = Number(date.slice(8)) + days
  if (day >= 1 && day <= daysInMonth(year, month)) return `${date.slice(0, 8)}${pad(day, 2)}`
  const turned = month + days
  if (turned >= 1 && turned <= 12) return `${date.slice(0, 5)}${pad(turned, 2)}-${pad(days === 1 ? 1 : daysInMonth(year, turned), 2)}`
  const next = year + days
  return next < 0 || next > 9999 ? undefined : `${pad(next, 4)}-${days === 1 ? '01-01' : '12-31'}`
}

const pad = (value: number, digits: number): string => String(value).padStart(digits, '0')

/** The days of a FHIR Period; an end that is not stated is open. A stated end that cannot be read makes the whole unknown. */
export function spanOfPeriod(start: unknown, end: unknown): DaySpan | undefined {
  if (start === undefined && end === undefined) return undefined
  const from = start === undefined ? FIRST_DAY : spanOfDate(start)?.from
  const until = end === undefined ? LAST_DAY : spanOfDate(end)?.until
  if (from === undefined || until === undefined || from > until) return undefined
  return { from, until }
}
