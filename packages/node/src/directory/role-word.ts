import type { GroupId } from '@fiducia/core'
import {
  type Attestation,
  type FieldState,
  identifierSubject,
  isNpi,
  memberSubject,
  NORMALIZERS,
  npiSubject,
  type ResolvedField,
  type ResolveContext,
  resolveSubject,
  roleSubject,
  type SubjectKey,
} from '@fiducia/directory'
import { reliability, type RoleOpening } from '@fiducia/ledger'
import type { NodeContext } from '../node-context.ts'

/**
 * What the directory says of a practitioner's role at a member (PROTOCOL section 3: role attestations stand until and beside the
 * directory). The role is the subject practitioner × member × no location: members attest it apart from the places where somebody
 * works. Its `status` says whether it lasts, its `code` what it is.
 */
export interface RoleWord {
  readonly state: FieldState
  /** Verified or supported, active, of this code, and somebody outside the requester's group says so. */
  readonly counts: boolean
}

export interface RoleDirectory {
  /** Undefined when nobody says anything about the role but files of others. `t` in milliseconds. */
  wordOn(opening: RoleOpening, requesterGroup: GroupId, t: number): RoleWord | undefined
}

export interface AttestationSource {
  /** Every word on a subject, up to an instant, in batches that count. */
  attestationsOf(subject: SubjectKey, until: number): readonly Attestation[]
}

const NPI_SYSTEMS: readonly string[] = ['http://hl7.org/fhir/sid/us-npi', 'urn:oid:2.16.840.1.113883.4.6']

/** The role that an opening names. */
export function roleSubjectOf({ practitioner, org }: Pick<RoleOpening, 'practitioner' | 'org'>): SubjectKey {
  const bar = practitioner.indexOf('|')
  const [system, value] = [practitioner.slice(0, bar), practitioner.slice(bar + 1)]
  const person = NPI_SYSTEMS.includes(system) && isNpi(value) ? npiSubject('practitioner', value) : identifierSubject('practitioner', system, value)
  return roleSubject(person, memberSubject(org), null)
}

export function createRoleDirectory({ ledger }: Pick<NodeContext, 'ledger'>, source: AttestationSource): RoleDirectory {
  return {
    wordOn(opening, requesterGroup, t) {
      const attestations = source.attestationsOf(roleSubjectOf(opening), t)
      if (attestations.length === 0) return undefined
      const tip = ledger.tip()
      const context: ResolveContext = { time: t, reliability: (org) => reliability(tip, org) }
      const fields = new Map<string, ResolvedField>(resolveSubject(attestations, context))
      const status = fields.get('status')
      if (status === undefined || status.state === 'unverified') return undefined
      const code = fields.get('code')
      const isActive = status.value === 'active' && code !== undefined && NORMALIZERS.code.normalize(code.value) === NORMALIZERS.code.normalize(opening.code)
      const state = status.value === 'departed' && status.state !== 'contested' ? 'departed' : status.state
      return { state, counts: isActive && [status, code].every((field) => isGood(field, requesterGroup)) }
    },
  }
}

const isGood = ({ state, attesters }: ResolvedField, requesterGroup: GroupId): boolean =>
  (state === 'verified' || state === 'supported') && attesters.some(({ group }) => group !== requesterGroup)
