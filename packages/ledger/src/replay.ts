import { equalBytes, verifySignature } from '@fiducia/core'
import { apply } from './apply.ts'
import { InvariantError } from './invariants.ts'
import { APP_VERSION } from './limits.ts'
import { advanceLog, type BlockEndEntry, decodeAt, isBlockEnd, LOG_START, type LogPosition } from './log-entries.ts'
import { LogFault } from './refusals.ts'
import type { LedgerState, TransactionResult, VerifySignature } from './types.ts'

/**
 * Replaying a log: whoever has the entries has the state. Each transaction is judged again, and after each block the state
 * root must be the one in its entry. A log that fails anywhere is refused as a whole: the replay stays where it was.
 */

export interface ReplayedBlock {
  readonly block: BlockEndEntry
  /** Of the block's entry in the log. */
  readonly index: number
  readonly entry: Uint8Array
  readonly state: LedgerState
  readonly results: readonly TransactionResult[]
}

export interface ReplayOptions {
  /** The state that a genesis entry with this hash begins (`previous`: the state before a relaunch); undefined when it is not known. */
  readonly begin: (hash: Uint8Array, previous: LedgerState | undefined) => LedgerState | undefined
  readonly verify?: VerifySignature
  /** Where to go on, for a log of which the beginning has been replayed before. */
  readonly from?: { readonly position: LogPosition; readonly state: LedgerState }
}

/** Reads entries one by one; a block's results come with its last entry. After a `LogFault` it takes no more entries. */
export class LedgerReplay {
  readonly #options: ReplayOptions
  #position: LogPosition
  #state: LedgerState | undefined
  #waiting: Uint8Array[] = []

  constructor(options: ReplayOptions) {
    this.#options = options
    this.#position = options.from?.position ?? LOG_START
    this.#state = options.from?.state
  }

  get position(): LogPosition {
    return this.#position
  }

  get atBlockEnd(): boolean {
    return isBlockEnd(this.#position)
  }

  /** Undefined before the first genesis entry. */
  get state(): LedgerState | undefined {
    return this.#state
  }

  /** Throws `LogFault`; the index is that of this entry. */
  push(bytes: Uint8Array): ReplayedBlock | undefined {
    const index = this.#position.size
    const entry = decodeAt(bytes, index)
    const opening = this.#position.expects === 'opening'
    const position = advanceLog(this.#position, entry)
    let replayed: ReplayedBlock | undefined
    switch (entry.kind) {
      case 'genesis':
        this.#state = this.#begin(entry.hash, index)
        break
      case 'transaction':
        this.#waiting.push(entry.wire)
        break
      case 'block':
        replayed = { block: entry, index, entry: bytes, ...this.#close(entry, index, opening) }
        this.#state = replayed.state
        this.#waiting = []
    }
    this.#position = position
    return replayed
  }

  #begin(hash: Uint8Array, index: number): LedgerState {
    const state = this.#options.begin(hash, this.#state)
    if (state === undefined) throw new LogFault('LOG_GENESIS', index, 'expected the hash of a genesis that is known here')
    return state
  }

  #close(entry: BlockEndEntry, index: number, opening: boolean): { readonly state: LedgerState; readonly results: readonly TransactionResult[] } {
    if (this.#state === undefined) throw new LogFault('LOG_GENESIS', index)
    if (entry.appVersion !== APP_VERSION)
      throw new LogFault('LOG_APP_VERSION', index, `expected version ${APP_VERSION} of the rules, found ${entry.appVersion}`)
    const { state, results } = opening ? { state: openAt(this.#state, entry, index), results: [] } : this.#apply(this.#state, entry, index)
    if (!equalBytes(state.tree.root, entry.stateRoot)) throw new LogFault('LOG_STATE', index)
    return { state, results }
  }

  #apply(before: LedgerState, entry: BlockEndEntry, index: number): { readonly state: LedgerState; readonly results: readonly TransactionResult[] } {
    const { state, results } = applyOrFault(
      before,
      { height: entry.height, time: entry.time, transactions: this.#waiting },
      this.#options.verify ?? verifySignature,
      index,
    )
    const refused = results.findIndex((result) => !result.accepted)
    const result = results[refused]
    if (result !== undefined && !result.accepted)
      throw new LogFault('LOG_REFUSED', index - results.length + refused, `the rules refuse this transaction: ${result.code}`)
    return { state, results }
  }
}

/** A genesis starts at its own time; a relaunch goes on at a height and time that its entry names. */
function openAt(state: LedgerState, entry: BlockEndEntry, index: number): LedgerState {
  if (entry.time < state.time) throw new LogFault('LOG_TIME', index, `expected a time of at least ${state.time}, found ${entry.time}`)
  return { ...state, height: entry.height, time: entry.time }
}

function applyOrFault(state: LedgerState, block: Parameters<typeof apply>[1], verify: VerifySignature, index: number): ReturnType<typeof apply> {
  try {
    return apply(state, block, verify)
  } catch (error) {
    if (error instanceof InvariantError) throw new LogFault('LOG_HEIGHT', index, error.message)
    throw error
  }
}
