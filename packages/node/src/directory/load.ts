import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { OrganizationId, GroupId } from '@fiducia/core'
import { DirectoryError, type FileReader, type FindingCode, mappedFields, parseMapping } from '@fiducia/directory'
import { EngineError, lockDirectory, makeFolderDurably } from '@fiducia/engine'
import { integerColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'
import { applyStaged, type ApplyCounts } from './apply.ts'
import { LoadError } from './errors.ts'
import { findingsOf, writeExceptions } from './exceptions.ts'
import { LOAD_WAIT_MS, MAX_LISTED_REJECTIONS } from './limits.ts'
import { beginLoad, endLoad, holdLoad, type LoadCounts, type LoadRecord, type LoadState, type LoadTerms, nextStart, openLoad } from './loads.ts'
import { type ReadContext } from './open-readers.ts'
import { readFiles } from './read-files.ts'
import { type SourceFile, sourceFile } from './source-file.ts'
import { dropStaging, rejectingFinding, Staging } from './staging.ts'
import { whatIsKnown } from './known.ts'
import { type DirectoryFiles, directoryFiles, openDirectory, waitForTurn } from './store.ts'
import type { LoadScope } from './words.ts'

/**
 * A load, from files to statements:
 *
 *   hash      which files are they? A load that was killed goes on when the same ones come again
 *   read      records → staged subjects and rejected rows, committed every few thousand
 *   except    the rejected rows as a file for whoever made them
 *   apply     compared and stated in one transaction; undone where it would change too much, until another person approves
 *
 * The lock on `directory-load` is held throughout: one load at a time.
 */
export interface LoadRequest {
  readonly dir: string
  readonly files: readonly string[]
  readonly terms: LoadTerms
  readonly attester: OrganizationId
  readonly who: string
  /** Percent of what the origin has that may change or go without approval. */
  readonly maxChange: number
  readonly isDryRun: boolean
}

export interface LoadPorts {
  readonly now: () => number
  readonly random: (length: number) => Uint8Array
  /** One reader for each file; called once it is known which files there are (`openReaders`). */
  readonly readers: (context: ReadContext) => Promise<(file: SourceFile) => FileReader>
  readonly onProgress?: (progress: LoadProgress) => void
}

export interface LoadProgress {
  readonly phase: 'resumed' | 'read' | 'compare'
  /** Records read, or subjects compared. */
  readonly done: number
  /** 0 to 1: of the bytes, or of the staged rows. */
  readonly share: number
}

export interface Rejection {
  readonly file: string
  readonly row: number
  readonly field: string
  readonly code: FindingCode
  readonly value?: string
}

export interface LoadResult extends LoadCounts {
  /** Null after a dry run, which leaves nothing. */
  readonly load: number | null
  readonly state: LoadState | 'dry-run'
  /** The first ones; the exception file has all. */
  readonly rejections: readonly Rejection[]
}

/** Throws `LoadError`, or a reader's `DirectoryError` for a file that is not of its format; then nothing of the load is left. */
export async function runLoad(request: LoadRequest, ports: LoadPorts): Promise<LoadResult> {
  const files: SourceFile[] = []
  for (const file of request.files) files.push(await sourceFile(file))
  if (request.isDryRun) return dryRun(request, files, ports)
  const place = directoryFiles(request.dir)
  makeFolderDurably(place.underWay)
  using _ = lockLoads(place)
  using database = openDirectory(request.dir)
  waitForTurn(database, LOAD_WAIT_MS)
  const isResumed = openLoad(database) !== undefined
  const load = isResumed ? sameLoad(database, request, files) : beginLoad(database, { ...request, files }, ports.now())
  return await finishLoad({ database, place, load, request, isResumed }, ports)
}

/** The unfinished load, if this is the same one again. */
function sameLoad(database: Database, { terms, attester }: LoadRequest, files: readonly SourceFile[]): LoadRecord {
  const open = openLoad(database)
  const known = JSON.stringify([open?.terms, open?.attester, open?.files.map(({ sha256 }) => sha256)])
  const isSame = known === JSON.stringify([terms, attester, files.map(({ sha256 }) => sha256)])
  if (open !== undefined && open.state !== 'waiting-for-approval' && isSame) return { ...open, files }
  throw new LoadError('LOAD_OPEN', openMessage(open))
}

function openMessage(open: LoadRecord | undefined): string {
  if (open?.state === 'waiting-for-approval')
    return `load ${open.id} waits for approval: \`fiducia directory approve ${open.id} --data DIR --as PERSON\` goes on with it, with \`--reject\` it is dropped`
  return `load ${open?.id} is not finished: import the same files in the same way again and it goes on, or drop it with \`fiducia directory abandon ${open?.id} --data DIR\``
}

export function lockLoads({ underWay }: DirectoryFiles): Disposable {
  try {
    return lockDirectory(underWay)
  } catch (cause) {
    if (!(cause instanceof EngineError) || cause.code !== 'ENGINE_LOCKED') throw cause
    throw new LoadError('LOAD_RUNNING', `another load into \`${path.dirname(underWay)}\` is under way; wait until it has ended`, { cause })
  }
}

interface UnderWay {
  readonly database: Database
  readonly place: DirectoryFiles
  readonly load: LoadRecord
  readonly request: Pick<LoadRequest, 'maxChange' | 'dir'>
  /** An earlier run was killed. */
  readonly isResumed: boolean
}

export async function finishLoad(underWay: UnderWay, ports: LoadPorts): Promise<LoadResult> {
  const { database, place, load } = underWay
  try {
    const result = await readAndApply(underWay, ports)
    if (result.state === 'done') dropStaging(place.staging)
    return result
  } catch (error) {
    if (isUnusable(error)) {
      dropStaging(place.staging)
      endLoad(database, load.id, 'abandoned', { now: ports.now() })
    }
    throw error
  }
}

/** A file that is not of its format, damaged or changed meanwhile is never half-used, and would be no other the next time. */
const isUnusable = (error: unknown): boolean =>
  error instanceof DirectoryError || (error instanceof LoadError && (error.code === 'LOAD_FILE_CHANGED' || error.code === 'LOAD_FILE_DAMAGED'))

async function readAndApply(underWay: UnderWay, ports: LoadPorts): Promise<LoadResult> {
  using staging = new Staging(underWay.place.staging, underWay.load.id)
  if (underWay.isResumed) ports.onProgress?.({ phase: 'resumed', done: staging.counts.read, share: 0 })
  await readFiles(staging, contextOf(underWay.database, staging, underWay.load), ports)
  return applyLoad(underWay, staging, ports)
}

const contextOf = (database: Database, staging: Staging, { terms, files }: Pick<LoadRecord, 'terms' | 'files'>): ReadContext => ({
  terms,
  files,
  known: whatIsKnown(database, staging, terms.origin),
  keepReferences: (entries) => staging.keepReferences(entries),
})

// ---- apply ----------------------------------------------------------------------------------------------------------------

/** Carries the counts out of a transaction that is to be undone. */
class Undone extends Error {
  readonly counts: ApplyCounts

  constructor(counts: ApplyCounts) {
    super('undone')
    this.counts = counts
  }
}

function applyLoad({ database, place, load, request }: UnderWay, staging: Staging, ports: LoadPorts): LoadResult {
  const format = load.terms.format === 'fhir' ? 'ndjson' : 'csv'
  const exceptions = writeExceptions(staging.database, { folder: request.dir, draftFolder: place.underWay, load: load.id, format }) ?? null
  const rejections = listRejections(staging, load.files)
  const isLimited = load.state === 'running'
  try {
    const counts = database.transaction(() => {
      const applied = applyStaged(
        database,
        staging.database,
        { ...applyTerms(load, staging), maxChange: request.maxChange, load: load.id },
        progressing(staging, ports),
      )
      if (isLimited && applied.excess !== null) throw new Undone(applied)
      const counts = { ...staging.counts, ...applied, exceptions }
      endLoad(database, load.id, 'done', { now: ports.now(), counts })
      return counts
    })
    return { ...counts, rejections, load: load.id, state: 'done' }
  } catch (error) {
    if (!(error instanceof Undone)) throw error
    const counts = { ...staging.counts, ...error.counts, exceptions }
    holdLoad(database, load.id, counts)
    return { ...counts, rejections, load: load.id, state: 'waiting-for-approval' }
  }
}

const applyTerms = ({ terms, attester, started }: Pick<LoadRecord, 'terms' | 'attester' | 'started'>, staging: Staging) => ({
  voice: { attester: attester as OrganizationId, group: terms.group as GroupId, origin: terms.origin },
  basis: terms.basis,
  started,
  observedAt: terms.observedAt ?? started,
  scope: { isFull: terms.isFull, format: terms.format, isCorrection: isCorrection(staging), hasColumn: columnsIn(terms.mapping) },
})

const isCorrection = (staging: Staging): boolean => staging.database.get('SELECT 1 FROM header WHERE is_correction = 1') !== undefined

/** Which fields the columns of a mapping hold; `taxonomy/*` holds all of its kind. */
function columnsIn(mapping: unknown): LoadScope['hasColumn'] {
  if (mapping === null) return () => true
  const held = new Set(mappedFields(parseMapping(mapping)).map(({ kind, field }) => `${kind}.${field}`))
  return (kind, field) => held.has(`${kind}.${field}`) || held.has(`${kind}.${field.replace(/\/.*/, '/*')}`)
}

function progressing(staging: Staging, { random, onProgress }: LoadPorts) {
  const total = integerColumn(staging.database.get('SELECT coalesce(max(id), 1) AS n FROM staged') ?? {}, 'n')
  return { random, onSubject: (done: number) => onProgress?.({ phase: 'compare', done, share: done / total }) }
}

function listRejections(staging: Staging, files: readonly SourceFile[]): readonly Rejection[] {
  return staging.database.all('SELECT file, row, findings FROM rejected ORDER BY id LIMIT ?', MAX_LISTED_REJECTIONS).flatMap((row) => {
    const finding = rejectingFinding({ findings: findingsOf(row) })
    return finding === undefined ? [] : [{ file: files[integerColumn(row, 'file')]?.path ?? '', row: integerColumn(row, 'row'), ...finding }]
  })
}

/** The same work, on the store as it is or on an empty one, with all of it undone. */
async function dryRun(request: LoadRequest, files: readonly SourceFile[], ports: LoadPorts): Promise<LoadResult> {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'fiducia-dry-run-'))
  try {
    const place = directoryFiles(existsSync(directoryFiles(request.dir).database) ? request.dir : scratch)
    using database = openDirectory(path.dirname(place.database))
    using staging = new Staging(directoryFiles(scratch).staging, 0)
    await readFiles(staging, contextOf(database, staging, { ...request, files }), ports)
    const terms = applyTerms({ ...request, started: nextStart(database, ports.now()) }, staging)
    const counts = undone(database, () =>
      applyStaged(database, staging.database, { ...terms, maxChange: request.maxChange, load: 0 }, progressing(staging, ports)),
    )
    return { ...staging.counts, ...counts, exceptions: null, rejections: listRejections(staging, files), load: null, state: 'dry-run' }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function undone(database: Database, work: () => ApplyCounts): ApplyCounts {
  try {
    return database.transaction(() => {
      throw new Undone(work())
    })
  } catch (error) {
    if (error instanceof Undone) return error.counts
    throw error
  }
}
