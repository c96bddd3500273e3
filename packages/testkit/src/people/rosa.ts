import type { FhirResource } from '@fiducia/fhir'
import { addClaims } from './claims.ts'
import { ALLERGIES, diagnosis, ingredient, LIPID_PANEL, PHQ_9, SMOKING, snomed, VACCINES } from './codes.ts'
import {
  addAllergy,
  addCondition,
  addImmunization,
  addLaboratory,
  addMedication,
  addProcedure,
  addReport,
  addScore,
  addSocialHistory,
  addVitals,
} from './entries.ts'
import type { Person } from './generate.ts'
import { type Practitioner, practitionersOf } from './organizations.ts'
import { addResource, addVisit, type Demographics, openRecord } from './record.ts'

/**
 * Rosa Lindqvist, the patient of the story. Alder, Cedar and Dune hold her record; Birch, where Dr. Haddad works, asks. She
 * has diabetes, high blood pressure and atrial fibrillation, which a new doctor must know; a depression and past alcohol
 * dependence, which our rules label; a family history that Alder itself labels very restricted; and one item that
 * she hides by choice, which no label would hold back.
 */
export interface Rosa {
  readonly person: Person
  /** `Patient/id` at each holder. */
  readonly patient: { readonly alder: string; readonly cedar: string; readonly dune: string }
  /** The item she hides, at Alder. */
  readonly hidden: string
  /** Items that are withheld for what they say, at Alder. */
  readonly mentalHealth: string
  readonly substanceUse: string
  /** Labelled V by Alder itself. */
  readonly labelledBySource: string
}

const ROSA: Demographics = { id: 'rosa', given: 'Rosa', family: 'Lindqvist', sex: 'female', birthDate: '1961-04-17' }

const staffMember = (organization: 'alder' | 'cedar', specialty: string): { readonly by?: Practitioner } => {
  const by = practitionersOf(organization).find((one) => one.specialty === specialty)
  return by === undefined ? {} : { by }
}

/** The same every time. */
export function createRosa(): Rosa {
  const alder = writeAlder()
  const cedar = writeCedar()
  const dune = openRecord(ROSA, 'dune')
  addClaims(dune, [...alder.record.resources, ...cedar.resources])
  const records = { alder: alder.record.resources, birch: noRecord, cedar: cedar.resources, dune: dune.resources }
  return {
    person: { ...ROSA, records },
    patient: { alder: `Patient/${alder.record.patientId}`, cedar: `Patient/${cedar.patientId}`, dune: `Patient/${dune.patientId}` },
    hidden: alder.hidden,
    mentalHealth: alder.mentalHealth,
    substanceUse: alder.substanceUse,
    labelledBySource: alder.labelledBySource,
  }
}

const noRecord: readonly FhirResource[] = []

function writeAlder() {
  const record = openRecord(ROSA, 'alder')
  writeChronicCare(record)
  const psychiatry = addVisit(record, '2021-02-09', 'followUp', { minutes: 600, ...staffMember('alder', 'psychiatry') })
  const mentalHealth = addCondition(record, psychiatry, { codings: diagnosis('370143000', 'F32.1', 'Major depressive disorder'), onset: '2020-11-01' })
  addScore(record, psychiatry, PHQ_9, 15)
  addMedication(record, psychiatry, { drug: ingredient('36437', 'sertraline'), dose: [50, 'mg'], perDay: 1, reason: mentalHealth })
  const substanceUse = addCondition(record, psychiatry, {
    codings: diagnosis('191813001', 'F10.21', 'Chronic alcoholism in remission'),
    onset: '2009',
    over: '2014-06',
  })

  const surgery = addVisit(record, '2023-09-26', 'followUp', { minutes: 840, ...staffMember('alder', 'internal medicine') })
  const hidden = addCondition(record, surgery, { codings: diagnosis('22220005', 'N39.3', 'Genuine stress incontinence'), onset: '2022-05' })
  const labelledBySource = addFamilyHistory(record)
  return { record, hidden, mentalHealth, substanceUse, labelledBySource }
}

function writeChronicCare(record: ReturnType<typeof openRecord>): void {
  const first = addVisit(record, '2016-03-14', 'checkUp', staffMember('alder', 'internal medicine'))
  addAllergy(record, first, ALLERGIES.penicillin, 'medication')
  addSocialHistory(record, first, SMOKING, snomed('266919005', 'Never smoked tobacco'))
  addVitals(record, first, { systolic: 152, diastolic: 94, heartRate: 78, weightKg: 81.5, heightCm: 166, oxygen: 98 })
  const hypertension = addCondition(record, first, { codings: diagnosis('59621000', 'I10', 'Essential hypertension'), onset: '2016-01-20' })
  addMedication(record, first, { drug: ingredient('29046', 'lisinopril'), dose: [10, 'mg'], perDay: 1, reason: hypertension })

  const diabetesVisit = addVisit(record, '2018-05-22', 'followUp', staffMember('alder', 'internal medicine'))
  const diabetes = addCondition(record, diabetesVisit, { codings: diagnosis('44054006', 'E11.9', 'Type 2 diabetes mellitus'), onset: '2018-05-02' })
  addMedication(record, diabetesVisit, { drug: ingredient('6809', 'metformin'), dose: [500, 'mg'], perDay: 2, reason: diabetes })
  addLaboratory(record, diabetesVisit, 'hemoglobinA1c', 7.8)
  addLaboratory(record, diabetesVisit, 'glucose', 168)

  for (const [day, hemoglobinA1c, systolic, weightKg, vaccine] of [
    ['2022-06-07', 7.1, 138, 80.2, 'tetanus'],
    ['2024-10-08', 6.9, 134, 78.9, 'influenza'],
    ['2026-06-16', 6.7, 131, 77.4, 'pneumococcal'],
  ] as const) {
    const visit = addVisit(record, day, 'checkUp', staffMember('alder', 'internal medicine'))
    addVitals(record, visit, { systolic, diastolic: 82, heartRate: 74, weightKg, heightCm: 166, oxygen: 98 })
    addLaboratory(record, visit, 'hemoglobinA1c', hemoglobinA1c)
    addLaboratory(record, visit, 'creatinine', 0.84)
    const panel = [
      addLaboratory(record, visit, 'cholesterol', 187),
      addLaboratory(record, visit, 'highDensity', 54),
      addLaboratory(record, visit, 'lowDensity', 106),
      addLaboratory(record, visit, 'triglycerides', 135),
    ]
    addReport(record, visit, LIPID_PANEL, panel)
    addImmunization(record, visit, VACCINES[vaccine])
  }
}

/** Alder's own label, which no rule of ours would give. */
function addFamilyHistory(record: ReturnType<typeof openRecord>): string {
  return addResource(record, 'FamilyMemberHistory', 'patient', {
    meta: { versionId: '1', security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' }] },
    status: 'completed',
    date: '2024-10-08',
    relationship: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: 'SIS' }] },
    condition: [
      { code: { coding: diagnosis('254837009', 'C50.919', 'Malignant neoplasm of breast').map(([system, code, display]) => ({ system, code, display })) } },
    ],
  })
}

function writeCedar(): ReturnType<typeof openRecord> {
  const record = openRecord(ROSA, 'cedar')
  const first = addVisit(record, '2023-11-02', 'followUp', { minutes: 615, ...staffMember('cedar', 'cardiology') })
  addAllergy(record, first, ALLERGIES.penicillin, 'medication')
  addVitals(record, first, { systolic: 136, diastolic: 84, heartRate: 96, weightKg: 79.6, heightCm: 166, oxygen: 97 })
  const fibrillation = addCondition(record, first, { codings: diagnosis('49436004', 'I48.91', 'Atrial fibrillation'), onset: '2023-10-21' })
  addProcedure(record, first, snomed('29303009', 'Electrocardiographic procedure'), fibrillation)
  addMedication(record, first, { drug: ingredient('1364430', 'apixaban'), dose: [5, 'mg'], perDay: 2, reason: fibrillation })
  addMedication(record, first, { drug: ingredient('6918', 'metoprolol'), dose: [25, 'mg'], perDay: 2, reason: fibrillation })
  addLaboratory(record, first, 'natriureticPeptide', 96)
  const followUp = addVisit(record, '2026-02-12', 'followUp', { minutes: 630, ...staffMember('cedar', 'cardiology') })
  addVitals(record, followUp, { systolic: 132, diastolic: 80, heartRate: 72, weightKg: 77.9, heightCm: 166, oxygen: 98 })
  addProcedure(record, followUp, snomed('40701008', 'Echocardiography'), fibrillation)
  addLaboratory(record, followUp, 'hemoglobin', 13.4)
  return record
}
