import type { SubjectKey } from '@fiducia/directory'
import { textColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'

/** What the resources of a load are, for the loads after it. */
export function keepReferences(database: Database, staged: Database, origin: string): void {
  const sql = 'INSERT OR REPLACE INTO reference (origin, reference, subject) VALUES (?, ?, ?)'
  for (const row of staged.each('SELECT reference, subject FROM reference'))
    database.run(sql, origin, textColumn(row, 'reference'), row['subject'] === null ? null : textColumn(row, 'subject'))
}

/**
 * Keeps of what the named records of a load speak. Gives the subjects of which one of them spoke before and none speaks now: the role of
 * somebody whose place changed is another subject, and the resource that was the old one says nothing of it any more.
 */
export function replaceSpoken(database: Database, staged: Database, origin: string): readonly SubjectKey[] {
  const left = new Set<SubjectKey>()
  for (const row of staged.each('SELECT DISTINCT name FROM spoken')) {
    const name = textColumn(row, 'name')
    for (const before of database.all('SELECT subject FROM spoken WHERE origin = ? AND name = ?', origin, name)) left.add(keyOf(before))
    database.run('DELETE FROM spoken WHERE origin = ? AND name = ?', origin, name)
  }
  for (const row of staged.each('SELECT name, subject FROM spoken')) {
    database.run('INSERT INTO spoken (origin, name, subject) VALUES (?, ?, ?)', origin, textColumn(row, 'name'), textColumn(row, 'subject'))
    left.delete(keyOf(row))
  }
  // A place can be that of several resources, and few are left: one look through all is enough.
  if (left.size > 0) for (const row of database.each('SELECT subject FROM spoken WHERE origin = ?', origin)) left.delete(keyOf(row))
  return [...left]
}

const keyOf = (row: Readonly<Record<string, unknown>>): SubjectKey => textColumn(row, 'subject') as SubjectKey
