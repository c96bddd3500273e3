/** `@fiducia/node`: one member's node. `openNode` starts it; everything it serves is under `services`. */
export { ConfigError, isWitnessConfig, loadConfig, loadWitnessConfig, type MemberConfig, type NodeConfig, type WitnessConfig } from './config.ts'
export { type FiduciaNode, type NodePorts, openNode } from './node.ts'
export type { Server } from './http/routes.ts'
export { openWitnessNode, type WitnessNode } from './witness-node.ts'
export { type Finding, fsckNode, type NodeFsck } from './fsck.ts'
export { heldNotes } from './audit/held-notes.ts'
export { runAudit, type WrittenReport } from './audit/run-audit.ts'
export { KEY_ERRORS, KeyError, type KeyErrorCode } from './keys/errors.ts'
export type { ListedKey } from './keys/desk.ts'
export { type Changed, isKeyRole, type KeyOperator, openKeyOperator } from './keys/operator.ts'
export { openDatabase } from './store/database.ts'
export { abandonLoad, approveLoad, type Decision, rejectLoad } from './directory/decisions.ts'
export { type ErasedProvider, type ErasureResult, eraseProvider, listErasures } from './directory/erase.ts'
export { requestSample } from './directory/evidence-request.ts'
export { fsckDirectory } from './directory/fsck.ts'
export { LOAD_ERRORS, LoadError, type LoadErrorCode } from './directory/errors.ts'
export { furtherExceptions } from './directory/exceptions.ts'
export { type LoadPorts, type LoadProgress, type LoadRequest, type LoadResult, type Rejection, runLoad } from './directory/load.ts'
export { listLoads, LOAD_FORMATS, type LoadFormat, type LoadRecord, type LoadState, type LoadTerms } from './directory/loads.ts'
export { openReaders } from './directory/open-readers.ts'
export { hasLedger, ledgerAtHeight, missingOf, newestJudged } from './directory/known-ledger.ts'
export {
  allSubjects,
  attestationsIn,
  attestationsOf,
  attesters,
  countSaidBy,
  searchSubjects,
  subjectNumber,
  subjectsAround,
  subjectsEverNaming,
  subjectsOfNpi,
  subjectsSaidBy,
} from './directory/query.ts'
export { directoryFiles, openDirectory, openExistingDirectory } from './directory/store.ts'
export { type ContestOperator, openContestOperator, type ShownContest } from './directory/contests.ts'
export { checkVoice } from './directory/speech.ts'
export { roleSubjectOf } from './directory/role-word.ts'
export { type NodeFiles, nodeFiles } from './node-files.ts'
export { type BuiltInSilo, type SiloResource, startBuiltInSilo } from './silo/built-in.ts'
export { readVerifierPage } from './http/page-routes.ts'
export { createLogger, type Logger, silentLogger } from './logger.ts'
export { NODE_FAILURES, NodeFailure, type NodeFailureCode } from './failures.ts'
export type { AccessQuestion, Practitioner, Received } from './requester/exchange.ts'
export type { Interaction } from './gateway/access-request.ts'
export { GATE_REFUSALS, type GateRefusal } from './gateway/gates.ts'
export { type Answer, httpTransport, type Message, type Transport } from './peers/transport.ts'
export { hashAuthorizationDetails } from './peers/assertion.ts'
export { parseAuthorizationDetails } from './gateway/access-request.ts'
export { proveHead } from './gateway/evidence.ts'
export { DETAILS_HEADER, FIDUCIA_MEDIA_TYPE } from './requester/exchange.ts'
export { NETWORK_ERRORS, NetworkError, type NetworkErrorCode } from './network/errors.ts'
export { createNetwork, networkFolder, writeNetwork } from './network/folder.ts'
export { exportNetwork, type LedgerFigures } from './network/export.ts'
export { importNetwork } from './network/import.ts'
export { type KeyTexts, keyNamesOf, makeKeys } from './network/key-files.ts'
export { parseManifest } from './network/manifest.ts'
export { isRunning, lockNetwork, type NetworkOnDisk, readNetwork, stopNetwork } from './network/running.ts'
export { type MemberStatus, type NetworkStatus, networkStatus } from './network/status.ts'
export { parseGenesis } from '@fiducia/ledger'
export { groupsOf, isRemote, type NetworkPlan, type PlannedMember, quorumOf, warningsOf } from './network/plan.ts'
