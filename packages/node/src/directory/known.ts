import { type KindOf, npiSubject, type OtherNameOf, type ReferenceIndex, type SubjectKey } from '@fiducia/directory'
import { textColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'
import type { Staging } from './staging.ts'

/** What readers may ask: what the directory held before the load, and what earlier files of the load brought. */
export interface Known {
  readonly kindOf: KindOf
  readonly otherNameOf: OtherNameOf
  /** What earlier loads of the same origin found. */
  readonly references: ReferenceIndex
}

export function whatIsKnown(database: Database, staging: Staging, origin: string): Known {
  const reference = (name: string) => database.get('SELECT subject FROM reference WHERE origin = ? AND reference = ?', origin, name)
  const isStored = (key: SubjectKey) => database.get('SELECT 1 FROM subject s JOIN statement t ON t.subject = s.id WHERE s.key = ? LIMIT 1', key) !== undefined
  return {
    kindOf(npi) {
      const kinds = (['practitioner', 'organization'] as const).filter((kind) => isStored(npiSubject(kind, npi)) || staging.has(npiSubject(kind, npi)))
      // Of an NPI that was deactivated before anybody knew whom it names, both subjects stand there: nobody knows yet.
      return kinds.length === 1 ? kinds[0] : undefined
    },
    otherNameOf(npi) {
      const subject = npiSubject('organization', npi)
      if (!staging.has(subject)) return undefined
      const row = staging.database.get("SELECT fields ->> 'otherName' AS name FROM staged WHERE key = ? AND name IS NOT NULL", subject)
      return row === undefined ? undefined : textColumn(row, 'name')
    },
    references: {
      get(name) {
        const subject = reference(name)?.['subject'] ?? null
        return subject === null ? undefined : (textColumn({ subject }, 'subject') as SubjectKey)
      },
      has: (name) => reference(name) !== undefined,
    },
  }
}
