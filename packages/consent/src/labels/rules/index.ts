import { compileRuleSet, type RuleSet, type RuleTable } from '../rule-set.ts'
import { ATC, RXNORM_CODES, RXNORM_NAMES } from './drugs.ts'
import { ICD_10_CM, ICD_10_PCS, ICD_9_CM } from './icd.ts'
import { LOINC } from './loinc.ts'
import { CPT, CVX, HCPCS, SPECIALTY } from './services.ts'
import { SNOMED } from './snomed.ts'

/** Names the rules in every decision record. A change of any row makes a new name. */
export const RULE_SET_ID = 'labels-1'

export const TABLES: readonly RuleTable[] = [ICD_10_CM, ICD_9_CM, ICD_10_PCS, SNOMED, LOINC, RXNORM_CODES, RXNORM_NAMES, ATC, CPT, HCPCS, SPECIALTY, CVX]

export const RULE_SET: RuleSet = compileRuleSet({
  id: RULE_SET_ID,
  tables: TABLES,
  aliases: [
    ['http://hl7.org/fhir/sid/icd-10', ICD_10_CM.system],
    ['http://hl7.org/fhir/sid/icd-10-us', ICD_10_CM.system],
    ['urn:oid:2.16.840.1.113883.6.90', ICD_10_CM.system],
    ['urn:oid:2.16.840.1.113883.6.3', ICD_10_CM.system],
    ['urn:oid:2.16.840.1.113883.6.103', ICD_9_CM.system],
    ['http://terminology.hl7.org/CodeSystem/icd9cm', ICD_9_CM.system],
    ['urn:oid:2.16.840.1.113883.6.4', ICD_10_PCS.system],
    ['http://hl7.org/fhir/sid/icd-10-pcs', ICD_10_PCS.system],
    ['urn:oid:2.16.840.1.113883.6.96', SNOMED.system],
    ['urn:oid:2.16.840.1.113883.6.1', LOINC.system],
    ['urn:oid:2.16.840.1.113883.6.88', RXNORM_CODES.system],
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
    'http://terminology.hl7.org/CodeSystem/icd',
    'http://terminology.hl7.org/CodeSystem/umls',
    'http://terminology.hl7.org/CodeSystem/v3-ndc',
    'http://terminology.hl7.org/CodeSystem/v3-rxNorm',
  ],
})
