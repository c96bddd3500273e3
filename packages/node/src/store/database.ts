import path from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { makeFolderDurably, syncFolder } from '@fiducia/engine'
import { NodeFailure } from '../failures.ts'
import { integerColumn, textColumn } from './columns.ts'

/**
 * The node's own store: SQLite in WAL mode, synchronous=FULL, plain SQL, numbered migrations. What must survive a restored
 * database (the last signed size of the access log, acknowledged policies) is kept outside: `sign-once.ts` of the engine,
 * `relationships/policy-files.ts`.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE leaf (origin TEXT NOT NULL, idx INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (origin, idx)) WITHOUT ROWID;
  CREATE TABLE event (origin TEXT NOT NULL, idx INTEGER NOT NULL, handle TEXT, n INTEGER, content TEXT NOT NULL, sealed BLOB, PRIMARY KEY (origin, idx)) WITHOUT ROWID;
  CREATE INDEX event_handle ON event (handle, origin, n);
  CREATE TABLE next_n (handle TEXT NOT NULL, origin TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (handle, origin)) WITHOUT ROWID;
  CREATE TABLE sealed_note (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, note TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE relationship (handle TEXT PRIMARY KEY, record TEXT NOT NULL, k BLOB NOT NULL, bind_salt BLOB NOT NULL, method TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE committed_policy (handle TEXT NOT NULL, version INTEGER NOT NULL, commitment TEXT NOT NULL, PRIMARY KEY (handle, version)) WITHOUT ROWID;
  CREATE TABLE progress (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE link (hash TEXT PRIMARY KEY, handle TEXT NOT NULL, object TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE copy (leaf_hash TEXT PRIMARY KEY, link TEXT NOT NULL, slot INTEGER NOT NULL, receipt TEXT NOT NULL, sealed TEXT NOT NULL, mirror_salt BLOB NOT NULL, mirror_index INTEGER, settled INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE refused_answer (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, holder TEXT NOT NULL, code TEXT NOT NULL);
  CREATE TABLE used_token (id TEXT PRIMARY KEY, expires INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE witnessed (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE cosigned_note (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, note TEXT NOT NULL) WITHOUT ROWID;
  `,
  // Spent identifiers are cleared by their expiry at each request; receipts are found while they are open, and by their link.
  `
  CREATE INDEX used_token_expires ON used_token (expires);
  CREATE INDEX copy_settled ON copy (settled);
  CREATE INDEX copy_link ON copy (link);
  `,
  // Notes that prove a fork; what redaction leaves open to.
  `
  CREATE TABLE redaction (origin TEXT NOT NULL, idx INTEGER NOT NULL, salt BLOB NOT NULL, content TEXT NOT NULL, PRIMARY KEY (origin, idx)) WITHOUT ROWID;
  CREATE TABLE contradiction (origin TEXT NOT NULL, note TEXT NOT NULL, PRIMARY KEY (origin, note)) WITHOUT ROWID;
  `,
  /*
   * What is erased must leave no byte. A deleted row is overwritten (secure_delete), but a row that was moved while pages were
   * balanced leaves its old bytes behind, and nobody knows where. Only the first 1,002 bytes of a row lie in such a page; the
   * rest lies in overflow pages, which are never moved, and are zeroed when they are freed. So `pad` pushes all that is personal out
   * of the part that moves.
   */
  `
  CREATE TABLE padded_event (origin TEXT NOT NULL, idx INTEGER NOT NULL, handle TEXT, n INTEGER, pad BLOB NOT NULL DEFAULT (zeroblob(1024)), content TEXT NOT NULL, sealed BLOB, PRIMARY KEY (origin, idx)) WITHOUT ROWID;
  INSERT INTO padded_event (origin, idx, handle, n, content, sealed) SELECT origin, idx, handle, n, content, sealed FROM event;
  DROP TABLE event;
  ALTER TABLE padded_event RENAME TO event;
  CREATE INDEX event_handle ON event (handle, origin, n);
  CREATE TABLE padded_copy (leaf_hash TEXT PRIMARY KEY, link TEXT NOT NULL, slot INTEGER NOT NULL, settled INTEGER NOT NULL, pad BLOB NOT NULL DEFAULT (zeroblob(1024)), receipt TEXT NOT NULL, sealed TEXT NOT NULL, mirror_salt BLOB NOT NULL, mirror_index INTEGER) WITHOUT ROWID;
  INSERT INTO padded_copy (leaf_hash, link, slot, settled, receipt, sealed, mirror_salt, mirror_index) SELECT leaf_hash, link, slot, settled, receipt, sealed, mirror_salt, mirror_index FROM copy;
  DROP TABLE copy;
  ALTER TABLE padded_copy RENAME TO copy;
  CREATE INDEX copy_settled ON copy (settled);
  CREATE INDEX copy_link ON copy (link);
  CREATE INDEX copy_slot ON copy (slot);
  CREATE TABLE custody (id TEXT PRIMARY KEY, version INTEGER NOT NULL, pad BLOB NOT NULL DEFAULT (zeroblob(1024)), ciphertext BLOB NOT NULL) WITHOUT ROWID;
  ALTER TABLE next_n ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE relationship ADD COLUMN closed INTEGER;
  `,
  // How trust was handed on: what proves each trust record after the first.
  `
  CREATE TABLE trust_step (k INTEGER PRIMARY KEY, step TEXT NOT NULL);
  `,
]

/** Small tables whose rows lie in pages that are balanced: rewritten as a whole after something in them was erased. */
const REWRITTEN = ['relationship', 'link', 'next_n', 'committed_policy'] as const

export interface Database extends Disposable {
  /** Runs once, prepared and kept. */
  run(sql: string, ...values: SQLInputValue[]): void
  get(sql: string, ...values: SQLInputValue[]): Readonly<Record<string, unknown>> | undefined
  /** What SQLite finds wrong with the file's pages and indexes; empty when it is whole. */
  damage(): readonly string[]
  all(sql: string, ...values: SQLInputValue[]): readonly Readonly<Record<string, unknown>>[]
  /** The same one after another, for what does not fit into memory; nothing it reads may be written meanwhile. */
  each(sql: string, ...values: SQLInputValue[]): Iterable<Readonly<Record<string, unknown>>>
  /** All or nothing; durable when it returns. Not reentrant. */
  transaction<T>(work: () => T): T
  /**
   * Leaves no byte of deleted rows in the file or the write-ahead log: small tables are rewritten, the others are overwritten where
   * they lay. Its work grows with the number of relationships, not with that of events. False while another process reads.
   */
  scrub(): boolean
  /**
   * Every row into new pages: no byte of deleted ones is left in the file once `checkpoint` is true. Its work grows with the file, twice of
   * which must be free. False while another process writes.
   */
  vacuum(): boolean
  /** Empties the write-ahead log into the file. False while another process reads. */
  checkpoint(): boolean
  /** All or nothing; durable no later than the next transaction of the other kind: for what matters only once that one stands. */
  transactionBefore<T>(work: () => T): T
}

export interface OpenOptions {
  /** Nothing is made or migrated. */
  readonly readOnly?: boolean
  /** Of a store other than the node's own. */
  readonly migrations?: readonly string[]
}

/** Opens or creates the file; every migration above the file's version runs in one transaction. What the disk refuses, here and later, is `STORE_FAILED`. */
export function openDatabase(file: string, { readOnly = false, migrations = MIGRATIONS }: OpenOptions = {}): Database {
  if (!readOnly) makeFolderDurably(path.dirname(file))
  const database = orFailed(() => (readOnly ? new DatabaseSync(file, { readOnly }) : openFile(file, migrations)))
  const prepared = new Map<string, StatementSync>()
  const statement = (sql: string) => {
    const known = prepared.get(sql) ?? database.prepare(sql)
    prepared.set(sql, known)
    return known
  }
  return {
    run: (sql, ...values) => void orFailed(() => statement(sql).run(...values)),
    get: (sql, ...values) => orFailed(() => statement(sql).get(...values)),
    damage: () =>
      database
        .prepare('PRAGMA integrity_check')
        .all()
        .map((row) => String(row['integrity_check']))
        .filter((line) => line !== 'ok'),
    all: (sql, ...values) => orFailed(() => statement(sql).all(...values)),
    each: (sql, ...values) => orFailed(() => database.prepare(sql).iterate(...values)),
    transaction: (work) => orFailed(() => inTransaction(database, work)),
    transactionBefore(work) {
      // The write-ahead log is one file: whatever syncs a later commit syncs this one.
      database.exec('PRAGMA synchronous = NORMAL')
      try {
        return orFailed(() => inTransaction(database, work))
      } finally {
        database.exec('PRAGMA synchronous = FULL')
      }
    },
    scrub: () =>
      orFailed(() => {
        inTransaction(database, () => REWRITTEN.forEach((table) => rewrite(database, table)))
        return checkpoint(database)
      }),
    vacuum: () => orFailed(() => unlessBusy(() => database.exec('VACUUM'))),
    checkpoint: () => orFailed(() => checkpoint(database)),
    [Symbol.dispose]: () => database.close(),
  }
}

const checkpoint = (database: DatabaseSync): boolean => integerColumn(database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() ?? {}, 'busy') === 0

function openFile(file: string, migrations: readonly string[]): DatabaseSync {
  const database = new DatabaseSync(file)
  // A process that was killed may have left its last commits in the system's memory alone: the checkpoint syncs them before they count.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON')
  // SQLite syncs the names of its files with the first commit, but takes no notice when that fails: so they are synced before it.
  syncFolder(path.dirname(file))
  migrate(database, migrations)
  return database
}

/** SQLITE_IOERR, CORRUPT (which a failed read can look like), FULL, CANTOPEN and NOTADB, in the last byte of an extended code. */
const isDiskError = (cause: unknown): boolean =>
  cause instanceof Error && 'errcode' in cause && typeof cause.errcode === 'number' && [10, 11, 13, 14, 26].includes(cause.errcode & 0xff)

const SQLITE_BUSY = 5

/** Whether it could be done now. */
function unlessBusy(work: () => void): boolean {
  try {
    work()
    return true
  } catch (cause) {
    if (cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_BUSY) return false
    throw cause
  }
}

function orFailed<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (isDiskError(cause))
      throw new NodeFailure(
        'STORE_FAILED',
        'the node’s store cannot be read or written: the disk is full, it fails, or the file is damaged; run `fiducia fsck`',
        { cause },
      )
    throw cause
  }
}

function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    // A disk that is full or fails ends the transaction by itself.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** Every row into new pages; the old ones are zeroed when they are freed. */
function rewrite(database: DatabaseSync, table: (typeof REWRITTEN)[number]): void {
  const sql = textColumn(database.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').get(table) ?? {}, 'sql')
  const fresh = sql.replace(/^CREATE TABLE "?\w+"?/, 'CREATE TABLE rewritten')
  database.exec(`${fresh}; INSERT INTO rewritten SELECT * FROM ${table}; DROP TABLE ${table}; ALTER TABLE rewritten RENAME TO ${table}`)
}

function migrate(database: DatabaseSync, migrations: readonly string[]): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0)
  if (version > migrations.length) throw new Error(`the store was written by a newer version: expected at most ${migrations.length}, found ${version}`)
  for (let next = version; next < migrations.length; next += 1) {
    database.exec(`BEGIN; ${migrations[next]}; PRAGMA user_version = ${next + 1}; COMMIT`)
  }
}
