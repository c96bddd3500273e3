import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { syncFolder } from '../durable-file.ts'
import { EngineError } from '../errors.ts'
import type { BlockRow, LedgerStore, StoredBlock } from '../store.ts'

/**
 * The ledger in one SQLite file, WAL and synchronous=FULL: a block is one transaction, so that a crash leaves whole blocks
 * only. Nothing is ever changed or deleted.
 *
 *   entry    index -> bytes                  the log itself
 *   block    index of the 0x02 -> height, time
 *   version  height, key -> value            every value that a state key ever had
 */
const SCHEMA_VERSION = 1
const SCHEMA = `
  CREATE TABLE entry (idx INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
  CREATE TABLE block (idx INTEGER PRIMARY KEY, height INTEGER NOT NULL, time INTEGER NOT NULL);
  CREATE TABLE version (height INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (height, key)) WITHOUT ROWID;
  CREATE INDEX version_by_key ON version (key, height);
`

type Row = Readonly<Record<string, unknown>>

const asBytes = (value: unknown): Uint8Array => {
  if (value instanceof Uint8Array) return value
  throw new EngineError('STORE_DAMAGED', 'expected bytes in the ledger file, found another type')
}

const asNumber = (value: unknown): number => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw new EngineError('STORE_DAMAGED', 'expected an integer in the ledger file, found another type')
}

const asText = (value: unknown): string => {
  if (typeof value === 'string') return value
  throw new EngineError('STORE_DAMAGED', 'expected text in the ledger file, found another type')
}

/** SQLITE_IOERR, SQLITE_FULL and SQLITE_CANTOPEN, in the last byte of an extended code. */
const isDiskError = (cause: unknown): boolean =>
  cause instanceof Error && 'errcode' in cause && typeof cause.errcode === 'number' && [10, 13, 14].includes(cause.errcode & 0xff)

const isSystemError = (cause: unknown): boolean => cause instanceof Error && 'syscall' in cause

const diskFailed = (file: string, cause: unknown): EngineError =>
  new EngineError('STORE_FAILED', `\`${file}\` cannot be read or written: the disk is full, or it fails`, { cause })

const damaged = (file: string, cause: unknown): EngineError =>
  new EngineError('STORE_DAMAGED', `\`${file}\` cannot be read as a ledger; put a copy back, or follow anew`, { cause })

const isSqliteError = (cause: unknown): boolean => cause instanceof Error && 'errcode' in cause

/** `STORE_FAILED` where the disk refused a read or a write, `STORE_DAMAGED` where what it gave makes no sense; any other error as it is. */
export function asStoreError(file: string, cause: unknown): unknown {
  if (isDiskError(cause)) return diskFailed(file, cause)
  return isSqliteError(cause) ? damaged(file, cause) : cause
}

/** What SQLite finds wrong with the file's pages and indexes; empty when it is whole. */
export function damageOf(file: string): readonly string[] {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const rows = database.prepare('PRAGMA integrity_check').all()
    return rows.map((row) => asText(row['integrity_check'])).filter((line) => line !== 'ok')
  } finally {
    database.close()
  }
}

/** Throws `EngineError` for a file that is no ledger, or one of a newer version. */
export function openSqliteStore(file: string, options: { readonly readOnly?: boolean } = {}): LedgerStore {
  try {
    return openFile(file, options.readOnly ?? false)
  } catch (cause) {
    if (cause instanceof EngineError) throw cause
    if (isDiskError(cause) || isSystemError(cause)) throw diskFailed(file, cause)
    throw damaged(file, cause)
  }
}

function openFile(file: string, readOnly: boolean): LedgerStore {
  const database = new DatabaseSync(file, { readOnly })
  if (!readOnly) prepareFile(database, path.dirname(file))
  const addEntry = readOnly ? undefined : database.prepare('INSERT INTO entry (idx, bytes) VALUES (?, ?)')
  const addBlock = readOnly ? undefined : database.prepare('INSERT INTO block (idx, height, time) VALUES (?, ?, ?)')
  const addVersion = readOnly ? undefined : database.prepare('INSERT OR REPLACE INTO version (height, key, value) VALUES (?, ?, ?)')
  const readEntries = database.prepare('SELECT bytes FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx')
  const countEntries = database.prepare('SELECT count(*) AS n FROM entry')
  const valueAt = database.prepare('SELECT value FROM version WHERE key = ? AND height <= ? ORDER BY height DESC LIMIT 1')
  const versionsAt = database.prepare('SELECT key, value FROM version WHERE height = ?')
  const heightsOf = database.prepare('SELECT height FROM version WHERE key = ? ORDER BY height')
  const keysAfter = database.prepare('SELECT DISTINCT key FROM version WHERE height > ?')

  const write = ({ height, time, index, entries, changes }: StoredBlock): void => {
    entries.forEach((bytes, i) => void addEntry?.run(index - entries.length + 1 + i, bytes))
    addBlock?.run(index, height, time)
    for (const { key, value } of changes) addVersion?.run(height, key, value)
  }

  return {
    append(blocks) {
      database.exec('BEGIN IMMEDIATE')
      try {
        blocks.forEach(write)
        database.exec('COMMIT')
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK')
        throw asStoreError(file, error)
      }
    },
    size: () => asNumber((countEntries.get() as Row | undefined)?.['n']),
    entries(from, to) {
      const rows = readEntries.all(from, to) as readonly Row[]
      if (rows.length !== Math.max(0, to - from)) throw new EngineError('STORE_DAMAGED', `expected entries ${from} to ${to}, found ${rows.length} of them`)
      return rows.map((row) => asBytes(row['bytes']))
    },
    blocks: () => (database.prepare('SELECT idx, height, time FROM block ORDER BY idx').all() as readonly Row[]).map(blockRow),
    *newestState({ height = Number.MAX_SAFE_INTEGER, prefix = '' } = {}) {
      // SQLite takes the bare column from the row of the maximum.
      const newest = 'SELECT key, value, max(height) AS height FROM version WHERE key >= ? AND key < ? AND height <= ? GROUP BY key'
      for (const row of database.prepare(newest).iterate(prefix, `${prefix}${AFTER_ALL}`, height)) {
        yield { key: asText(row['key']), value: asText(row['value']) }
      }
    },
    versionsAt: (height) => (versionsAt.all(height) as readonly Row[]).map((row) => ({ key: asText(row['key']), value: asText(row['value']) })),
    heightsOf: (key) => (heightsOf.all(key) as readonly Row[]).map((row) => asNumber(row['height'])),
    changedAfter(height) {
      return (keysAfter.all(height) as readonly Row[]).map((row) => {
        const key = asText(row['key'])
        const found = valueAt.get(key, height) as Row | undefined
        return { key, value: found === undefined ? undefined : asText(found['value']) }
      })
    },
    [Symbol.dispose]: () => database.close(),
  }
}

/** Behind whatever follows a prefix. */
const AFTER_ALL = '\u{10ffff}'

const blockRow = (row: Row): BlockRow => ({ index: asNumber(row['idx']), height: asNumber(row['height']), time: asNumber(row['time']) })

function prepareFile(database: DatabaseSync, folder: string): void {
  // A process that was killed may have left its last commits in the system's memory alone: the checkpoint syncs them before they count.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(TRUNCATE)')
  // SQLite syncs the names of its files with the first commit, but takes no notice when that fails: so they are synced before it.
  syncFolder(folder)
  const version = asNumber((database.prepare('PRAGMA user_version').get() as Row | undefined)?.['user_version'])
  if (version > SCHEMA_VERSION) throw new EngineError('STORE_NEWER', `expected a ledger file of version ${SCHEMA_VERSION} at most, found ${version}`)
  if (version === 0) database.exec(`BEGIN; ${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`)
}
