import type { Bytes32 } from '@fiducia/core'

export type { RoleOpening, RoleRecord } from '../../types.ts'

/** Body of `role.attest` and `role.withdraw`. */
export interface RoleStatement {
  readonly role: Bytes32
  readonly version: number
  readonly expires: number
}
