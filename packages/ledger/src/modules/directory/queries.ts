import type { Bytes32, GroupId, OrganizationId } from '@fiducia/core'
import { readRecord } from '../../state.ts'
import { BATCH_WAIT_MS, CONTEST_WAIT_MS } from '../../limits.ts'
import type { LedgerState } from '../../types.ts'
import { members, quorumOfGroups } from '../membership/queries.ts'
import type { AuthorRecord, BatchRecord, ContestRecord, HoldRecord, MeritRecord, MissRecord, RoleRecord, Ruling } from './types.ts'

/** Attested roles; batches of statements, who has them, what is contested, and how reliable a member was found. Ages are read at an instant. */

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

export const batch = (state: LedgerState, root: Bytes32): BatchRecord | undefined => readRecord<BatchRecord>(state, `batch/${root}`)

/** How many batches a member has offered; its newest has a number one below. */
export const batchesBy = (state: LedgerState, org: OrganizationId): number => readRecord<AuthorRecord>(state, `author/${org}`)?.batches ?? 0

export interface OfferedBatch extends BatchRecord {
  readonly root: Bytes32
}

/** All batches that were ever offered. */
export const batches = (state: LedgerState): readonly OfferedBatch[] =>
  state.index.batches.flatMap((root) => {
    const record = batch(state, root)
    return record === undefined ? [] : [{ root, ...record }]
  })

/** Every group, sorted. */
export const groupsOf = (state: LedgerState): readonly GroupId[] => [...new Set(members(state).map(({ group }) => group))].sort()

export const hold = (state: LedgerState, root: Bytes32, group: GroupId): HoldRecord | undefined => readRecord<HoldRecord>(state, `hold/${root}/${group}`)

/** Who serves the batch: one organization of each group that said so, its offerer's among them. */
export const holdersOf = (state: LedgerState, root: Bytes32): readonly OrganizationId[] =>
  groupsOf(state).flatMap((group) => hold(state, root, group)?.org ?? [])

export type BatchStatus = 'offered' | 'counted' | 'lapsed'

/** How a batch stands at instant `t`, milliseconds. */
export function batchStatus({ counted, at }: BatchRecord, t: number): BatchStatus {
  if (counted !== null) return 'counted'
  return t <= at + BATCH_WAIT_MS ? 'offered' : 'lapsed'
}

/** So many groups must have a batch before it counts: as many as witness. */
export const batchQuorum = (state: LedgerState): number => quorumOfGroups(groupsOf(state).length)

export const misses = (state: LedgerState, root: Bytes32, org: OrganizationId): readonly GroupId[] =>
  readRecord<MissRecord>(state, `miss/${root}/${org}`)?.by ?? []

export const contest = (state: LedgerState, id: Bytes32): ContestRecord | undefined => readRecord<ContestRecord>(state, `contest/${id}`)

export interface OpenedContest extends ContestRecord {
  readonly id: Bytes32
}

/** All contests that were ever opened. */
export const contests = (state: LedgerState): readonly OpenedContest[] =>
  state.index.contests.flatMap((id) => {
    const record = contest(state, id)
    return record === undefined ? [] : [{ id, ...record }]
  })

/** How a contest stands at instant `t`, milliseconds. */
export function contestStatus({ outcome, at }: ContestRecord, t: number): Ruling | 'open' | 'overdue' {
  return outcome ?? (t <= at + CONTEST_WAIT_MS ? 'open' : 'overdue')
}

export const merit = (state: LedgerState, org: OrganizationId): MeritRecord => readRecord<MeritRecord>(state, `merit/${org}`) ?? { right: 0, wrong: 0 }

/** 0 to 1,000, from decided contests alone: 500 for whoever had none, and nobody gets to either end (rule of succession, Laplace 1774). */
export function reliability(state: LedgerState, org: OrganizationId): number {
  const { right, wrong } = merit(state, org)
  return Math.floor((1_000 * (right + 1)) / (right + wrong + 2))
}
