import type { Basis } from '@fiducia/directory'
import { integerColumn, textColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'
import type { ApplyCounts } from './apply.ts'
import { nextId } from './batch-writer.ts'
import { LoadError } from './errors.ts'
import type { SourceFile } from './source-file.ts'
import type { ReadCounts } from './staging.ts'

/**
 * The register of loads. A load begins as `running`; it ends as `done`, `rejected` by somebody or `abandoned`. Where it would
 * change too much it is `waiting-for-approval`, and `approved` from the word of another person until it is applied.
 */
export const LOAD_STATES = ['running', 'waiting-for-approval', 'approved', 'rejected', 'abandoned', 'done'] as const
export type LoadState = (typeof LOAD_STATES)[number]

export const LOAD_FORMATS = ['nppes', 'csv', 'fhir'] as const
export type LoadFormat = (typeof LOAD_FORMATS)[number]

/** What makes two runs the same load, beside their files. */
export interface LoadTerms {
  readonly format: LoadFormat
  readonly origin: string
  readonly basis: Basis
  readonly group: string
  readonly isFull: boolean
  /** Milliseconds; absent: when the load began. */
  readonly observedAt: number | null
  /** The mapping of a CSV file; null where there is none. */
  readonly mapping: unknown
}

export interface LoadCounts extends ReadCounts, ApplyCounts {
  readonly exceptions: string | null
}

export interface LoadRecord {
  readonly id: number
  readonly terms: LoadTerms
  readonly attester: string
  readonly who: string
  readonly files: readonly SourceFile[]
  readonly started: number
  readonly state: LoadState
  readonly counts: LoadCounts | undefined
  readonly decidedBy: string | undefined
  readonly ended: number | undefined
}

const readLoad = (row: Readonly<Record<string, unknown>>): LoadRecord => ({
  id: integerColumn(row, 'id'),
  terms: JSON.parse(textColumn(row, 'request')) as LoadTerms,
  attester: textColumn(row, 'attester'),
  who: textColumn(row, 'who'),
  files: JSON.parse(textColumn(row, 'files')) as readonly SourceFile[],
  started: integerColumn(row, 'started'),
  state: textColumn(row, 'state') as LoadState,
  counts: row['counts'] === null ? undefined : (JSON.parse(textColumn(row, 'counts')) as LoadCounts),
  decidedBy: row['decided_by'] === null ? undefined : textColumn(row, 'decided_by'),
  ended: row['ended'] === null ? undefined : integerColumn(row, 'ended'),
})

/** Newest first. */
export const listLoads = (database: Database): readonly LoadRecord[] => database.all('SELECT * FROM load ORDER BY id DESC').map(readLoad)

export function loadRecord(database: Database, id: number): LoadRecord {
  const row = database.get('SELECT * FROM load WHERE id = ?', id)
  if (row === undefined) throw new LoadError('LOAD_UNKNOWN', `expected the number of a load, found ${id}: \`fiducia directory loads\` lists them`)
  return readLoad(row)
}

/** The one load that has begun and not ended, if there is one. */
export function openLoad(database: Database): LoadRecord | undefined {
  const row = database.get("SELECT * FROM load WHERE state IN ('running', 'waiting-for-approval', 'approved')")
  return row === undefined ? undefined : readLoad(row)
}

export function beginLoad(
  database: Database,
  load: { readonly terms: LoadTerms; readonly attester: string; readonly who: string; readonly files: readonly SourceFile[] },
  now: number,
): LoadRecord {
  const id = nextId(database, 'load')
  const { format, origin } = load.terms
  database.run(
    "INSERT INTO load (id, format, origin, attester, who, request, files, started, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'running')",
    id,
    format,
    origin,
    load.attester,
    load.who,
    JSON.stringify(load.terms),
    JSON.stringify(load.files),
    nextStart(database, now),
  )
  return loadRecord(database, id)
}

/** Later than every load before, whatever the clock says: what a load saw is told from what it did not by this instant. */
export const nextStart = (database: Database, now: number): number =>
  Math.max(now, integerColumn(database.get('SELECT coalesce(max(started), 0) + 1 AS next FROM load') ?? {}, 'next'))

export function endLoad(database: Database, id: number, state: LoadState, at: { readonly now: number; readonly counts?: LoadCounts }): void {
  database.run('UPDATE load SET state = ?, ended = ?, counts = coalesce(?, counts) WHERE id = ?', state, at.now, countsText(at.counts), id)
}

export function holdLoad(database: Database, id: number, counts: LoadCounts): void {
  database.run("UPDATE load SET state = 'waiting-for-approval', counts = ? WHERE id = ?", countsText(counts), id)
}

export function decideLoad(database: Database, id: number, state: 'approved' | 'rejected', by: { readonly who: string; readonly now: number }): void {
  database.run('UPDATE load SET state = ?, decided_by = ?, ended = ? WHERE id = ?', state, by.who, state === 'rejected' ? by.now : null, id)
}

const countsText = (counts: LoadCounts | undefined): string | null => (counts === undefined ? null : JSON.stringify(counts))
