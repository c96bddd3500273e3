/** Elements of FHIR R4 that mean something to labels, by name. */

/** Members whose text was written by somebody for somebody, wherever they stand. */
export const FREE_TEXT: ReadonlySet<string> = new Set([
  'valueString',
  'valueMarkdown',
  'description',
  'comment',
  'conclusion',
  'patientInstruction',
  'instruction',
  'summary',
  'details',
  'contentString',
  'reasonString',
  'data',
  'div',
  'textEquivalent',
  'disposition',
])

/** Extensions about who somebody is; their text is no clinical statement. */
export const PERSONAL_EXTENSIONS: ReadonlySet<string> = new Set([
  'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race',
  'http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity',
  'http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex',
  'http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName',
  'http://hl7.org/fhir/StructureDefinition/patient-birthPlace',
  'http://hl7.org/fhir/StructureDefinition/geolocation',
])

/** The element that says what a resource is about. Without it nobody can tell, and in another shape nobody can read it. */
export const MAIN_CONCEPTS: ReadonlyMap<string, string> = new Map([
  ['Condition', 'code'],
  ['Observation', 'code'],
  ['Procedure', 'code'],
  ['DiagnosticReport', 'code'],
  ['AllergyIntolerance', 'code'],
  ['ServiceRequest', 'code'],
  ['Medication', 'code'],
  ['MedicationRequest', 'medicationCodeableConcept'],
  ['MedicationStatement', 'medicationCodeableConcept'],
  ['MedicationAdministration', 'medicationCodeableConcept'],
  ['MedicationDispense', 'medicationCodeableConcept'],
  ['Immunization', 'vaccineCode'],
  ['DocumentReference', 'type'],
])

/** Types whose main concept is a drug. */
export const DRUG_TYPES: ReadonlySet<string> = new Set([
  'Medication',
  'MedicationRequest',
  'MedicationStatement',
  'MedicationAdministration',
  'MedicationDispense',
])

/** Members that have to be objects or lists, and rules that nobody here can follow. */
export const STRUCTURE: ReadonlySet<string> = new Set(['coding', 'meta', 'modifierExtension', 'implicitRules'])
