import type { Bytes32 } from '@fiducia/core'
import { parseStatement, type Statement } from '@fiducia/directory'
import { integerColumn, textColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'
import { createBatchWriter } from './batch-writer.ts'
import { foldAll, wordDigest } from './words.ts'

/**
 * An own batch that can never count is said again in a new one, under new salts, so that its root is another. Only what is still the last
 * word on its field: what a later batch says of it stands there, and would be undone by an older word that counts after it.
 */
export interface RestateOptions {
  /** Milliseconds. */
  readonly now: number
  readonly random: (length: number) => Uint8Array
}

export function restateBatch(database: Database, root: Bytes32, { now, random }: RestateOptions): void {
  database.transaction(() => {
    const batch = database.get('SELECT load, voice, first, count FROM batch WHERE root = ?', root) ?? {}
    const [load, voice, first] = [integerColumn(batch, 'load'), integerColumn(batch, 'voice'), integerColumn(batch, 'first')]
    const place = { voice, first, end: first + integerColumn(batch, 'count') }
    const again = standingStatements(database, place)
    const [one] = again
    if (one !== undefined) {
      // A load knows all that it says in one way.
      const { basis, origin } = one.statement
      const writer = createBatchWriter(database, { load, voice, basis, origin, recordedAt: now, random })
      for (const { id, statement } of again) writer.write({ id, key: statement.subject }, statement, statement.observedAt)
      writer.end()
      for (const { id } of again) renewDigest(database, id, voice)
    }
    database.run('UPDATE batch SET offered = ? WHERE root = ?', GIVEN_UP, root)
  })
}

/** In the column `offered`. */
const GIVEN_UP = 2

interface Standing {
  /** Of the subject. */
  readonly id: number
  readonly statement: Statement
}

interface Place {
  readonly voice: number
  readonly first: number
  readonly end: number
}

const IN_BATCH = "SELECT subject, json FROM statement WHERE id >= ? AND id < ? AND json <> '' ORDER BY id"
const SINCE = 'SELECT json FROM statement WHERE subject = ? AND voice = ? AND id >= ? ORDER BY id'

/** The statements of a batch with those fields alone of which nothing was said since. */
function standingStatements(database: Database, { voice, first, end }: Place): readonly Standing[] {
  return database.all(IN_BATCH, first, end).flatMap((row) => {
    const [id, statement] = [integerColumn(row, 'subject'), statementOf(row)]
    const since = new Set(database.all(SINCE, id, voice, end).flatMap((later) => Object.keys(statementOf(later).fields)))
    const fields = Object.entries(statement.fields).filter(([field]) => !since.has(field))
    return fields.length === 0 ? [] : [{ id, statement: { ...statement, fields: Object.fromEntries(fields) } }]
  })
}

/** Of what was said in another way since, the basis is another now. */
function renewDigest(database: Database, subject: number, voice: number): void {
  const word = foldAll(database.all(SINCE, subject, voice, 0).map(statementOf))
  if (word !== undefined) database.run('UPDATE newest SET digest = ? WHERE voice = ? AND subject = ?', wordDigest(word), voice, subject)
}

const statementOf = (row: Readonly<Record<string, unknown>>): Statement => parseStatement(JSON.parse(textColumn(row, 'json')), 'statement')
