import {
  decodeBase64Url,
  ed25519KeyId,
  formatVerifierKey,
  type GroupId,
  isKeyValidAt,
  KEY_TYPE_LOG,
  type KeyId,
  type KeyRecord,
  type KeyRole,
  ledgerOrigin,
  makeVerifierKey,
  type OrganizationId,
  parseVerifierKey,
  type VerifierKey,
} from '@fiducia/core'
import { readRecord } from '../../state.ts'
import type { LedgerState, MemberRecord, NetworkRules, TrustRecord } from '../../types.ts'

/** Who belongs to the network, with which keys, under which rules. */

export const member = (state: LedgerState, org: OrganizationId): MemberRecord | undefined => readRecord<MemberRecord>(state, `member/${org}`)

export interface Member extends MemberRecord {
  readonly org: OrganizationId
}

/** All members, by their ids. */
export function members(state: LedgerState): readonly Member[] {
  return state.index.members.flatMap((org) => {
    const record = member(state, org)
    return record === undefined ? [] : [{ org, ...record }]
  })
}

export const groupOf = (state: LedgerState, org: OrganizationId): GroupId | undefined => member(state, org)?.group

export const keyRecord = (state: LedgerState, keyId: KeyId): KeyRecord | undefined => readRecord<KeyRecord>(state, `key/${keyId}`)

/** The record itself when it is for this role and valid at the height, otherwise undefined. */
export function validKey(record: KeyRecord | undefined, role: KeyRole, height: number): KeyRecord | undefined {
  return record !== undefined && record.role === role && isKeyValidAt(record, height) ? record : undefined
}

export interface RegisteredKey {
  readonly keyId: KeyId
  readonly record: KeyRecord
}

/** An organization's keys of a role, whether or not their time is over. */
export function keysOf(state: LedgerState, org: OrganizationId, role: KeyRole): readonly RegisteredKey[] {
  return (state.index.keys.get(org) ?? []).flatMap((keyId) => {
    const record = keyRecord(state, keyId)
    return record?.role === role ? [{ keyId, record }] : []
  })
}

/** Those of them that are valid at the height. */
export const validKeysOf = (state: LedgerState, org: OrganizationId, role: KeyRole, height: number): readonly RegisteredKey[] =>
  keysOf(state, org, role).filter(({ record }) => isKeyValidAt(record, height))

/** Whether the verifier key of a log is one that a member may sign with now: not retired, not compromised. */
export function isLiveLogKey(state: LedgerState, { publicKey }: VerifierKey): boolean {
  const record = keyRecord(state, ed25519KeyId(publicKey))
  return record !== undefined && isKeyValidAt(record, state.height)
}

/** The key that signs an opened access log. */
export function logKeyOf(state: LedgerState, origin: string): RegisteredKey | undefined {
  const keyId = state.index.origins.get(origin)
  const record = keyId === undefined ? undefined : keyRecord(state, keyId)
  return keyId === undefined || record === undefined ? undefined : { keyId, record }
}

/** The verifier key under which notes of an opened access log are checked. */
export function logVerifierKey(state: LedgerState, origin: string): VerifierKey | undefined {
  const key = logKeyOf(state, origin)
  return key === undefined ? undefined : makeVerifierKey(origin, KEY_TYPE_LOG, decodeBase64Url(key.record.pub))
}

const missing = (what: string): never => {
  throw new Error(`the state has no ${what}`)
}

export const rules = (state: LedgerState): NetworkRules => readRecord<NetworkRules>(state, 'rules') ?? missing('rules')

export const trust = (state: LedgerState): TrustRecord => readRecord<TrustRecord>(state, 'trust') ?? missing('trust record')

/** The keys that sign checkpoints of the ledger itself: the operator's, or those of all validators. */
export const ledgerVerifierKeys = (state: LedgerState): readonly VerifierKey[] =>
  trust(state)
    .logs.map(parseVerifierKey)
    .filter(({ name }) => name === ledgerOrigin(state.net))

/** Every witness key that counts now. */
export const witnessKeys = (state: LedgerState): readonly VerifierKey[] => Object.values(trust(state).groups).flat().map(parseVerifierKey)

/** Of N groups, floor((N - 1) / 2) + 2; 0 stands for none, when a single group has nobody to witness it. */
export const quorumOfGroups = (groups: number): number => (groups <= 1 ? 0 : Math.floor((groups - 1) / 2) + 2)

/** How the log key of an origin is written in policies and trust records. */
export const formatLogKey = (origin: string, publicKey: Uint8Array): string => formatVerifierKey(makeVerifierKey(origin, KEY_TYPE_LOG, publicKey))
