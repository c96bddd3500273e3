import { domainHash, encodeBase64Url, encodeUtf8, formatCanonical, InputError, type Parser } from '@fiducia/core'
import { isNpi } from './npi.ts'
import { SUBJECT_KINDS, type SubjectKey, type SubjectKind } from './types.ts'

/**
 * Names of subjects. Two members that mean the same provider must arrive at the same key without asking each other, so a key
 * follows from what names the subject in the world:
 *
 *   practitioner, organization   its NPI; without one, an identifier `{system, value}` that it has elsewhere
 *   location                     its address, normalized (`locationKey`)
 *   role                         practitioner × organization × location; the last two may be unknown
 *   participation                who takes part × network
 *   endpoint                     its address
 *
 *   key = KIND/npi/N   or   KIND/base64url(H(D("subject") ‖ JCS of what names it))
 */
export const npiSubject = (kind: 'practitioner' | 'organization', npi: string): SubjectKey => `${kind}/npi/${npi}` as SubjectKey

/** For a provider without a valid NPI: `system` is that of the source where it has none of its own, so two sources never meet by chance. */
export const identifierSubject = (kind: SubjectKind, system: string, value: string): SubjectKey => hashed({ kind, system, value })

/** Names an organization by its id in the network. */
export const MEMBER_SYSTEM = 'urn:fiducia:member'

export const memberSubject = (org: string): SubjectKey => identifierSubject('organization', MEMBER_SYSTEM, org)

/** All parts normalized by the normalizers of an address (`normalize/`): one spelling for one place. */
export interface NormalizedAddress {
  readonly line: string
  readonly line2: string
  readonly city: string
  readonly state: string
  /** Five digits in the United States. */
  readonly postalCode: string
  readonly country: string
}

export const locationSubject = ({ line, line2, city, state, postalCode, country }: NormalizedAddress): SubjectKey =>
  hashed({ city, country, kind: 'location', line, line2, postalCode, state })

export const roleSubject = (practitioner: SubjectKey, organization: SubjectKey | null, location: SubjectKey | null): SubjectKey =>
  hashed({ kind: 'role', location, organization, practitioner })

export const participationSubject = (participant: SubjectKey, network: SubjectKey): SubjectKey => hashed({ kind: 'participation', network, participant })

export const endpointSubject = (address: string): SubjectKey => hashed({ address, kind: 'endpoint' })

interface Named {
  readonly kind: SubjectKind
  readonly [name: string]: string | null
}

const hashed = (named: Named): SubjectKey => `${named.kind}/${encodeBase64Url(domainHash('subject', encodeUtf8(canonicalText(named))))}` as SubjectKey

/**
 * Its members stand in the order of their names already, so that JSON is the canonical form as it is: each row of a file names two subjects,
 * and sorting would be a tenth of reading it. Half of a surrogate pair is for `formatCanonical` to refuse.
 */
function canonicalText(named: Named): string {
  const isWellFormed = Object.values(named).every((part) => part === null || part.isWellFormed())
  return isWellFormed ? JSON.stringify(named) : formatCanonical(named)
}

const HASHED = /^[A-Za-z0-9_-]{43}$/

export const parseSubjectKey: Parser<SubjectKey> = (value, at) => {
  if (typeof value === 'string') {
    const [kind, name, npi, ...more] = value.split('/')
    const isKind = SUBJECT_KINDS.some((one) => one === kind)
    const isNamed = npi === undefined ? HASHED.test(name ?? '') : name === 'npi' && (kind === 'practitioner' || kind === 'organization') && isNpi(npi)
    if (isKind && isNamed && more.length === 0) return value as SubjectKey
  }
  throw new InputError('SHAPE', 'expected a subject as `KIND/npi/N` or `KIND/HASH`', { at })
}

export const subjectKind = (key: SubjectKey): SubjectKind => key.slice(0, key.indexOf('/')) as SubjectKind

/** Of a practitioner or an organization that an NPI names. */
export const npiOf = (key: SubjectKey): string | undefined => (key.includes('/npi/') ? key.slice(-10) : undefined)
