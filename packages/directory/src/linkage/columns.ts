import type { CsvTable } from '../reading/csv-table.ts'
import { DirectoryError } from '../errors.ts'
import { MAX_UNKNOWN_FIELDS } from '../limits.ts'
import { plainText } from '../normalize/plain-text.ts'
import { type Form, isCalendarDay } from './normalize.ts'

/**
 * Which columns of two files mean the same. Each organization describes its own columns (`describeColumns`): the words of
 * the header first, then, for what a header does not tell, the look of the values. The descriptions are shown to the other
 * side; they hold names of columns and nothing of a record. From both, both get the same fields (`agreeFields`).
 *
 * Names share one space of tokens, so that a full name meets a given and a family name, also where the two were swapped;
 * house number, street and further address lines share another. A meaning that only one side has is left out: it would
 * only make equal records differ. Columns without a known meaning are compared where both sides name them alike.
 */
export type Meaning = keyof typeof MEANINGS

interface Kind {
  /** Meanings of one space are tokens of one kind. */
  readonly space: string
  readonly form: Form
  /** Bits that one token sets: the weight of the field. A date has eight tokens, a name about seven. */
  readonly hashes: number
}

/** What tells people apart weighs more than what a household or a town shares: two who live together must not look like one. */
const MEANINGS = {
  given: { space: 'name', form: 'words', hashes: 14 },
  family: { space: 'name', form: 'words', hashes: 12 },
  middle: { space: 'name', form: 'words', hashes: 6 },
  name: { space: 'name', form: 'words', hashes: 13 },
  birthDate: { space: 'birthDate', form: 'date', hashes: 20 },
  identifier: { space: 'identifier', form: 'digits', hashes: 16 },
  phone: { space: 'phone', form: 'digits', hashes: 8 },
  email: { space: 'email', form: 'words', hashes: 5 },
  sex: { space: 'sex', form: 'code', hashes: 12 },
  street: { space: 'street', form: 'words', hashes: 4 },
  city: { space: 'city', form: 'words', hashes: 5 },
  postalCode: { space: 'postalCode', form: 'digits', hashes: 7 },
  state: { space: 'state', form: 'code', hashes: 6 },
  country: { space: 'country', form: 'code', hashes: 4 },
} as const satisfies Readonly<Record<string, Kind>>

const UNKNOWN_HASHES = 5

/** First match wins. `local` is how an organization numbers and sorts its own rows, which says nothing to another. */
const HEADER_WORDS: readonly (readonly [RegExp, Meaning | 'local'])[] = [
  [/\b(?:type|title|prefix|suffix|switch)\b/, 'local'],
  [/\b(?:state|province|canton|bundesland|provincia)\b/, 'state'],
  [/\b(?:soc(?:ial)? ?sec(?:urity)?|ssn|nhs|medicare|ihi|npi|nino|passport|tax|insurance|licen[cs]e|national)\b/, 'identifier'],
  [/\be ?mail\b/, 'email'],
  [/\b(?:phone|telephone|tel|mobile|cell|fax|telefon)\b/, 'phone'],
  [/\b(?:dob|birth ?date|date (?:of )?birth|birth ?day|born|geburtsdatum|naissance|nacimiento)\b/, 'birthDate'],
  [/\b(?:sex|gender|geschlecht|sexe|sexo)\b/, 'sex'],
  [/\b(?:post(?:al)? ?codes?|zip(?: ?code)?|plz|postcode|postleitzahl)\b/, 'postalCode'],
  [/\b(?:country|nation|pays|pais|land)\b/, 'country'],
  [/\b(?:suburb|city|town|locality|municipality|ort|stadt|ville|ciudad)\b/, 'city'],
  [/\b(?:address|addr|street|road|house|unit|apartment|strasse|hausnummer|rue|calle|adresse)\b/, 'street'],
  [/\b(?:middle|second) ?(?:name|initial)s?\b/, 'middle'],
  [/\b(?:given|first ?name|first|forename|fore ?name|fname|vorname|prenom|nombre)\b/, 'given'],
  [/\b(?:surname|sur ?name|family|last ?name|last|lname|nachname|familienname|apellidos?|nom)\b/, 'family'],
  [/\b(?:(?:id|key|uuid|mrn|row|index|cluster|source|created|updated)|(?:rec(?:ord)?|patient|person|chart|account) ?(?:no|number|nr))\b/, 'local'],
  [/^(?:(?:full|patient|person|provider|practitioner) ?)?name$/, 'name'],
]

/** What an organization says of one of its columns. */
export interface ColumnDescription {
  readonly column: string
  readonly meaning: Meaning | 'local' | 'unknown'
  readonly form: Form
  /** No two records can be told apart by it, because it is empty or the same everywhere. */
  readonly isBlank: boolean
}

/** One organization describes its columns by itself; the column of ids is left out. */
export function describeColumns({ header, rows }: CsvTable, idColumn: string): readonly ColumnDescription[] {
  const described = header
    .map((column, i) => ({ column, values: rows.map((row) => row[i] ?? '').filter((value) => value !== '') }))
    .filter(({ column }) => column !== idColumn)
    .map(({ column, values }) => ({ column, ...meaningOf(column, values), isBlank: rows.length > 1 && new Set(values).size < 2 }))
  const hasBirthDate = described.some(({ meaning }) => meaning === 'birthDate')
  const dates = described.filter(({ meaning, form }) => meaning === 'unknown' && form === 'date')
  const isBirthDate = (one: ColumnDescription): boolean => !hasBirthDate && dates.length === 1 && one === dates[0]
  return described.map((one) => (isBirthDate(one) ? { ...one, meaning: 'birthDate' } : one))
}

function meaningOf(column: string, values: readonly string[]): Pick<ColumnDescription, 'meaning' | 'form'> {
  const words = plainText(column.replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')).replaceAll(/(\p{L})(\d)/gu, '$1 $2')
  const named = HEADER_WORDS.find(([pattern]) => pattern.test(words))?.[1]
  if (named === 'local') return { meaning: named, form: 'words' }
  if (named !== 'birthDate' && areMost(values, isCalendarDay)) return { meaning: 'unknown', form: 'date' }
  const meaning = named ?? (areMost(values, (value) => EMAIL.test(value)) ? 'email' : areMost(values, (value) => SEX.test(value)) ? 'sex' : 'unknown')
  return { meaning, form: meaning === 'unknown' ? 'words' : MEANINGS[meaning].form }
}

const MOST = 0.9
const EMAIL = /^\S+@\S+\.\S+$/
const SEX = /^(?:f|m|x|u|female|male|other|unknown)$/i
const areMost = (values: readonly string[], isOne: (value: string) => boolean): boolean =>
  values.length > 0 && values.filter(isOne).length > values.length * MOST

// ---- what both sides compare ----------------------------------------------------------------------------------------------

/** One thing that is compared, and the own columns in which it stands. */
export interface Field {
  readonly name: string
  readonly columns: readonly string[]
  readonly space: string
  readonly form: Form
  readonly hashes: number
}

export interface AgreedFields {
  readonly a: readonly Field[]
  readonly b: readonly Field[]
}

/** Both sides get the same list, each with its own columns. Throws `LINKAGE_FIELDS` where nothing tells people apart. */
export function agreeFields(a: readonly ColumnDescription[], b: readonly ColumnDescription[]): AgreedFields {
  const [usedA, usedB] = [a.filter(isUsed), b.filter(isUsed)]
  const shared = [...sharedMeanings(usedA, usedB), ...sharedNames(usedA, usedB)]
  if (!shared.some(({ a }) => TELLING.has(a.space)))
    throw new DirectoryError(
      'LINKAGE_FIELDS',
      `expected a name, an identifier, a date of birth or an address in both files, found in common: ${shared.map(({ a }) => a.name).join(', ') || 'nothing'}`,
    )
  return fitted(shared)
}

const isUsed = ({ meaning, isBlank }: ColumnDescription): boolean => meaning !== 'local' && !isBlank
const TELLING: ReadonlySet<string> = new Set(['name', 'identifier', 'birthDate', 'phone', 'email', 'street'])

interface Shared {
  readonly a: Field
  readonly b: Field
}

function sharedMeanings(a: readonly ColumnDescription[], b: readonly ColumnDescription[]): readonly Shared[] {
  const meanings = Object.keys(MEANINGS) as readonly Meaning[]
  const [mineA, mineB] = [nameColumns(a, b), nameColumns(b, a)]
  return meanings.flatMap((name) => {
    const [columnsA, columnsB] = [columnsOf(a, name), columnsOf(b, name)]
    const isShared = mineA.has(name) || mineB.has(name) || (columnsA.length > 0 && columnsB.length > 0)
    return isShared ? [{ a: { name, columns: columnsA, ...MEANINGS[name] }, b: { name, columns: columnsB, ...MEANINGS[name] } }] : []
  })
}

const columnsOf = (described: readonly ColumnDescription[], name: Meaning): readonly string[] =>
  described.filter(({ meaning }) => meaning === name).map(({ column }) => column)

/** Where the other side has one column for the whole name, all own columns of names are compared with it. */
function nameColumns(own: readonly ColumnDescription[], other: readonly ColumnDescription[]): ReadonlySet<Meaning> {
  const isName = (meaning: ColumnDescription['meaning']): meaning is 'given' | 'family' | 'name' =>
    meaning === 'given' || meaning === 'family' || meaning === 'name'
  const hasWhole = other.some(({ meaning }) => meaning === 'name')
  const names = own.map(({ meaning }) => meaning).filter(isName)
  return new Set(hasWhole && names.length > 0 ? [...names, 'name' as const] : [])
}

/** In the order of their names, which is the same on both sides. */
function sharedNames(a: readonly ColumnDescription[], b: readonly ColumnDescription[]): readonly Shared[] {
  const byName = new Map(b.filter(({ meaning }) => meaning === 'unknown').map((one) => [plainText(one.column), one]))
  return a
    .filter(({ meaning }) => meaning === 'unknown')
    .flatMap((one): readonly Shared[] => {
      const name = plainText(one.column)
      const two = byName.get(name)
      if (two === undefined) return []
      const field = { name, space: `column ${name}`, form: one.form === two.form ? one.form : ('words' as const), hashes: UNKNOWN_HASHES }
      return [{ a: { ...field, columns: [one.column] }, b: { ...field, columns: [two.column] } }]
    })
    .sort((one, two) => (one.a.name < two.a.name ? -1 : 1))
    .slice(0, MAX_UNKNOWN_FIELDS)
}

/** Bits that a record may set before too many tokens share them: at a third of the array, folding keeps most differences. */
const ROOM = 900
/** What one column usually gives. */
const TOKENS: Readonly<Record<Form, number>> = { words: 8, digits: 7, date: 8, code: 1 }

/** Many fields share the bits that there are: each keeps its weight beside the others, and at least one bit for a token. */
function fitted(shared: readonly Shared[]): AgreedFields {
  const wanted = shared.reduce((sum, { a, b }) => sum + a.hashes * TOKENS[a.form] * Math.max(a.columns.length, b.columns.length, 1), 0)
  const scale = Math.min(1, ROOM / wanted)
  const fit = (field: Field): Field => ({ ...field, hashes: Math.max(1, Math.round(field.hashes * scale)) })
  return { a: shared.map(({ a }) => fit(a)), b: shared.map(({ b }) => fit(b)) }
}
