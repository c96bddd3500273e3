import { CompactRange, equalBytes, leafHash, ledgerOrigin, type StateEntry } from '@fiducia/core'
import {
  appHashOf,
  decodeBlockEntry,
  encodeBlockEntry,
  encodeGenesisEntry,
  indexOfTree,
  initialState,
  type LedgerState,
  type LogPosition,
  parseGenesis,
  stateFrom,
} from '@fiducia/ledger'
import { createHashLog, type HashLog, readTile } from '@fiducia/proofs'
import { EngineError } from './errors.ts'
import { KEPT_HEIGHTS, REBUILT_STATES, RECENT_STATES } from './limits.ts'
import type { BlockEntry, Ledger, LedgerLog } from './port.ts'
import type { BlockRow, LedgerStore, StoredBlock } from './store.ts'

/**
 * One copy of the ledger: the log as a hash tree, the newest state, and the way back to older ones. The operator's engine
 * and every follower read and grow it in the same way; only who decides what comes next differs.
 *
 * The newest states are kept in memory, where they share all that did not change. An older one is the newest with every
 * later change undone; its root is compared with the block's entry before it is given out.
 */
export interface Replica extends Ledger, Disposable {
  readonly genesis: Uint8Array
  /** H(D("app") ‖ u64 size ‖ log root) of the last block end. */
  appHash(): Uint8Array
  /** What the app hash would be after these entries. */
  appHashAfter(entries: readonly Uint8Array[]): Uint8Array
  /** The log's tree so far, to be grown on its own. */
  range(): CompactRange
  /** Stores the blocks in one step, then takes them over and tells listeners. Throws and stays as it was when storing fails. */
  append(blocks: readonly GrownBlock[]): void
  /** Where a replay of the log goes on. */
  position(): LogPosition
}

export interface GrownBlock {
  readonly state: LedgerState
  /** All entries of the block, its 0x02 last. */
  readonly entries: readonly Uint8Array[]
  /** State keys that changed. */
  readonly changed: readonly string[]
}

export interface ReplicaOptions {
  readonly store: LedgerStore
  readonly genesis: Uint8Array
}

/** Opens what the store holds, or begins a new ledger in an empty one. */
export function openReplica({ store, genesis }: ReplicaOptions): Replica {
  const first = initialState(parseGenesis(genesis))
  if (store.blocks().length === 0) store.append([openingBlock(first, genesis)])
  const blocks = [...store.blocks()]
  return new StoredReplica({ store, genesis, blocks, tip: loadState(store, first, { genesis, blocks }) })
}

interface Opened extends ReplicaOptions {
  readonly blocks: BlockRow[]
  readonly tip: LedgerState
}

class StoredReplica implements Replica {
  readonly net: Replica['net']
  readonly genesis: Uint8Array
  readonly log: LedgerLog
  readonly #store: LedgerStore
  readonly #blocks: BlockRow[]
  readonly #hashes = createHashLog()
  readonly #range = new CompactRange()
  readonly #recent = new Map<number, LedgerState>()
  readonly #rebuilt = new Map<number, LedgerState>()
  readonly #listeners = new Set<(block: BlockEntry) => void>()
  #tip: LedgerState

  constructor({ store, genesis, blocks, tip }: Opened) {
    this.net = tip.net
    this.genesis = genesis
    this.#store = store
    this.#blocks = blocks
    this.#tip = tip
    this.#recent.set(tip.height, tip)
    for (const entry of storedEntries(store)) this.#grow(entry)
    this.log = logOf(this.net, this.#hashes, store)
  }

  #grow(entry: Uint8Array): void {
    const hash = leafHash(entry)
    this.#hashes.append(hash)
    this.#range.append(hash)
  }

  tip(): LedgerState {
    return this.#tip
  }

  stateAt(height: number): LedgerState | undefined {
    const row = height < 0 ? undefined : lastAtOrBelow(this.#blocks, height)
    if (row === undefined) return undefined
    const known = this.#recent.get(row.height) ?? this.#rebuilt.get(row.height)
    if (known !== undefined || row.height < this.#tip.height - KEPT_HEIGHTS) return known
    const state = undoTo(this.#tip, this.#store.changedAfter(row.height), this.#entryOf(row))
    keep(this.#rebuilt, row.height, state, REBUILT_STATES)
    return state
  }

  #entryOf(row: BlockRow): BlockEntry {
    const [entry] = this.#store.entries(row.index, row.index + 1)
    if (entry === undefined) throw new EngineError('STORE_DAMAGED', `expected a block entry at ${row.index}`)
    return { ...row, entry }
  }

  block(height: number = Number.MAX_SAFE_INTEGER): BlockEntry {
    return this.#entryOf(lastAtOrBelow(this.#blocks, height) ?? firstOf(this.#blocks))
  }

  blockAtSize(size: number): BlockEntry | undefined {
    const row = blockEndingAt(this.#blocks, size)
    return row === undefined ? undefined : this.#entryOf(row)
  }

  heightsOf(key: string): readonly number[] {
    return this.#store.heightsOf(key)
  }

  onBlock(listener: (block: BlockEntry) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  appHash(): Uint8Array {
    return appHashOf(this.#range.size, this.#range.root())
  }

  appHashAfter(entries: readonly Uint8Array[]): Uint8Array {
    const after = this.#range.copy()
    for (const entry of entries) after.append(leafHash(entry))
    return appHashOf(after.size, after.root())
  }

  range(): CompactRange {
    return this.#range.copy()
  }

  append(grown: readonly GrownBlock[]): void {
    if (grown.length === 0) return
    const stored = storedBlocks(grown, this.#hashes.size)
    this.#store.append(stored)
    grown.forEach(({ state, entries }) => {
      for (const entry of entries) this.#grow(entry)
      this.#blocks.push({ height: state.height, time: state.time, index: this.#hashes.size - 1 })
      this.#tip = state
      keep(this.#recent, state.height, state, RECENT_STATES)
    })
    for (const block of this.#blocks.slice(-grown.length)) this.#tell(this.#entryOf(block))
  }

  /** The block stands whatever a listener does: its failure surfaces on its own. */
  #tell(block: BlockEntry): void {
    for (const listener of this.#listeners) {
      try {
        listener(block)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  position(): LogPosition {
    return { size: this.#hashes.size, height: this.#tip.height, time: this.#tip.time, expects: 'block', transactions: 0 }
  }

  [Symbol.dispose](): void {
    this.#store[Symbol.dispose]()
  }
}

const logOf = (net: Replica['net'], hashes: HashLog, store: LedgerStore): LedgerLog => ({
  origin: ledgerOrigin(net),
  size: () => hashes.size,
  root: (size) => hashes.root(size),
  entries: (from, to) => store.entries(from, Math.min(to, hashes.size)),
  inclusion: (index, size) => hashes.inclusion(index, size),
  consistency: (oldSize, size) => hashes.consistency(oldSize, size),
  tile: (path) => readTile(path, hashes, (from, to) => store.entries(from, to)),
})

function openingBlock(first: LedgerState, genesis: Uint8Array): StoredBlock {
  const entry = encodeBlockEntry({ height: 0, time: first.time, stateRoot: first.tree.root, count: 0 })
  return { height: 0, time: first.time, index: 1, entries: [encodeGenesisEntry(genesis), entry], changes: [...first.tree.entries()] }
}

const LOAD_STEP = 4096

function* storedEntries(store: LedgerStore): Generator<Uint8Array> {
  const size = store.size()
  for (let from = 0; from < size; from += LOAD_STEP) yield* store.entries(from, Math.min(from + LOAD_STEP, size))
}

/** The newest state, compared with the root in the last block entry. */
function loadState(store: LedgerStore, first: LedgerState, expected: { readonly genesis: Uint8Array; readonly blocks: readonly BlockRow[] }): LedgerState {
  const [begin] = store.entries(0, 1)
  if (begin === undefined || !equalBytes(begin, encodeGenesisEntry(expected.genesis))) {
    throw new EngineError(
      'STORE_OTHER_GENESIS',
      'the directory holds the ledger of another genesis; choose another directory, or the genesis that it was made with',
    )
  }
  const last = lastOf(expected.blocks)
  if (last.index !== store.size() - 1) throw new EngineError('STORE_DAMAGED', 'the ledger file does not end with a block; run `fiducia fsck`, then follow anew')
  const [entry] = store.entries(last.index, last.index + 1)
  const state = stateFrom({ net: first.net, height: last.height, time: last.time }, store.newestState())
  if (entry === undefined || !equalBytes(decodeBlockEntry(entry).stateRoot, state.tree.root)) {
    throw new EngineError('STORE_DAMAGED', `the stored state is not that of height ${last.height}; run \`fiducia fsck\`, then follow anew`)
  }
  return state
}

/** The state before all later changes, checked against the root in the block's entry. */
function undoTo(tip: LedgerState, changes: readonly { readonly key: string; readonly value: string | undefined }[], block: BlockEntry): LedgerState {
  let { tree } = tip
  for (const { key, value } of changes) tree = value === undefined ? tree.delete(key) : tree.set(key, value)
  if (!equalBytes(tree.root, decodeBlockEntry(block.entry).stateRoot))
    throw new EngineError('STORE_DAMAGED', `the stored versions do not give the state of height ${block.height}`)
  const listed = changes.some(({ key }) => !key.startsWith('rel/') && !key.startsWith('role/') && !key.startsWith('alog/'))
  return { net: tip.net, height: block.height, time: block.time, tree, index: listed ? indexOfTree(tree) : tip.index }
}

function storedBlocks(grown: readonly GrownBlock[], size: number): readonly StoredBlock[] {
  let next = size
  return grown.map(({ state, entries, changed }) => {
    next += entries.length
    const changes: StateEntry[] = [...new Set(changed)].map((key) => ({ key, value: state.tree.get(key) ?? '' }))
    return { height: state.height, time: state.time, index: next - 1, entries, changes }
  })
}

function keep(states: Map<number, LedgerState>, height: number, state: LedgerState, max: number): void {
  const oldest = states.size >= max ? states.keys().next().value : undefined
  if (oldest !== undefined) states.delete(oldest)
  states.set(height, state)
}

const missing = (): never => {
  throw new EngineError('STORE_DAMAGED', 'the ledger file holds no block')
}
const firstOf = (blocks: readonly BlockRow[]): BlockRow => blocks[0] ?? missing()
const lastOf = (blocks: readonly BlockRow[]): BlockRow => blocks.at(-1) ?? missing()

/** The last row for which `holds` is true; rows for which it holds stand first. */
function lastWhere(blocks: readonly BlockRow[], holds: (row: BlockRow) => boolean): BlockRow | undefined {
  let [low, high] = [0, blocks.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const row = blocks[middle]
    if (row !== undefined && holds(row)) low = middle + 1
    else high = middle
  }
  return blocks[low - 1]
}

const lastAtOrBelow = (blocks: readonly BlockRow[], height: number): BlockRow | undefined => lastWhere(blocks, (row) => row.height <= height)

function blockEndingAt(blocks: readonly BlockRow[], size: number): BlockRow | undefined {
  const row = lastWhere(blocks, ({ index }) => index < size)
  return row?.index === size - 1 ? row : undefined
}
