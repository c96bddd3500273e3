import type { KeyRecord } from '@fiducia/core'
import { type WriteCheck, writeCheck } from '../../write-check.ts'
import { encodeRecord } from '../../state.ts'

/** A key, once on the ledger, keeps its owner, role and bytes, and serves one origin; all else waits for governance. */

const withoutOrigin = (record: KeyRecord): string => encodeRecord({ ...record, origin: '' })

const untouched = (prefix: string): WriteCheck => writeCheck(prefix, () => `a record below \`${prefix}\` changed without a governance transaction`)

export const membershipInvariants: readonly WriteCheck[] = [
  writeCheck<KeyRecord>('key/', (before, after) => {
    if (before === undefined) return 'a key appeared without a governance transaction'
    if (withoutOrigin(before) !== withoutOrigin(after)) return 'a key record changed in more than its origin'
    return before.origin !== undefined && before.origin !== after.origin ? 'a log key changed its origin' : undefined
  }),
  ...['member/', 'rules', 'trust'].map(untouched),
]
