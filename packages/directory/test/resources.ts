import { createFhirReader, createReferenceCollector, identifierSubject, type ImportedRecord, npiSubject, roleSubject } from '../src/index.ts'
import { npiOf } from './nppes-rows.ts'
import { readFile, salem } from './read-file.ts'

/** Invented resources of Plan-Net, and files of them read as a load reads them. */
export type Json = Readonly<Record<string, unknown>>

export const PLAN_NET = 'http://hl7.org/fhir/us/davinci-pdex-plan-net'
export const NUCC = 'http://nucc.org/provider-taxonomy'
export const NPI = 'http://hl7.org/fhir/sid/us-npi'

export const ndjson = (...resources: readonly Json[]): string => resources.map((resource) => JSON.stringify(resource)).join('\n')
export const bundle = (...resources: readonly Json[]): Json => ({
  resourceType: 'Bundle',
  entry: resources.map((resource, i) => ({ fullUrl: `urn:uuid:${i}`, resource })),
})
export const coded = (system: string, code: string): Json => ({ coding: [{ system, code }] })
export const to = (reference: string): Json => ({ reference })

export function load(file: string | Uint8Array, size?: number): readonly ImportedRecord[] {
  const references = createReferenceCollector({ origin: 'alder' })
  references.push(typeof file === 'string' ? new TextEncoder().encode(file) : file)
  references.end()
  return readFile(createFhirReader({ origin: 'alder', references }), file, size)
}

export const person = (id: string, more: Json = {}): Json => ({
  resourceType: 'Practitioner',
  id,
  meta: { lastUpdated: '2020-07-07T13:26:22.0314215+00:00' },
  active: true,
  identifier: [{ system: NPI, value: npiOf(1) }],
  name: [{ family: 'Rowan', given: ['Alder', 'B.'], suffix: ['Jr.', 'MD'] }],
  ...more,
})
export const clinic: Json = {
  resourceType: 'Organization',
  id: 'clinic',
  active: true,
  name: 'Harbor Clinic',
  identifier: [{ system: 'urn:oid:2.16.840.1.113883.4.6', value: npiOf(2) }],
}
export const network: Json = { resourceType: 'Organization', id: 'net', active: true, name: 'Standard Network' }
export const place: Json = {
  resourceType: 'Location',
  id: 'place',
  status: 'active',
  name: 'Harbor Clinic',
  address: { line: ['10 Harbor Road'], city: 'Salem', state: 'OR', postalCode: '97301-0001' },
  managingOrganization: to('Organization/clinic'),
}
export const role: Json = {
  resourceType: 'PractitionerRole',
  id: 'role',
  active: true,
  practitioner: to('Practitioner/one'),
  organization: to('Organization/clinic'),
  location: [to('Location/place')],
  specialty: [coded(NUCC, '207Q00000X')],
  telecom: [{ system: 'phone', value: '503 555 0100' }],
  extension: [
    { url: `${PLAN_NET}/StructureDefinition/network-reference`, valueReference: to('Organization/net') },
    {
      url: `${PLAN_NET}/StructureDefinition/newpatients`,
      extension: [
        { url: 'acceptingPatients', valueCodeableConcept: coded(`${PLAN_NET}/CodeSystem/AcceptingPatientsCS`, 'nopt') },
        { url: 'fromNetwork', valueReference: to('Organization/net') },
      ],
    },
  ],
}

export const practitioner = npiSubject('practitioner', npiOf(1))
export const organization = npiSubject('organization', npiOf(2))
export const location = salem('10 Harbor Road')
export const net = identifierSubject('organization', 'alder', 'net')
export const joined = roleSubject(practitioner, organization, location)
