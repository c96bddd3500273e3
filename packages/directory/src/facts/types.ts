import type { Branded, Bytes32, GroupId, OrganizationId } from '@fiducia/core'

/**
 * What members say of providers. A *statement* is what one member says of one subject at one time: several fields, one
 * operation. A load signs thousands of statements as one batch (`statement.ts`). Resolution looks at one field at a time:
 * an *attestation* is a statement's word on one field, with who said it and where it stands on the ledger.
 */

export const SUBJECT_KINDS = ['practitioner', 'organization', 'location', 'role', 'participation', 'endpoint'] as const
export type SubjectKind = (typeof SUBJECT_KINDS)[number]

/** `KIND/npi/N` where an NPI names it, else `KIND/H` with H a hash of what names it (`subjects.ts`): the same for every member. */
export type SubjectKey = Branded<'SubjectKey'>

/** A field as `fields.ts` lists it; of many of a kind the name goes on after a slash: `taxonomy/207Q00000X`. */
export type FieldName = Branded<'FieldName'>

export const OPERATIONS = ['assert', 'confirm', 'deny', 'correct', 'withdraw'] as const
/**
 * `assert` and `correct` say that the value holds (`correct`: that another one was wrong), `confirm` that it still does, `deny` that it does not;
 * `withdraw` takes back what the same member said of these fields under the same origin.
 */
export type Operation = (typeof OPERATIONS)[number]

export const BASES = ['primary-source', 'own-record', 'counterparty', 'self', 'observed', 'import'] as const
/**
 * How the attester knows: from whoever decides the fact (a board, a registry that is the law's own), from its own records as
 * the owner of the fact, as the other side of it (the payer of a participation), about itself, by having seen it, or out of a file of others.
 */
export type Basis = (typeof BASES)[number]

export interface Statement {
  readonly subject: SubjectKey
  readonly operation: Operation
  /** The value of each field as its source writes it; null, and nothing else, where the operation is `withdraw`. */
  readonly fields: { readonly [field: string]: string | null }
  /** Milliseconds: when the source saw it so, not when it was loaded. */
  readonly observedAt: number
  readonly basis: Basis
  /** Whose word it is in the end: `nppes`, or the attester's own id. All imports of one origin are one voice. */
  readonly origin: string
}

/** A statement's word on one field, as resolution takes it. */
export interface Attestation {
  readonly subject: SubjectKey
  readonly field: FieldName
  readonly operation: Operation
  /** Null where the operation is `withdraw`. */
  readonly value: string | null
  readonly observedAt: number
  readonly basis: Basis
  readonly origin: string
  readonly attester: OrganizationId
  readonly group: GroupId
  /** Block time at which its batch counted, milliseconds, and its order: a later one of the same attester, origin and field replaces an earlier one. */
  readonly recordedAt: number
  readonly height: number
  /** Of the leaf in its batch, and of the batch in its block: orders what one block brought. */
  readonly position: number
  /** The leaf's commitment: decides where nothing else does. */
  readonly tag: Bytes32
}
