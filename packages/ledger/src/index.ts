/** `@fiducia/ledger`: the deterministic state machine. (state, block) -> (state, results), without I/O, clock or randomness. Pure. */
export * from './types.ts'
export * from './limits.ts'
export { LOG_FAULTS, LogFault, type LogFaultCode, REFUSALS, type Refusal, type RefusalCode } from './refusals.ts'
export * from './derivations.ts'
export { isMonthStart, monthStart, nextMonthStart } from './months.ts'
export {
  assembleTransaction,
  buildTransaction,
  decodeTransaction,
  judgeEnvelope,
  signTransactionPart,
  signTransactionPartBy,
  type TransactionPayload,
  type TransactionSignature,
  transactionSignedBytes,
} from './transaction.ts'
export { judgeSignatures } from './signers.ts'
export { type At, apply, judgeTransaction } from './apply.ts'
export { InvariantError } from './invariants.ts'
export { encodeGenesis, initialState, parseGenesis } from './genesis.ts'
export { encodeRecord, indexOfTree, stateFrom } from './state.ts'
export * from './log-entries.ts'
export { LedgerReplay, type ReplayedBlock, type ReplayOptions } from './replay.ts'
export * from './link.ts'
export { type AckVerdict, checkAck } from './ack.ts'
export {
  formatLogKey,
  groupOf,
  isLiveLogKey,
  keyRecord,
  keyRecord as key,
  keysOf,
  ledgerVerifierKeys,
  logKeyOf,
  logVerifierKey,
  type Member,
  member,
  members,
  quorumOfGroups,
  type RegisteredKey,
  rules,
  trust,
  validKey,
  validKeysOf,
  witnessKeys,
} from './modules/membership/queries.ts'
export { parseTrust } from './modules/membership/codec.ts'
export { genesisTrust } from './modules/membership/transitions.ts'
export { bodiesOf, type CountsAs, effectiveHead, headCountsAs, relationship } from './modules/policy/queries.ts'
export { parseHead, parseRecovery } from './modules/policy/codec.ts'
export {
  batch,
  batches,
  batchesBy,
  batchQuorum,
  type BatchStatus,
  batchStatus,
  contest,
  contests,
  contestStatus,
  holdersOf,
  merit,
  misses,
  type OfferedBatch,
  type OpenedContest,
  reliability,
  roleKey,
  roleRecord,
  type RoleStatus,
  roleStatus,
} from './modules/directory/queries.ts'
export { parseRoleOpening, parseRoleRecord } from './modules/directory/codec.ts'
export {
  accessLog,
  accessLogKey,
  accessLogsOf,
  answer,
  dispute,
  type FiledDispute,
  isAnswered,
  openDisputes,
  type OpenedAccessLog,
  publicFlags,
} from './modules/access/queries.ts'
export { parseAccessLogRecord, parseDisputeRecord } from './modules/access/codec.ts'
export { ballot, ballotKey, isApproved, openedSums, roundKey, runKey, study, studyKey, studyRound, studyRun } from './modules/study/queries.ts'
