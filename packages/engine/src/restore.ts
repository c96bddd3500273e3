import { readFileSync } from 'node:fs'
import path from 'node:path'
import { CompactRange, equalBytes, leafHash, sha256 } from '@fiducia/core'
import { appHashOf, decodeBlockEntry, initialState, LedgerReplay, type LedgerState, LogFault, parseGenesis, stateFrom } from '@fiducia/ledger'
import { makeFolderDurably } from './durable-file.ts'
import { LEDGER_FILES, writeGenesis } from './embedded/files.ts'
import { openSqliteStore } from './embedded/sqlite-store.ts'
import { EngineError } from './errors.ts'
import { type GrownBlock, openReplica } from './replica.ts'
import { openSignOnce } from './sign-once.ts'

/** A whole ledger, replayed from its entries: what an export is checked by, and what a new directory is made of. */
export interface ReplayedLedger {
  /** The opening block first. */
  readonly blocks: readonly GrownBlock[]
  readonly state: LedgerState
  readonly size: number
  readonly root: Uint8Array
  readonly appHash: Uint8Array
}

/** Judges every entry again. Throws `LogFault`, with the index of the first that breaks a rule. */
export function replayLedger(genesis: Uint8Array, entries: readonly Uint8Array[]): ReplayedLedger {
  const [first, hash] = [initialState(parseGenesis(genesis)), sha256(genesis)]
  const replay = new LedgerReplay({ begin: (found, previous) => (previous === undefined && equalBytes(found, hash) ? first : undefined) })
  const range = new CompactRange()
  const blocks: GrownBlock[] = []
  let open: Uint8Array[] = []
  for (const entry of entries) {
    range.append(leafHash(entry))
    open.push(entry)
    const block = replay.push(entry)
    if (block === undefined) continue
    blocks.push({ state: block.state, entries: open, changed: block.results.flatMap((result) => (result.accepted ? result.changed : [])) })
    open = []
  }
  const { state, position } = replay
  if (!replay.atBlockEnd || state === undefined) throw new LogFault('LOG_CUT', position.size)
  const root = range.root()
  return { blocks, state, size: range.size, root, appHash: appHashOf(range.size, root) }
}

/** Every entry of a ledger directory; a node may be using it. */
export function readLedgerEntries(dir: string): readonly Uint8Array[] {
  using store = openSqliteStore(path.join(dir, LEDGER_FILES.database), { readOnly: true })
  return store.entries(0, store.size())
}

/**
 * The newest values of the keys that begin with a prefix, as a ledger directory has them stored, without a look at all others: `fiducia fsck`
 * compares them with a replay. A node may be using it.
 */
export function readNewestValues(dir: string, prefix: string): LedgerState {
  using store = openSqliteStore(path.join(dir, LEDGER_FILES.database), { readOnly: true })
  const last = store.blocks().at(-1)
  if (last === undefined) throw new EngineError('STORE_DAMAGED', 'the ledger file holds no block')
  return stateFrom({ net: parseGenesis(readGenesis(dir)).net, height: last.height, time: last.time }, store.newestState({ prefix }))
}

/**
 * The state after the block of a height as a ledger directory has it stored, its root compared with the block's entry; after the last one below
 * where a relaunch left a gap. Undefined for a height that the directory does not have. A node may be using it. Throws `STORE_DAMAGED`.
 */
export function readStateAt(dir: string, height: number): LedgerState | undefined {
  using store = openSqliteStore(path.join(dir, LEDGER_FILES.database), { readOnly: true })
  const blocks = store.blocks()
  const block = blocks.findLast((row) => row.height <= height)
  if (block === undefined || height > (blocks.at(-1)?.height ?? 0)) return undefined
  const { net } = parseGenesis(readGenesis(dir))
  const state = stateFrom({ net, height: block.height, time: block.time }, store.newestState({ height: block.height }))
  const [entry] = store.entries(block.index, block.index + 1)
  if (entry === undefined || !equalBytes(decodeBlockEntry(entry).stateRoot, state.tree.root))
    throw new EngineError('STORE_DAMAGED', `the stored versions do not give the state of height ${block.height}; run \`fiducia fsck\``)
  return state
}

const readGenesis = (dir: string): Uint8Array => new Uint8Array(readFileSync(path.join(dir, LEDGER_FILES.genesis)))

/**
 * Makes a ledger directory that goes on where the replayed ledger ends. With `signed` it is the operator's: its size and root
 * stand in the sign-once file, so that no other root of that size will ever be signed.
 */
export function writeLedger(dir: string, genesis: Uint8Array, ledger: ReplayedLedger, options: { readonly signed: boolean }): void {
  makeFolderDurably(dir)
  using replica = openReplica({ store: openSqliteStore(path.join(dir, LEDGER_FILES.database)), genesis })
  replica.append(ledger.blocks.slice(1))
  const { size, root } = ledger
  if (replica.log.size() !== size || !equalBytes(replica.log.root(size), root))
    throw new EngineError('STORE_DAMAGED', 'expected the replayed ledger in its new directory, found another')
  writeGenesis(dir, genesis)
  if (!options.signed) return
  using signOnce = openSignOnce(path.join(dir, LEDGER_FILES.signed))
  signOnce.record({ size, root })
}
