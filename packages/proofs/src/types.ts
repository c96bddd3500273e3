import type { Bytes32, Handle, JsonObject, StateProof } from '@fiducia/core'
import type { RelationshipHead } from '@fiducia/ledger'

/** Leaves, records and files of the evidence (PROTOCOL sections 4 and 5). */

export const LEAF_BYTES = 72

export type LeafKind = 'entry' | 'seal'

/** One leaf of an access log. `slot` = floor(unix seconds / 60). */
export interface AccessLeaf {
  readonly kind: LeafKind
  readonly slot: number
  readonly tag: Uint8Array
  readonly com: Uint8Array
}

/** What the AuditEvent says that the rules look at. Undefined where the event names none (an unlinked request). */
export interface DisclosureFacts {
  readonly handle: Handle | undefined
  readonly requester: string
  /** `system|value` */
  readonly practitioner: string
  readonly purpose: string
  readonly authzHash: Bytes32
  readonly responseDigest: Bytes32
  readonly mirrorKey: Bytes32
}

/** One item that was not released, and why; `ref` is `*` when the whole request was refused. */
export interface Withheld {
  readonly code: string
  readonly ref: string
}

/** The holder's own record of a decision; only the patient gets it. Its canonical JSON is hashed into the leaf. */
export interface DecisionRecord {
  /** H(client assertion) */
  readonly assertion: Bytes32
  readonly directoryHeight: number
  readonly height: number
  /** Milliseconds: max(last block time, own clock). */
  readonly instant: number
  readonly k: number
  readonly n: number
  /** The label rule set's id and version. */
  readonly rules: string
  readonly tag: Bytes32
  /** Every policy version that was consulted. */
  readonly versions: readonly number[]
  readonly withheld: readonly Withheld[]
}

/** The relationship record with its state proof under a cosigned checkpoint, texts exactly as they stand in files. */
export interface ProvenHead {
  readonly value: RelationshipHead
  readonly state: StateProof
  /** base64url of the 57-byte block entry. */
  readonly block: string
  /** tlog-proof text. */
  readonly proof: string
}

export interface Receipt {
  /** The exact text of the AuditEvent. */
  readonly disclosure: string
  readonly head: ProvenHead | null
  /** base64url of the 72 bytes. */
  readonly leaf: string
  /** tlog-proof text with `extra`. */
  readonly proof: string
}

/** The plain content of a sealed copy. */
export interface SealedContent {
  readonly decision: DecisionRecord
  readonly disclosure: string
  readonly salt: Bytes32
  readonly salt2: Bytes32
}

export const BUNDLE_KINDS = ['consent-state', 'access', 'completeness', 'attestation', 'entry', 'sample', 'study', 'fraud'] as const
export type BundleKind = (typeof BUNDLE_KINDS)[number]

/** The ways in which a bundle can prove that somebody broke the rules; the files tell which. */
export const FRAUD_FORMS = ['fork', 'left-out', 'off-chain', 'twin-tags', 'unanswered'] as const
export type FraudForm = (typeof FRAUD_FORMS)[number]

/** What a bundle's checklist depends on: its kind, and of a fraud bundle the form. */
export type BundleForm = Exclude<BundleKind, 'fraud'> | FraudForm

/** A bundle in memory: file name (one folder level at most) to bytes. */
export type BundleFiles = ReadonlyMap<string, Uint8Array>

export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

export interface Verification {
  readonly valid: boolean
  readonly kind: BundleKind | 'tlog-proof' | 'unknown'
  readonly checks: readonly Check[]
  readonly proves: readonly string[]
  readonly doesNotProve: readonly string[]
  /** What the caller may print: handle, height, cosignature time … never personal data beyond the bundle's own. */
  readonly facts: JsonObject
}
