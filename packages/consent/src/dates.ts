import type { TimeSpan } from './types.ts'

/**
 * Dates of FHIR as spans of milliseconds, UTC. A partial date stands for all of its span, so that a permit for a period
 * needs all of it inside and a deny any part. What cannot be read is `undefined`, which is unknown.
 */

const DAY_MS = 86_400_000

const DATE_TIME = /^[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:[0-9]{2}))?)?)?$/

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return DAYS_IN_MONTH[month - 1] ?? 0
}

/** Days since 1970 of a day of the proleptic Gregorian calendar; years are counted from March, so that a leap day ends one. */
function daysSince1970(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  return 365 * shifted + Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400) + dayOfYear - 719_468
}

/** Milliseconds of midnight, UTC. */
const midnight = (year: number, month: number, day: number): number => daysSince1970(year, month, day) * DAY_MS

/** The first and the last instant that a FHIR date can name. */
export const FIRST_INSTANT = midnight(0, 1, 1)
export const LAST_INSTANT = midnight(10_000, 1, 1) - 1

/** The span that a FHIR date, dateTime or instant stands for. */
export function spanOfDate(value: unknown): TimeSpan | undefined {
  if (typeof value !== 'string' || !DATE_TIME.test(value)) return undefined
  const year = numberAt(value, 0, 4)
  if (value.length === 4) return { from: midnight(year, 1, 1), until: midnight(year + 1, 1, 1) - 1 }
  const month = numberAt(value, 5, 2)
  const last = daysInMonth(year, month)
  if (last === 0) return undefined
  const first = midnight(year, month, 1)
  if (value.length === 7) return { from: first, until: first + last * DAY_MS - 1 }
  const day = numberAt(value, 8, 2)
  if (day < 1 || day > last) return undefined
  const start = first + (day - 1) * DAY_MS
  return value.length === 10 ? { from: start, until: start + DAY_MS - 1 } : spanOfTime(start, value)
}

const DIGIT_ZERO = 48

/** The number that the digits at this place stand for. */
function numberAt(text: string, at: number, digits: number): number {
  let value = 0
  for (let i = at; i < at + digits; i += 1) value = value * 10 + text.charCodeAt(i) - DIGIT_ZERO
  return value
}

/** A date with time and zone; the text has their form, but hours, minutes and zone may be out of range. */
function spanOfTime(midnightMs: number, dateTime: string): TimeSpan | undefined {
  const hour = numberAt(dateTime, 11, 2)
  const minute = numberAt(dateTime, 14, 2)
  const hasSecond = dateTime.charAt(16) === ':'
  const second = hasSecond ? numberAt(dateTime, 17, 2) : 0
  const zoneMs = readZone(dateTime)
  if (hour > 23 || minute > 59 || second > 60 || zoneMs === undefined) return undefined
  const from = midnightMs + hour * 3_600_000 + minute * 60_000 + second * 1000 - zoneMs
  if (!hasSecond) return { from, until: from + 59_999 }
  if (dateTime.charAt(19) !== '.') return { from, until: from + 999 }
  const fraction = dateTime.slice(20, 23).replace(/\D.*/, '')
  const width = 10 ** (3 - fraction.length)
  const start = from + Number(fraction) * width
  return { from: start, until: start + width - 1 }
}

/** Milliseconds ahead of UTC. */
function readZone(dateTime: string): number | undefined {
  if (dateTime.endsWith('Z')) return 0
  const at = dateTime.length - 6
  const [hours, minutes] = [numberAt(dateTime, at + 1, 2), numberAt(dateTime, at + 4, 2)]
  if (hours > 14 || minutes > 59) return undefined
  const zoneMs = (hours * 60 + minutes) * 60_000
  return dateTime.charAt(at) === '-' ? -zoneMs : zoneMs
}

/** The span of a FHIR Period; an end that is not stated is open. A stated end that cannot be read makes the whole unknown. */
export function spanOfPeriod(start: unknown, end: unknown): TimeSpan | undefined {
  if (start === undefined && end === undefined) return undefined
  const from = start === undefined ? FIRST_INSTANT : spanOfDate(start)?.from
  const until = end === undefined ? LAST_INSTANT : spanOfDate(end)?.until
  if (from === undefined || until === undefined || from > until) return undefined
  return { from, until }
}
