import { InputError } from '@fiducia/core'
import { checkDigitOf, MEMBER_SYSTEM } from '@fiducia/directory'
import type { FhirResource } from '@fiducia/fhir'

/** The four organizations of the demo and their synthetic staff. */
export type DemoOrganization = 'alder' | 'birch' | 'cedar' | 'dune'
export const DEMO_ORGANIZATIONS: readonly DemoOrganization[] = ['alder', 'birch', 'cedar', 'dune']

const ORGANIZATION_NAMES: { readonly [id in DemoOrganization]: string } = {
  alder: 'Alder General Hospital',
  birch: 'Birch Family Practice',
  cedar: 'Cedar Heart Clinic',
  dune: 'Dune Health Plan',
}

export const NPI_SYSTEM = 'http://hl7.org/fhir/sid/us-npi'

/** An NPI out of its first nine digits. */
export function completeNpi(nineDigits: string): string {
  if (!/^[12][0-9]{8}$/.test(nineDigits)) throw new InputError('SHAPE', 'expected nine digits of which the first is 1 or 2')
  return `${nineDigits}${checkDigitOf(nineDigits)}`
}

export interface Practitioner {
  readonly id: string
  readonly given: string
  readonly family: string
  readonly npi: string
  readonly organization: DemoOrganization
  /** Role code that members attest. */
  readonly role: 'physician' | 'nurse-practitioner' | 'care-manager'
  readonly specialty: string
}

/** Numbers that begin with 19999 are far above those given out so far; these belong to nobody. */
const staff = (serial: number, given: string, family: string, organization: DemoOrganization, role: Practitioner['role'], specialty: string): Practitioner => ({
  id: `${given}-${family}`.toLowerCase(),
  given,
  family,
  organization,
  role,
  specialty,
  npi: completeNpi(`19999${String(serial).padStart(4, '0')}`),
})

/** The clinician of the story: a family physician at Birch. */
export const SAMIR_HADDAD: Practitioner = staff(101, 'Samir', 'Haddad', 'birch', 'physician', 'family medicine')

export const PRACTITIONERS: readonly Practitioner[] = [
  SAMIR_HADDAD,
  staff(102, 'Lena', 'Okafor', 'birch', 'nurse-practitioner', 'family medicine'),
  staff(201, 'Ingrid', 'Moreau', 'alder', 'physician', 'internal medicine'),
  staff(202, 'Tomas', 'Varga', 'alder', 'physician', 'emergency medicine'),
  staff(203, 'Priya', 'Raman', 'alder', 'physician', 'psychiatry'),
  staff(301, 'Daniel', 'Achebe', 'cedar', 'physician', 'cardiology'),
  staff(302, 'Mei', 'Tanaka', 'cedar', 'nurse-practitioner', 'cardiology'),
  staff(401, 'Ruth', 'Feldman', 'dune', 'care-manager', 'care management'),
]

export const practitionersOf = (organization: DemoOrganization): readonly Practitioner[] => PRACTITIONERS.filter((one) => one.organization === organization)

/** `system|value` */
export const practitionerIdentifier = (practitioner: Practitioner): string => `${NPI_SYSTEM}|${practitioner.npi}`

export const organizationResource = (organization: DemoOrganization): FhirResource => ({
  resourceType: 'Organization',
  id: organization,
  active: true,
  type: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/organization-type', code: organization === 'dune' ? 'pay' : 'prov' }] }],
  name: ORGANIZATION_NAMES[organization],
})

/** The organization as a member of the network: its id there is what names it. */
export const memberResource = (organization: DemoOrganization): FhirResource => ({
  ...organizationResource(organization),
  identifier: [{ system: MEMBER_SYSTEM, value: organization }],
})

export const practitionerResource = (practitioner: Practitioner): FhirResource => ({
  resourceType: 'Practitioner',
  id: practitioner.id,
  identifier: [{ system: NPI_SYSTEM, value: practitioner.npi }],
  active: true,
  name: [{ family: practitioner.family, given: [practitioner.given] }],
})
