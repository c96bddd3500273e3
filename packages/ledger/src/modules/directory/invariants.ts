import type { WriteCheck } from '../../invariants.ts'
import type { RoleRecord } from './types.ts'

export const directoryInvariants: readonly WriteCheck[] = [
  {
    prefix: 'role/',
    breaks: (before, after) => {
      const [old, next] = [before as RoleRecord | undefined, after as RoleRecord]
      return next.version === (old?.version ?? 0) + 1 ? undefined : 'the version of an attestation did not rise by one'
    },
  },
]
