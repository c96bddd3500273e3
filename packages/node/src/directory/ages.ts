import { fieldPolicy, type Statement, type SubjectKind } from '@fiducia/directory'
import { CONFIRM_AFTER_PART } from './limits.ts'
import type { Fields, Word } from './words.ts'

/**
 * A value goes stale at its verify-by, whatever its source still says, unless somebody says it again. A load that says again what was said
 * before states nothing as long as that is new; once it has grown old, the load confirms it. Pure.
 */

/** When each field of a word was last said to hold, milliseconds. */
export type Observed = ReadonlyMap<string, number>

const DAY_MS = 86_400_000

/** From then on a field is to be said again. */
const dueAt = (kind: SubjectKind, field: string, observedAt: number): number =>
  observedAt + Math.floor((fieldPolicy(kind, field).verifyDays * DAY_MS) / CONFIRM_AFTER_PART)

/** From then on the first of the fields is. */
export const dueOf = (kind: SubjectKind, observed: Observed): number =>
  Math.min(Number.MAX_SAFE_INTEGER, ...[...observed].map(([field, at]) => dueAt(kind, field, at)))

/** Of all that one voice says of a subject, in its order. */
export function lastObserved(statements: readonly Statement[]): Observed {
  const observed = new Map<string, number>()
  for (const { operation, fields, observedAt } of statements)
    for (const [field, value] of Object.entries(fields)) {
      if (value === null) observed.delete(field)
      else if (operation !== 'deny') observed.set(field, observedAt)
    }
  return observed
}

export interface Again {
  readonly word: Word | undefined
  readonly observed: Observed
  /** What is said now, and when it was seen so. Another spelling counts as the value that stands. */
  readonly said: Fields
  readonly observedAt: number
}

/** The values that stand, are said again, and are due; undefined for none. */
export function agedFields(kind: SubjectKind, { word, observed, said, observedAt }: Again): Fields | undefined {
  const aged = Object.entries(word?.fields ?? {}).filter(([field]) => {
    const at = observed.get(field)
    return Object.hasOwn(said, field) && at !== undefined && observedAt >= dueAt(kind, field, at)
  })
  return aged.length === 0 ? undefined : Object.fromEntries(aged)
}
