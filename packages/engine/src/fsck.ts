import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { CompactRange, equalBytes, InputError, leafHash, sha256 } from '@fiducia/core'
import { initialState, LedgerReplay, type LedgerState, LogFault, parseGenesis, type ReplayedBlock } from '@fiducia/ledger'
import { LEDGER_FILES } from './embedded/files.ts'
import { lockDirectory } from './embedded/lock.ts'
import { damageOf, openSqliteStore } from './embedded/sqlite-store.ts'
import { EngineError } from './errors.ts'
import { MAX_FINDINGS } from './limits.ts'
import { readSignedSize } from './sign-once.ts'
import type { LedgerStore } from './store.ts'

/**
 * Checks a ledger directory from its bytes, the node not running: every entry is judged again with its signatures, every
 * state root compared, the stored versions compared with those of the replay, and the last signed size with the log.
 */
export interface LedgerFinding {
  readonly code: 'GENESIS' | 'LOG' | 'BLOCKS' | 'STATE' | 'SIGNED' | 'FILE'
  readonly at: string
  readonly detail: string
}

export interface LedgerFsck {
  readonly blocks: number
  readonly transactions: number
  readonly stateKeys: number
  readonly logEntries: number
  readonly findings: readonly LedgerFinding[]
}

/** Throws `ENGINE_LOCKED` while a node uses the directory; everything else that is wrong is a finding. */
export async function fsckLedger(dir: string): Promise<LedgerFsck> {
  const file = path.join(dir, LEDGER_FILES.database)
  const empty = { blocks: 0, transactions: 0, stateKeys: 0, logEntries: 0 }
  if (!existsSync(file)) return { ...empty, findings: [{ code: 'FILE', at: LEDGER_FILES.database, detail: 'expected the ledger file, found none' }] }
  const lock = lockDirectory(dir)
  try {
    const damage = damageOf(file).map((detail): LedgerFinding => ({ code: 'FILE', at: LEDGER_FILES.database, detail }))
    using store = openSqliteStore(file, { readOnly: true })
    const checked = checkStore(dir, store)
    return { ...checked, findings: [...damage, ...checked.findings].slice(0, MAX_FINDINGS) }
  } catch (error) {
    return {
      ...empty,
      findings: [{ code: 'FILE', at: LEDGER_FILES.database, detail: error instanceof Error ? error.message : 'the ledger file cannot be read' }],
    }
  } finally {
    lock[Symbol.dispose]()
  }
}

function checkStore(dir: string, store: LedgerStore): LedgerFsck {
  const findings: LedgerFinding[] = []
  const report = (code: LedgerFinding['code'], at: string, detail: string) => {
    if (findings.length < MAX_FINDINGS) findings.push({ code, at, detail })
  }
  const genesis = readGenesis(dir, report)
  const logEntries = store.size()
  const replayed = genesis === undefined ? NOTHING : replayAll(store, genesis, report)
  checkBlocks(store, replayed.blocks, report)
  const stateKeys = checkState(store, replayed, report)
  checkSigned(dir, replayed.rootOf, report)
  return { blocks: replayed.blocks.length, transactions: replayed.transactions, stateKeys, logEntries, findings }
}

type Report = (code: LedgerFinding['code'], at: string, detail: string) => void

interface Genesis {
  readonly bytes: Uint8Array
  readonly state: LedgerState
}

function readGenesis(dir: string, report: Report): Genesis | undefined {
  try {
    const bytes = new Uint8Array(readFileSync(path.join(dir, LEDGER_FILES.genesis)))
    return { bytes, state: initialState(parseGenesis(bytes)) }
  } catch (error) {
    report('GENESIS', LEDGER_FILES.genesis, error instanceof Error ? error.message : 'the genesis cannot be read')
    return undefined
  }
}

interface Replayed {
  readonly blocks: readonly Pick<ReplayedBlock, 'block' | 'index'>[]
  readonly transactions: number
  readonly state: LedgerState | undefined
  /** The log's root at a size, as the entries give it; undefined beyond the log. */
  readonly rootOf: (size: number) => Uint8Array | undefined
}

const NOTHING: Replayed = { blocks: [], transactions: 0, state: undefined, rootOf: () => undefined }

const READ_STEP = 4096

function* allEntries(store: LedgerStore): Generator<Uint8Array> {
  const size = store.size()
  for (let from = 0; from < size; from += READ_STEP) yield* store.entries(from, Math.min(from + READ_STEP, size))
}

function replayAll(store: LedgerStore, genesis: Genesis, report: Report): Replayed {
  const hash = sha256(genesis.bytes)
  const replay = new LedgerReplay({ begin: (found, previous) => (previous === undefined && equalBytes(found, hash) ? genesis.state : undefined) })
  const blocks: Pick<ReplayedBlock, 'block' | 'index'>[] = []
  let broken = false
  for (const entry of allEntries(store)) {
    if (broken) break
    try {
      const block = replay.push(entry)
      if (block === undefined) continue
      blocks.push({ block: block.block, index: block.index })
      checkVersions(store, block, report)
    } catch (error) {
      if (!(error instanceof LogFault)) throw error
      report('LOG', `entry ${error.index}`, error.message)
      broken = true
    }
  }
  if (!broken && !replay.atBlockEnd) report('LOG', `entry ${replay.position.size}`, 'the log ends inside a block')
  return {
    blocks,
    transactions: blocks.reduce((sum, { block }) => sum + block.count, 0),
    state: broken ? undefined : replay.state,
    rootOf: (size) => rootAt(store, size),
  }
}

/** Every value that the block changed, as it is stored for reads at its height. */
function checkVersions(store: LedgerStore, { block, state, results }: ReplayedBlock, report: Report): void {
  const changed = block.height === 0 ? [...state.tree.entries()].map(({ key }) => key) : results.flatMap((result) => (result.accepted ? result.changed : []))
  const stored = new Map(store.versionsAt(block.height).map(({ key, value }) => [key, value]))
  for (const key of new Set(changed)) {
    if (stored.get(key) !== state.tree.get(key)) report('STATE', `${key} at height ${block.height}`, 'the stored version differs from the replayed one')
    stored.delete(key)
  }
  for (const key of stored.keys()) report('STATE', `${key} at height ${block.height}`, 'the block did not change this key')
}

function rootAt(store: LedgerStore, size: number): Uint8Array | undefined {
  const range = new CompactRange()
  for (const entry of allEntries(store)) {
    if (range.size === size) break
    range.append(leafHash(entry))
  }
  return range.size === size ? range.root() : undefined
}

function checkBlocks(store: LedgerStore, blocks: Replayed['blocks'], report: Report): void {
  const rows = store.blocks()
  if (blocks.length === 0) return
  if (rows.length !== blocks.length) report('BLOCKS', 'block', `expected ${blocks.length} rows, found ${rows.length}`)
  rows.forEach((row, i) => {
    const replayed = blocks[i]
    if (replayed === undefined) return
    const { block, index } = replayed
    if (row.height !== block.height || row.time !== block.time || row.index !== index)
      report('BLOCKS', `row ${i}`, `expected height ${block.height} at ${block.time}, entry ${index}`)
  })
}

/** Compares the stored newest values with the replayed state; gives the number of stored keys. */
function checkState(store: LedgerStore, { state }: Replayed, report: Report): number {
  const stored = new Map([...store.newestState()].map(({ key, value }) => [key, value]))
  if (state === undefined) return stored.size
  for (const { key, value } of state.tree.entries()) {
    if (stored.get(key) !== value) report('STATE', key, stored.has(key) ? 'the stored value differs from the replayed one' : 'the stored state lacks this key')
  }
  for (const key of stored.keys()) if (state.tree.get(key) === undefined) report('STATE', key, 'the replayed state has no such key')
  return stored.size
}

function checkSigned(dir: string, rootOf: Replayed['rootOf'], report: Report): void {
  try {
    const signed = readSignedSize(path.join(dir, LEDGER_FILES.signed))
    if (signed === undefined) return
    const root = rootOf(signed.size)
    if (root === undefined) report('SIGNED', `size ${signed.size}`, 'the ledger ends before the last signed size')
    else if (!equalBytes(root, signed.root)) report('SIGNED', `size ${signed.size}`, 'another root is signed for this size')
  } catch (error) {
    if (!(error instanceof EngineError || error instanceof InputError)) throw error
    report('SIGNED', LEDGER_FILES.signed, error.message)
  }
}
