import { parseCheckpoint, parseNote } from '@fiducia/core'
import { MAX_CONTRADICTIONS } from '../limits.ts'
import { textColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'

/**
 * Notes that a log signed and that contradict what this member replayed or mirrored. They are kept for good and shown to whoever
 * asks: with any other note of the same key each is a proof of fraud.
 */
export interface Contradictions {
  /** Durable when it returns. Of each log the first ones are kept: one is proof enough. */
  keep(note: string): void
  /** Of one log, or all. */
  of(origin?: string): readonly string[]
}

export function createContradictions(database: Database): Contradictions {
  const of = (origin: string) => database.all('SELECT note FROM contradiction WHERE origin = ?', origin).map((row) => textColumn(row, 'note'))
  return {
    keep(note) {
      const { origin } = parseCheckpoint(parseNote(note).text)
      if (of(origin).length < MAX_CONTRADICTIONS) database.run('INSERT INTO contradiction (origin, note) VALUES (?, ?) ON CONFLICT DO NOTHING', origin, note)
    },
    of: (origin) => (origin === undefined ? database.all('SELECT note FROM contradiction').map((row) => textColumn(row, 'note')) : of(origin)),
  }
}
