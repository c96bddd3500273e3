import type { SubjectKey } from '@fiducia/directory'
import type { Database } from '../store/database.ts'
import type { Derived } from './derived.ts'

/** The rows that are searched (`schema.ts`). Each belongs to one word, so that what a word put there can be taken away again. */
export interface WordPlace {
  readonly subject: number
  readonly voice: number
  /** The number of a subject; a new one for a key that was never seen. */
  readonly intern: (key: SubjectKey) => number
}

export function replaceDerived(database: Database, place: WordPlace, old: Derived, fresh: Derived): void {
  if (JSON.stringify(old) === JSON.stringify(fresh)) return
  writeDerived(database, 'DELETE', place, old)
  writeDerived(database, 'INSERT OR IGNORE', place, fresh)
}

export const addDerived = (database: Database, place: WordPlace, fresh: Derived): void => writeDerived(database, 'INSERT OR IGNORE', place, fresh)

function writeDerived(database: Database, what: keyof typeof ROWS, { subject, voice, intern }: WordPlace, { names, states, reaches }: Derived): void {
  const sql = ROWS[what]
  for (const name of names) database.run(sql.name, name, subject, voice)
  for (const state of states) database.run(sql.place, subject, state, voice)
  for (const { subject: who, location } of reaches) database.run(sql.reach, intern(who), subject, location === null ? 0 : intern(location), voice)
}

const ROWS = {
  'INSERT OR IGNORE': {
    name: 'INSERT OR IGNORE INTO name (name, subject, voice) VALUES (?, ?, ?)',
    place: 'INSERT OR IGNORE INTO place (subject, state, voice) VALUES (?, ?, ?)',
    reach: 'INSERT OR IGNORE INTO reach (subject, via, location, voice) VALUES (?, ?, ?, ?)',
  },
  DELETE: {
    name: 'DELETE FROM name WHERE name = ? AND subject = ? AND voice = ?',
    place: 'DELETE FROM place WHERE subject = ? AND state = ? AND voice = ?',
    reach: 'DELETE FROM reach WHERE subject = ? AND via = ? AND location = ? AND voice = ?',
  },
} as const
