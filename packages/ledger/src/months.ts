/**
 * Months in UTC by integers alone: `expires` in a head is 00:00 of a first of a month, so that its value says little about
 * the patient. Days are counted from 1970-01-01; the calendar is split into years that begin in March, so that the leap day
 * is the last of its year.
 */

const DAY_MS = 86_400_000
/** Days from 0000-03-01 to 1970-01-01. */
const EPOCH_SHIFT = 719_468
const DAYS_PER_ERA = 146_097

interface Civil {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
}

function civilOf(days: number): Civil {
  const shifted = days + EPOCH_SHIFT
  const era = Math.floor(shifted / DAYS_PER_ERA)
  const dayOfEra = shifted - era * DAYS_PER_ERA
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365)
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1 }
}

/** True at 00:00:00.000 UTC of the first day of a month; `ms` is Unix time. */
export const isMonthStart = (ms: number): boolean => Number.isSafeInteger(ms) && ms >= 0 && ms % DAY_MS === 0 && civilOf(ms / DAY_MS).day === 1

/** The first instant of the month in which `ms` lies. */
export function monthStart(ms: number): number {
  const days = Math.floor(ms / DAY_MS)
  return (days - civilOf(days).day + 1) * DAY_MS
}

/** The first instant of the month after the one in which `ms` lies. */
export const nextMonthStart = (ms: number): number => monthStart(monthStart(ms) + 32 * DAY_MS)
