import type { Bytes32, GroupId } from '@fiducia/core'
import { readRecord } from '../../state.ts'
import type { LedgerState } from '../../types.ts'
import { members } from '../membership/queries.ts'
import type { RoleRecord } from './types.ts'

/** Attested roles. */

export const roleKey = (role: Bytes32, group: GroupId): string => `role/${role}/${group}`

export const roleRecord = (state: LedgerState, role: Bytes32, group: GroupId): RoleRecord | undefined => readRecord<RoleRecord>(state, roleKey(role, group))

export interface RoleStatus {
  /** Live attestations of two groups stand, so one of them is outside the requester's. */
  readonly counts: boolean
  /** Groups whose attestation is live at the instant, sorted. */
  readonly live: readonly GroupId[]
  /** Live groups other than the requester's. */
  readonly outside: readonly GroupId[]
}

/** How a role stands at instant `t` (milliseconds); an attestation is still live at its `expires`. */
export function roleStatus(state: LedgerState, role: Bytes32, requesterGroup: GroupId, t: number): RoleStatus {
  const groups = [...new Set(members(state).map(({ group }) => group))].sort()
  const live = groups.filter((group) => {
    const record = roleRecord(state, role, group)
    return record !== undefined && !record.withdrawn && t <= record.expires
  })
  const outside = live.filter((group) => group !== requesterGroup)
  return { counts: live.length >= 2 && outside.length >= 1, live, outside }
}
