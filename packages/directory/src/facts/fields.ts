import { InputError } from '@fiducia/core'
import type { FieldName, SubjectKind } from './types.ts'

/**
 * The fields of each kind of subject, and how each is compared, ages and is owned. This table is governed data: it has a version, and
 * a resolution names the version by which it was made. A name that ends in `/*` stands for many of a kind, each with what tells them
 * apart behind the slash.
 *
 * `published: false`: kept for the member that has it and compared, but never shown as a place where a patient could go: a mailing
 * address is not a location.
 */
export interface FieldPolicy {
  readonly normalizer: NormalizerId
  /** A word on it counts in full when it is new and nothing when it is this old; 90 days is the rule for what patients act on (45 CFR 422.111, No Surprises Act § 116). */
  readonly verifyDays: number
  /** From then on it is no word at all. */
  readonly dropDays: number
  readonly published: boolean
}

/** What two spellings must share to be one value. `normalize/` has them, each with its version. */
export type NormalizerId =
  | 'text'
  | 'code'
  | 'person-name'
  | 'organization-name'
  | 'phone'
  | 'address-line'
  | 'city'
  | 'state'
  | 'postal-code'
  | 'country'
  | 'taxonomy'
  | 'day'
  | 'url'

export const POLICY_VERSION = 1

const QUARTER = 90
const YEAR = 365

const slow = (normalizer: NormalizerId): FieldPolicy => ({ normalizer, verifyDays: YEAR, dropDays: 3 * YEAR, published: true })
const quick = (normalizer: NormalizerId): FieldPolicy => ({ normalizer, verifyDays: QUARTER, dropDays: YEAR, published: true })
const hidden = (normalizer: NormalizerId): FieldPolicy => ({ ...slow(normalizer), published: false })

const ADDRESS = (policy: (normalizer: NormalizerId) => FieldPolicy) => ({
  line: policy('address-line'),
  line2: policy('address-line'),
  city: policy('city'),
  state: policy('state'),
  postalCode: policy('postal-code'),
  country: policy('country'),
})

const prefixed = (prefix: string, fields: { readonly [name: string]: FieldPolicy }): { readonly [name: string]: FieldPolicy } =>
  Object.fromEntries(Object.entries(fields).map(([name, policy]) => [`${prefix}.${name}`, policy]))

const PERSON = {
  'name.prefix': slow('person-name'),
  'name.given': slow('person-name'),
  'name.middle': slow('person-name'),
  'name.family': slow('person-name'),
  'name.suffix': slow('person-name'),
  'name.credential': slow('code'),
}

/** What NPPES, registries and payers have of practitioners and organizations alike. */
const REGISTERED = {
  npi: slow('code'),
  /** `active` or `deactivated`. */
  'npi.status': slow('code'),
  'npi.enumerated': slow('day'),
  /** Value `primary` or `secondary`. */
  'taxonomy/*': slow('code'),
  /** `license/STATE/NUMBER`: the taxonomy code that it is for. */
  'license/*': slow('code'),
  /** `identifier/SYSTEM`: the value in that system. */
  'identifier/*': slow('code'),
  ...prefixed('mailing', { ...ADDRESS(hidden), phone: hidden('phone'), fax: hidden('phone') }),
}

/** `active` or `departed`, and how patients get there. */
const REACHED = { status: quick('code'), phone: quick('phone'), fax: quick('phone'), url: quick('url') }

export const FIELDS: { readonly [kind in SubjectKind]: { readonly [field: string]: FieldPolicy } } = {
  practitioner: {
    ...PERSON,
    ...prefixed('otherName', { family: slow('person-name'), given: slow('person-name') }),
    gender: slow('code'),
    soleProprietor: slow('code'),
    'language/*': slow('code'),
    status: quick('code'),
    ...REGISTERED,
  },
  organization: {
    name: slow('organization-name'),
    otherName: slow('organization-name'),
    type: slow('code'),
    partOf: slow('text'),
    description: slow('text'),
    ...REACHED,
    ...ADDRESS(quick),
    ...REGISTERED,
  },
  location: { name: slow('organization-name'), type: slow('code'), organization: slow('text'), ...REACHED, ...ADDRESS(quick) },
  role: {
    practitioner: slow('text'),
    organization: slow('text'),
    location: slow('text'),
    code: slow('code'),
    'specialty/*': slow('code'),
    acceptingPatients: quick('code'),
    ...REACHED,
  },
  participation: {
    participant: slow('text'),
    network: slow('text'),
    status: quick('code'),
    acceptingPatients: quick('code'),
    from: slow('day'),
    to: slow('day'),
  },
  endpoint: { address: slow('url'), connectionType: slow('code'), organization: slow('text'), name: slow('text'), status: quick('code') },
}

/** How a field of a subject of this kind is treated. Throws for a field that the table does not have. */
export function fieldPolicy(kind: SubjectKind, field: string): FieldPolicy {
  const slash = field.indexOf('/')
  const listed = slash < 0 ? field : `${field.slice(0, slash)}/*`
  const policy = Object.hasOwn(FIELDS[kind], listed) ? FIELDS[kind][listed] : undefined
  if (policy === undefined || slash === field.length - 1 || !field.isWellFormed())
    throw new InputError('SHAPE', `expected a field of the kind \`${kind}\`, found another name`)
  return policy
}

export function parseFieldName(kind: SubjectKind, field: string): FieldName {
  fieldPolicy(kind, field)
  return field as FieldName
}
