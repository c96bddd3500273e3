import { DirectoryError } from '../errors.ts'
import { MAX_UNKNOWN_FIELDS } from '../limits.ts'
import { plainText } from '../normalize/plain-text.ts'
import type { ColumnDescription } from './columns.ts'
import { DATE_PARTS, type DatePart, type Meaning, MEANINGS, UNKNOWN_HASHES } from './meanings.ts'
import type { Form } from './normalize.ts'

/**
 * From both descriptions, both organizations get the same fields. A meaning that only one side has is left out: it would only make
 * equal records differ. Of birth dates that are compared which both have, though one has whole dates and the other a year. Identifiers
 * meet where one office gives them. Columns without a known meaning are compared where both sides name them alike.
 */
export interface Field {
  readonly name: string
  /** The own columns in which it stands; of a birth date in pieces, the columns of `parts` in this order. */
  readonly columns: readonly string[]
  readonly space: string
  readonly form: Form
  readonly hashes: number
  /** Of a birth date, what both sides have of it. */
  readonly parts?: readonly DatePart[]
  /** Each of the columns holds one of the parts. */
  readonly isInPieces?: boolean
}

export interface AgreedFields {
  readonly a: readonly Field[]
  readonly b: readonly Field[]
}

/** Both sides get the same list, each with its own columns. Throws `LINKAGE_FIELDS` where nothing tells people apart. */
export function agreeFields(a: readonly ColumnDescription[], b: readonly ColumnDescription[]): AgreedFields {
  const [usedA, usedB] = [a.filter(isUsed), b.filter(isUsed)]
  const shared = [...sharedMeanings(usedA, usedB), ...sharedNames(usedA, usedB)]
  if (!shared.some(({ a }) => TELLING.has(a.name) || TELLING.has(a.space)))
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
  return meanings.flatMap((name): readonly Shared[] => {
    if (name === 'birthDate') return sharedBirthDate(a, b)
    if (name === 'identifier') return sharedIdentifiers(a, b)
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

/** An office gives one person one number, so only numbers of one office can be the same. */
function sharedIdentifiers(a: readonly ColumnDescription[], b: readonly ColumnDescription[]): readonly Shared[] {
  const offices = new Set(a.flatMap(({ office }) => office ?? []))
  const given = (described: readonly ColumnDescription[], by: string): readonly string[] =>
    described.filter(({ office }) => office === by).map(({ column }) => column)
  return [...offices].sort().flatMap((office) => {
    const [columnsA, columnsB] = [given(a, office), given(b, office)]
    const field = { ...MEANINGS.identifier, name: 'identifier', space: `identifier ${office}` }
    return columnsA.length > 0 && columnsB.length > 0 ? [{ a: { ...field, columns: columnsA }, b: { ...field, columns: columnsB } }] : []
  })
}

// ---- birth dates ----------------------------------------------------------------------------------------------------------

function sharedBirthDate(a: readonly ColumnDescription[], b: readonly ColumnDescription[]): readonly Shared[] {
  const [partsA, partsB] = [partsOf(a), partsOf(b)]
  const parts = DATE_PARTS.filter((part) => partsA.has(part) && partsB.has(part))
  return parts.length === 0 ? [] : [{ a: birthField(a, parts), b: birthField(b, parts) }]
}

const partsOf = (described: readonly ColumnDescription[]): ReadonlySet<DatePart> =>
  new Set(columnsOf(described, 'birthDate').length > 0 ? DATE_PARTS : described.flatMap(({ part }) => part ?? []))

function birthField(own: readonly ColumnDescription[], parts: readonly DatePart[]): Field {
  const whole = columnsOf(own, 'birthDate')
  const pieces = parts.flatMap((part) => own.find((one) => one.part === part)?.column ?? [])
  const isInPieces = whole.length === 0
  return { name: 'birthDate', ...MEANINGS.birthDate, columns: isInPieces ? pieces : whole, parts, isInPieces }
}

// ---- columns that nobody knows --------------------------------------------------------------------------------------------

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

// ---- room -----------------------------------------------------------------------------------------------------------------

/** Bits that a record may set before too many tokens share them: at a third of the array, folding keeps most differences. */
const ROOM = 900
/** What one column usually gives. */
const TOKENS: Readonly<Record<Form, number>> = { words: 8, digits: 7, date: 8, postalCode: 7, code: 1 }

/** Many fields share the bits that there are: each keeps its weight beside the others, and at least one bit for a token. */
function fitted(shared: readonly Shared[]): AgreedFields {
  const wanted = shared.reduce((sum, { a, b }) => sum + a.hashes * TOKENS[a.form] * Math.max(sources(a), sources(b), 1), 0)
  const scale = Math.min(1, ROOM / wanted)
  const fit = (field: Field): Field => ({ ...field, hashes: Math.max(1, Math.round(field.hashes * scale)) })
  return { a: shared.map(({ a }) => fit(a)), b: shared.map(({ b }) => fit(b)) }
}

const sources = ({ columns, isInPieces }: Field): number => (isInPieces === true ? 1 : columns.length)
