import type { OrganizationId } from '@fiducia/core'
import { fieldPolicy } from '../facts/fields.ts'
import { subjectKind } from '../facts/subjects.ts'
import type { Attestation, FieldName } from '../facts/types.ts'
import { NORMALIZERS } from '../normalize/normalizers.ts'
import { resolveField } from './resolve-field.ts'
import { resolveSubject } from './resolve-subject.ts'
import type { DecidingRule, FieldState, ResolveContext, ResolvedField, Voice } from './types.ts'

/**
 * What one organization says of a subject, beside what everybody else says of it. Its own words come to one value, under whatever
 * origin they stand, and the words of all other groups to another one. Members of its own group are on neither side: they would
 * only repeat it.
 */
export interface FieldComparison {
  readonly field: FieldName
  readonly ours: ResolvedField
  /** `alone`: no other group says anything that stands. */
  readonly outcome: 'agrees' | 'differs' | 'alone'
  /** Absent where ours stands alone. */
  readonly theirs?: OthersWord
}

export interface OthersWord {
  /** Null where others deny our value and give none. */
  readonly value: string | null
  readonly state: FieldState | 'denied'
  readonly rule: DecidingRule | null
  /** Best first. */
  readonly voices: readonly Voice[]
}

/** Every field on which a word of the organization stands at the context's time, in the order of names. Of the attestations of one subject. */
export function compareWithOthers(attestations: readonly Attestation[], org: OrganizationId, context: ResolveContext): readonly FieldComparison[] {
  const own = attestations.filter(({ attester }) => attester === org)
  const groups = new Set(own.map(({ group }) => group))
  const others = attestations.filter(({ group }) => !groups.has(group))
  const theirs = resolveSubject(others, context)
  return [...resolveSubject(own, context)].map(([field, ours]) => {
    const found = theirs.get(field)
    if (found !== undefined) return { field, ours, outcome: isSame(own, field, ours, found) ? 'agrees' : 'differs', theirs: wordOf(found) }
    const about = (said: readonly Attestation[]) => said.filter((one) => one.field === field)
    const denials = denialsOf(about(own), about(others), context)
    return denials.length === 0 ? { field, ours, outcome: 'alone' } : { field, ours, outcome: 'differs', theirs: deniedBy(denials) }
  })
}

function isSame([first]: readonly Attestation[], field: FieldName, ours: ResolvedField, theirs: ResolvedField): boolean {
  if (first === undefined) return false
  const normalizer = NORMALIZERS[fieldPolicy(subjectKind(first.subject), field).normalizer]
  return normalizer.normalize(ours.value) === normalizer.normalize(theirs.value)
}

const wordOf = ({ value, state, rule, attesters }: ResolvedField): OthersWord => ({ value, state, rule, voices: attesters })

const deniedBy = (voices: readonly Voice[]): OthersWord => ({ value: null, state: 'denied', rule: null, voices })

/** A denial says something only beside the value that it denies, so it is heard together with ours. */
function denialsOf(own: readonly Attestation[], others: readonly Attestation[], context: ResolveContext): readonly Voice[] {
  if (others.length === 0) return []
  const ourGroups = new Set(own.map(({ group }) => group))
  const dissent = resolveField([...own, ...others], context)?.dissent ?? []
  return dissent.flatMap(({ voices }) => voices.filter(({ group, denies }) => denies && !ourGroups.has(group)))
}
