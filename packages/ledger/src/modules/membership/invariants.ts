import type { KeyRecord } from '@fiducia/core'
import type { TransactionType } from '../../types.ts'
import { type WriteCheck, writeCheck } from '../../write-check.ts'
import { encodeRecord } from '../../state.ts'
import { quorumOfGroups } from './queries.ts'
import type { TrustRecord } from './types.ts'

/**
 * A key, once on the ledger, keeps its owner, role and bytes; it serves one origin, its time ends once, and what is known of a
 * compromise only grows. Trust is handed on step by step, and no log is ever taken out of it. All else waits for governance.
 */

/** What may change in a key's record, by the type that may change it. */
const fixedPart = (record: KeyRecord, type: TransactionType): string =>
  encodeRecord(type === 'access.open' ? { ...record, origin: '' } : { ...record, to: 0, compromisedFrom: 0 })

function keyBreaks(before: KeyRecord | undefined, after: KeyRecord, type: TransactionType): string | undefined {
  if (before === undefined) {
    if (type !== 'key.add') return 'a key appeared without being added'
    return after.to === undefined && after.compromisedFrom === undefined && after.origin === undefined ? undefined : 'a new key has a past'
  }
  if (type === 'key.add') return 'a key was added over another'
  if (fixedPart(before, type) !== fixedPart(after, type)) return `a key record changed in more than \`${type}\` may change`
  if (before.origin !== undefined && before.origin !== after.origin) return 'a log key changed its origin'
  if (before.to !== undefined && before.to !== after.to) return 'a retired key got another end'
  const [old = Number.POSITIVE_INFINITY, fresh = Number.POSITIVE_INFINITY] = [before.compromisedFrom, after.compromisedFrom]
  return fresh > old ? 'a compromise was taken back' : undefined
}

const isLedgerKey = (text: string): boolean => text.slice(0, text.indexOf('+')).endsWith('/ledger')

function trustBreaks(before: TrustRecord | undefined, after: TrustRecord): string | undefined {
  if (before === undefined || after.k !== before.k + 1) return 'a trust record does not follow the one before'
  if (after.quorum !== quorumOfGroups(Object.keys(after.groups).length)) return 'a trust record has another quorum than its groups'
  if (Object.keys(before.groups).join() !== Object.keys(after.groups).join()) return 'a group came or went without a governance transaction'
  if (Object.values(after.groups).some((witnesses) => witnesses.length === 0)) return 'a group has no witness left'
  const origins = new Set(after.logs.map((text) => text.slice(0, text.indexOf('+'))))
  const gone = before.logs.find((text) => !isLedgerKey(text) && !origins.has(text.slice(0, text.indexOf('+'))))
  return gone === undefined ? undefined : 'a log was taken out of the trust record'
}

const untouched = (prefix: string): WriteCheck => writeCheck(prefix, () => `a record below \`${prefix}\` changed without a governance transaction`)

export const membershipInvariants: readonly WriteCheck[] = [
  writeCheck<KeyRecord>('key/', keyBreaks),
  writeCheck<TrustRecord>('trust', trustBreaks),
  ...['member/', 'rules'].map(untouched),
]
