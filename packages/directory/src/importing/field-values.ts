import { MAX_FIELD_NAME, MAX_FIELD_VALUE, MAX_KNOWN_DAYS } from '../limits.ts'
import type { FindingCode } from './findings.ts'
import type { Finding } from './types.ts'

/** What every reader does with single values, so that two sources say the same thing alike. */

/** Fields of one subject while a record is read. */
export type Draft = Record<string, string>

/** Sets a field if there is something to say. What a statement could not carry is left out and found. */
export function setField(draft: Draft, name: string, value: string, column: string, findings: Finding[]): void {
  const text = value.trim()
  if (text === '') return
  if (text.length > MAX_FIELD_VALUE || name.length > MAX_FIELD_NAME) findings.push({ code: 'VALUE_TOO_LONG', field: column })
  else if (!text.isWellFormed() || !name.isWellFormed()) findings.push({ code: 'VALUE_FORM', field: column })
  else draft[name] = text
}

/** Ten characters of the code set of the National Uniform Claim Committee: letters and digits, an X at the end. */
export const isTaxonomyCode = (code: string): boolean => /^[0-9A-Z]{9}X$/.test(code)

/** In the words of FHIR, because registers write letters and payers write words. Undefined for what says nothing. */
export function genderOf(value: string): string | undefined {
  const known = GENDERS[value.trim().toLowerCase()]
  return known ?? (value.trim() === '' ? undefined : value.trim())
}

const GENDERS: Readonly<Record<string, string | undefined>> = { m: 'male', f: 'female', x: 'other', o: 'other', u: 'unknown' }

/** A finding about a code or a number; what looks like neither, such as the name from a column that has slipped, is not shown. */
export function codeFinding(code: FindingCode, field: string, value: string): Finding {
  return /^(?=.*\d)[0-9A-Za-z]{1,20}$/.test(value) ? { code, field, value } : { code, field }
}

/** What is wrong with the cell where an NPI should stand. */
export const npiFinding = (field: string, value: string): Finding =>
  value === '' ? { code: 'NPI_MISSING', field } : codeFinding('NPI_CHECK_DIGIT', field, value)

export interface Day {
  /** `2026-11-23`. */
  readonly iso: string
  /** Its first instant in UTC, milliseconds. */
  readonly time: number
}

/** Days that a file names come again and again. */
const days = new Map<string, Day>()

/** A day as the national register writes it, month first. Undefined for what is none of the calendar. */
export function parseUsDay(value: string): Day | undefined {
  const known = days.get(value)
  if (known !== undefined) return known
  const [, month, day, year] = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(value) ?? []
  const parsed = dayOf(`${year}-${month}-${day}`)
  if (days.size === MAX_KNOWN_DAYS) days.clear()
  if (parsed !== undefined) days.set(value, parsed)
  return parsed
}

/** From 1970 on: statements count milliseconds from there. */
export function dayOf(iso: string): Day | undefined {
  const [year = Number.NaN, month = 0, day = 0] = iso.split('-').map(Number)
  const time = Date.UTC(year, month - 1, day)
  return time >= 0 && new Date(time).toISOString().startsWith(iso) ? { iso, time } : undefined
}
