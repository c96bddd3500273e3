/**
 * `@fiducia/directory`: facts about providers that many members attest (subjects, statements, fields), what their words come to
 * (resolution), how files become facts (importing), and which records of two organizations may be one (linkage). Pure.
 */
export { DIRECTORY_ERRORS, DirectoryError, type DirectoryErrorCode } from './errors.ts'
export { type FieldPolicy, FIELDS, fieldPolicy, type NormalizerId, parseFieldName, POLICY_VERSION } from './facts/fields.ts'
export { checkDigitOf, isNpi } from './facts/npi.ts'
export { MAX_BATCH_LEAVES, MAX_STATEMENT_BYTES } from './limits.ts'
export {
  type BatchLine,
  batchRoot,
  decodeLine,
  encodeLine,
  lineCommitment,
  type OpenLine,
  parseStatement,
  statementCommitment,
  textCommitment,
} from './facts/statement.ts'
export {
  endpointSubject,
  identifierSubject,
  locationSubject,
  MEMBER_SYSTEM,
  memberSubject,
  type NormalizedAddress,
  npiOf,
  npiSubject,
  parseSubjectKey,
  participationSubject,
  roleSubject,
  subjectKind,
} from './facts/subjects.ts'
export {
  type Attestation,
  BASES,
  type Basis,
  type FieldName,
  type Operation,
  OPERATIONS,
  type Statement,
  SUBJECT_KINDS,
  type SubjectKey,
  type SubjectKind,
} from './facts/types.ts'
export { createFhirReader, type FhirOptions } from './importing/fhir.ts'
export { type FindingCode, FINDINGS } from './importing/findings.ts'
export { createCsvReader, type CsvOptions } from './importing/mapped-csv.ts'
export { mappedFields, parseMapping } from './importing/mapping.ts'
export { createNppesReader, isMainFile, type NppesOptions } from './importing/nppes.ts'
export { type CollectorOptions, createReferenceCollector, type ReferenceCollector } from './importing/references.ts'
export { REASON, reasonColumn } from './importing/row-reader.ts'
export type {
  AcceptedRecord,
  ColumnMapping,
  FileReader,
  Finding,
  ImportedRecord,
  KindOf,
  OtherNameOf,
  ReferenceIndex,
  RejectedRecord,
  SubjectFacts,
} from './importing/types.ts'
export { agreeFields, type AgreedFields, type Field } from './linkage/agree.ts'
export { type ColumnDescription, describeColumns } from './linkage/columns.ts'
export { encodeRecords, type EncodedRecords, type OwnRecords } from './linkage/encode.ts'
export { suggestLinks, type SuggestedLink, type SuggestedLinks, type SuggestOptions } from './linkage/suggest.ts'
export { normalizerName, NORMALIZERS } from './normalize/normalizers.ts'
export type { Normalizer } from './normalize/types.ts'
export { type CsvTable, parseCsv } from './reading/csv-table.ts'
export { createResourceSplitter } from './reading/resource-splitter.ts'
export { compareWithOthers, type FieldComparison, type OthersWord } from './resolve/compare-with-others.ts'
export { resolveField } from './resolve/resolve-field.ts'
export { resolveSubject } from './resolve/resolve-subject.ts'
export {
  createHeaderReader,
  createRosterComparison,
  type DiffOptions,
  type FieldDiff,
  type HeaderReader,
  planDiff,
  type PlannedDiff,
  type RosterComparison,
  type RosterDiff,
  type RosterSide,
} from './rosters/diff.ts'
export {
  DECIDING_RULES,
  type DecidingRule,
  type Dissent,
  FIELD_STATES,
  type FieldState,
  type ResolveContext,
  type ResolvedField,
  type Voice,
} from './resolve/types.ts'
