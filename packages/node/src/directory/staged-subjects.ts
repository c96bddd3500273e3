import { formatCanonical } from '@fiducia/core'
import { type SubjectKey, type SubjectKind, subjectKind } from '@fiducia/directory'
import { integerColumn, textColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'
import type { Fields } from './words.ts'

/** What a load has read, subject by subject in the order of their keys. */
export interface StagedSubject {
  readonly key: SubjectKey
  readonly kind: SubjectKind
  /** The latest instant at which its records saw it so; undefined where none of them says when. */
  readonly observedAt: number | undefined
  /** One for each record that speaks of it, once for those that say the same. */
  readonly said: readonly Said[]
}

interface Said {
  /** Milliseconds; undefined: when the load began, which is later than any that is dated. */
  readonly observed: number | undefined
  /** Fields as canonical JSON. */
  readonly text: string
}

export function* stagedSubjects(staged: Database): Generator<StagedSubject> {
  let key: SubjectKey | undefined
  let said: Said[] = []
  for (const row of staged.each('SELECT key, observed, fields FROM staged INDEXED BY staged_key ORDER BY key, id')) {
    if (textColumn(row, 'key') !== key) {
      if (key !== undefined) yield subjectOf(key, said)
      key = textColumn(row, 'key') as SubjectKey
      said = []
    }
    addSaid(said, { observed: row['observed'] === null ? undefined : integerColumn(row, 'observed'), text: textColumn(row, 'fields') })
  }
  if (key !== undefined) yield subjectOf(key, said)
}

/** A clinic stands in the rows of everybody who works there, mostly word for word. */
function addSaid(said: Said[], one: Said): void {
  const last = said.at(-1)
  if (last?.text !== one.text) said.push(one)
  else if (ageOf(last) < ageOf(one)) said[said.length - 1] = one
}

function subjectOf(key: SubjectKey, said: readonly Said[]): StagedSubject {
  const dated = said.flatMap(({ observed }) => observed ?? [])
  return { key, kind: subjectKind(key), said, observedAt: dated.length === 0 ? undefined : Math.max(...dated) }
}

/**
 * All that the records say; where two differ, the newer one's, and of two of one age always the same one's, so that the order of rows
 * decides nothing. `startsOver` says of a record that it is all that is known of its subject: what was seen before it is forgotten.
 */
export function merged(said: readonly Said[], startsOver: (fields: Fields) => boolean): { readonly fields: Fields; readonly text: string } {
  const [first = { text: '{}' }] = said
  // Nearly every subject stands in one record, and copying what was parsed takes half as long again.
  if (said.length === 1) return { fields: JSON.parse(first.text) as Fields, text: first.text }
  const fields = said
    .toSorted(oldestFirst)
    .map(({ text }) => JSON.parse(text) as Fields)
    .reduce((known, record) => (startsOver(record) ? record : { ...known, ...record }), {})
  return { fields, text: formatCanonical(fields) }
}

const ageOf = ({ observed = Number.POSITIVE_INFINITY }: Said): number => observed

const oldestFirst = (a: Said, b: Said): number => (ageOf(a) === ageOf(b) ? Number(a.text < b.text) - Number(a.text > b.text) : ageOf(a) < ageOf(b) ? -1 : 1)
