import type { JsonObject } from '@fiducia/core'

/** Code systems and codes of the synthetic records, each concept once. */

const SNOMED = 'http://snomed.info/sct'
const ICD_10_CM = 'http://hl7.org/fhir/sid/icd-10-cm'
const LOINC = 'http://loinc.org'
const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm'
const CVX = 'http://hl7.org/fhir/sid/cvx'
const UCUM = 'http://unitsofmeasure.org'
const HL7 = 'http://terminology.hl7.org/CodeSystem/'

export type Coding = readonly [system: string, code: string, display: string]

export const hl7 = (system: string, code: string): JsonObject => ({ coding: [{ system: `${HL7}${system}`, code }] })

/** A CodeableConcept whose text is the first display. */
export const concept = (...codings: readonly [Coding, ...Coding[]]): JsonObject => ({
  coding: codings.map(([system, code, display]) => ({ system, code, display })),
  text: codings[0][2],
})

export const quantity = (value: number, unit: string, code = unit): JsonObject => ({ value, unit, system: UCUM, code })

/** A diagnosis in both systems. */
export const diagnosis = (snomed: string, icd: string, display: string): readonly [Coding, Coding] => [
  [SNOMED, snomed, display],
  [ICD_10_CM, icd, display],
]
export const ingredient = (code: string, display: string): Coding => [RXNORM, code, display]
const loinc = (code: string, display: string): Coding => [LOINC, code, display]
export const snomed = (code: string, display: string): Coding => [SNOMED, code, display]

export const ENCOUNTERS = {
  checkUp: { class: 'AMB', type: snomed('185349003', 'Encounter for check up') },
  followUp: { class: 'AMB', type: snomed('390906007', 'Follow-up encounter') },
  acute: { class: 'AMB', type: snomed('185345009', 'Encounter for symptom') },
  emergency: { class: 'EMER', type: snomed('50849002', 'Emergency room admission') },
  admission: { class: 'IMP', type: snomed('32485007', 'Hospital admission') },
} as const
export type EncounterKind = keyof typeof ENCOUNTERS

export const VITALS = {
  bloodPressure: loinc('85354-9', 'Blood pressure panel with all children optional'),
  systolic: loinc('8480-6', 'Systolic blood pressure'),
  diastolic: loinc('8462-4', 'Diastolic blood pressure'),
  heartRate: loinc('8867-4', 'Heart rate'),
  weight: loinc('29463-7', 'Body weight'),
  height: loinc('8302-2', 'Body height'),
  bodyMassIndex: loinc('39156-5', 'Body mass index'),
  oxygen: loinc('59408-5', 'Oxygen saturation in Arterial blood by Pulse oximetry'),
} as const

export interface Laboratory {
  readonly code: Coding
  readonly unit: string
  readonly digits: number
  readonly low?: number
  readonly high?: number
}

export const LABORATORY = {
  hemoglobinA1c: { code: loinc('4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood'), unit: '%', digits: 1, high: 5.6 },
  glucose: { code: loinc('2345-7', 'Glucose [Mass/volume] in Serum or Plasma'), unit: 'mg/dL', digits: 0, low: 70, high: 99 },
  cholesterol: { code: loinc('2093-3', 'Cholesterol [Mass/volume] in Serum or Plasma'), unit: 'mg/dL', digits: 0, high: 200 },
  highDensity: { code: loinc('2085-9', 'Cholesterol in HDL [Mass/volume] in Serum or Plasma'), unit: 'mg/dL', digits: 0, low: 40 },
  lowDensity: { code: loinc('13457-7', 'Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation'), unit: 'mg/dL', digits: 0, high: 130 },
  triglycerides: { code: loinc('2571-8', 'Triglyceride [Mass/volume] in Serum or Plasma'), unit: 'mg/dL', digits: 0, high: 150 },
  creatinine: { code: loinc('2160-0', 'Creatinine [Mass/volume] in Serum or Plasma'), unit: 'mg/dL', digits: 2, low: 0.6, high: 1.2 },
  hemoglobin: { code: loinc('718-7', 'Hemoglobin [Mass/volume] in Blood'), unit: 'g/dL', digits: 1, low: 12, high: 17 },
  thyrotropin: { code: loinc('3016-3', 'Thyrotropin [Units/volume] in Serum or Plasma'), unit: 'm[IU]/L', digits: 2, low: 0.4, high: 4.5 },
  natriureticPeptide: {
    code: loinc('33762-6', 'Natriuretic peptide.B prohormone N-Terminal [Mass/volume] in Serum or Plasma'),
    unit: 'pg/mL',
    digits: 0,
    high: 125,
  },
  cd4Cells: { code: loinc('24467-3', 'CD3+CD4+ (T4 helper) cells [#/volume] in Blood'), unit: '/uL', digits: 0, low: 500, high: 1500 },
} as const satisfies { readonly [name: string]: Laboratory }
export type LaboratoryName = keyof typeof LABORATORY

export const LIPID_PANEL = loinc('57698-3', 'Lipid panel with direct LDL - Serum or Plasma')
export const PHQ_9 = loinc('44261-6', 'Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]')
export const SMOKING = loinc('72166-2', 'Tobacco smoking status')

export const VACCINES = {
  influenza: [CVX, '140', 'Influenza, seasonal, injectable, preservative free'],
  tetanus: [CVX, '115', 'Tdap'],
  pneumococcal: [CVX, '215', 'Pneumococcal conjugate PCV20'],
  zoster: [CVX, '187', 'Zoster recombinant'],
  covid: [CVX, '208', 'COVID-19, mRNA, LNP-S, PF, 30 mcg/0.3 mL dose'],
} as const satisfies { readonly [name: string]: Coding }

export const ALLERGIES = {
  none: snomed('716186003', 'No known allergy'),
  penicillin: snomed('91936005', 'Allergy to penicillin'),
  peanut: snomed('91935009', 'Allergy to peanut'),
  shellfish: snomed('300913006', 'Allergy to shellfish'),
} as const
