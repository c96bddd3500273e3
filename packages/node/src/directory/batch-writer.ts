import { formatCanonical } from '@fiducia/core'
import { type Basis, batchRoot, MAX_BATCH_LEAVES, type SubjectKey, textCommitment } from '@fiducia/directory'
import type { Database } from '../store/database.ts'
import { integerColumn } from '../store/columns.ts'
import { SALT_POOL_BYTES } from './limits.ts'
import type { Change } from './words.ts'

/** Writes statements of one voice one after another, and closes a batch when it is full. Inside a transaction of the caller's. */
export interface BatchWriter {
  /** `fieldsText`: the change's fields as canonical JSON, where the caller has them. */
  write(subject: { readonly id: number; readonly key: SubjectKey }, change: Change, observedAt: number, fieldsText?: string): void
  /** Closes the last batch. */
  end(): void
}

export interface BatchOptions {
  readonly load: number
  readonly voice: number
  readonly basis: Basis
  readonly origin: string
  /** Milliseconds. */
  readonly recordedAt: number
  readonly random: (length: number) => Uint8Array
}

const INSERT_STATEMENT = 'INSERT INTO statement (id, batch, subject, voice, salt, com, json) VALUES (?, ?, ?, ?, ?, ?, ?)'
const INSERT_BATCH = 'INSERT INTO batch (id, load, voice, first, count, root, recorded_at, height) VALUES (?, ?, ?, ?, ?, ?, ?, NULL)'

export function createBatchWriter(database: Database, options: BatchOptions): BatchWriter {
  const { load, voice, basis, origin, recordedAt } = options
  const originText = formatCanonical(origin)
  const nextSalt = saltSource(options.random)
  let batch = nextId(database, 'batch')
  let first = nextId(database, 'statement')
  let commitments: Uint8Array[] = []

  function close(): void {
    if (commitments.length === 0) return
    database.run(INSERT_BATCH, batch, load, voice, first, commitments.length, batchRoot(commitments), recordedAt)
    batch += 1
    first += commitments.length
    commitments = []
  }

  return {
    write(subject, { operation, fields }, observedAt, fieldsText = formatCanonical(fields)) {
      // Its members in their order: what `encodeLine` gives, without taking the fields apart again.
      const json = `{"basis":"${basis}","fields":${fieldsText},"observedAt":${observedAt},"operation":"${operation}","origin":${originText},"subject":"${subject.key}"}`
      const salt = nextSalt()
      const com = textCommitment(salt, json)
      database.run(INSERT_STATEMENT, first + commitments.length, batch, subject.id, voice, salt, com, json)
      commitments.push(com)
      if (commitments.length === MAX_BATCH_LEAVES) close()
    },
    end: close,
  }
}

export const nextId = (database: Database, table: 'batch' | 'statement' | 'subject' | 'voice' | 'load' | 'erasure'): number =>
  integerColumn(database.get(`SELECT coalesce(max(id), 0) + 1 AS next FROM ${table}`) ?? {}, 'next')

const SALT_BYTES = 32

/** 32 random bytes at each call, drawn many at once. */
function saltSource(random: (length: number) => Uint8Array): () => Uint8Array {
  let pool: Uint8Array = new Uint8Array()
  let at = 0
  return () => {
    if (at === pool.length) {
      pool = random(SALT_POOL_BYTES)
      at = 0
    }
    at += SALT_BYTES
    return pool.subarray(at - SALT_BYTES, at)
  }
}
