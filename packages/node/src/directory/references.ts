import type { SubjectKey } from '@fiducia/directory'
import { textColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'

/**
 * What the resources of a load are, for the loads after it. Gives the subjects that a resource was before and that none is now: a role whose
 * location changed is another subject, and the resource that was the old one says nothing of it any more.
 */
export function replaceReferences(database: Database, staged: Database, origin: string): readonly SubjectKey[] {
  const left = new Set<SubjectKey>()
  for (const row of staged.each('SELECT reference, subject FROM reference')) {
    const reference = textColumn(row, 'reference')
    const subject = subjectOf(row)
    const before = subjectOf(database.get('SELECT subject FROM reference WHERE origin = ? AND reference = ?', origin, reference) ?? {})
    if (before !== null && before !== subject) left.add(before)
    database.run('INSERT OR REPLACE INTO reference (origin, reference, subject) VALUES (?, ?, ?)', origin, reference, subject)
  }
  if (left.size > 0)
    for (const row of database.each('SELECT subject FROM reference WHERE origin = ? AND subject IS NOT NULL', origin)) left.delete(subjectOf(row) ?? NONE)
  return [...left]
}

const NONE = '' as SubjectKey

const subjectOf = ({ subject }: Readonly<Record<string, unknown>>): SubjectKey | null =>
  subject === null || subject === undefined ? null : (textColumn({ subject }, 'subject') as SubjectKey)
