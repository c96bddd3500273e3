import { isObject, type Json, own } from './json.ts'
import { sure, type Truth } from './truth.ts'

/** Dates are UTC and have millisecond precision. A partial date stands for its whole span; ends are inclusive. */
export interface Span {
  readonly first: number
  readonly last: number
}

const ZONE = String.raw`Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00`
const DATE = new RegExp(`^([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:T([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:[.]([0-9]{1,9}))?(${ZONE}))?)?)?$`)

/** Years below 100 need the long way. */
function instant(year: number, month: number, day: number): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getTime()
}

/** The milliseconds that a date, dateTime or instant stands for. */
export function spanOfText(value: unknown): Span | undefined {
  const parts = typeof value === 'string' ? DATE.exec(value) : null
  if (parts === null) return undefined
  const [, yearText, monthText, dayText, hour, minute, second, fraction, zone] = parts
  const year = Number(yearText)
  if (year === 0) return undefined
  if (monthText === undefined) return { first: instant(year, 1, 1), last: instant(year + 1, 1, 1) - 1 }
  const month = Number(monthText)
  if (month < 1 || month > 12) return undefined
  if (dayText === undefined) return { first: instant(year, month, 1), last: instant(year, month + 1, 1) - 1 }
  const day = Number(dayText)
  const midnight = instant(year, month, day)
  if (new Date(midnight).getUTCMonth() !== month - 1 || day < 1) return undefined
  if (zone === undefined) return { first: midnight, last: midnight + 86_400_000 - 1 }
  const local = midnight + (Number(hour) * 3600 + Number(minute) * 60 + Number(second)) * 1000
  const utc = local - offsetMs(zone)
  const digits = (fraction ?? '').slice(0, 3)
  return { first: utc + Number(digits.padEnd(3, '0')), last: utc + Number(digits.padEnd(3, '9')) }
}

const offsetMs = (zone: string): number =>
  zone === 'Z' ? 0 : (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4))) * 60_000 * (zone.startsWith('-') ? -1 : 1)

/** A Period; an end that is not stated is open. `undefined`: reversed, no end at all, or a stated end that cannot be read. */
export function spanOfPeriod(period: unknown): Span | undefined {
  if (!isObject(period)) return undefined
  const [start, end] = [own(period, 'start'), own(period, 'end')]
  if (start === undefined && end === undefined) return undefined
  const first = start === undefined ? -Infinity : spanOfText(start)?.first
  const last = end === undefined ? Infinity : spanOfText(end)?.last
  return first === undefined || last === undefined || first > last ? undefined : { first, last }
}

export const lies = (at: number, span: Span): boolean => span.first <= at && at <= span.last

/** Elements that say when a resource happened, in the order in which they are looked at. */
const DATES = [
  'effectiveDateTime',
  'effectiveInstant',
  'occurrenceDateTime',
  'performedDateTime',
  'onsetDateTime',
  'started',
  'authoredOn',
  'recordedDate',
  'date',
  'issued',
  'created',
  'startDate',
]
const PERIODS = ['effectivePeriod', 'occurrencePeriod', 'performedPeriod', 'onsetPeriod', 'period', 'billablePeriod']

function spanOfResource(resource: Json): Span | undefined {
  for (const member of DATES) if (own(resource, member) !== undefined) return spanOfText(own(resource, member))
  for (const member of PERIODS) if (own(resource, member) !== undefined) return spanOfPeriod(own(resource, member))
  return undefined
}

/** A permit needs the whole span of the resource inside, a deny any part of it; a span that is unknown may lie anywhere. */
export function datesSpeak(stated: unknown, resource: Json, effect: 'permit' | 'deny'): Truth {
  if (stated === undefined) return 'yes'
  const window = spanOfPeriod(stated)
  const span = spanOfResource(resource)
  if (window === undefined || span === undefined) return 'unknown'
  const inside = window.first <= span.first && span.last <= window.last
  const apart = span.last < window.first || window.last < span.first
  return sure(effect === 'permit' ? inside : !apart)
}
