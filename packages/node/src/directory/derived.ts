import { NORMALIZERS, SUBJECT_KINDS, subjectKind, type SubjectKey } from '@fiducia/directory'
import type { Fields } from './words.ts'

/** What a word puts into the tables that are searched (`schema.ts`). Only what is published: a mailing address is no place to go to. Pure. */
export interface Derived {
  readonly names: readonly string[]
  readonly states: readonly string[]
  readonly reaches: readonly Reach[]
}

interface Reach {
  /** Who can be found. */
  readonly subject: SubjectKey
  /** Null: it is not said where. */
  readonly location: SubjectKey | null
}

export const NOTHING_DERIVED: Derived = { names: [], states: [], reaches: [] }

export function derive(key: SubjectKey, fields: Fields): Derived {
  switch (subjectKind(key)) {
    case 'practitioner':
      return { ...NOTHING_DERIVED, names: namesOf('practitioner', fields['name.family'], fields['otherName.family']) }
    case 'organization':
      return {
        names: namesOf('organization', fields['name'], fields['otherName']),
        states: statesOf(fields),
        reaches: fields['state'] === undefined ? [] : [{ subject: key, location: key }],
      }
    case 'location':
      return { names: [], states: statesOf(fields), reaches: reachesOf([fields['organization']], key) }
    case 'role':
      return { ...NOTHING_DERIVED, reaches: reachesOf([fields['practitioner'], fields['organization']], subjectOf(fields['location'])) }
    case 'participation':
      return { ...NOTHING_DERIVED, reaches: reachesOf([fields['participant']], null) }
    case 'endpoint':
      return { ...NOTHING_DERIVED, reaches: reachesOf([fields['organization']], null) }
  }
}

/** As names are searched for: by their normalizer. */
export function searchedName(kind: 'practitioner' | 'organization', name: string): string {
  return NORMALIZERS[kind === 'practitioner' ? 'person-name' : 'organization-name'].normalize(name)
}

export const searchedState = (state: string): string => NORMALIZERS.state.normalize(state)

function namesOf(kind: 'practitioner' | 'organization', ...names: readonly (string | undefined)[]): readonly string[] {
  const found = names.flatMap((name) => (name === undefined ? [] : [searchedName(kind, name)]))
  return [...new Set(found)].filter((name) => name !== '')
}

const statesOf = ({ state }: Fields): readonly string[] => (state === undefined ? [] : [searchedState(state)])

const reachesOf = (subjects: readonly (string | undefined)[], location: SubjectKey | null): readonly Reach[] =>
  subjects.flatMap((subject) => subjectOf(subject) ?? []).map((subject) => ({ subject, location }))

/** A field that names another subject holds its key; what else stands there names nobody here. */
function subjectOf(value: string | undefined): SubjectKey | null {
  return SUBJECT_KINDS.some((kind) => value?.startsWith(`${kind}/`) === true) ? (value as SubjectKey) : null
}
