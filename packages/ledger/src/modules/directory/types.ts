import type { Bytes32, OrganizationId } from '@fiducia/core'
import type { Ruling } from '../../types.ts'

export type { AuthorRecord, BatchRecord, ContestRecord, HoldRecord, MeritRecord, MissRecord, RoleOpening, RoleRecord, Ruling } from '../../types.ts'

/** Body of `role.attest` and `role.withdraw`. */
export interface RoleStatement {
  readonly role: Bytes32
  readonly version: number
  readonly expires: number
}

/** Body of `batch.offer`. */
export interface OfferBatch {
  readonly root: Bytes32
  readonly count: number
}

/** Body of `batch.hold`. */
export interface HoldBatch {
  readonly root: Bytes32
}

/** Body of `batch.miss`: the signer did not get the batch from `org`, which says that it holds it. */
export interface MissBatch {
  readonly root: Bytes32
  readonly org: OrganizationId
}

/** Body of `contest.open`. */
export interface OpenContest {
  readonly root: Bytes32
  readonly index: number
  readonly com: Bytes32
  readonly path: readonly Bytes32[]
  readonly field: string
}

/** Body of `contest.rule`. */
export interface RuleContest {
  readonly contest: Bytes32
  readonly ruling: Ruling
}
