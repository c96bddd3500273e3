import type { Category, Grant, Policy, Recipient } from '../types.ts'

/**
 * What a person chooses, in their own terms. `policyOf` turns choices into grants and `choicesOf` reads them out of grants
 * again; what no choice says stays beside them word for word, so that nothing is lost on the way there or back.
 *
 * | choice | grants |
 * |---|---|
 * | any preset | nobody may do anything, except as the permits beside it say |
 * | `care-team` | everybody may read what is not sensitive, and the topics that are on, for treatment; and everything in an emergency |
 * | `ask-me` | only the approved may read |
 * | `emergency-only` | only the approved may read, and everybody in an emergency |
 * | `closed` | nobody, whatever was approved; it counts again when another preset is chosen |
 * | approved | may read what is not sensitive, the topics that are on, and those named for them |
 * | blocked | may not do anything, or not with the topics or types named |
 * | hidden | nobody may do anything with the item |
 *
 * Each exception of a deny is the scope of a permit beside it, so that a policy can be written as FHIR Consents.
 */
export interface Choices {
  /** `own`: no preset made these grants; `further` has them. */
  readonly preset: Preset | 'own'
  /** What a policy of one's own calls itself: of consequence where that is `closed`. */
  readonly named?: Preset
  /** The topics that are switched on. All are off at first, whatever the preset. */
  readonly shared?: readonly Category[]
  readonly approved?: readonly Approval[]
  readonly blocked?: readonly Block[]
  /** Single items that nobody gets to see, `Type/id`; at most `MAX_ALTERNATIVES`. */
  readonly hidden?: readonly string[]
  /** The last instant at which anything is shared, milliseconds. */
  readonly until?: number
  /** Grants that no choice says. */
  readonly further?: readonly Grant[]
  readonly replaces?: NonNullable<Policy['replaces']>
  readonly unlinked?: NonNullable<Policy['unlinked']>
  readonly filters?: NonNullable<Policy['filters']>
}

export type Preset = NonNullable<Policy['preset']>
export const PRESETS = ['care-team', 'ask-me', 'emergency-only', 'closed'] as const satisfies readonly Preset[]

/** A recipient that is somebody in particular: an exception for everybody would be none. */
export interface Somebody extends Omit<Recipient, 'anyone' | 'unresolved'> {
  readonly anyone?: never
  readonly unresolved?: never
}

/** Somebody who may see. */
export interface Approval {
  readonly who: Somebody
  /** Topics that they may see although those are off for others. */
  readonly categories?: readonly Category[]
  /** Only entries of these types. */
  readonly types?: readonly string[]
  /** Treatment where absent. */
  readonly purposes?: readonly string[]
  /** The last instant, milliseconds. */
  readonly until?: number
}

/** Somebody who may not see, for no purpose. Of a `who` with several members each is blocked. */
export interface Block {
  readonly who: Somebody
  /** Only these topics; all data where absent. */
  readonly categories?: readonly Category[]
  /** Only entries of these types. */
  readonly types?: readonly string[]
  /** The last instant, milliseconds. */
  readonly until?: number
}

export const isSomebody = (recipient: Recipient): recipient is Somebody =>
  recipient.anyone === undefined && recipient.unresolved === undefined && Object.keys(recipient).length > 0

/** A text that two values share exactly if they are equal; the order of members does not matter. */
export const keyOf = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
