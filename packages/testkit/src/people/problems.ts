import { type Coding, diagnosis, ingredient, type LaboratoryName, snomed } from './codes.ts'
import type { DemoOrganization } from './organizations.ts'

/** Problems that synthetic people may have: who gets them and when, what they take for it, what is measured and done. */
export interface Problem {
  readonly name: string
  readonly codings: readonly [Coding, Coding]
  /** Years of life within which it begins. */
  readonly onset: readonly [from: number, to: number]
  /** Chance in a lifetime up to the upper end of the onset. */
  readonly chance: number
  readonly sex?: 'female' | 'male'
  /** Problems without which it does not occur. */
  readonly after?: readonly string[]
  /** Days until it is over; absent where it stays. */
  readonly days?: readonly [number, number]
  readonly treatment?: { readonly drug: Coding; readonly dose: readonly [value: number, unit: string]; readonly perDay: number; readonly days?: number }
  readonly laboratory?: readonly LaboratoryName[]
  readonly procedure?: Coding
  /** Where it is looked after. */
  readonly at: DemoOrganization
}

export const PROBLEMS: readonly Problem[] = [
  {
    name: 'hypertension',
    codings: diagnosis('59621000', 'I10', 'Essential hypertension'),
    onset: [34, 72],
    chance: 0.45,
    at: 'birch',
    treatment: { drug: ingredient('29046', 'lisinopril'), dose: [10, 'mg'], perDay: 1 },
    laboratory: ['creatinine'],
  },
  {
    name: 'diabetes',
    codings: diagnosis('44054006', 'E11.9', 'Type 2 diabetes mellitus'),
    onset: [38, 70],
    chance: 0.2,
    at: 'birch',
    treatment: { drug: ingredient('6809', 'metformin'), dose: [500, 'mg'], perDay: 2 },
    laboratory: ['hemoglobinA1c', 'glucose', 'creatinine'],
  },
  {
    name: 'hyperlipidemia',
    codings: diagnosis('55822004', 'E78.5', 'Hyperlipidemia'),
    onset: [35, 68],
    chance: 0.35,
    at: 'birch',
    treatment: { drug: ingredient('83367', 'atorvastatin'), dose: [20, 'mg'], perDay: 1 },
    laboratory: ['cholesterol', 'highDensity', 'lowDensity', 'triglycerides'],
  },
  {
    name: 'asthma',
    codings: diagnosis('195967001', 'J45.909', 'Asthma'),
    onset: [4, 30],
    chance: 0.1,
    at: 'birch',
    treatment: { drug: ingredient('435', 'albuterol'), dose: [90, 'ug'], perDay: 2 },
  },
  {
    name: 'hypothyroidism',
    codings: diagnosis('40930008', 'E03.9', 'Hypothyroidism'),
    onset: [30, 65],
    chance: 0.08,
    at: 'birch',
    treatment: { drug: ingredient('10582', 'levothyroxine'), dose: [75, 'ug'], perDay: 1 },
    laboratory: ['thyrotropin'],
  },
  {
    name: 'reflux',
    codings: diagnosis('235595009', 'K21.9', 'Gastroesophageal reflux disease'),
    onset: [28, 66],
    chance: 0.2,
    at: 'birch',
    treatment: { drug: ingredient('7646', 'omeprazole'), dose: [20, 'mg'], perDay: 1 },
  },
  {
    name: 'osteoarthritis',
    codings: diagnosis('239873007', 'M17.9', 'Osteoarthritis of knee'),
    onset: [50, 76],
    chance: 0.25,
    at: 'alder',
    treatment: { drug: ingredient('161', 'acetaminophen'), dose: [500, 'mg'], perDay: 3 },
  },
  {
    name: 'coronary',
    codings: diagnosis('53741008', 'I25.10', 'Coronary arteriosclerosis'),
    onset: [52, 78],
    chance: 0.45,
    after: ['hyperlipidemia'],
    at: 'cedar',
    treatment: { drug: ingredient('1191', 'aspirin'), dose: [81, 'mg'], perDay: 1 },
    laboratory: ['cholesterol', 'lowDensity'],
    procedure: snomed('29303009', 'Electrocardiographic procedure'),
  },
  {
    name: 'fibrillation',
    codings: diagnosis('49436004', 'I48.91', 'Atrial fibrillation'),
    onset: [55, 82],
    chance: 0.4,
    after: ['hypertension'],
    at: 'cedar',
    treatment: { drug: ingredient('1364430', 'apixaban'), dose: [5, 'mg'], perDay: 2 },
    laboratory: ['creatinine', 'hemoglobin'],
    procedure: snomed('29303009', 'Electrocardiographic procedure'),
  },
  {
    name: 'heart-failure',
    codings: diagnosis('84114007', 'I50.9', 'Heart failure'),
    onset: [60, 84],
    chance: 0.4,
    after: ['coronary'],
    at: 'cedar',
    treatment: { drug: ingredient('4603', 'furosemide'), dose: [40, 'mg'], perDay: 1 },
    laboratory: ['natriureticPeptide', 'creatinine'],
    procedure: snomed('40701008', 'Echocardiography'),
  },
  { name: 'bronchitis', codings: diagnosis('10509002', 'J20.9', 'Acute bronchitis'), onset: [6, 75], chance: 0.5, days: [7, 21], at: 'birch' },
  {
    name: 'ankle-sprain',
    codings: diagnosis('44465007', 'S93.401A', 'Sprain of ankle'),
    onset: [10, 60],
    chance: 0.3,
    days: [14, 42],
    at: 'alder',
    treatment: { drug: ingredient('5640', 'ibuprofen'), dose: [400, 'mg'], perDay: 3, days: 7 },
  },
  {
    name: 'appendicitis',
    codings: diagnosis('74400008', 'K37', 'Appendicitis'),
    onset: [8, 45],
    chance: 0.06,
    days: [5, 14],
    at: 'alder',
    procedure: snomed('80146002', 'Appendectomy'),
  },
  {
    name: 'depression',
    codings: diagnosis('370143000', 'F32.9', 'Major depressive disorder'),
    onset: [17, 60],
    chance: 0.15,
    at: 'alder',
    treatment: { drug: ingredient('36437', 'sertraline'), dose: [50, 'mg'], perDay: 1 },
  },
  {
    name: 'anxiety',
    codings: diagnosis('21897009', 'F41.1', 'Generalized anxiety disorder'),
    onset: [16, 50],
    chance: 0.1,
    at: 'birch',
    treatment: { drug: ingredient('321988', 'escitalopram'), dose: [10, 'mg'], perDay: 1 },
  },
  {
    name: 'alcohol',
    codings: diagnosis('66590003', 'F10.20', 'Alcohol dependence'),
    onset: [24, 58],
    chance: 0.06,
    at: 'alder',
    treatment: { drug: ingredient('7243', 'naltrexone'), dose: [50, 'mg'], perDay: 1 },
  },
  {
    name: 'hiv',
    codings: diagnosis('86406008', 'B20', 'Human immunodeficiency virus infection'),
    onset: [20, 50],
    chance: 0.01,
    at: 'alder',
    treatment: { drug: ingredient('1433868', 'dolutegravir'), dose: [50, 'mg'], perDay: 1 },
    laboratory: ['cd4Cells'],
  },
  {
    name: 'pregnancy',
    codings: diagnosis('72892002', 'Z34.90', 'Normal pregnancy'),
    onset: [22, 38],
    chance: 0.5,
    sex: 'female',
    days: [274, 284],
    at: 'alder',
  },
]
