import type { Bytes32, Handle, OrganizationId } from '@fiducia/core'
import type { Delegate, Recovery, RelationshipHead } from '../../types.ts'

export type { Delegate, DelegateRight, Pending, Recovery, RelationshipHead } from '../../types.ts'

/** Bodies of this module's transactions; keys, hashes and random values are 32 bytes as base64url. */

export interface OpenRelationship {
  readonly handle: Handle
  readonly org: OrganizationId
  readonly control: Bytes32
  readonly rand32: Bytes32
  readonly recovery: Recovery
  readonly custody: RelationshipHead['custody']
  readonly chain: Bytes32
  readonly seal: Bytes32
  readonly bind: Bytes32
}

export interface SetPolicy {
  readonly handle: Handle
  readonly version: number
  readonly commitment: Bytes32
  readonly expires: number
}

/** Types that name the epoch and nothing else: `rel.veto`, `rel.close`. */
export interface AtEpoch {
  readonly handle: Handle
  readonly epoch: number
}

export interface RotateControl extends AtEpoch {
  readonly newControl: Bytes32
  readonly newSeal: Bytes32
}

export interface SetDelegates extends AtEpoch {
  readonly delegates: readonly Delegate[]
}

/** Recovery keys that sign, and the random value that opens their hashes. */
interface OpenedRecovery {
  readonly rand32: Bytes32
  readonly keys: readonly Bytes32[]
}

export interface SetRecovery extends AtEpoch, OpenedRecovery {
  readonly recovery: Recovery
}

export interface Recover extends AtEpoch, OpenedRecovery {
  readonly newControl: Bytes32
  readonly newSeal: Bytes32
}

export interface Rebind extends AtEpoch {
  readonly bind: Bytes32
}
