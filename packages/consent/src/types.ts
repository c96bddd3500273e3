import type { Bytes32 } from '@fiducia/core'

/**
 * What is decided about, in plain data (DESIGN section 4). An absent dimension of a grant means "any"; a present one is a
 * list of alternatives; all dimensions of a grant must match.
 */

export type Effect = 'permit' | 'deny'
export type Action = 'read' | 'search' | 'export'

/** Exactly one member is present. */
export type Recipient =
  | { readonly anyone: true }
  | { readonly organization: string }
  | { readonly group: string }
  /** A role code the directory attests, as in `role.attest`. */
  | { readonly role: string }
  /** `system|value` */
  | { readonly practitioner: string }
  | { readonly study: string }
  | { readonly delegate: string }

export const CATEGORIES = ['mental-health', 'substance-use', 'hiv', 'sexual-reproductive', 'violence', 'genetics'] as const
export type Category = (typeof CATEGORIES)[number]

export const CONFIDENTIALITY = ['U', 'L', 'M', 'N', 'R', 'V'] as const
export type Confidentiality = (typeof CONFIDENTIALITY)[number]

/** Which data a grant speaks of. Dates are `YYYY-MM-DD`, inclusive, UTC. */
export interface DataSelector {
  readonly categories?: readonly Category[]
  /** A permit covers what is at most this, a deny what is at least this. */
  readonly confidentiality?: Confidentiality
  readonly sensitivity?: readonly string[]
  readonly types?: readonly string[]
  /** `system|code` */
  readonly codes?: readonly string[]
  readonly sources?: readonly string[]
  readonly authors?: readonly string[]
  readonly encounters?: readonly string[]
  /** Single items, `Type/id`. */
  readonly items?: readonly string[]
  readonly period?: { readonly from?: string; readonly until?: string }
}

export interface Grant {
  readonly effect: Effect
  readonly recipients?: readonly Recipient[]
  /** v3-ActReason codes; a code covers what it subsumes. */
  readonly purposes?: readonly string[]
  readonly data?: DataSelector
  readonly actions?: readonly Action[]
  /** Milliseconds, both inclusive. */
  readonly valid?: { readonly from?: number; readonly until?: number }
  /** What this grant does not speak of; one level. */
  readonly except?: { readonly recipients?: readonly Recipient[]; readonly purposes?: readonly string[]; readonly data?: DataSelector }
}

/** The native policy document, the body behind a policy head's commitment. Its canonical JSON is what is committed to. */
export interface Policy {
  readonly v: 1
  readonly grants: readonly Grant[]
  /** `closed`: the patient refuses even emergencies, where the network allows that. */
  readonly preset?: 'care-team' | 'ask-me' | 'emergency-only' | 'closed'
  /** After this instant (ms) permits and the default no longer apply; its denies stay. The head's `expires` rounds it up to a month. */
  readonly until?: number
  /** Commitments of pending versions that this version replaces, at most 16. */
  readonly replaces?: readonly Bytes32[]
  /** Hashes of links that no longer hold. */
  readonly unlinked?: readonly Bytes32[]
  /** For each delegate key with right `set`: what that delegate may replace. */
  readonly filters?: { readonly [pub: string]: DataSelector }
}

export interface Actor {
  /** `system|value`, every identifier of the one who asks. */
  readonly identifiers: readonly string[]
  readonly organization?: string
  readonly group?: string
  readonly roles: readonly string[]
  readonly study?: string
  readonly delegate?: string
}

export type NetworkDefault = 'deny' | 'normal-treatment' | 'all-treatment' | 'break-glass-only'

export interface Question {
  readonly actor: Actor
  /** All that the request names; what is released must be permitted for each. Empty: no permit matches, every deny does. */
  readonly purposes: readonly string[]
  readonly action: Action
  /** The decision's instant, milliseconds. */
  readonly at: number
  readonly default: NetworkDefault
  /** A live link of the patient to the requester. */
  readonly careRelationship: boolean
  readonly breakGlass?: { readonly reason: string }
}

/** What the decision looks at in one resource; made from FHIR JSON by `readFacts`. `undefined` means unknown. */
export interface ResourceFacts {
  readonly ref: string
  readonly type: string
  /** `system|code`, every coding of the resource that may matter. */
  readonly codes: readonly string[]
  readonly confidentiality: Confidentiality
  readonly sensitivity: readonly string[]
  readonly categories: readonly Category[]
  readonly sources: readonly string[] | undefined
  readonly authors: readonly string[] | undefined
  readonly encounter: string | undefined
  /** Days, inclusive, `YYYY-MM-DD`. */
  readonly period: { readonly from: string; readonly until: string } | undefined
}

export const REASON_CODES = [
  'PERMITTED',
  'DEFAULT_PERMITS',
  'BREAK_GLASS',
  'NO_CONSENT',
  'DENIED_BY_GRANT',
  'LABEL_DENIED',
  'NOT_COVERED',
  'POLICY_EXPIRED',
  'CLOSED',
  'PURPOSE_UNKNOWN',
  'UNREADABLE_RESOURCE',
  'UNREADABLE_POLICY',
  'BREAK_GLASS_REASON_MISSING',
] as const
export type ReasonCode = (typeof REASON_CODES)[number]

export interface Reason {
  readonly code: ReasonCode
  /** Index of the policy in the list that was asked, and of the grant in it. */
  readonly policy?: number
  readonly grant?: number
}

export interface Verdict {
  readonly effect: Effect
  readonly reasons: readonly Reason[]
}
