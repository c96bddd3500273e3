/** Calendar arithmetic on `YYYY-MM-DD`, UTC. */

const DAY_MS = 86_400_000

/** The last day of the synthetic records: nothing is dated after it. */
export const LAST_RECORDED_DAY = '2026-11-15'

const toMs = (day: string): number => Date.parse(`${day}T00:00:00Z`)
const fromMs = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

export const addDays = (day: string, days: number): string => fromMs(toMs(day) + days * DAY_MS)
export const daysBetween = (from: string, to: string): number => Math.round((toMs(to) - toMs(from)) / DAY_MS)
export const yearOf = (day: string): number => Number(day.slice(0, 4))
export const ageAt = (birthDate: string, day: string): number => yearOf(day) - yearOf(birthDate) - (day.slice(5) < birthDate.slice(5) ? 1 : 0)

/** The day on which somebody has lived this many years, which may be a fraction. */
export const dayAtAge = (birthDate: string, years: number): string => addDays(birthDate, Math.round(years * 365.25))

/** `YYYY-MM-DDThh:mm:00Z` */
export const atTime = (day: string, minutes: number): string =>
  `${day}T${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}:00Z`
