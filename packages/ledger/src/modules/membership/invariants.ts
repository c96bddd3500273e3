import { type KeyRecord, formatCanonical } from '@fiducia/core'
import type { WriteCheck } from '../../invariants.ts'

/** A key, once on the ledger, keeps its owner, role and bytes, and serves one origin; trust records follow one another. */

const withoutOrigin = ({ origin: _, ...rest }: KeyRecord): string => formatCanonical(rest)

export const membershipInvariants: readonly WriteCheck[] = [
  {
    prefix: 'key/',
    breaks: (before, after) => {
      const [old, next] = [before as KeyRecord | undefined, after as KeyRecord]
      if (old === undefined) return 'a key appeared without a governance transaction'
      if (withoutOrigin(old) !== withoutOrigin(next)) return 'a key record changed in more than its origin'
      return old.origin !== undefined && old.origin !== next.origin ? 'a log key changed its origin' : undefined
    },
  },
  { prefix: 'member/', breaks: () => 'a member changed without a governance transaction' },
  { prefix: 'rules', breaks: () => 'the rules changed without a governance transaction' },
  { prefix: 'trust', breaks: () => 'the trust record changed without a governance transaction' },
]
