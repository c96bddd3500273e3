import type { SubjectKind } from '@fiducia/directory'
import { integerColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'
import { MIN_SUBJECTS_FOR_SHARE } from './limits.ts'

/** More than was allowed is changed or withdrawn: so many of so many that the voice had, of one kind of subject or of all together. */
export interface Excess {
  readonly kind: SubjectKind | 'subject'
  readonly gone: number
  readonly had: number
}

interface Tally {
  new: number
  changed: number
  withdrawn: number
  /** Neither. */
  kept: number
}

/**
 * How much of what a voice had a load takes away, kind by kind: a row of a roster is a practitioner, a location and a role, and half of the
 * practitioners renamed are a sixth of all subjects.
 */
export class Shares {
  readonly #tallies = new Map<SubjectKind, Tally>()

  count(kind: SubjectKind, what: keyof Tally): void {
    const tally = this.#tallies.get(kind) ?? { new: 0, changed: 0, withdrawn: 0, kept: 0 }
    tally[what] += 1
    this.#tallies.set(kind, tally)
  }

  /** `countOf`: how many subjects of a kind there are now that the load is written; `had`: of all kinds, before it. */
  excess(percent: number, had: number, countOf: (kind: SubjectKind) => number): Excess | null {
    const isTooMuch = (gone: number, of: number) => of >= MIN_SUBJECTS_FOR_SHARE && gone * 100 > of * percent
    for (const [kind, { new: added, changed, withdrawn, kept }] of this.#tallies) {
      const gone = changed + withdrawn
      // To count what a large directory had takes seconds, and what the load speaks of mostly says enough.
      if (gone * 100 <= (gone + kept) * percent) continue
      const hadOfKind = countOf(kind) - added + withdrawn
      if (isTooMuch(gone, hadOfKind)) return { kind, gone, had: hadOfKind }
    }
    const gone = [...this.#tallies.values()].reduce((sum, { changed, withdrawn }) => sum + changed + withdrawn, 0)
    return isTooMuch(gone, had) ? { kind: 'subject', gone, had } : null
  }
}

/** How many subjects of a kind a voice says something of. `0` is the character after `/`. */
export const countOfKind = (database: Database, voice: number, kind: SubjectKind): number =>
  integerColumn(database.get(OF_KIND, `${kind}/`, `${kind}0`, voice) ?? {}, 'n')

const OF_KIND = 'SELECT count(*) AS n FROM subject s JOIN newest n ON n.subject = s.id WHERE s.key >= ? AND s.key < ? AND n.voice = ?'
