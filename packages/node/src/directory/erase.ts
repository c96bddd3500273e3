import { makeFolderDurably } from '@fiducia/engine'
import { npiSubject, type SubjectKey, type SubjectKind, subjectKind } from '@fiducia/directory'
import { integerColumn, textColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'
import { nextId } from './batch-writer.ts'
import { derivedOf, internSubject, wordOf } from './foreign.ts'
import { LoadError } from './errors.ts'
import { ERASURE_WAIT_MS, KEYS_AT_ONCE } from './limits.ts'
import { lockLoads } from './load.ts'
import { filesWith } from './left-over.ts'
import { replaceDerived } from './searched.ts'
import { directoryFiles, openExistingDirectory, waitForTurn } from './store.ts'
import { wordDigest } from './words.ts'

/**
 * Erasure of a provider out of this store, whoever said it:
 *
 *   which           its own statements, those of the roles and participations that name it, and every other one with its key in it
 *   of each         salt and JSON go, the commitment stays: nobody can try guesses, and all other lines of the batch prove as before
 *   what follows    newest words, searched rows, what named them, and the subjects themselves
 *   then            the file is rewritten, so that no byte is left in it or its journal
 *
 * The rows go in one transaction. A crash before the file is rewritten leaves a note in the table `erasure`, and the next erasure finishes
 * it. Not erased: what files of loads still hold (named in the result), what other members hold, and what is imported again.
 */
export interface ErasureRequest {
  readonly dir: string
  readonly provider: ErasedProvider
  readonly who: string
  readonly isDryRun: boolean
}

/** By its NPI, whatever that names; or by a subject key. */
export type ErasedProvider = { readonly npi: string } | { readonly subject: SubjectKey }

export interface ErasureResult {
  readonly statements: number
  /** Erased as a whole, by kind. */
  readonly subjects: { readonly [kind in SubjectKind]?: number }
  /** Of the statements, those about others: places, endpoints or organizations that named it. */
  readonly aboutOthers: number
  readonly batches: number
  /** Files of loads in this folder that still have the NPI or the key. */
  readonly leftIn: readonly string[]
}

/** Holds the lock of loads. Throws `DIRECTORY_MISSING`, `LOAD_RUNNING`, or `ERASURE_UNFINISHED` while another process uses the file. */
export async function eraseProvider({ dir, provider, who, isDryRun }: ErasureRequest, now: () => number): Promise<ErasureResult> {
  const place = directoryFiles(dir)
  using database = openExistingDirectory(dir)
  makeFolderDurably(place.underWay)
  using _ = lockLoads(place)
  waitForTurn(database, ERASURE_WAIT_MS)
  const keys = 'npi' in provider ? [npiSubject('practitioner', provider.npi), npiSubject('organization', provider.npi)] : [provider.subject]
  const found = findStatements(database, keys)
  if (!isDryRun) {
    if (found.statements.size > 0 || found.subjects.size > 0) database.transaction(() => erase(database, found, { who, now: now() }))
    rewriteFile(database)
  }
  return { ...countsOf(found), leftIn: await filesWith(dir, keys) }
}

// ---- which ----------------------------------------------------------------------------------------------------------------

interface FoundStatement {
  readonly id: number
  readonly batch: number
  readonly subject: number
  readonly voice: number
  readonly key: SubjectKey
}

interface Found {
  readonly statements: ReadonlyMap<number, FoundStatement>
  /** Erased as a whole, with their numbers. */
  readonly subjects: ReadonlyMap<SubjectKey, number>
}

/** A role is nothing without whom it names, and neither is a participation. */
const isPartOfIt = (key: SubjectKey): boolean => subjectKind(key) === 'role' || subjectKind(key) === 'participation'

/** One look through all statements for the provider; its roles are named by participations alone, and those by nobody. */
function findStatements(database: Database, keys: readonly SubjectKey[]): Found {
  const statements = new Map<number, FoundStatement>()
  const subjects = new Map<SubjectKey, number>()
  const take = (rows: Iterable<FoundStatement>): readonly SubjectKey[] => {
    const parts = new Set<SubjectKey>()
    for (const row of rows) {
      statements.set(row.id, row)
      if (isPartOfIt(row.key) && !subjects.has(row.key)) parts.add(row.key)
    }
    return [...parts]
  }
  const add = (whole: readonly SubjectKey[]): void => {
    for (const key of whole) {
      const row = database.get('SELECT id FROM subject WHERE key = ?', key)
      if (row === undefined) continue
      subjects.set(key, integerColumn(row, 'id'))
      take(rowsOf(database, 'k.key = ?', [key]))
    }
  }
  add(keys)
  const roles = take(namedIn(database, keys, ''))
  add(roles)
  add(take(namedIn(database, roles, `k.key >= 'participation/' AND k.key < 'participation0' AND `)))
  return { statements, subjects }
}

function* namedIn(database: Database, keys: readonly SubjectKey[], where: string): Generator<FoundStatement> {
  for (let from = 0; from < keys.length; from += KEYS_AT_ONCE) {
    const some = keys.slice(from, from + KEYS_AT_ONCE)
    yield* rowsOf(database, `${where}(${some.map(() => 'instr(s.json, ?) > 0').join(' OR ')})`, some)
  }
}

function* rowsOf(database: Database, where: string, values: readonly string[]): Generator<FoundStatement> {
  const sql = `SELECT s.id, s.batch, s.subject, s.voice, k.key FROM statement s JOIN subject k ON k.id = s.subject WHERE ${where}`
  for (const row of database.each(sql, ...values)) {
    const [id, batch, subject, voice] = [integerColumn(row, 'id'), integerColumn(row, 'batch'), integerColumn(row, 'subject'), integerColumn(row, 'voice')]
    yield { id, batch, subject, voice, key: textColumn(row, 'key') as SubjectKey }
  }
}

function countsOf({ statements, subjects }: Found): Omit<ErasureResult, 'leftIn'> {
  const rows = [...statements.values()]
  const kinds: { [kind in SubjectKind]?: number } = {}
  for (const key of subjects.keys()) kinds[subjectKind(key)] = (kinds[subjectKind(key)] ?? 0) + 1
  return {
    statements: rows.length,
    subjects: kinds,
    aboutOthers: rows.filter(({ key }) => !subjects.has(key)).length,
    batches: new Set(rows.map(({ batch }) => batch)).size,
  }
}

// ---- rows -----------------------------------------------------------------------------------------------------------------

function erase(database: Database, found: Found, { who, now }: { readonly who: string; readonly now: number }): void {
  const others = [...found.statements.values()].filter(({ key }) => !found.subjects.has(key))
  const words = new Map(others.map((other) => [`${other.subject}/${other.voice}`, other]))
  const restate = [...words.values()].map((word) => takeBack(database, word))
  for (const id of found.statements.keys()) database.run(`UPDATE statement SET subject = 0, salt = x'', json = '' WHERE id = ?`, id)
  for (const again of restate) again()
  const ids = JSON.stringify([...found.subjects.values()])
  for (const sql of DERIVED) database.run(sql, ids)
  const keys = JSON.stringify([...found.subjects.keys()])
  for (const sql of NAMED) database.run(sql, keys)
  database.run('INSERT INTO erasure (id, at, who, statements) VALUES (?, ?, ?, ?)', nextId(database, 'erasure'), now, who, found.statements.size)
}

const DERIVED = [
  'DELETE FROM newest WHERE subject IN (SELECT value FROM json_each(?))',
  'DELETE FROM name WHERE subject IN (SELECT value FROM json_each(?))',
  'DELETE FROM place WHERE subject IN (SELECT value FROM json_each(?))',
  'WITH gone AS (SELECT value FROM json_each(?)) DELETE FROM reach WHERE subject IN gone OR via IN gone',
  'DELETE FROM subject WHERE id IN (SELECT value FROM json_each(?))',
] as const

/** A record can be called by the NPI of whom it speaks, whatever else it speaks of. */
const RECORDS = 'SELECT origin, name FROM spoken WHERE subject IN (SELECT value FROM json_each(?))'
const NAMED = [
  'DELETE FROM reference WHERE subject IN (SELECT value FROM json_each(?))',
  `DELETE FROM reference WHERE (origin, reference) IN (${RECORDS})`,
  `DELETE FROM spoken WHERE (origin, name) IN (${RECORDS})`,
] as const

/** When a load confirms a word is found again by the next load. */
const RENEW = `
  INSERT OR REPLACE INTO newest (voice, subject, digest, seen, dated) SELECT voice, subject, ?, seen, dated FROM newest WHERE voice = ? AND subject = ?`

/** What another subject's word put into the searched rows goes; gives what puts back what is left of it. */
function takeBack(database: Database, { key, subject, voice }: FoundStatement): () => void {
  const place = { subject, voice, intern: (name: SubjectKey) => internSubject(database, name) }
  const before = derivedOf(key, wordOf(database, subject, voice))
  return () => {
    const word = wordOf(database, subject, voice)
    replaceDerived(database, place, before, derivedOf(key, word))
    if (word === undefined) database.run('DELETE FROM newest WHERE voice = ? AND subject = ?', voice, subject)
    else database.run(RENEW, wordDigest(word), voice, subject)
  }
}

// ---- bytes ----------------------------------------------------------------------------------------------------------------

/** After this and any earlier erasure that was not finished. */
function rewriteFile(database: Database): void {
  if (database.get('SELECT 1 FROM erasure WHERE is_rewritten = 0') === undefined) return
  if (!database.vacuum() || !database.checkpoint())
    throw new LoadError('ERASURE_UNFINISHED', 'the statements are erased, but another process still uses their file: do the same again when it is done')
  database.run('UPDATE erasure SET is_rewritten = 1')
}

// ---- the register of erasures ---------------------------------------------------------------------------------------------

export interface ErasureRecord {
  /** Milliseconds. */
  readonly at: number
  readonly who: string
  readonly statements: number
}

/** Newest first; about whom they were is not kept. */
export const listErasures = (database: Database): readonly ErasureRecord[] =>
  database
    .all('SELECT at, who, statements FROM erasure ORDER BY id DESC')
    .map((row) => ({ at: integerColumn(row, 'at'), who: textColumn(row, 'who'), statements: integerColumn(row, 'statements') }))
