import path from 'node:path'
import { encodeBase64Url, equalBytes, InputError, parseCanonicalString } from '@fiducia/core'
import { batchRoot, MAX_STATEMENT_BYTES, parseStatement, type Statement, type SubjectKey, textCommitment } from '@fiducia/directory'
import { bytesColumn, integerColumn, textColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'
import { derive } from './derived.ts'
import { directoryFiles, openExistingDirectory } from './store.ts'
import { foldStatement, type Word, wordDigest } from './words.ts'

/**
 * Checks a directory from its bytes: every commitment from salt and statement, every batch's root from its commitments, every newest
 * word and every row that is searched from the statements. No value is told, only where it stands.
 */
export interface DirectoryFinding {
  readonly code: 'FILE' | 'STATEMENT' | 'BATCH' | 'NEWEST' | 'SEARCH' | 'ERASED'
  readonly at: string
  readonly detail: string
}

export interface DirectoryFsck {
  readonly statements: number
  readonly findings: readonly DirectoryFinding[]
}

/** Findings beyond these say nothing more about a damaged store. */
const MAX_FINDINGS = 1_000

type Report = (code: DirectoryFinding['code'], at: string, detail: string) => void
type Row = Readonly<Record<string, unknown>>

export function fsckDirectory(dir: string): DirectoryFsck {
  const file = path.basename(directoryFiles(dir).database)
  const findings: DirectoryFinding[] = []
  const report: Report = (code, at, detail) => void (findings.length < MAX_FINDINGS && findings.push({ code, at, detail }))
  let statements = 0
  try {
    using database = openExistingDirectory(dir)
    for (const detail of database.damage()) report('FILE', file, detail)
    statements = checkBatches(database, report)
    checkWords(database, report)
    checkErasures(database, report)
  } catch (error) {
    report('FILE', file, error instanceof Error ? error.message : 'cannot be read')
  }
  return { statements, findings }
}

function checkErasures(database: Database, report: Report): void {
  for (const row of database.all('SELECT id FROM erasure WHERE is_rewritten = 0'))
    report('ERASED', `erasure ${integerColumn(row, 'id')}`, 'it was not finished: bytes of what was erased may be left; do it, or any other, again')
}

// ---- statements and batches -----------------------------------------------------------------------------------------------

const BATCH_STATEMENTS = `
  SELECT s.id, s.batch, s.salt, s.com, s.json, k.key, v.origin, v.attester FROM statement s
  LEFT JOIN subject k ON k.id = s.subject LEFT JOIN voice v ON v.id = s.voice
  WHERE s.id >= ? AND s.id < ? ORDER BY s.id`

/** Gives how many statements there are. */
function checkBatches(database: Database, report: Report): number {
  let next = 1
  for (const batch of database.all('SELECT b.id, b.first, b.count, b.root, v.attester FROM batch b LEFT JOIN voice v ON v.id = b.voice ORDER BY b.first')) {
    const [id, first, count] = [integerColumn(batch, 'id'), integerColumn(batch, 'first'), integerColumn(batch, 'count')]
    if (first !== next) report('BATCH', `batch ${id}`, `expected its first statement to be ${next}, found ${first}`)
    const rows = database.all(BATCH_STATEMENTS, first, first + count)
    if (rows.length !== count) report('BATCH', `batch ${id}`, `expected ${count} statements, found ${rows.length}`)
    for (const row of rows) checkStatement(row, batch, report)
    if (rows.length > 0 && batchRoot(rows.map((row) => bytesColumn(row, 'com'))) !== textColumn(batch, 'root'))
      report('BATCH', `batch ${id}`, 'its root is another than that of its commitments')
    next = first + count
  }
  const loose = integerColumn(database.get('SELECT count(*) AS n FROM statement WHERE id >= ?', next) ?? {}, 'n')
  if (loose > 0) report('BATCH', 'statements', `${loose} stand in no batch`)
  return next - 1
}

function checkStatement(row: Row, batch: Row, report: Report): void {
  const at = `statement ${integerColumn(row, 'id')}`
  const json = textColumn(row, 'json')
  // Of an erased subject only the commitment is left.
  if (json === '') return
  if (!equalBytes(textCommitment(bytesColumn(row, 'salt'), json), bytesColumn(row, 'com'))) report('STATEMENT', at, 'it does not open its commitment')
  const statement = readStatement(json)
  if (statement === undefined) report('STATEMENT', at, 'it is no statement in its only form')
  else if (statement.subject !== row['key'] || statement.origin !== row['origin']) report('STATEMENT', at, 'it is filed under another subject or origin')
  if (row['batch'] !== batch['id'] || row['attester'] !== batch['attester']) report('STATEMENT', at, 'it is filed under another batch or attester')
}

function readStatement(json: string): Statement | undefined {
  try {
    return parseStatement(parseCanonicalString(json, { maxBytes: MAX_STATEMENT_BYTES }), '')
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}

// ---- what follows from them -----------------------------------------------------------------------------------------------

const BY_WORD = 'SELECT s.subject, s.voice, s.json, k.key FROM statement s JOIN subject k ON k.id = s.subject ORDER BY s.subject, s.voice, s.id'

function checkWords(database: Database, report: Report): void {
  const expected = { newest: 0, name: 0, place: 0, reach: 0 }
  for (const { key, subject, voice, word } of storedWords(database)) {
    const row = database.get('SELECT digest FROM newest WHERE voice = ? AND subject = ?', voice, subject)
    const digest = row === undefined ? undefined : bytesColumn(row, 'digest')
    const isRight = word === undefined ? digest === undefined : digest !== undefined && equalBytes(digest, wordDigest(word))
    if (!isRight)
      report('NEWEST', `subject ${subject}`, `the newest word is another than the statements give (${digest === undefined ? 'none' : encodeBase64Url(digest)})`)
    if (word === undefined) continue
    expected.newest += 1
    checkDerived(database, { key, subject, voice, word }, expected, report)
  }
  for (const [table, count] of Object.entries(expected)) {
    const found = integerColumn(database.get(`SELECT count(*) AS n FROM ${table}`) ?? {}, 'n')
    if (found !== count) report(table === 'newest' ? 'NEWEST' : 'SEARCH', table, `expected ${count} rows, found ${found}`)
  }
}

interface StoredWord {
  readonly key: SubjectKey
  readonly subject: number
  readonly voice: number
  /** Undefined: all of it was withdrawn. */
  readonly word: Word | undefined
}

function* storedWords(database: Database): Generator<StoredWord> {
  let current: StoredWord | undefined
  for (const row of database.each(BY_WORD)) {
    const [subject, voice] = [integerColumn(row, 'subject'), integerColumn(row, 'voice')]
    if (current?.subject !== subject || current.voice !== voice) {
      if (current !== undefined) yield current
      current = { key: textColumn(row, 'key') as SubjectKey, subject, voice, word: undefined }
    }
    const statement = readStatement(textColumn(row, 'json'))
    if (statement !== undefined) current = { ...current, word: foldStatement(current.word, statement) }
  }
  if (current !== undefined) yield current
}

function checkDerived(
  database: Database,
  { key, subject, voice, word }: StoredWord & { readonly word: Word },
  expected: { name: number; place: number; reach: number },
  report: Report,
): void {
  const { names, states, reaches } = derive(key, word.fields)
  const has = (sql: string, ...values: readonly (string | number)[]) => database.get(sql, ...values) !== undefined
  const isThere = [
    ...names.map((name) => has('SELECT 1 FROM name WHERE name = ? AND subject = ? AND voice = ?', name, subject, voice)),
    ...states.map((state) => has('SELECT 1 FROM place WHERE subject = ? AND state = ? AND voice = ?', subject, state, voice)),
    ...reaches.map(({ subject: who, location }) => has(REACH, subject, voice, who, location ?? '')),
  ]
  if (isThere.includes(false)) report('SEARCH', `subject ${subject}`, 'a row that is searched is missing')
  expected.name += names.length
  expected.place += states.length
  expected.reach += reaches.length
}

const REACH = `
  SELECT 1 FROM subject who JOIN reach r ON r.subject = who.id AND r.via = ? AND r.voice = ?
  WHERE who.key = ? AND r.location = coalesce((SELECT id FROM subject WHERE key = ?), 0)`
