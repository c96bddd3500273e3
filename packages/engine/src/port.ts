import type { NetworkId } from '@fiducia/core'
import type { BlockResult, LedgerState, TransactionResult } from '@fiducia/ledger'

/**
 * The ports of the ordering layer. `Application` has the shape of ABCI 2.0, so that one application runs under the
 * embedded engine and under CometBFT; `Ledger` is what the rest of a node reads, whoever orders; `Engine` is a ledger one
 * can submit to.
 */

export interface ApplicationInfo {
  readonly height: number
  /** H(D("app") ‖ u64 size ‖ logRoot) of the last committed block end. */
  readonly appHash: Uint8Array
  readonly logSize: number
}

export interface Proposal {
  readonly height: number
  /** Milliseconds. */
  readonly time: number
  readonly transactions: readonly Uint8Array[]
}

export type CheckResult = { readonly ok: true } | { readonly ok: false; readonly code: string; readonly message: string }

/**
 * One replica of the state machine with its log. Calls to the consensus methods come strictly in order; `commit` persists
 * what the last `finalizeBlock` computed, before it resolves; after a crash `info` gives exactly the last committed height.
 */
export interface Application extends AsyncDisposable {
  info(): ApplicationInfo
  /** Verifies signatures off the main thread and remembers the verdicts by wire bytes. Never changes state. */
  checkTx(wire: Uint8Array): Promise<CheckResult>
  /** Leaves out what would be refused, keeps the order, at most `maxBytes`. */
  prepareProposal(proposal: Proposal & { readonly maxBytes: number }): readonly Uint8Array[]
  processProposal(proposal: Proposal): boolean
  finalizeBlock(proposal: Proposal): BlockResult & { readonly appHash: Uint8Array }
  commit(): Promise<void>
  /** Value and state at a height (the last by default), undefined when the height is no longer kept. */
  query(height?: number): LedgerState | undefined
}

/** A closed block as it stands in the log. */
export interface BlockEntry {
  readonly height: number
  readonly time: number
  /** Index of its 0x02 entry; a checkpoint's size is index + 1. */
  readonly index: number
  readonly entry: Uint8Array
}

/** The read side of a replica: the operator's and every follower's. */
export interface Ledger {
  readonly net: NetworkId
  /** After the last block this replica has. */
  tip(): LedgerState
  /** Undefined for a height that this replica does not have or no longer keeps. Heights between blocks belong to the block before. */
  stateAt(height: number): LedgerState | undefined
  /** The last block with an entry at or below the height; the tip's by default. */
  block(height?: number): BlockEntry
  /** The block whose entry is the last of a log of this size, if there is one. */
  blockAtSize(size: number): BlockEntry | undefined
  /** The heights at which a state key was written, ascending. */
  heightsOf(key: string): readonly number[]
  readonly log: LedgerLog
  /** Called after each block is durable; returns the way to stop. */
  onBlock(listener: (block: BlockEntry) => void): () => void
}

/** The entries as an RFC 6962 log, readable as C2SP tiles. */
export interface LedgerLog {
  readonly origin: string
  size(): number
  root(size?: number): Uint8Array
  entries(from: number, to: number): readonly Uint8Array[]
  inclusion(index: number, size: number): readonly Uint8Array[]
  consistency(oldSize: number, size: number): readonly Uint8Array[]
  /** The bytes of a tile path below `tile/` (tlog-tiles), undefined when it lies beyond the log. */
  tile(path: string): Uint8Array | undefined
}

export interface Inclusion {
  readonly height: number
  readonly result: TransactionResult
}

export interface Engine extends Ledger, AsyncDisposable {
  /**
   * Resolves once the transaction is durable in a block (or was refused). Safe to repeat: a repeated transaction that
   * already stands is refused by its own guard.
   */
  submit(wire: Uint8Array): Promise<Inclusion>
  /** The last block end, signed with every ledger key that is valid and at hand: text of a note without cosignatures. */
  checkpoint(): Promise<string>
}

/** Where a follower gets entries and checkpoints from: the operator over HTTP, or a function in tests. */
export interface LedgerSource {
  /** The operator's newest signed checkpoint (a note). */
  checkpoint(): Promise<string>
  tile(path: string): Promise<Uint8Array | undefined>
  genesis(): Promise<Uint8Array>
}

/** Wall clock in milliseconds, as an argument everywhere. */
export interface Clock {
  now(): number
}
