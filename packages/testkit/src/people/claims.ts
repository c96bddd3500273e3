import { shape } from '@fiducia/core'
import { type FhirResource, referenceOf } from '@fiducia/fhir'
import { addDays, LAST_RECORDED_DAY } from './days.ts'
import { type DemoOrganization, DEMO_ORGANIZATIONS, organizationResource } from './organizations.ts'
import { addResource, type RecordDraft } from './record.ts'

/** Claims reach back this far; older ones are archived. */
const CLAIM_YEARS = 4
/** Claims that a plan's system keeps for one person here. */
const MAX_CLAIMS = 40

/** Coverage, and one claim for each visit in the records of the providers, with the diagnoses made at it. */
export function addClaims(draft: RecordDraft, elsewhere: readonly FhirResource[]): void {
  const coverage = addResource(draft, 'Coverage', 'beneficiary', {
    status: 'active',
    subscriberId: `S-${draft.patientId}`,
    relationship: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/subscriber-relationship', code: 'self' }] },
    payor: [{ reference: 'Organization/dune' }],
  })
  const since = addDays(LAST_RECORDED_DAY, -CLAIM_YEARS * 365)
  const visits = elsewhere.filter((resource) => resource.resourceType === 'Encounter' && dayOf(resource) >= since)
  for (const visit of visits.slice(-MAX_CLAIMS)) addClaim(draft, coverage, visit, elsewhere)
}

function addClaim(draft: RecordDraft, coverage: string, visit: FhirResource, elsewhere: readonly FhirResource[]): void {
  const provider = providerOf(visit)
  const reference = referenceOf(visit)
  const diagnoses = elsewhere.filter((resource) => resource.resourceType === 'Condition' && referenceAt(resource, 'encounter') === reference)
  addProvider(draft, provider)
  addResource(draft, 'Claim', 'patient', {
    status: 'active',
    use: 'claim',
    type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/claim-type', code: 'professional' }] },
    created: dayOf(visit),
    billablePeriod: visit['period'] ?? {},
    insurer: { reference: 'Organization/dune' },
    provider: { reference: `Organization/${provider}` },
    priority: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/processpriority', code: 'normal' }] },
    insurance: [{ sequence: 1, focal: true, coverage: { reference: coverage } }],
    ...(diagnoses.length === 0 ? {} : { diagnosis: diagnoses.map((condition, i) => ({ sequence: i + 1, diagnosisCodeableConcept: condition['code'] ?? {} })) }),
    item: [{ sequence: 1, productOrService: Array.isArray(visit['type']) ? visit['type'][0] : {} }],
  })
}

function addProvider(draft: RecordDraft, provider: DemoOrganization): void {
  const known = draft.resources.some((resource) => resource.resourceType === 'Organization' && resource.id === provider)
  if (!known) draft.resources.push(organizationResource(provider))
}

function referenceAt(resource: FhirResource, member: string): string | undefined {
  const value: unknown = resource[member]
  return shape.isObject(value) && typeof value['reference'] === 'string' ? value['reference'] : undefined
}

function providerOf(visit: FhirResource): DemoOrganization {
  const id = referenceAt(visit, 'serviceProvider')?.slice('Organization/'.length)
  return DEMO_ORGANIZATIONS.find((organization) => organization === id) ?? 'alder'
}

function dayOf(visit: FhirResource): string {
  const period: unknown = visit['period']
  const start = shape.isObject(period) ? period['start'] : undefined
  return typeof start === 'string' ? start.slice(0, 10) : ''
}
