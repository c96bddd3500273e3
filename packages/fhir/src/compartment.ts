import { hasServer, relativeReference } from '@fiducia/consent'
import { shape } from '@fiducia/core'
import { valuesAt } from './elements.ts'
import { type FhirResource, isResource } from './resource.ts'

/**
 * Whose record a resource belongs to. Two questions that are easily confused: the *patient compartment* of FHIR R4 also
 * holds what a person did for others (a parent who observed, a relative who asserted); *about* holds only what has this
 * person, and nobody else, as its subject. A release for one patient is bounded by *about*.
 */
interface Compartment {
  /** Element that names the subject. */
  readonly subject: readonly string[]
  /** Further elements that place a resource in the compartment of whoever they name. */
  readonly others?: readonly string[]
}

const SUBJECT: Compartment = { subject: ['subject'] }
const PATIENT: Compartment = { subject: ['patient'] }

/** The patient compartment of FHIR R4 as paths of elements. */
const COMPARTMENTS: { readonly [type: string]: Compartment } = {
  Account: SUBJECT,
  AdverseEvent: SUBJECT,
  AllergyIntolerance: { subject: ['patient'], others: ['recorder', 'asserter'] },
  Appointment: { subject: [], others: ['participant.actor'] },
  AppointmentResponse: { subject: [], others: ['actor'] },
  AuditEvent: { subject: [], others: ['agent.who', 'entity.what'] },
  Basic: { subject: ['subject'], others: ['author'] },
  BodyStructure: PATIENT,
  CarePlan: { subject: ['subject'], others: ['activity.detail.performer'] },
  CareTeam: { subject: ['subject'], others: ['participant.member'] },
  ChargeItem: SUBJECT,
  Claim: { subject: ['patient'], others: ['payee.party'] },
  ClaimResponse: PATIENT,
  ClinicalImpression: SUBJECT,
  Communication: { subject: ['subject'], others: ['sender', 'recipient'] },
  CommunicationRequest: { subject: ['subject'], others: ['sender', 'recipient', 'requester'] },
  Composition: { subject: ['subject'], others: ['author', 'attester.party'] },
  Condition: { subject: ['subject'], others: ['asserter'] },
  Consent: PATIENT,
  Coverage: { subject: ['beneficiary'], others: ['policyHolder', 'subscriber', 'payor'] },
  CoverageEligibilityRequest: PATIENT,
  CoverageEligibilityResponse: PATIENT,
  DetectedIssue: PATIENT,
  DeviceRequest: { subject: ['subject'], others: ['performer'] },
  DeviceUseStatement: SUBJECT,
  DiagnosticReport: SUBJECT,
  DocumentManifest: { subject: ['subject'], others: ['author', 'recipient'] },
  DocumentReference: { subject: ['subject'], others: ['author'] },
  Encounter: SUBJECT,
  EnrollmentRequest: { subject: ['candidate'] },
  EpisodeOfCare: PATIENT,
  ExplanationOfBenefit: { subject: ['patient'], others: ['payee.party'] },
  FamilyMemberHistory: PATIENT,
  Flag: SUBJECT,
  Goal: SUBJECT,
  Group: { subject: [], others: ['member.entity'] },
  ImagingStudy: SUBJECT,
  Immunization: PATIENT,
  ImmunizationEvaluation: PATIENT,
  ImmunizationRecommendation: PATIENT,
  Invoice: { subject: ['subject'], others: ['recipient'] },
  List: { subject: ['subject'], others: ['source'] },
  MeasureReport: SUBJECT,
  Media: SUBJECT,
  MedicationAdministration: { subject: ['subject'], others: ['performer.actor'] },
  MedicationDispense: { subject: ['subject'], others: ['receiver'] },
  MedicationRequest: SUBJECT,
  MedicationStatement: SUBJECT,
  MolecularSequence: PATIENT,
  NutritionOrder: PATIENT,
  Observation: { subject: ['subject'], others: ['performer'] },
  Patient: { subject: [], others: ['link.other'] },
  Person: { subject: [], others: ['link.target'] },
  Procedure: { subject: ['subject'], others: ['performer.actor'] },
  Provenance: { subject: [], others: ['target'] },
  QuestionnaireResponse: { subject: ['subject'], others: ['author'] },
  RelatedPerson: PATIENT,
  RequestGroup: { subject: ['subject'], others: ['action.participant'] },
  ResearchSubject: { subject: ['individual'] },
  RiskAssessment: SUBJECT,
  Schedule: { subject: [], others: ['actor'] },
  ServiceRequest: { subject: ['subject'], others: ['performer'] },
  Specimen: SUBJECT,
  SupplyDelivery: PATIENT,
  SupplyRequest: { subject: ['deliverTo'] },
  VisionPrescription: PATIENT,
}

/** Types of the patient compartment. */
export const COMPARTMENT_TYPES: readonly string[] = Object.keys(COMPARTMENTS)

const compartmentOf = (type: string): Compartment | undefined => (Object.hasOwn(COMPARTMENTS, type) ? COMPARTMENTS[type] : undefined)

function namesPatient(value: unknown, patient: string): boolean {
  const reference = shape.isObject(value) ? value['reference'] : undefined
  return typeof reference === 'string' && relativeReference(reference) === patient
}

/** Whether FHIR R4 places the resource in the compartment of patient `patientId`. */
export function isInPatientCompartment(resource: unknown, patientId: string): boolean {
  if (!isResource(resource)) return false
  if (resource.resourceType === 'Patient' && resource.id === patientId) return true
  const patient = `Patient/${patientId}`
  const compartment = compartmentOf(resource.resourceType)
  if (compartment === undefined) return false
  return [...compartment.subject, ...(compartment.others ?? [])].some((path) => valuesAt(resource, path).some((value) => namesPatient(value, patient)))
}

/** Every reference by which a resource says whom it is about. */
export function subjectsOf(resource: FhirResource): readonly unknown[] {
  return (compartmentOf(resource.resourceType)?.subject ?? []).flatMap((path) => valuesAt(resource, path))
}

/** Whether the resource speaks of this patient and of nobody else: what a release for the patient may contain. */
export function isAboutPatient(resource: unknown, patientId: string): boolean {
  if (!isResource(resource)) return false
  const patient = `Patient/${patientId}`
  if (resource.resourceType === 'Patient') return resource.id === patientId
  const subjects = subjectsOf(resource)
  return subjects.length > 0 && subjects.every((value) => namesPatient(value, patient) && !isElsewhere(value))
}

/** A reference to another server may name another person with the same id. */
function isElsewhere(value: unknown): boolean {
  const reference = shape.isObject(value) ? value['reference'] : undefined
  return typeof reference === 'string' && hasServer(reference)
}
