import type { JsonObject } from '@fiducia/core'
import type { FhirResource } from '@fiducia/fhir'
import { concept, ENCOUNTERS, type EncounterKind } from './codes.ts'
import { addDays, atTime } from './days.ts'
import { type DemoOrganization, organizationResource, type Practitioner, practitionerResource, practitionersOf } from './organizations.ts'

/**
 * One person's record at one organization, written as that organization's system would: its own ids, its own copy of the
 * person, its own staff. Every reference stays inside the record, and everything is dated by the encounter it was made in.
 */
export interface Demographics {
  readonly id: string
  readonly given: string
  readonly family: string
  readonly sex: 'female' | 'male'
  /** `YYYY-MM-DD` */
  readonly birthDate: string
}

export interface Visit {
  readonly reference: string
  readonly day: string
  readonly time: string
  readonly practitioner: string
}

/** A record that is being written. */
export interface RecordDraft {
  readonly patientId: string
  readonly organization: DemoOrganization
  readonly resources: FhirResource[]
  readonly counts: Map<string, number>
}

export function openRecord(person: Demographics, organization: DemoOrganization): RecordDraft {
  const patientId = `${organization}-${person.id}`
  const patient: FhirResource = {
    resourceType: 'Patient',
    id: patientId,
    meta: { versionId: '1' },
    identifier: [{ system: `urn:fiducia:demo:${organization}:record`, value: patientId }],
    active: true,
    name: [{ use: 'official', family: person.family, given: [person.given] }],
    gender: person.sex,
    birthDate: person.birthDate,
    managingOrganization: { reference: `Organization/${organization}` },
  }
  return { patientId, organization, resources: [organizationResource(organization), patient], counts: new Map() }
}

/** Adds a resource under the next id of its type, with the person as `subject` or `patient`, and gives its reference. */
export function addResource(record: RecordDraft, resourceType: string, subject: 'subject' | 'patient' | 'beneficiary', members: JsonObject): string {
  const number = (record.counts.get(resourceType) ?? 0) + 1
  record.counts.set(resourceType, number)
  const id = `${record.patientId}-${resourceType.toLowerCase()}-${number}`
  record.resources.push({ resourceType, id, meta: { versionId: '1' }, [subject]: { reference: `Patient/${record.patientId}` }, ...members })
  return `${resourceType}/${id}`
}

/** A visit of half an hour, or of some days for an admission. */
export function addVisit(
  record: RecordDraft,
  day: string,
  kind: EncounterKind,
  options: { readonly minutes?: number; readonly days?: number; readonly by?: Practitioner } = {},
): Visit {
  const start = options.minutes ?? 540
  const practitioner = staffReference(record, options.by)
  const { class: encounterClass, type } = ENCOUNTERS[kind]
  const time = atTime(day, start)
  const end = options.days === undefined ? atTime(day, start + 30) : atTime(addDays(day, options.days), 660)
  const reference = addResource(record, 'Encounter', 'subject', {
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: encounterClass },
    type: [concept(type)],
    participant: [{ individual: { reference: practitioner } }],
    period: { start: time, end },
    serviceProvider: { reference: `Organization/${record.organization}` },
  })
  return { reference, day, time, practitioner }
}

/** The first of the staff, or the one named; their resource joins the record once. */
function staffReference(record: RecordDraft, by: Practitioner | undefined): string {
  const practitioner = by ?? practitionersOf(record.organization)[0]
  if (practitioner === undefined) return `Organization/${record.organization}`
  const known = record.resources.some((resource) => resource.resourceType === 'Practitioner' && resource.id === practitioner.id)
  if (!known) record.resources.push(practitionerResource(practitioner))
  return `Practitioner/${practitioner.id}`
}
