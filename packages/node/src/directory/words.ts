import { encodeUtf8, formatCanonical, sha256 } from '@fiducia/core'
import { type Basis, fieldPolicy, NORMALIZERS, type Operation, type SubjectKind } from '@fiducia/directory'

/**
 * A *word* is what one attester says of one subject under one origin, all its statements taken together. A load brings new
 * words; what differs from the old ones becomes statements, and what does not becomes none. Pure.
 */
export interface Word {
  readonly basis: Basis
  readonly fields: Fields
}

export interface Fields {
  readonly [field: string]: string
}

/** One statement to be made. */
export interface Change {
  readonly operation: Operation
  readonly fields: { readonly [field: string]: string | null }
}

export interface Compared {
  /** What holds afterwards. */
  readonly word: Word
  readonly changes: readonly Change[]
}

export interface CompareOptions {
  /** Whether a field that is not said any more is withdrawn. */
  readonly isCovered: (field: string) => boolean
}

/**
 * Of a location another spelling is no other value: every row that names it spells it as it likes, and each load would
 * correct the one before. Of anybody else a spelling is what the source wants to be read.
 */
export function compareWords(kind: SubjectKind, old: Word, said: Word, { isCovered }: CompareOptions): Compared {
  const asserted: Record<string, string> = {}
  const corrected: Record<string, string> = {}
  const withdrawn: Record<string, null> = {}
  const fields: Record<string, string> = Object.fromEntries(Object.entries(old.fields).filter(([name]) => !isCovered(name)))
  for (const [name, value] of Object.entries(said.fields)) {
    const known = old.fields[name]
    const isSame = known !== undefined && (known === value || (kind === 'location' && isSameSpelled(kind, name, known, value)))
    fields[name] = isSame ? known : value
    if (isSame && old.basis === said.basis) continue
    if (isSame || known === undefined) asserted[name] = fields[name]
    else corrected[name] = value
  }
  for (const name of Object.keys(old.fields)) if (!Object.hasOwn(fields, name)) withdrawn[name] = null
  const all: readonly Change[] = [
    { operation: 'withdraw', fields: withdrawn },
    { operation: 'correct', fields: corrected },
    { operation: 'assert', fields: asserted },
  ]
  return { word: { basis: said.basis, fields }, changes: all.filter((change) => Object.keys(change.fields).length > 0) }
}

/** What a load is, as far as it decides which fields it speaks of. */
export interface LoadScope {
  readonly isFull: boolean
  readonly format: string
  /** Rejected rows that come back corrected: what was accepted of the same subjects stands beside them. */
  readonly isCorrection: boolean
  /** Of CSV: whether a column holds this field. */
  readonly hasColumn: (kind: SubjectKind, field: string) => boolean
}

/**
 * Whether what a load says of a subject is all that its origin says of one of its fields, so that the field is gone where it is left out.
 * A departure says nothing about the rest; an increment that names a location says nothing about what other records said of it, and nothing about
 * fields for which it has no column; and in the national register only the main file, which repeats the NPI, speaks of a provider as a whole.
 */
export function coveredFields(kind: SubjectKind, fields: Fields, { isFull, format, isCorrection, hasColumn }: LoadScope): (field: string) => boolean {
  if (fields['status'] === 'departed') return () => false
  if (isFull) return () => true
  const isProvider = kind === 'practitioner' || kind === 'organization'
  if (kind === 'location' || (format === 'nppes' && isProvider && fields['npi'] === undefined)) return () => false
  if (format === 'csv') return (field) => !isCorrection && hasColumn(kind, field)
  return () => true
}

function isSameSpelled(kind: SubjectKind, name: string, a: string, b: string): boolean {
  const normalizer = NORMALIZERS[fieldPolicy(kind, name).normalizer]
  return normalizer.normalize(a) === normalizer.normalize(b)
}

/** Takes back all of a word. */
export const withdrawal = (word: Word): Change => ({ operation: 'withdraw', fields: Object.fromEntries(Object.keys(word.fields).map((name) => [name, null])) })

/** What holds after another statement of the same voice; undefined when nothing does. */
export function foldStatement(word: Word | undefined, change: Change & { readonly basis: Basis }): Word | undefined {
  const fields: Record<string, string> = { ...word?.fields }
  for (const [name, value] of Object.entries(change.fields)) {
    if (value === null) delete fields[name]
    else if (change.operation !== 'deny') fields[name] = value
  }
  const basis = change.operation === 'withdraw' ? (word?.basis ?? change.basis) : change.basis
  return Object.keys(fields).length === 0 ? undefined : { basis, fields }
}

/** The same of all that a voice says of a subject, in its order. */
export const foldAll = (statements: readonly (Change & { readonly basis: Basis })[]): Word | undefined =>
  statements.reduce<Word | undefined>(foldStatement, undefined)

/** Two words are the same where their digests are. `fields` as canonical JSON. */
export const digestOf = (basis: Basis, fields: string): Uint8Array => sha256(encodeUtf8(`${basis}\n${fields}`))

export const wordDigest = ({ basis, fields }: Word): Uint8Array => digestOf(basis, formatCanonical(fields))
