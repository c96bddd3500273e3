/** `@fiducia/proofs`: checkpoints and their quorum, tiles, leaves, receipts, bundles and the offline verifier. Pure. */
export * from './types.ts'
export * from './limits.ts'
export { createHashLog, type HashLog } from './hash-log.ts'
export * from './tiles.ts'
export * from './findings.ts'
export * from './trust-policy.ts'
export * from './cosigned.ts'
export * from './tlog-proof.ts'
export * from './leaf.ts'
export * from './tags.ts'
export * from './tag-map.ts'
export * from './batch.ts'
export { createLogAudit, type LogAudit } from './audit/leaves.ts'
export { AUDIT_FINDINGS, type AuditFinding, type AuditFindingCode } from './audit/findings.ts'
export { type AuditPorts, type AuditReport, auditNetwork } from './audit/network.ts'
export { type Get, readEntries } from './audit/source.ts'
export * from './sealed-copy.ts'
export * from './relationship-keys.ts'
export * from './disclosure.ts'
export { decisionJson, formatDecisionRecord, parseDecisionRecord, readDecisionRecord } from './decision-record.ts'
export * from './witness.ts'
export { formatRecord, type NamedHead, parseNamedHead, parseProvenHead } from './records.ts'
export { buildReceipt, type OpenedExtra, openExtra, parseReceipt, type ReceiptParts } from './receipt.ts'
export * from './check-receipt.ts'
export { drawPlaces, placeIn } from './sample/draw.ts'
export { figuresOf, intervalOf, type SampleFigures } from './sample/figures.ts'
export { makeSample, type SampleRequest, type SampleSource } from './sample/make.ts'
export { parseShownLine, type ShownLine } from './sample/parse-line.ts'
export {
  parseSamplePack,
  type PlacedLine,
  type SampledStatement,
  type SamplePack,
  samplePackJson,
  type SampleSignature,
  sampleSigned,
  type ShownBatches,
} from './sample/pack.ts'
export type { ResearchKey, ShownRound, StudyKeys } from './study/keys.ts'
export { modelHashOf, parseStudyPack, type Proven, resultHashOf, studyIdOf, type StudyPack } from './study/pack.ts'
export { CHECKS, type CheckName } from './checks.ts'
export * from './bundles/build.ts'
export * from './bundles/fraud.ts'
export { bundleOf, type OpenedPolicy, trustFiles, type TrustStep } from './bundles/files.ts'
export { readArchive } from './bundles/archive.ts'
export { type BundleCount, countBundle, isArchiveName, toBundle } from './bundles/collect.ts'
export { kindOf, verifyBundle, type VerifyOptions } from './verify/bundle.ts'
export { type Described, type DescribedCheck, describeVerification, formatVerification, type Section } from './verify/describe.ts'
export { ENTRY_MISSING, verifyTlogProofFile } from './verify/tlog-proof-file.ts'
export { readTrustInput, readTrustText, type Trust, trustIn, type TrustInput } from './verify/trust.ts'
