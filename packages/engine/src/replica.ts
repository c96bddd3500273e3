import { CompactRange, equalBytes, leafHash, ledgerOrigin, type StateEntry } from '@fiducia/core'
import {
  appHashOf, decodeBlockEntry, encodeBlockEntry, encodeGenesisEntry, indexOfTree, initialState, type LedgerState, type LogPosition, parseGenesis, stateFrom,
} from '@fiducia/ledger'
import { createHashLog, readTile } from '@fiducia/proofs'
import { EngineError } from './errors.ts'
import { KEPT_HEIGHTS, REBUILT_STATES, RECENT_STATES } from './limits.ts'
import type { BlockEntry, Ledger } from './port.ts'
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
  const stored = store.blocks()
  if (stored.length === 0) store.append([openingBlock(first, genesis)])
  const blocks = [...store.blocks()]
  const hashes = createHashLog()
  const range = new CompactRange()
  const grow = (entry: Uint8Array) => {
    const hash = leafHash(entry)
    hashes.append(hash)
    range.append(hash)
  }
  loadEntries(store, grow)
  let tip = loadState(store, first, { genesis, blocks })
  const recent = new Map<number, LedgerState>([[lastOf(blocks).height, tip]])
  const rebuilt = new Map<number, LedgerState>()
  const listeners = new Set<(block: BlockEntry) => void>()

  const entryOf = (row: BlockRow): BlockEntry => {
    const [entry] = store.entries(row.index, row.index + 1)
    if (entry === undefined) throw new EngineError('STORE_DAMAGED', `expected a block entry at ${row.index}`)
    return { ...row, entry }
  }

  const stateOf = (row: BlockRow): LedgerState | undefined => {
    const known = recent.get(row.height) ?? rebuilt.get(row.height)
    if (known !== undefined) return known
    if (row.height < tip.height - KEPT_HEIGHTS) return undefined
    const state = undoTo(tip, store.changedAfter(row.height), entryOf(row))
    keep(rebuilt, row.height, state, REBUILT_STATES)
    return state
  }

  const takeOver = ({ state, entries }: GrownBlock, row: BlockRow): void => {
    entries.forEach(grow)
    blocks.push(row)
    tip = state
    keep(recent, state.height, state, RECENT_STATES)
  }

  return {
    net: first.net,
    genesis,
    tip: () => tip,
    stateAt(height) {
      const row = height < 0 ? undefined : lastAtOrBelow(blocks, height)
      return row === undefined ? undefined : stateOf(row)
    },
    block: (height = Number.MAX_SAFE_INTEGER) => entryOf(lastAtOrBelow(blocks, height) ?? firstOf(blocks)),
    blockAtSize(size) {
      const row = blockEndingAt(blocks, size)
      return row === undefined ? undefined : entryOf(row)
    },
    log: {
      origin: ledgerOrigin(first.net),
      size: () => hashes.size,
      root: (size) => hashes.root(size),
      entries: (from, to) => store.entries(from, Math.min(to, hashes.size)),
      inclusion: (index, size) => hashes.inclusion(index, size),
      consistency: (oldSize, size) => hashes.consistency(oldSize, size),
      tile: (path) => readTile(path, hashes, store.entries),
    },
    onBlock(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    appHash: () => appHashOf(range.size, range.root()),
    appHashAfter(entries) {
      const after = range.copy()
      for (const entry of entries) after.append(leafHash(entry))
      return appHashOf(after.size, after.root())
    },
    range: () => range.copy(),
    append(grown) {
      const rows = storedBlocks(grown, hashes.size)
      store.append(rows)
      grown.forEach((block, i) => {
        const { height, time, index } = rows[i] ?? lastOf(blocks)
        takeOver(block, { height, time, index })
      })
      for (const { height, time, index } of rows) for (const listener of [...listeners]) listener(entryOf({ height, time, index }))
    },
    position: () => ({ size: hashes.size, height: tip.height, time: tip.time, expects: 'block', transactions: 0 }),
    [Symbol.dispose]: () => store[Symbol.dispose](),
  }
}

function openingBlock(first: LedgerState, genesis: Uint8Array): StoredBlock {
  const entry = encodeBlockEntry({ height: 0, time: first.time, stateRoot: first.tree.root, count: 0 })
  return { height: 0, time: first.time, index: 1, entries: [encodeGenesisEntry(genesis), entry], changes: [...first.tree.entries()] }
}

const LOAD_STEP = 4096

function loadEntries(store: LedgerStore, grow: (entry: Uint8Array) => void): void {
  const size = store.size()
  for (let from = 0; from < size; from += LOAD_STEP) store.entries(from, Math.min(from + LOAD_STEP, size)).forEach(grow)
}

/** The newest state, compared with the root in the last block entry. */
function loadState(store: LedgerStore, first: LedgerState, expected: { readonly genesis: Uint8Array; readonly blocks: readonly BlockRow[] }): LedgerState {
  const [begin] = store.entries(0, 1)
  if (begin === undefined || !equalBytes(begin, encodeGenesisEntry(expected.genesis))) {
    throw new EngineError('STORE_OTHER_GENESIS', 'the directory holds the ledger of another genesis; choose another directory, or the genesis that it was made with')
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
  if (!equalBytes(tree.root, decodeBlockEntry(block.entry).stateRoot)) throw new EngineError('STORE_DAMAGED', `the stored versions do not give the state of height ${block.height}`)
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
