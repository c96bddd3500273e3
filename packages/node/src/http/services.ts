import type { Silo } from '../gateway/silo.ts'
import type { Release } from '../gateway/release.ts'
import type { AccessLog } from '../access-log/access-log.ts'
import type { OwnLogs } from '../access-log/own-logs.ts'
import type { AccessCheckpoints } from '../jobs/access-checkpoints.ts'
import type { Disputes } from '../jobs/disputes.ts'
import type { NodeContext } from '../node-context.ts'
import type { Custody } from '../custody/custody.ts'
import type { CosignedHeads } from '../peers/cosigned-head.ts'
import type { HandOn } from '../peers/hand-on.ts'
import type { Mirrors } from '../peers/mirrors.ts'
import type { Witness } from '../peers/witness.ts'
import type { Holder } from '../relationships/holder.ts'
import type { Links } from '../relationships/links.ts'
import type { Locks } from '../relationships/locks.ts'
import type { PolicyVersions } from '../relationships/policy-versions.ts'
import type { Attestations } from '../directory/attestations.ts'
import type { BatchExchange } from '../directory/batch-exchange.ts'
import type { DirectoryEvidence } from '../directory/evidence.ts'
import type { Contradictions } from '../evidence/contradictions.ts'
import type { Erasure } from '../erasure/erasure.ts'
import type { Retention } from '../erasure/retention.ts'
import type { PatientEvidence } from '../evidence/patient-evidence.ts'
import type { TrustChain } from '../evidence/trust-chain.ts'
import type { Exchange } from '../requester/exchange.ts'
import type { KeptReceipts } from '../requester/kept-receipts.ts'
import type { UsedTokens } from '../store/tokens.ts'

/** What the routes call. Made once at start. */
export interface NodeServices {
  readonly context: NodeContext
  readonly genesis: Uint8Array
  readonly heads: CosignedHeads
  readonly handOn: HandOn
  readonly witness: Witness
  /** The access log that is written now. */
  readonly log: AccessLog
  /** Every access log of the organization, the frozen ones too. */
  readonly logs: OwnLogs
  readonly mirrors: Mirrors
  readonly contradictions: Contradictions
  readonly checkpoints: AccessCheckpoints
  readonly holder: Holder
  readonly policies: PolicyVersions
  readonly locks: Locks
  readonly links: Links
  readonly exchange: Exchange
  readonly kept: KeptReceipts
  readonly evidence: PatientEvidence
  readonly chain: TrustChain
  readonly attestations: Attestations
  /** Batches of statements about providers, among the members. */
  readonly batches: BatchExchange
  /** Samples of the own batches, for auditors. */
  readonly directoryEvidence: DirectoryEvidence
  readonly release: Release
  readonly disputes: Disputes
  readonly erasure: Erasure
  readonly retention: Retention
  /** Undefined at a member that is no key custodian. */
  readonly custody: Custody | undefined
  readonly silo: Silo
  readonly tokens: UsedTokens
  /** The newest checkpoint that the ledger's operator signed and this replica has; a note. */
  readonly ledgerTip: () => Promise<string>
}

/** What the routes call that every member has, also one that only witnesses. */
export interface WitnessServices
  extends Pick<NodeServices, 'context' | 'genesis' | 'heads' | 'handOn' | 'witness' | 'mirrors' | 'contradictions' | 'chain' | 'ledgerTip'> {
  readonly kept: Pick<KeptReceipts, 'openNotesOf'>
}
