import { compileRuleSet, type RuleSet, type RuleTable } from '../rule-set.ts'
import { COMBINATIONS, findingTables } from './combinations.ts'
import { BRANDS } from './drug-brands.ts'
import { ATC, INGREDIENT_NAMES, RXNORM, RXNORM_CODES } from './drugs.ts'
import { ICD_10_CM, ICD_10_PCS, ICD_11, ICD_9_CM, ICPC_2 } from './icd.ts'
import { LOINC } from './loinc.ts'
import { NAMED_ELSEWHERE } from './named-elsewhere.ts'
import { ORDINARY_DRUG_CODES, ORDINARY_DRUG_NAMES } from './ordinary-drugs.ts'
import { CPT, CVX, HCPCS, PRACTICE_SETTING, SPECIALTY } from './services.ts'
import { SNOMED } from './snomed.ts'
import { TOPIC_WORDS } from './words.ts'

/** Names the rules in every decision record. A change of any row makes a new name. */
export const RULE_SET_ID = 'labels-2'

/** Systems whose displays are judged by words too, and `''`: those that no table rules. */
const JUDGED_BY_WORDS = [
  ICD_10_CM.system,
  ICD_9_CM.system,
  ICD_10_PCS.system,
  ICD_11.system,
  ICPC_2.system,
  SNOMED.system,
  LOINC.system,
  ATC.system,
  CPT.system,
  HCPCS.system,
  SPECIALTY.system,
  'http://terminology.hl7.org/CodeSystem/service-type',
  'http://terminology.hl7.org/CodeSystem/service-category',
  'http://terminology.hl7.org/CodeSystem/encounter-type',
  '',
]

const WORDS_SOURCE = 'names of the topics and of their drugs, as SNOMED CT, LOINC, ICD and RxNorm write them'

export const TABLES: readonly RuleTable[] = [
  ICD_10_CM,
  ICD_9_CM,
  ICD_10_PCS,
  ICD_11,
  ICPC_2,
  SNOMED,
  LOINC,
  ...NAMED_ELSEWHERE,
  RXNORM_CODES,
  ORDINARY_DRUG_CODES,
  { ...RXNORM, match: 'name', rows: [...INGREDIENT_NAMES, ...BRANDS] },
  { ...RXNORM, source: ORDINARY_DRUG_CODES.source, match: 'name', rows: ORDINARY_DRUG_NAMES },
  ATC,
  CPT,
  HCPCS,
  SPECIALTY,
  PRACTICE_SETTING,
  CVX,
  ...JUDGED_BY_WORDS.map(
    (system): RuleTable => ({ system, version: '2025', source: WORDS_SOURCE, match: 'name', rows: [...TOPIC_WORDS, ...INGREDIENT_NAMES] }),
  ),
  ...findingTables(JUDGED_BY_WORDS),
]

export const RULE_SET: RuleSet = compileRuleSet({
  id: RULE_SET_ID,
  tables: TABLES,
  combinations: COMBINATIONS,
  drugSystems: [RXNORM.system],
  aliases: [
    ['http://hl7.org/fhir/sid/icd-10', ICD_10_CM.system],
    ['http://hl7.org/fhir/sid/icd-10-us', ICD_10_CM.system],
    ['http://fhir.de/CodeSystem/bfarm/icd-10-gm', ICD_10_CM.system],
    ['http://terminology.hl7.org/CodeSystem/icd10CM', ICD_10_CM.system],
    ['http://terminology.hl7.org/CodeSystem/icd10', ICD_10_CM.system],
    ['urn:oid:2.16.840.1.113883.6.90', ICD_10_CM.system],
    ['urn:oid:2.16.840.1.113883.6.3', ICD_10_CM.system],
    ['urn:oid:2.16.840.1.113883.6.103', ICD_9_CM.system],
    ['http://terminology.hl7.org/CodeSystem/icd9cm', ICD_9_CM.system],
    ['urn:oid:2.16.840.1.113883.6.4', ICD_10_PCS.system],
    ['http://hl7.org/fhir/sid/icd-10-pcs', ICD_10_PCS.system],
    ['urn:oid:2.16.840.1.113883.6.96', SNOMED.system],
    ['urn:oid:2.16.840.1.113883.6.1', LOINC.system],
    ['urn:oid:2.16.840.1.113883.6.88', RXNORM.system],
    ['http://terminology.hl7.org/CodeSystem/v3-rxNorm', RXNORM.system],
    ['http://hl7.org/fhir/sid/ndc', RXNORM.system],
    ['urn:oid:2.16.840.1.113883.6.69', RXNORM.system],
    ['http://terminology.hl7.org/CodeSystem/v3-ndc', RXNORM.system],
    ['http://fdasis.nlm.nih.gov', RXNORM.system],
    ['urn:oid:2.16.840.1.113883.4.9', RXNORM.system],
    ['http://hl7.org/fhir/ndfrt', RXNORM.system],
    ['http://va.gov/terminology/medrt', RXNORM.system],
    ['http://hl7.org/fhir/NamingSystem/ca-hc-din', RXNORM.system],
    ['https://dmd.nhs.uk', RXNORM.system],
    ['http://fhir.de/CodeSystem/ifa/pzn', RXNORM.system],
    ['urn:oid:2.16.840.1.113883.2.4.4.1', RXNORM.system],
    ['urn:oid:2.16.840.1.113883.2.4.4.7', RXNORM.system],
    ['http://fhir.de/CodeSystem/bfarm/atc', ATC.system],
    ['urn:oid:2.16.840.1.113883.6.73', ATC.system],
    ['http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', HCPCS.system],
    ['http://terminology.hl7.org/CodeSystem/HCPCS-all-codes', HCPCS.system],
    ['http://terminology.hl7.org/CodeSystem/CPT', CPT.system],
    ['urn:oid:2.16.840.1.113883.6.139', ICPC_2.system],
    ['urn:oid:2.16.840.1.113883.6.347', ICD_11.system],
    ['http://id.who.int/icd11/mms', ICD_11.system],
    ['urn:oid:2.16.840.1.113883.6.12', CPT.system],
    ['urn:oid:2.16.840.1.113883.6.285', HCPCS.system],
    ['urn:oid:2.16.840.1.113883.6.101', SPECIALTY.system],
    ['urn:oid:2.16.840.1.113883.12.292', CVX.system],
  ],
  harmless: [
    'http://unitsofmeasure.org',
    'urn:ietf:bcp:47',
    'urn:ietf:bcp:13',
    'urn:ietf:rfc:3986',
    'urn:iso:std:iso:3166',
    'urn:iso:std:iso:4217',
    'http://standardterms.edqm.eu',
    'https://smarthealthit.org/tags',
    'https://www.nubc.org/CodeSystem/TypeOfBill',
    'https://www.nubc.org/CodeSystem/RevenueCodes',
    /** Race and ethnicity: personal, not one of the six topics. */
    'urn:oid:2.16.840.1.113883.6.238',
  ],
  harmlessBeginnings: ['http://terminology.hl7.org/CodeSystem/', 'http://hl7.org/fhir/', 'https://bluebutton.cms.gov/resources/'],
  exceptBeginnings: [
    'http://hl7.org/fhir/sid/',
    'http://hl7.org/fhir/NamingSystem/',
    'http://hl7.org/fhir/ndfrt',
    'http://terminology.hl7.org/CodeSystem/icd',
    'http://terminology.hl7.org/CodeSystem/umls',
    'http://terminology.hl7.org/CodeSystem/v3-ndc',
    'http://terminology.hl7.org/CodeSystem/v3-rxNorm',
  ],
})
