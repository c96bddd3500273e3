/**
 * Dates, dateTimes, instants and times as FHIR writes them. A partial one stands for its whole span, so two of different
 * precision can be neither equal nor unequal: that is `open`, which FHIRPath answers with nothing.
 */
interface Temporal {
  /** Year, month, day, hour, minute, second with fraction; a time begins with the hour. As many as are written. */
  readonly parts: readonly number[]
  readonly isTime: boolean
  readonly hasClock: boolean
  /** `Z`, `+02:00`; absent where none is written. */
  readonly zone: string | undefined
}

const DATE = /^(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01])(?:T(?:(\d{2})(?::(\d{2})(?::(\d{2}(?:\.\d+)?))?)?(Z|[+-]\d{2}:\d{2})?)?)?)?)?$/
const TIME = /^(\d{2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?$/
const FULL_DATE = /^\d{4}-\d{2}-\d{2}(?:T|$)/

/** Whether a text reads as a full date, with or without a time. */
export const isFullDate = (text: string): boolean => FULL_DATE.test(text)

/** Whether a text is a date, a dateTime or a time of any precision. */
export const isTemporal = (text: string): boolean => DATE.test(text) || TIME.test(text)

function parse(text: string): Temporal | undefined {
  const date = DATE.exec(text)
  if (date !== null) {
    const parts = partsOf(date.slice(1, 7))
    return { parts, isTime: false, hasClock: parts.length > 3, zone: date[7] }
  }
  const time = TIME.exec(text)
  return time === null ? undefined : { parts: partsOf(time.slice(1, 4)), isTime: true, hasClock: true, zone: undefined }
}

const partsOf = (texts: readonly (string | undefined)[]): readonly number[] => texts.filter((text) => text !== undefined).map(Number)

/** Minutes east of UTC. */
function offsetOf(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6))
  return zone.startsWith('-') ? -minutes : minutes
}

/** Below 0, 0 or above 0; `open` where precision or a missing time zone leaves it open; `undefined` if one of them is no date or time. */
export function compareTemporal(a: string, b: string): number | 'open' | undefined {
  const [left, right] = [parse(a), parse(b)]
  if (left === undefined || right === undefined || left.isTime !== right.isTime) return undefined
  if (left.hasClock && right.hasClock && !left.isTime) {
    if ((left.zone === undefined) !== (right.zone === undefined)) return 'open'
    return compareParts(inUtc(left), inUtc(right))
  }
  return compareParts(left.parts, right.parts)
}

function compareParts(a: readonly number[], b: readonly number[]): number | 'open' {
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const [left, right] = [a[i], b[i]]
    if (left === undefined || right === undefined) return 'open'
    if (left !== right) return left - right
  }
  return 0
}

function inUtc({ parts, zone }: Temporal): readonly number[] {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second] = parts
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute - offsetOf(zone))
  const all = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes()]
  return (second === undefined ? all : [...all, second]).slice(0, parts.length)
}

// ---- boundaries -----------------------------------------------------------------------------------------------------------

/** The first or the last instant that a partial value may mean. */
export type Side = 'low' | 'high'

/** The earliest and the latest zone on earth: a date without a zone begins in the one and ends in the other. */
const ZONES = { low: '+14:00', high: '-12:00' } as const

const two = (value: number): string => String(value).padStart(2, '0')

/** The first or last day that the text may mean; nothing for what is no date. */
export function dateBoundary(text: string, side: Side): string | undefined {
  const found = parse(text)
  if (found === undefined || found.isTime) return undefined
  const [year = 0, month = side === 'low' ? 1 : 12, day] = found.parts
  return `${text.slice(0, 4)}-${two(month)}-${two(day ?? (side === 'low' ? 1 : daysIn(year, month)))}`
}

/** The first or last millisecond that the text may mean; nothing for what is no date or dateTime. */
export function dateTimeBoundary(text: string, side: Side): string | undefined {
  const found = parse(text)
  const date = dateBoundary(text, side)
  if (found === undefined || date === undefined) return undefined
  return `${date}T${clockBoundary(text.slice(11), found.parts.slice(3), side)}${found.zone ?? ZONES[side]}`
}

/** The first or last millisecond of a day that the text may mean; nothing for what is no time. */
export function timeBoundary(text: string, side: Side): string | undefined {
  const found = parse(text)
  return found?.isTime === true ? clockBoundary(text, found.parts, side) : undefined
}

function clockBoundary(text: string, [hour, minute, second]: readonly number[], side: Side): string {
  const [lastHour, last, digit] = side === 'low' ? [0, 0, '0'] : [23, 59, '9']
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? ''
  const clock = [hour ?? lastHour, minute ?? last, Math.floor(second ?? last)]
  return `${clock.map(two).join(':')}.${fraction.slice(0, 3).padEnd(3, digit)}`
}

function daysIn(year: number, month: number): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month, 0)
  return date.getUTCDate()
}
