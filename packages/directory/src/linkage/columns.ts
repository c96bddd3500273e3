import type { CsvTable } from '../reading/csv-table.ts'
import { plainText, saysNothing } from '../normalize/plain-text.ts'
import { parseDay } from '../normalize/parse-day.ts'
import { areLifetimes, parsePart, readDay } from './birth-date.ts'
import { type HeaderMeaning, meaningOfHeader } from './header-words.ts'
import { DATE_PARTS, type DatePart, type Meaning, MEANINGS } from './meanings.ts'
import { type Form, isCalendarDay } from './normalize.ts'

/**
 * What an organization says of its columns: the words of the header first (`header-words.ts`), then the look of the values, for what a header
 * does not tell and for what it promises and does not keep: a column called birth date that holds days of a month is a part of
 * one. The descriptions are shown to the other side; they hold names of columns and nothing of a record.
 */
export interface ColumnDescription {
  readonly column: string
  readonly meaning: Meaning | 'birthPart' | 'local' | 'unknown'
  /** Of a `birthPart`. */
  readonly part?: DatePart
  /** Of an `identifier`, who gives it. */
  readonly office?: string
  readonly form: Form
  /** No two records can be told apart by it, because it is empty or the same everywhere. */
  readonly isBlank: boolean
}

interface Column {
  readonly column: string
  /** Cells that say something. */
  readonly values: readonly string[]
}

/** One organization describes its columns by itself; the column of ids is left out. */
export function describeColumns({ header, rows }: CsvTable, idColumn: string): readonly ColumnDescription[] {
  const columns = header
    .map((column, i) => ({ column, values: rows.map((row) => row[i] ?? '').filter((value) => !saysNothing(plainText(value))) }))
    .filter(({ column }) => column !== idColumn)
  const described = columns.map((column): Described => {
    const isBlank = rows.length > 1 && new Set(column.values).size < 2
    const named = meaningOfHeader(column.column)
    const told = named === undefined ? byValues(column.values) : byName(named, column.values)
    return { ...column, isNamed: named !== undefined, told: { column: column.column, ...told, isBlank } }
  })
  const birth = ofPlainParts(described) ?? ofUnnamedDate(described)
  const postal = ofFiveDigits(described)
  return described.map(({ told }, i) => ({ ...told, ...birth?.get(i), ...postal?.get(i) }))
}

interface Described extends Column {
  /** The header says what it is. */
  readonly isNamed: boolean
  readonly told: ColumnDescription
}

type Told = Pick<ColumnDescription, 'meaning' | 'form'> & Partial<Pick<ColumnDescription, 'part' | 'office'>>

// ---- one column -----------------------------------------------------------------------------------------------------------

function byName(named: HeaderMeaning, values: readonly string[]): Told {
  if (named.meaning === 'birthPart') return birthOf(values, named.part)
  if (named.meaning === 'birthDate') return birthOf(values)
  if (named.meaning === 'local') return { meaning: 'local', form: 'words' }
  if (areMost(values, isCalendarDay)) return { meaning: 'unknown', form: 'date' }
  if (named.meaning === 'other') return UNKNOWN
  const { meaning } = named
  return { ...named, meaning, form: MEANINGS[meaning].form }
}

/** A column that is called birth date, or a part of one: what it holds decides. */
function birthOf(values: readonly string[], part?: DatePart): Told {
  if (values.length === 0 || areMost(values, (value) => readDay(value) !== undefined)) return BIRTH_DATE
  const fits = (wanted: DatePart): boolean => areMost(values, (value) => parsePart(value, wanted) !== undefined)
  const found = (part === undefined ? (['day', 'year'] as const) : [part]).find(fits)
  if (found !== undefined) return { meaning: 'birthPart', part: found, form: 'date' }
  return part === undefined && !areMost(values, (value) => /^\s*[\d.]+\s*$/.test(value)) ? BIRTH_DATE : UNKNOWN
}

const BIRTH_DATE: Told = { meaning: 'birthDate', form: 'date' }
const UNKNOWN: Told = { meaning: 'unknown', form: 'words' }

/** Looks that nothing else has. */
function byValues(values: readonly string[]): Told {
  const look = LOOKS.find(([pattern]) => areMost(values, (value) => pattern.test(value.trim())))?.[1]
  if (look !== undefined) return look
  return areMost(values, isCalendarDay) ? { meaning: 'unknown', form: 'date' } : UNKNOWN
}

const LOOKS: readonly (readonly [RegExp, Told])[] = [
  [/^\S+@\S+\.\S+$/, { meaning: 'email', form: 'words' }],
  [/^(?:f|m|x|u|female|male|other|unknown)$/i, { meaning: 'sex', form: 'code' }],
  [/^\d{3}-\d{2}-\d{4}$/, { meaning: 'identifier', office: 'social security', form: 'digits' }],
  [/^(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}$/, { meaning: 'phone', form: 'digits' }],
]

const MOST = 0.9
const areMost = (values: readonly string[], isOne: (value: string) => boolean): boolean =>
  values.length > 0 && values.filter(isOne).length > values.length * MOST

// ---- one column among the others ------------------------------------------------------------------------------------------

type Changes = ReadonlyMap<number, Partial<ColumnDescription>>

const hasBirth = (described: readonly Described[]): boolean => described.some(({ told }) => told.meaning === 'birthDate' || told.meaning === 'birthPart')

/** Neither header nor values have told. */
const isPlain = ({ isNamed, told }: Described): boolean => !isNamed && told.meaning === 'unknown'

/** `year`, `month` and `day` say of what only together, and only if the years are those of lives. */
function ofPlainParts(described: readonly Described[]): Changes | undefined {
  const places = DATE_PARTS.map((part) => described.findIndex(({ column, values }) => holdsPart(column, values, part)))
  if (hasBirth(described) || places.includes(-1)) return undefined
  const years = (described[places[0] ?? 0]?.values ?? []).map(Number)
  return areLifetimes(years) ? new Map(places.map((place, i) => [place, { meaning: 'birthPart', part: DATE_PARTS[i] ?? 'year', form: 'date' }])) : undefined
}

const holdsPart = (column: string, values: readonly string[], part: DatePart): boolean =>
  plainText(column) === part && areMost(values, (value) => parsePart(value, part) !== undefined)

/** Where no header says birth, the one column of dates that spans lives; a second such column leaves it open. */
function ofUnnamedDate(described: readonly Described[]): Changes | undefined {
  if (hasBirth(described)) return undefined
  const years = ({ values }: Column): readonly number[] => values.map((value) => Number(parseDay(value)?.year)).filter(Number.isFinite)
  const dates = described.flatMap((one, i) => (isPlain(one) && one.told.form === 'date' && areLifetimes(years(one)) ? [i] : []))
  const [only, second] = dates
  return only === undefined || second !== undefined ? undefined : new Map([[only, { meaning: 'birthDate' }]])
}

/**
 * Where no header says postal code, the one column of five digits that many records share: numbers of rows differ in each, and numbers of
 * counties are few.
 */
function ofFiveDigits(described: readonly Described[]): Changes | undefined {
  if (described.some(({ told }) => told.meaning === 'postalCode')) return undefined
  const codes = described.flatMap((one, i) => (isPlain(one) && lookPostal(one.values) ? [i] : []))
  const [only, second] = codes
  return only === undefined || second !== undefined ? undefined : new Map([[only, { meaning: 'postalCode', form: 'postalCode' }]])
}

function lookPostal(values: readonly string[]): boolean {
  const different = new Set(values).size
  return values.length >= 50 && different >= 20 && different < 0.8 * values.length && areMost(values, (value) => /^\d{5}(?:-?\d{4})?$/.test(value.trim()))
}
