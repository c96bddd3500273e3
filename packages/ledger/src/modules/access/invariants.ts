import type { WriteCheck } from '../../invariants.ts'
import type { AccessLogRecord } from './types.ts'

/** A log on the ledger only grows; disputes and answers are written once. */

const createOnly = (what: string): WriteCheck['breaks'] => (before) => (before === undefined ? undefined : `${what} was written twice`)

export const accessInvariants: readonly WriteCheck[] = [
  {
    prefix: 'alog/',
    breaks: (before, after) => {
      const [old, next] = [before as AccessLogRecord | undefined, after as AccessLogRecord]
      if (old === undefined) return next.size === 0 ? undefined : 'an access log did not begin at size 0'
      return next.size > old.size && next.height > old.height && next.at >= old.at ? undefined : 'an access log did not grow'
    },
  },
  { prefix: 'dispute/', breaks: createOnly('a dispute') },
  { prefix: 'answer/', breaks: createOnly('an answer') },
]
