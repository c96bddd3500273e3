import { rmSync } from 'node:fs'
import { formatCanonical } from '@fiducia/core'
import { type AcceptedRecord, type FindingCode, FINDINGS, type ImportedRecord, type RejectedRecord, type SubjectKey, subjectKind } from '@fiducia/directory'
import { integerColumn, textColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'
import { REMEMBERED_LOCATIONS } from './limits.ts'
import { openStaging } from './store.ts'

export interface ReadCounts {
  read: number
  accepted: number
  rejected: number
  readonly findings: { [code in FindingCode]?: number }
}

/**
 * What a load has read. It is committed every few thousand records together with how far that is, so that a load that was killed
 * reads its files again but stages nothing twice. A file of its own: none of it is visible to readers, and dropping it
 * leaves no gaps in the store.
 *
 *   add, header   → pending: in memory, in the order in which they came
 *   commit        pending → the file, in one transaction with `reached` and the counts
 *   finish        the index by which subjects are gone through in order; nothing is added afterwards
 */
export class Staging implements Disposable {
  readonly database: Database
  readonly counts: ReadCounts
  #reached: Reached
  #isRead: boolean
  #isIndexed: boolean
  #pending: (() => void)[] = []
  readonly #locations = new RecentLocations()

  /** Opens what a load has read so far, or begins with nothing. What another load left is thrown away. */
  constructor(file: string, load: number) {
    this.database = openAt(file, load)
    const row = this.database.get('SELECT * FROM progress') ?? {}
    this.counts = JSON.parse(textColumn(row, 'counts')) as ReadCounts
    this.#reached = { file: integerColumn(row, 'file'), records: integerColumn(row, 'records') }
    this.#isRead = integerColumn(row, 'is_read') === 1
    this.#isIndexed = this.#isRead
  }

  get reached(): Reached {
    return this.#reached
  }

  get isRead(): boolean {
    return this.#isRead
  }

  add(file: number, record: ImportedRecord): void {
    this.counts.read += 1
    for (const { code } of record.findings) this.counts.findings[code] = (this.counts.findings[code] ?? 0) + 1
    this.counts[record.accepted ? 'accepted' : 'rejected'] += 1
    if (record.accepted) this.#stage(record)
    else this.#reject(file, record)
  }

  #stage({ facts, name }: AcceptedRecord): void {
    if (name !== undefined) for (const { subject } of facts) this.#pending.push(() => this.database.run(SPOKEN, name, subject))
    for (const { subject, fields, observedAt = null } of facts) {
      const text = formatCanonical(fields)
      if (subjectKind(subject) === 'location' && this.#locations.isKnown(subject, text, observedAt)) continue
      this.#pending.push(() => this.database.run('INSERT INTO staged (key, observed, fields) VALUES (?, ?, ?)', subject, observedAt, text))
    }
  }

  #reject(file: number, { row, findings, source, bytes, subject }: RejectedRecord): void {
    const [found, cells] = [JSON.stringify(findings), JSON.stringify(source)]
    const sql = 'INSERT INTO rejected (file, row, findings, source, bytes, subject) VALUES (?, ?, ?, ?, ?, ?)'
    this.#pending.push(() => this.database.run(sql, file, row, found, cells, bytes ?? null, subject ?? null))
  }

  /** `name`: what the file is called. */
  header(file: number, header: readonly string[], { name, isCorrection }: { readonly name: string; readonly isCorrection: boolean }): void {
    const sql = 'INSERT OR REPLACE INTO header (file, header, name, is_correction) VALUES (?, ?, ?, ?)'
    this.#pending.push(() => this.database.run(sql, file, JSON.stringify(header), name, Number(isCorrection)))
  }

  /**
   * All that was added, and that `records` of this file are in it. Survives the process when it returns, and power failure no later than
   * `finish`: what is lost before is read again, because how far the load is goes with it.
   */
  commit(file: number, records: number): void {
    this.database.transactionBefore(() => {
      for (const write of this.#pending) write()
      this.database.run('UPDATE progress SET file = ?, records = ?, counts = ?', file, records, JSON.stringify(this.counts))
    })
    this.#pending = []
    this.#reached = { file, records }
  }

  /** Whether a subject is staged by a file before this one. Few loads ask; the others get the index at the end, which is faster. */
  has(key: string): boolean {
    if (!this.#isIndexed) this.database.run(INDEX)
    this.#isIndexed = true
    return this.database.get('SELECT 1 FROM staged WHERE key = ?', key) !== undefined
  }

  /** What the resources of this load are, for loads after it. */
  keepReferences(entries: Iterable<readonly [reference: string, subject: SubjectKey | undefined]>): void {
    this.database.transaction(() => {
      for (const [reference, subject = null] of entries)
        this.database.run('INSERT OR REPLACE INTO reference (reference, subject) VALUES (?, ?)', reference, subject)
    })
  }

  /** All files are read, and subjects can be gone through in order. Durable when it returns. */
  finish(): void {
    if (this.#isRead) return
    this.database.transaction(() => {
      this.database.run(INDEX)
      this.database.run('UPDATE progress SET is_read = 1')
    })
    this.#isRead = true
    this.#locations.forget()
  }

  [Symbol.dispose](): void {
    this.database[Symbol.dispose]()
  }
}

/** Records before this place are staged. */
interface Reached {
  readonly file: number
  readonly records: number
}

/**
 * The clinic that thousands of rows name is staged once. It is left out only where that would change nothing, so that a load which forgot
 * its locations, because it was killed or there were too many, comes to the same.
 */
class RecentLocations {
  readonly #said = new Map<string, { readonly text: string; readonly observedAt: number }>()

  /** Whether this was staged, word for word, and observed no earlier. */
  isKnown(key: string, text: string, observed: number | null): boolean {
    const observedAt = observed ?? 0
    const known = this.#said.get(key)
    if (known?.text === text && known.observedAt >= observedAt) return true
    if (this.#said.size >= REMEMBERED_LOCATIONS) this.forget()
    this.#said.set(key, { text, observedAt })
    return false
  }

  forget(): void {
    this.#said.clear()
  }
}

const SPOKEN = 'INSERT OR IGNORE INTO spoken (name, subject) VALUES (?, ?)'

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
