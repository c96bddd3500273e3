import { concatBytes, decodeU32, decodeU64, domainHash, encodeU32, encodeU64, InputError, sha256 } from '@fiducia/core'
import { APP_VERSION } from './limits.ts'
import { LogFault } from './refusals.ts'
import { decodeTransaction } from './transaction.ts'

/**
 * The ledger is a log (PROTOCOL section 2). Its entries, by first byte:
 *
 *   0x00  H(genesis); the next entry is a 0x02 of count 0
 *   0x01  wire bytes of an accepted transaction, in block order
 *   0x02  u64 height ‖ u64 time ms ‖ state root ‖ u32 version of the rules ‖ u32 number of accepted transactions
 *
 *   00 02 | 01 02 | 01 01 01 02 | 00 02 | 01 02 …
 *   start   block   block         relaunch
 *
 * Checkpoints are made at block ends only, so a log always ends with a 0x02.
 */

export interface GenesisEntry {
  readonly kind: 'genesis'
  readonly hash: Uint8Array
}

export interface TransactionEntry {
  readonly kind: 'transaction'
  readonly wire: Uint8Array
}

export interface BlockEndEntry {
  readonly kind: 'block'
  readonly height: number
  /** Milliseconds. */
  readonly time: number
  readonly stateRoot: Uint8Array
  readonly appVersion: number
  /** Accepted transactions. */
  readonly count: number
}

export type LogEntry = GenesisEntry | TransactionEntry | BlockEndEntry

export const BLOCK_ENTRY_BYTES = 57
const GENESIS_ENTRY_BYTES = 33
const [GENESIS, TRANSACTION, BLOCK] = [0, 1, 2]

export const encodeGenesisEntry = (genesis: Uint8Array): Uint8Array => concatBytes(Uint8Array.of(GENESIS), sha256(genesis))

export const encodeTransactionEntry = (wire: Uint8Array): Uint8Array => concatBytes(Uint8Array.of(TRANSACTION), wire)

export function encodeBlockEntry(block: Omit<BlockEndEntry, 'kind' | 'appVersion'> & { readonly appVersion?: number }): Uint8Array {
  const { height, time, stateRoot, appVersion = APP_VERSION, count } = block
  return concatBytes(Uint8Array.of(BLOCK), encodeU64(height), encodeU64(time), stateRoot, encodeU32(appVersion), encodeU32(count))
}

/** Throws an `InputError` for bytes that are no entry; a transaction's envelope is checked, its signatures are not. */
export function decodeLogEntry(bytes: Uint8Array): LogEntry {
  const kind = bytes[0]
  if (kind === GENESIS) return decodeGenesisEntry(bytes)
  if (kind === TRANSACTION) return decodeTransactionEntry(bytes)
  if (kind === BLOCK) return decodeBlockEntry(bytes)
  throw new InputError('SHAPE', 'expected a log entry that begins with 0, 1 or 2')
}

function decodeGenesisEntry(bytes: Uint8Array): GenesisEntry {
  if (bytes.length !== GENESIS_ENTRY_BYTES) {
    throw new InputError('BYTES_LENGTH', `expected a genesis entry of ${GENESIS_ENTRY_BYTES} bytes, found ${bytes.length}`)
  }
  return { kind: 'genesis', hash: bytes.slice(1) }
}

function decodeTransactionEntry(bytes: Uint8Array): TransactionEntry {
  const wire = bytes.slice(1)
  decodeTransaction(wire)
  return { kind: 'transaction', wire }
}

export function decodeBlockEntry(bytes: Uint8Array): BlockEndEntry {
  if (bytes.length !== BLOCK_ENTRY_BYTES || bytes[0] !== BLOCK)
    throw new InputError('BYTES_LENGTH', `expected a block entry of ${BLOCK_ENTRY_BYTES} bytes that begins with 2`)
  return {
    kind: 'block',
    height: decodeU64(bytes, 1),
    time: decodeU64(bytes, 9),
    stateRoot: bytes.slice(17, 49),
    appVersion: decodeU32(bytes, 49),
    count: decodeU32(bytes, 53),
  }
}

/** What engines agree on after each block: H(D("app") ‖ u64 size ‖ log root). */
export const appHashOf = (size: number, root: Uint8Array): Uint8Array => domainHash('app', encodeU64(size), root)

/** How far a log has been read. */
export interface LogPosition {
  /** Entries so far. */
  readonly size: number
  /** Of the last block entry; -1 before the first. */
  readonly height: number
  readonly time: number
  readonly expects: 'genesis' | 'opening' | 'block'
  /** Transactions since the last block entry. */
  readonly transactions: number
}

export const LOG_START: LogPosition = { size: 0, height: -1, time: 0, expects: 'genesis', transactions: 0 }

/** The position after one more entry. Throws `LogFault` when it may not stand there. */
export function advanceLog(position: LogPosition, entry: LogEntry): LogPosition {
  const size = position.size + 1
  if (entry.kind === 'block') return { size, ...advanceBlock(position, entry), expects: 'block', transactions: 0 }
  if (entry.kind === 'genesis') {
    if (position.expects === 'opening' || position.transactions > 0) throw new LogFault('LOG_GENESIS', position.size)
    return { ...position, size, expects: 'opening' }
  }
  if (position.expects === 'genesis') throw new LogFault('LOG_GENESIS', position.size)
  if (position.expects === 'opening') throw new LogFault('LOG_OPENING', position.size)
  return { ...position, size, transactions: position.transactions + 1 }
}

function advanceBlock(position: LogPosition, entry: BlockEndEntry): Pick<LogPosition, 'height' | 'time'> {
  const fault = (code: LogFault['code'], message?: string) => new LogFault(code, position.size, message)
  if (position.expects === 'genesis') throw fault('LOG_GENESIS')
  if (entry.count !== position.transactions) throw fault('LOG_COUNT', `expected a count of ${position.transactions}, found ${entry.count}`)
  if (entry.time < position.time) throw fault('LOG_TIME', `expected a time of at least ${position.time}, found ${entry.time}`)
  if (position.expects === 'opening') {
    if (position.height < 0 && entry.height !== 0) throw fault('LOG_HEIGHT', `expected height 0 at the start, found ${entry.height}`)
    if (entry.height < position.height) throw fault('LOG_HEIGHT', `expected a height of at least ${position.height}, found ${entry.height}`)
  } else {
    if (entry.count === 0) throw fault('LOG_EMPTY_BLOCK')
    if (entry.height <= position.height) throw fault('LOG_HEIGHT', `expected a height above ${position.height}, found ${entry.height}`)
  }
  return { height: entry.height, time: entry.time }
}

export const isBlockEnd = (position: LogPosition): boolean => position.expects === 'block' && position.transactions === 0 && position.size > 0

/** The position after all entries. Throws `LogFault` unless they are the form of a whole ledger, from its start to a block end. */
export function readLogForm(entries: Iterable<Uint8Array>): LogPosition {
  let position = LOG_START
  for (const bytes of entries) position = advanceLog(position, decodeAt(bytes, position.size))
  if (!isBlockEnd(position)) throw new LogFault('LOG_CUT', position.size)
  return position
}

export function decodeAt(bytes: Uint8Array, index: number): LogEntry {
  try {
    return decodeLogEntry(bytes)
  } catch (error) {
    if (error instanceof InputError) throw new LogFault('LOG_ENTRY', index, error.message)
    throw error
  }
}
