import { type WriteCheck, writeCheck } from '../../write-check.ts'
import type { AuthorRecord, BatchRecord, ContestRecord, MeritRecord, MissRecord, RoleRecord } from './types.ts'

export const directoryInvariants: readonly WriteCheck[] = [
  writeCheck<RoleRecord>('role/', (before, after) =>
    after.version === (before?.version ?? 0) + 1 ? undefined : 'the version of an attestation did not rise by one',
  ),
  writeCheck<AuthorRecord>('author/', (before, after) =>
    after.batches === (before?.batches ?? 0) + 1 ? undefined : 'the number of an author’s batches did not rise by one',
  ),
  writeCheck<BatchRecord>('batch/', (before, after) => {
    if (before === undefined) return undefined
    const isSame = before.org === after.org && before.n === after.n && before.count === after.count && before.at === after.at
    return isSame && before.counted === null && after.counted !== null ? undefined : 'a batch changed other than by beginning to count'
  }),
  writeCheck('hold/', (before) => (before === undefined ? undefined : 'a group said twice that it holds a batch')),
  writeCheck<MissRecord>('miss/', (before, after) =>
    after.by.length === (before?.by.length ?? 0) + 1 && (before?.by ?? []).every((group) => after.by.includes(group))
      ? undefined
      : 'what is missed did not grow by one group',
  ),
  writeCheck<ContestRecord>('contest/', (before, after) => {
    if (before === undefined) return after.outcome === null && Object.keys(after.rulings).length === 0 ? undefined : 'a contest began decided'
    if (before.outcome !== null) return 'a decided contest changed'
    const ruled = Object.keys(after.rulings)
    return ruled.length === Object.keys(before.rulings).length + 1 && ruled.every((org) => after.panel.some((one) => one === org))
      ? undefined
      : 'a contest did not grow by one ruling of its panel'
  }),
  writeCheck<MeritRecord>('merit/', (before, after) =>
    after.right + after.wrong === (before?.right ?? 0) + (before?.wrong ?? 0) + 1 ? undefined : 'a merit did not move by one outcome',
  ),
]
