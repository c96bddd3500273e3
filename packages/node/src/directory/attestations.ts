import type { Bytes32 } from '@fiducia/core'
import { groupOf, roleIdOf, type RoleOpening, roleRecord } from '@fiducia/ledger'
import { NodeFailure } from '../failures.ts'
import type { NodeContext } from '../node-context.ts'
import { transact } from '../transact.ts'

/**
 * This organization's word on the role of a practitioner: `role.attest` and `role.withdraw` (PROTOCOL section 3). Only a
 * commitment goes on the ledger; who it is about is known to those who were shown the opening.
 */
export interface Attestations {
  /** Until `expires`, milliseconds. Gives the role's id. */
  attest(opening: RoleOpening, rand32: Uint8Array, expires: number): Promise<Bytes32>
  withdraw(opening: RoleOpening, rand32: Uint8Array): Promise<Bytes32>
}

export function createAttestations(context: NodeContext): Attestations {
  const { ledger, clock } = context

  async function submit(type: 'role.attest' | 'role.withdraw', opening: RoleOpening, rand32: Uint8Array, expires: number): Promise<Bytes32> {
    const role = roleIdOf(opening, rand32)
    const group = groupOf(ledger.tip(), context.org)
    const known = group === undefined ? undefined : roleRecord(ledger.tip(), role, group)
    const body = { role, version: (known?.version ?? 0) + 1, expires }
    const { result } = await transact(context, type, body)
    if (!result.accepted) throw new NodeFailure('TRANSACTION_REFUSED', `the ledger refused the attestation: ${result.code}, ${result.message}`)
    return role
  }

  return {
    attest: (opening, rand32, expires) => submit('role.attest', opening, rand32, expires),
    withdraw: (opening, rand32) => submit('role.withdraw', opening, rand32, clock.now()),
  }
}
