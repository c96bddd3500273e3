import { decodeBase64Url, decodeUtf8, encodeCanonical, type JsonObject } from '@fiducia/core'
import { type BatchLine, lineCommitment, type OpenLine, parseStatement, type SubjectKey } from '@fiducia/directory'
import { integerColumn, textColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'
import type { KeptBatch } from './batch-exchange.ts'
import { nextId } from './batch-writer.ts'
import { type Derived, derive, NOTHING_DERIVED } from './derived.ts'
import { replaceDerived } from './searched.ts'
import { internVoice } from './store.ts'
import { foldStatement, type Word, wordDigest } from './words.ts'

/**
 * A batch of another member goes into the store as the own ones do: its lines in the order of its leaves, after all that the same member
 * said before, and what is searched follows from them.
 */
export function keepForeign(database: Database, batch: KeptBatch, lines: readonly BatchLine[], now: number): void {
  database.transaction(() => {
    const [id, first] = [nextId(database, 'batch'), nextId(database, 'statement')]
    const author = internVoice(database, { attester: batch.attester, group: batch.group, origin: batch.attester })
    database.run(INSERT_BATCH, id, author, first, lines.length, batch.root, now)
    lines.forEach((line, i) => {
      if ('com' in line) database.run(INSERT_STATEMENT, first + i, id, ERASED, author, new Uint8Array(), decodeBase64Url(line.com), '')
      else keepLine(database, { batch, id, at: first + i }, line, now)
    })
  })
}

/** `load` 0: it came from another member. */
const INSERT_BATCH = 'INSERT INTO batch (id, load, voice, first, count, root, recorded_at, height, offered) VALUES (?, 0, ?, ?, ?, ?, ?, NULL, 1)'
const INSERT_STATEMENT = 'INSERT INTO statement (id, batch, subject, voice, salt, com, json) VALUES (?, ?, ?, ?, ?, ?, ?)'

/** Nobody's number: the subject of an erased line. */
const ERASED = 0

interface Place {
  readonly batch: KeptBatch
  readonly id: number
  readonly at: number
}

function keepLine(database: Database, { batch, id, at }: Place, line: OpenLine, now: number): void {
  const { statement, salt } = line
  const voice = internVoice(database, { attester: batch.attester, group: batch.group, origin: statement.origin })
  const subject = internSubject(database, statement.subject)
  const old = wordOf(database, subject, voice)
  const json = decodeUtf8(encodeCanonical(statement as unknown as JsonObject))
  database.run(INSERT_STATEMENT, at, id, subject, voice, decodeBase64Url(salt), lineCommitment(line), json)
  const word = foldStatement(old, statement)
  writeNewest(database, { subject, voice }, word, now)
  const place = { subject, voice, intern: (key: SubjectKey) => internSubject(database, key) }
  replaceDerived(database, place, derivedOf(statement.subject, old), derivedOf(statement.subject, word))
}

export const derivedOf = (key: SubjectKey, word: Word | undefined): Derived => (word === undefined ? NOTHING_DERIVED : derive(key, word.fields))

function writeNewest(database: Database, of: { readonly subject: number; readonly voice: number }, word: Word | undefined, now: number): void {
  if (word === undefined) database.run('DELETE FROM newest WHERE voice = ? AND subject = ?', of.voice, of.subject)
  else database.run('INSERT OR REPLACE INTO newest (voice, subject, digest, seen) VALUES (?, ?, ?, ?)', of.voice, of.subject, wordDigest(word), now)
}

/** What the voice says of the subject so far, from its statements; undefined when it says nothing. */
export function wordOf(database: Database, subject: number, voice: number): Word | undefined {
  const rows = database.all('SELECT json FROM statement WHERE subject = ? AND voice = ? ORDER BY id', subject, voice)
  return rows.reduce<Word | undefined>((word, row) => foldStatement(word, parseStatement(JSON.parse(textColumn(row, 'json')), 'statement')), undefined)
}

export function internSubject(database: Database, key: SubjectKey): number {
  const known = database.get('SELECT id FROM subject WHERE key = ?', key)
  if (known !== undefined) return integerColumn(known, 'id')
  const id = nextId(database, 'subject')
  database.run('INSERT INTO subject (id, key) VALUES (?, ?)', id, key)
  return id
}
