/** `@fiducia/fhir`: FHIR R4 as the gateway needs it: compartments, allowed searches, what leaves, the audit event of each release, and
 * views that make rows of resources. Pure. */
export * from './limits.ts'
export {
  type FhirResource,
  isResource,
  isResourceId,
  isResourceType,
  referenceOf,
  type ReleasedReference,
  type ResourceType,
  versionedReference,
  versionOf,
} from './resource.ts'
export { COMPARTMENT_TYPES, isAboutPatient, isInPatientCompartment } from './compartment.ts'
export {
  type DateCriterion,
  formatSearch,
  matchesSearch,
  parseSearch,
  SEARCHABLE_TYPES,
  searchParametersOf,
  type SearchShape,
  type TokenCriterion,
} from './search.ts'
export { buildDisclosure, type DisclosureInput, formatDisclosure } from './audit-event.ts'
export { operationOutcome, type OutcomeName, OUTCOMES } from './outcome.ts'
export { limitedSearchset, type SearchsetPage, unlimitedSearchset } from './bundle.ts'
export { stripForRelease } from './strip.ts'
export { type Asker } from './consent/actors.ts'
export { type ConsentCase, parseConsentCase } from './consent/case.ts'
export { CASE_REASONS, type CaseDecision, type CaseReason, checkResource, decideCase, prepareCase, type PreparedCase } from './consent/decide-case.ts'
export { type ConsentEnvelope, exportConsent } from './consent/export-consent.ts'
export { importConsent, type ImportedGrant, type ImportOptions, type Profile, standingOf } from './consent/import-consent.ts'
export { createWorld, identifiersOf, type World } from './consent/world.ts'
export { residualToken, type TokenAnswer } from './consent/residual-token.ts'
export { type CaseExplanation, explainCase, type ResourceExplanation, type RuleExplanation } from './consent/explain-case.ts'
export { ELEMENT_FUNCTIONS as FHIRPATH_ELEMENT_FUNCTIONS, VARIABLES as FHIRPATH_VARIABLES } from './views/fhirpath/compile.ts'
export { FUNCTIONS as FHIRPATH_FUNCTIONS } from './views/fhirpath/functions.ts'
export { OPERATORS as FHIRPATH_OPERATORS } from './views/fhirpath/operators.ts'
export { VIEW_ERRORS, ViewError, type ViewErrorCode } from './views/errors.ts'
export { type OutputColumn } from './views/compile-view.ts'
export { resourcesIn } from './views/resources-in.ts'
export { type Placed, prepareView, type Row, runView, type View } from './views/run-view.ts'
