import { ACT_CODE, ACTIONS, CONFIDENTIALITY, OUR_ACTIONS, PARTICIPATION, REASON, SCOPES, TYPES } from './case-codes.ts'
import type { Json } from './json.ts'

/** Short spellings of the FHIR that cases are made of. */

export const coding = (system: string, code: string): Json => ({ system, code })
export const concept = (...codings: readonly Json[]): Json => ({ coding: codings })
export const to = (reference: string): Json => ({ reference })
export const logical = (system: string, value: string): Json => ({ identifier: { system, value } })

export const purpose = (code: string): Json => coding(REASON, code)
export const action = (code: string): Json => concept(coding(['read', 'search', 'export'].includes(code) ? OUR_ACTIONS : ACTIONS, code))
export const level = (code: string): Json => coding(CONFIDENTIALITY, code)
export const topic = (code: string): Json => coding(ACT_CODE, code)
export const ofType = (code: string): Json => coding(TYPES, code)
export const actor = (role: string, reference: Json): Json => ({ role: concept(coding(PARTICIPATION, role)), reference })
export const policyRule = (...codes: readonly string[]): Json => concept(...codes.map((code) => coding(ACT_CODE, code)))
export const data = (meaning: string, reference: string): Json => ({ meaning, reference: to(reference) })

/** A Consent of Patient/p that counts, with this provision; `more` replaces members, `undefined` removes them. */
export function consent(profile: 'r4' | 'pcf', provision: Json | undefined, more: Json = {}): Json {
  const resource = {
    resourceType: 'Consent',
    id: 'c',
    status: 'active',
    scope: concept(coding(SCOPES, 'patient-privacy')),
    category: [concept(coding('http://loinc.org', '59284-0'))],
    patient: to('Patient/p'),
    dateTime: '2024-01-01',
    provision,
    ...more,
  }
  return { profile, resource: Object.fromEntries(Object.entries(resource).filter(([, member]) => member !== undefined)) }
}

/** An observation of Patient/p of normal confidentiality, unless `more` says otherwise. */
export const observation = (id: string, more: Json = {}): Json => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: concept(coding('http://loinc.org', '29463-7')),
  subject: to('Patient/p'),
  ...more,
})

export const practitioner = (id: string, more: Json = {}): Json => ({ resourceType: 'Practitioner', id, active: true, ...more })
export const organization = (id: string, more: Json = {}): Json => ({ resourceType: 'Organization', id, active: true, ...more })
export const group = (id: string, members: readonly Json[], more: Json = {}): Json => ({
  resourceType: 'Group',
  id,
  active: true,
  type: 'practitioner',
  actual: true,
  member: members,
  ...more,
})
export const role = (id: string, of: string, at: string | undefined, more: Json = {}): Json => ({
  resourceType: 'PractitionerRole',
  id,
  active: true,
  practitioner: to(of),
  ...(at === undefined ? {} : { organization: to(at) }),
  ...more,
})

/** A whole case that asks to read for treatment on 2024-06-01. */
export const caseOf = (parts: Json): Json => ({
  at: '2024-06-01T00:00:00Z',
  default: 'deny',
  consents: [],
  references: [],
  request: { actors: [{ system: 'urn:npi', value: '1' }], purpose: ['TREAT'], action: 'read' },
  resources: [observation('1')],
  ...parts,
})
