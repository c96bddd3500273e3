import { CONFIDENTIALITY, type Confidentiality, isKnownSensitivity } from '@fiducia/consent'

/** The code systems that R4 binds to the elements of a Consent, and how their codes are written in a policy of ours. */
export const SYSTEMS = {
  scope: 'http://terminology.hl7.org/CodeSystem/consentscope',
  role: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
  purpose: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  action: 'http://terminology.hl7.org/CodeSystem/consentaction',
  actCode: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  confidentiality: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
  resourceType: 'http://hl7.org/fhir/resource-types',
} as const

/** Systems under which FHIR documents carry what only this network knows. */
export const NETWORK_SYSTEMS = {
  organization: 'urn:fiducia:organization',
  group: 'urn:fiducia:group',
  role: 'urn:fiducia:role',
  study: 'urn:fiducia:study',
  delegate: 'urn:fiducia:delegate',
  action: 'urn:fiducia:action',
  category: 'urn:fiducia:category',
} as const

export interface Coding {
  readonly system: string | undefined
  readonly code: string
}

/** A code that means nothing to us keeps its system; one without system is marked, so that it equals no other. */
export const qualify = ({ system, code }: Coding): string => `${system ?? 'urn:fiducia:no-system'}|${code}`

/** A purpose as policies and questions write it: a code of v3-ActReason bare, any other with its system. */
export const purposeOf = ({ system, code }: Coding): string => (system === undefined || system === SYSTEMS.purpose ? code : `${system}|${code}`)

/** FHIR's actions name several of ours. */
const ACTIONS: { readonly [code: string]: readonly string[] } = {
  access: ['read', 'search'],
  disclose: ['export'],
  collect: ['collect'],
  use: ['use'],
  correct: ['correct'],
}

/** The actions of a policy that an action of a Consent stands for. */
export function actionsOf(coding: Coding): readonly string[] {
  const { system, code } = coding
  if (system === NETWORK_SYSTEMS.action) return [code]
  const known = system === undefined || system === SYSTEMS.action ? (Object.hasOwn(ACTIONS, code) ? ACTIONS[code] : undefined) : undefined
  return known ?? [qualify(coding)]
}

/** What a security label is: a level, a category of ours, or a sensitivity code (known or not). */
export type Label = { readonly level: Confidentiality } | { readonly category: string } | { readonly sensitivity: string }

export function labelOf(coding: Coding): Label {
  const { system, code } = coding
  const level = CONFIDENTIALITY.find((one) => one === code)
  if (level !== undefined && (system === undefined || system === SYSTEMS.confidentiality)) return { level }
  if (system === SYSTEMS.actCode || (system === undefined && isKnownSensitivity(code))) return { sensitivity: code }
  return system === NETWORK_SYSTEMS.category ? { category: code } : { sensitivity: qualify(coding) }
}

/** The resource type that a class names; any other class keeps its system and may be any type. */
export const classOf = (coding: Coding): string =>
  coding.system === SYSTEMS.resourceType && /^[A-Z][A-Za-z]{1,63}$/.test(coding.code) ? coding.code : qualify(coding)
