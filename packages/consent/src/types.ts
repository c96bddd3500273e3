import type { Bytes32 } from '@fiducia/core'

/**
 * What is decided about, in plain data (DESIGN section 4). An absent dimension of a grant means "any"; a present one is a
 * list of alternatives; all dimensions of a grant must match.
 */

export type Effect = 'permit' | 'deny'

/** Whom a grant speaks of. Of several members a permit needs all, a deny any: a practitioner at an organization, say. */
export interface Recipient {
  readonly anyone?: true
  readonly organization?: string
  readonly group?: string
  /** A role code the directory attests, as in `role.attest`. */
  readonly role?: string
  /** `system|value` */
  readonly practitioner?: string
  readonly study?: string
  readonly delegate?: string
  /** Any other external identifier, `system|value`, or `Type/id` within one case. */
  readonly identifier?: string
  /** A name that led to nobody: a deny means everybody by it, a permit nobody. */
  readonly unresolved?: string
}

export const CATEGORIES = ['mental-health', 'substance-use', 'hiv', 'sexual-reproductive', 'violence', 'genetics'] as const
export type Category = (typeof CATEGORIES)[number]

export const CONFIDENTIALITY = ['U', 'L', 'M', 'N', 'R', 'V'] as const
export type Confidentiality = (typeof CONFIDENTIALITY)[number]

/** Somebody who keeps or writes data, by one name or by several: an organization of the network, `system|value`, or `Type/id`. */
export type Party = string | readonly string[]

/** Single data, `Type/id`: itself, or what hangs on it (R4 consent-data-meaning). */
export type Item =
  | string
  /** It, what refers to it, and what it refers to. */
  | { readonly related: string }
  /** It, what refers to it, what refers to that, and so on. */
  | { readonly dependents: string }
  /** What one of these wrote. */
  | { readonly authoredBy: readonly Party[] }
  /** A name that led to nothing: a deny means everything by it, a permit nothing. */
  | { readonly unresolved: string }

/** Which data a grant speaks of. */
export interface DataSelector {
  readonly categories?: readonly Category[]
  /** A permit covers what is at most this, a deny what is at least this. */
  readonly confidentiality?: Confidentiality
  /** Codes of v3-ActCode; `system|code` for others, which are unknown. */
  readonly sensitivity?: readonly string[]
  /** Resource types; `system|code` for other classes, which are unknown. */
  readonly types?: readonly string[]
  /** `system|code` */
  readonly codes?: readonly string[]
  readonly sources?: readonly Party[]
  readonly authors?: readonly Party[]
  readonly encounters?: readonly string[]
  readonly items?: readonly Item[]
  /** FHIR dates, partial ones standing for their whole span, or instants; inclusive, UTC. */
  readonly period?: { readonly from?: string; readonly until?: string }
}

/** The conditions of the provision that a permit stands in (FHIR: of the root); for its purposes plain subsumption counts. */
export interface Frame {
  readonly recipients?: readonly Recipient[]
  readonly purposes?: readonly string[]
  readonly actions?: readonly string[]
  readonly valid?: Validity
  readonly sources?: readonly Party[]
  readonly authors?: readonly Party[]
}

/** Milliseconds, both inclusive. */
export interface Validity {
  readonly from?: number
  readonly until?: number
}

/** What a grant, or an exception of it, speaks of. */
export interface Scope {
  readonly recipients?: readonly Recipient[]
  /** v3-ActReason codes, each covering what it subsumes; `system|code` for others, which equal only themselves. */
  readonly purposes?: readonly string[]
  readonly data?: DataSelector
  /** `read`, `search`, `export`, and those of FHIR that no node asks for; `system|code` for others. */
  readonly actions?: readonly string[]
  readonly valid?: Validity
  readonly within?: Frame
}

export interface Grant extends Scope {
  readonly effect: Effect
  /** What this grant does not speak of: one scope, or several of which any counts; one level. */
  readonly except?: Scope | readonly Scope[]
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
  /** Identifiers that may be theirs as well; only denies look at them. */
  readonly possible?: readonly string[]
  /** Somebody could not be told who this is: every deny that names recipients may mean them. */
  readonly unidentified?: true
  /** Absent: unknown. */
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
  /** `read`, `search` or `export`; any other is matched by every deny, and by a permit that names it. */
  readonly action: string
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
  readonly sources: readonly Party[] | undefined
  readonly authors: readonly Party[] | undefined
  readonly encounter: string | undefined
  /** Milliseconds, inclusive. */
  readonly period: TimeSpan | undefined
  /** How it hangs together with other data; absent where nobody looked. */
  readonly links?: Links
}

/** Milliseconds since 1970, inclusive. */
export interface TimeSpan {
  readonly from: number
  readonly until: number
}

/** What can be reached: for certain, perhaps (the certain ones included), and whether that is all there may be. */
export interface Reach {
  readonly names: ReadonlySet<string>
  readonly possible: ReadonlySet<string>
  readonly complete: boolean
}

export interface Links {
  /** What it refers to, and what refers to it. */
  readonly related: Reach
  /** What it refers to, what that refers to, and so on. */
  readonly dependsOn: Reach
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
