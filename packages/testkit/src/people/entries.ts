import type { JsonObject, JsonValue } from '@fiducia/core'
import { type Coding, concept, hl7, LABORATORY, type Laboratory, type LaboratoryName, quantity, VITALS } from './codes.ts'
import { addResource, type RecordDraft, type Visit } from './record.ts'

/** Entries of a record, one function for each kind; each gives the reference of what it added. */

export interface Diagnosis {
  readonly codings: readonly [Coding, ...Coding[]]
  readonly onset: string
  /** The day it was over; absent where it stays. */
  readonly over?: string
  /** Further members, such as labels of the source in `meta`. */
  readonly more?: JsonObject
}

export function addCondition(record: RecordDraft, visit: Visit, { codings, onset, over, more }: Diagnosis): string {
  return addResource(record, 'Condition', 'subject', {
    clinicalStatus: hl7('condition-clinical', over === undefined ? 'active' : 'resolved'),
    verificationStatus: hl7('condition-ver-status', 'confirmed'),
    category: [hl7('condition-category', 'encounter-diagnosis')],
    code: concept(...codings),
    encounter: { reference: visit.reference },
    onsetDateTime: onset,
    ...(over === undefined ? {} : { abatementDateTime: over }),
    recordedDate: visit.time,
    recorder: { reference: visit.practitioner },
    ...more,
  })
}

export interface Prescription {
  readonly drug: Coding
  readonly dose: readonly [value: number, unit: string]
  readonly perDay: number
  /** Reference of the condition it is for. */
  readonly reason: string
  readonly stopped?: boolean
  /** How long it is taken, where that is limited. */
  readonly days?: number
}

export function addMedication(record: RecordDraft, visit: Visit, { drug, dose, perDay, reason, stopped, days }: Prescription): string {
  return addResource(record, 'MedicationRequest', 'subject', {
    status: stopped === true ? 'completed' : 'active',
    intent: 'order',
    medicationCodeableConcept: concept(drug),
    encounter: { reference: visit.reference },
    authoredOn: visit.time,
    requester: { reference: visit.practitioner },
    reasonReference: [{ reference: reason }],
    dosageInstruction: [
      {
        timing: { repeat: { frequency: perDay, period: 1, periodUnit: 'd', ...(days === undefined ? {} : { boundsDuration: quantity(days, 'd') }) } },
        doseAndRate: [{ doseQuantity: quantity(dose[0], dose[1]) }],
      },
    ],
  })
}

type ObservationCategory = 'vital-signs' | 'laboratory' | 'survey' | 'social-history'

function addObservation(record: RecordDraft, visit: Visit, [category, code]: readonly [ObservationCategory, Coding], members: JsonObject): string {
  return addResource(record, 'Observation', 'subject', {
    status: 'final',
    category: [hl7('observation-category', category)],
    code: concept(code),
    encounter: { reference: visit.reference },
    effectiveDateTime: visit.time,
    issued: visit.time,
    performer: [{ reference: visit.practitioner }],
    ...members,
  })
}

export interface Vitals {
  readonly systolic: number
  readonly diastolic: number
  readonly heartRate: number
  readonly weightKg: number
  readonly heightCm: number
  readonly oxygen: number
}

export function addVitals(record: RecordDraft, visit: Visit, values: Vitals): void {
  const part = (code: Coding, value: number): JsonValue => ({ code: concept(code), valueQuantity: quantity(value, 'mm[Hg]') })
  addObservation(record, visit, ['vital-signs', VITALS.bloodPressure], {
    component: [part(VITALS.systolic, values.systolic), part(VITALS.diastolic, values.diastolic)],
  })
  addObservation(record, visit, ['vital-signs', VITALS.heartRate], { valueQuantity: quantity(values.heartRate, '/min') })
  addObservation(record, visit, ['vital-signs', VITALS.weight], { valueQuantity: quantity(values.weightKg, 'kg') })
  addObservation(record, visit, ['vital-signs', VITALS.height], { valueQuantity: quantity(values.heightCm, 'cm') })
  const bodyMassIndex = Number((values.weightKg / (values.heightCm / 100) ** 2).toFixed(1))
  addObservation(record, visit, ['vital-signs', VITALS.bodyMassIndex], { valueQuantity: quantity(bodyMassIndex, 'kg/m2') })
  addObservation(record, visit, ['vital-signs', VITALS.oxygen], { valueQuantity: quantity(values.oxygen, '%') })
}

export function addLaboratory(record: RecordDraft, visit: Visit, name: LaboratoryName, value: number): string {
  const { code, unit, digits, low, high }: Laboratory = LABORATORY[name]
  return addObservation(record, visit, ['laboratory', code], {
    valueQuantity: quantity(Number(value.toFixed(digits)), unit),
    referenceRange: [{ ...(low === undefined ? {} : { low: quantity(low, unit) }), ...(high === undefined ? {} : { high: quantity(high, unit) }) }],
  })
}

/** A questionnaire's total score. */
export function addScore(record: RecordDraft, visit: Visit, code: Coding, value: number): string {
  return addObservation(record, visit, ['survey', code], { valueQuantity: quantity(value, '{score}') })
}

export function addSocialHistory(record: RecordDraft, visit: Visit, code: Coding, answer: Coding): string {
  return addObservation(record, visit, ['social-history', code], { valueCodeableConcept: concept(answer) })
}

export function addReport(record: RecordDraft, visit: Visit, code: Coding, results: readonly string[]): string {
  return addResource(record, 'DiagnosticReport', 'subject', {
    status: 'final',
    category: [hl7('v2-0074', 'LAB')],
    code: concept(code),
    encounter: { reference: visit.reference },
    effectiveDateTime: visit.time,
    issued: visit.time,
    performer: [{ reference: `Organization/${record.organization}` }],
    result: results.map((reference) => ({ reference })),
  })
}

export function addProcedure(record: RecordDraft, visit: Visit, code: Coding, reason?: string): string {
  return addResource(record, 'Procedure', 'subject', {
    status: 'completed',
    code: concept(code),
    encounter: { reference: visit.reference },
    performedDateTime: visit.time,
    performer: [{ actor: { reference: visit.practitioner } }],
    ...(reason === undefined ? {} : { reasonReference: [{ reference: reason }] }),
  })
}

export function addImmunization(record: RecordDraft, visit: Visit, vaccine: Coding): string {
  return addResource(record, 'Immunization', 'patient', {
    status: 'completed',
    vaccineCode: concept(vaccine),
    encounter: { reference: visit.reference },
    occurrenceDateTime: visit.day,
    primarySource: true,
    performer: [{ actor: { reference: visit.practitioner } }],
  })
}

export function addAllergy(record: RecordDraft, visit: Visit, code: Coding, kind: 'medication' | 'food' | undefined): string {
  return addResource(record, 'AllergyIntolerance', 'patient', {
    clinicalStatus: hl7('allergyintolerance-clinical', 'active'),
    verificationStatus: hl7('allergyintolerance-verification', 'confirmed'),
    ...(kind === undefined ? {} : { type: 'allergy', category: [kind], criticality: 'high' }),
    code: concept(code),
    encounter: { reference: visit.reference },
    recordedDate: visit.time,
    recorder: { reference: visit.practitioner },
  })
}
