import { type WriteCheck, writeCheck } from '../../write-check.ts'
import type { AccessLogRecord } from './types.ts'

/** A log on the ledger only grows; disputes and answers are written once. */

const createOnly = (prefix: string): WriteCheck =>
  writeCheck(prefix, (before) => (before === undefined ? undefined : `a record below \`${prefix}\` was written twice`))

export const accessInvariants: readonly WriteCheck[] = [
  writeCheck<AccessLogRecord>('alog/', (before, after) => {
    if (before === undefined) return after.size === 0 ? undefined : 'an access log did not begin at size 0'
    return after.size > before.size && after.height > before.height && after.at >= before.at ? undefined : 'an access log did not grow'
  }),
  createOnly('dispute/'),
  createOnly('answer/'),
]
