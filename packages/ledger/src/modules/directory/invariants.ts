import { type WriteCheck, writeCheck } from '../../write-check.ts'
import type { RoleRecord } from './types.ts'

export const directoryInvariants: readonly WriteCheck[] = [
  writeCheck<RoleRecord>('role/', (before, after) =>
    after.version === (before?.version ?? 0) + 1 ? undefined : 'the version of an attestation did not rise by one',
  ),
]
