import type { Bytes32, GroupId, Handle, JsonObject, KeyAlgorithm, KeyId, KeyRole, NetworkId, OrganizationId, StateTree } from '@fiducia/core'

/**
 * What the ledger orders and what it keeps (PROTOCOL sections 1 to 4). Every record is stored as its canonical JSON under
 * an ASCII key; the shapes here are those of the protocol, whole, so that features that come later need no migration.
 */

// ---- transactions ---------------------------------------------------------------------------------------------------

export const TRANSACTION_TYPES = [
  'rel.open',
  'rel.rotate',
  'rel.delegate',
  'rel.recovery',
  'rel.recover',
  'rel.veto',
  'rel.rebind',
  'rel.close',
  'policy.set',
  'role.attest',
  'role.withdraw',
  'batch.offer',
  'batch.hold',
  'batch.miss',
  'contest.open',
  'contest.rule',
  'access.open',
  'access.checkpoint',
  'access.dispute',
  'access.answer',
  'key.add',
  'key.retire',
  'study.propose',
  'study.vote',
  'run.open',
  'run.abort',
  'run.close',
  'round.begin',
  'round.input',
  'round.survivors',
] as const
export type TransactionType = (typeof TRANSACTION_TYPES)[number]

/** A decoded transaction: the wire is canonical, the shape of the envelope holds. Signatures are not judged yet. */
export interface Transaction {
  readonly id: Bytes32
  readonly type: TransactionType
  readonly net: NetworkId
  readonly validUntil: number
  readonly body: JsonObject
  readonly signatures: readonly { readonly key: KeyId; readonly sig: Uint8Array }[]
  readonly signedBytes: Uint8Array
  readonly wire: Uint8Array
}

// ---- membership -----------------------------------------------------------------------------------------------------

/** The file that starts a network; its hash is the log's first entry. Members' keys are admitted with it. */
export interface Genesis {
  readonly v: 1
  readonly net: NetworkId
  /** Milliseconds; the first block may not be earlier. */
  readonly time: number
  readonly operator: OrganizationId
  readonly members: { readonly [org: string]: GenesisMember }
  readonly rules: NetworkRules
}

export interface GenesisMember {
  readonly name: string
  readonly group: GroupId
  /** Base URL of the node, without a final slash. */
  readonly endpoint: string
  readonly keys: readonly { readonly role: KeyRole; readonly alg: KeyAlgorithm; readonly pub: string }[]
}

/** `member/<org>` */
export interface MemberRecord {
  readonly name: string
  readonly group: GroupId
  readonly endpoint: string
}

export type NetworkDefault = 'deny' | 'normal-treatment' | 'all-treatment' | 'break-glass-only'

/** `rules` */
export interface NetworkRules {
  readonly default: NetworkDefault
  /** T: how old cosignatures may be, in seconds. */
  readonly freshSeconds: number
}

/** `trust`, PROTOCOL section 2. Verifier keys as text, sorted. */
export interface TrustRecord {
  readonly k: number
  readonly logs: readonly string[]
  readonly groups: { readonly [group: string]: readonly string[] }
  readonly quorum: number
}

/** `key.add`: a key of the signing organization, proved to be its own where it signs transactions. */
export interface AddKey {
  readonly role: KeyRole
  readonly alg: KeyAlgorithm
  /** base64url */
  readonly pub: string
}

/** `key.retire`: the key counts no more from this block on; with `compromisedFrom` (a height) from that block on. */
export interface RetireKey {
  readonly key: KeyId
  readonly compromisedFrom?: number
}

// ---- policy ---------------------------------------------------------------------------------------------------------

export type DelegateRight = 'set' | 'restrict' | 'link' | 'read'

export interface Delegate {
  readonly pub: Bytes32
  readonly rights: readonly DelegateRight[]
  readonly expires: number
}

export interface Recovery {
  readonly m: number
  readonly hashes: readonly Bytes32[]
}

export type Pending =
  | null
  | { readonly kind: 'recover'; readonly control: Bytes32; readonly seal: Bytes32; readonly at: number }
  | { readonly kind: 'close'; readonly at: number }

/** `rel/<handle>`: the policy head, PROTOCOL section 3. */
export interface RelationshipHead {
  readonly org: OrganizationId
  readonly status: 'open' | 'recovering' | 'closed'
  readonly epoch: number
  readonly version: number
  readonly commitment: Bytes32 | null
  readonly expires: number
  readonly by: Bytes32 | null
  readonly base: number | null
  readonly control: Bytes32
  readonly delegates: readonly Delegate[]
  readonly recovery: Recovery
  readonly pending: Pending
  readonly custody: 'self' | 'custodial'
  readonly chain: Bytes32
  readonly seal: Bytes32
  readonly bind: Bytes32
}

/** `role/<role>/<group>` */
export interface RoleRecord {
  readonly version: number
  readonly expires: number
  readonly withdrawn: boolean
}

/** What a role id commits to, opened by the requester: JCS of `{code, org, practitioner}`. */
export interface RoleOpening {
  readonly code: string
  readonly org: OrganizationId
  /** `system|value` */
  readonly practitioner: string
}

// ---- directory ------------------------------------------------------------------------------------------------------

/** `batch/<root>`: statements of one member about providers, of which the ledger has the root of the tree over their commitments. */
export interface BatchRecord {
  readonly org: OrganizationId
  /** The how-manieth of its author, from 0. */
  readonly n: number
  readonly count: number
  /** Block time of the offer, milliseconds. */
  readonly at: number
  /** Block at which a quorum of groups had the blob: from then on its statements count; null until then. */
  readonly counted: null | { readonly at: number; readonly height: number }
}

/** `author/<org>`: how many batches the member has offered, so that nobody can show some of them as all. */
export interface AuthorRecord {
  readonly batches: number
}

/** `hold/<root>/<group>`: the group has fetched the batch, checked it, and serves it. */
export interface HoldRecord {
  readonly org: OrganizationId
  readonly at: number
}

/** `miss/<root>/<org>`: groups that did not get from `org` what it said that it holds. Sorted. */
export interface MissRecord {
  readonly by: readonly GroupId[]
}

export type Ruling = 'stands' | 'falls' | 'unclear'

/** `contest/<id>`: one field of one statement is contested, and three uninvolved members rule. */
export interface ContestRecord {
  readonly root: Bytes32
  readonly index: number
  /** The statement's commitment. */
  readonly com: Bytes32
  /** As the table of fields lists it; nothing that names one of many. */
  readonly field: string
  /** Who said it, and who contests it. */
  readonly org: OrganizationId
  readonly by: OrganizationId
  readonly at: number
  readonly panel: readonly OrganizationId[]
  readonly rulings: { readonly [org: string]: Ruling }
  readonly outcome: null | Ruling
}

/** `merit/<org>`: how contests with the organization in them ended; nothing else moves it. */
export interface MeritRecord {
  readonly right: number
  readonly wrong: number
}

// ---- access ---------------------------------------------------------------------------------------------------------

/** `alog/<origin>` */
export interface AccessLogRecord {
  readonly size: number
  readonly root: Bytes32
  readonly height: number
  readonly at: number
}

/** `dispute/<id>` */
export interface DisputeRecord {
  readonly at: number
  readonly by: OrganizationId
  readonly origin: string
  readonly root: Bytes32
  readonly size: number
}

/** `answer/<id>` */
export interface AnswerRecord {
  readonly at: number
}

// ---- study ----------------------------------------------------------------------------------------------------------

/** `study/<spec>`: the hash of a spec names the study, so that any edit makes another one. */
export interface StudyRecord {
  /** Who proposed it, and runs it. */
  readonly by: OrganizationId
  readonly at: number
  /** Whose data it asks for; sorted. */
  readonly sites: readonly OrganizationId[]
  /** How many runs were opened; the newest has this number. */
  readonly runs: number
}

/** `ballot/<spec>/<org>`: a site's own decision; a later one replaces it. */
export interface BallotRecord {
  readonly version: number
  readonly approves: boolean
  readonly at: number
}

export const ABORT_REASONS = ['withdrawal', 'policy', 'data', 'too-few', 'deviation'] as const
export type AbortReason = (typeof ABORT_REASONS)[number]

/** `run/<spec>/<run>` */
export interface RunRecord {
  readonly at: number
  /** Sites that take part; sorted. */
  readonly roster: readonly OrganizationId[]
  /** How many rounds were begun. */
  readonly rounds: number
  /** Sites in the sums, the same in every round; null before the first. Sorted. */
  readonly survivors: null | readonly OrganizationId[]
  readonly outcome: null | RunOutcome
}

export type RunOutcome =
  | { readonly state: 'aborted'; readonly at: number; readonly by: OrganizationId; readonly reason: AbortReason }
  | { readonly state: 'closed'; readonly at: number; readonly result: Bytes32; readonly card: Bytes32; readonly microEpsilon: number }

/** `round/<spec>/<run>/<round>` */
export interface RoundRecord {
  readonly at: number
  /** Hash of the public values that go out to the sites; those that come of a round go out in the next. */
  readonly model: Bytes32
  /** Hash of all terms of the masked sum: model, roster, ring, length. */
  readonly terms: Bytes32
  /** By site: the hash of the keys and shares of the round as the site saw them, and the commitment to its masked vector. */
  readonly inputs: { readonly [org: string]: { readonly transcript: Bytes32; readonly commitment: Bytes32 } }
  readonly survivors: null | readonly OrganizationId[]
}

// ---- the state machine ----------------------------------------------------------------------------------------------

/** Everything a block is applied to. Immutable: an old state stays readable for whoever holds it. */
export interface LedgerState {
  readonly net: NetworkId
  /** Of the last block that accepted something; 0 after genesis. */
  readonly height: number
  /** Block time of that block, milliseconds. */
  readonly time: number
  readonly tree: StateTree
  /** Lists derived from the tree, for questions that no single state key answers. */
  readonly index: LedgerIndex
}

/** Follows from the state tree alone and is no part of its root; kept beside it so that no rule has to scan the tree. */
export interface LedgerIndex {
  /** Sorted. */
  readonly members: readonly OrganizationId[]
  readonly keys: ReadonlyMap<OrganizationId, readonly KeyId[]>
  /** The log key of each opened access log. */
  readonly origins: ReadonlyMap<string, KeyId>
  /** Roots of all batches, in the order of the tree or of their offers. */
  readonly batches: readonly Bytes32[]
  /** Ids of all contests, in the order of the tree or of their opening. */
  readonly contests: readonly Bytes32[]
  /** Disputes without an answer, in the order of the tree or of their filing. */
  readonly openDisputes: readonly Bytes32[]
  /** Origin, size and root of each note for which an answer stands. */
  readonly answeredNotes: ReadonlySet<string>
}

export interface Block {
  readonly height: number
  readonly time: number
  /** Wire bytes, in order. */
  readonly transactions: readonly Uint8Array[]
}

export type TransactionResult =
  | { readonly accepted: true; readonly id: Bytes32; readonly type: TransactionType; readonly changed: readonly string[] }
  | { readonly accepted: false; readonly code: string; readonly message: string }

export interface BlockResult {
  /** The state after; the very same object when nothing was accepted. */
  readonly state: LedgerState
  /** One for each transaction, in order. */
  readonly results: readonly TransactionResult[]
}

/** Judges one signature; the engine passes a memo of verdicts that were reached on arrival, in the thread pool. */
export type VerifySignature = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean

/** Which relationship a state key names. */
export const relationshipKey = (handle: Handle): string => `rel/${handle}`
