import { rmSync } from 'node:fs'
import { formatCanonical } from '@fiducia/core'
import { type AcceptedRecord, type FindingCode, FINDINGS, type ImportedRecord, type RejectedRecord, type SubjectKey, subjectKind } from '@fiducia/directory'
import { integerColumn, textColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'
import { REMEMBERED_LOCATIONS } from './limits.ts'
import { openStaging } from './store.ts'

/**
 * What a load has read. It is committed every few thousand records together with how far that is, so that a load that was killed
 * reads its files again but stages nothing twice. A file of its own: none of it is visible to readers, and dropping it
 * leaves no gaps in the store.
 */
export interface Staging extends Disposable {
  readonly database: Database
  readonly counts: ReadCounts
  /** Records before this place are staged. */
  readonly reached: { readonly file: number; readonly records: number }
  readonly isRead: boolean
  add(file: number, record: ImportedRecord): void
  header(file: number, header: readonly string[]): void
  /** Durable when it returns: all that was added, and that `records` of this file are in it. */
  commit(file: number, records: number): void
  /** Whether a subject is staged by a file before this one. */
  has(key: string): boolean
  /** What the resources of this load are, for loads after it. */
  keepReferences(entries: Iterable<readonly [reference: string, subject: SubjectKey | undefined]>): void
  /** All files are read; subjects can be gone through in order. */
  finish(): void
}

export interface ReadCounts {
  read: number
  accepted: number
  rejected: number
  readonly findings: { [code in FindingCode]?: number }
}

/** Opens what a load has read so far, or begins with nothing. What another load left is thrown away. */
export function openLoadStaging(file: string, load: number): Staging {
  const database = openAt(file, load)
  const row = database.get('SELECT * FROM progress') ?? {}
  const counts = JSON.parse(textColumn(row, 'counts')) as ReadCounts
  let reached = { file: integerColumn(row, 'file'), records: integerColumn(row, 'records') }
  let isRead = integerColumn(row, 'is_read') === 1
  let isIndexed = isRead
  let pending: (() => void)[] = []
  const recent = new Map<string, { readonly text: string; readonly observedAt: number | null }>()

  function stage(record: AcceptedRecord): void {
    for (const { subject, fields, observedAt = null } of record.facts) {
      const text = formatCanonical(fields)
      if (subjectKind(subject) === 'location') {
        const known = recent.get(subject)
        // Left out only where it would change nothing, so that a load which forgot them comes to the same.
        if (known?.text === text && (known.observedAt ?? 0) >= (observedAt ?? 0)) continue
        if (recent.size >= REMEMBERED_LOCATIONS) recent.clear()
        recent.set(subject, { text, observedAt })
      }
      pending.push(() => database.run('INSERT INTO staged (key, observed, fields) VALUES (?, ?, ?)', subject, observedAt, text))
    }
  }

  function reject(file: number, { row, findings, source }: RejectedRecord): void {
    const [findingsText, sourceText] = [JSON.stringify(findings), JSON.stringify(source)]
    pending.push(() => database.run('INSERT INTO rejected (file, row, findings, source) VALUES (?, ?, ?, ?)', file, row, findingsText, sourceText))
  }

  return {
    database,
    counts,
    get reached() {
      return reached
    },
    get isRead() {
      return isRead
    },
    add(file, record) {
      counts.read += 1
      for (const { code } of record.findings) counts.findings[code] = (counts.findings[code] ?? 0) + 1
      if (record.accepted) {
        counts.accepted += 1
        stage(record)
      } else {
        counts.rejected += 1
        reject(file, record)
      }
    },
    header: (file, header) => pending.push(() => database.run('INSERT OR REPLACE INTO header (file, header) VALUES (?, ?)', file, JSON.stringify(header))),
    commit(file, records) {
      database.transaction(() => {
        for (const write of pending) write()
        database.run('UPDATE progress SET file = ?, records = ?, counts = ?', file, records, JSON.stringify(counts))
      })
      pending = []
      reached = { file, records }
    },
    has(key) {
      // Few loads ask; the others get the index at the end, which is faster.
      if (!isIndexed) database.run(INDEX)
      isIndexed = true
      return database.get('SELECT 1 FROM staged WHERE key = ?', key) !== undefined
    },
    keepReferences(entries) {
      database.transaction(() => {
        for (const [reference, subject = null] of entries)
          database.run('INSERT OR REPLACE INTO reference (reference, subject) VALUES (?, ?)', reference, subject)
      })
    },
    finish() {
      if (isRead) return
      database.transaction(() => {
        database.run(INDEX)
        database.run('UPDATE progress SET is_read = 1')
      })
      isRead = true
    },
    [Symbol.dispose]: () => database[Symbol.dispose](),
  }
}

const INDEX = 'CREATE INDEX IF NOT EXISTS staged_key ON staged (key)'

function openAt(file: string, load: number): Database {
  const database = openStaging(file)
  const known = database.get('SELECT load FROM progress')
  if (known !== undefined && integerColumn(known, 'load') === load) return database
  if (known === undefined) return begun(database, load)
  database[Symbol.dispose]()
  dropStaging(file)
  return begun(openStaging(file), load)
}

function begun(database: Database, load: number): Database {
  const counts: ReadCounts = { read: 0, accepted: 0, rejected: 0, findings: {} }
  database.run('INSERT INTO progress (load, file, records, counts, is_read) VALUES (?, 0, 0, ?, 0)', load, JSON.stringify(counts))
  return database
}

export function dropStaging(file: string): void {
  for (const name of [file, `${file}-wal`, `${file}-shm`]) rmSync(name, { force: true })
}

/** The finding for which a record is not taken. */
export const rejectingFinding = ({ findings }: Pick<RejectedRecord, 'findings'>) => findings.find(({ code }) => FINDINGS[code].rejects) ?? findings[0]
