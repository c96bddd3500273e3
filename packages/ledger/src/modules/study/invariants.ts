import { type WriteCheck, writeCheck } from '../../write-check.ts'
import type { BallotRecord, RoundRecord, RunRecord, StudyRecord } from './types.ts'

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

export const studyInvariants: readonly WriteCheck[] = [
  writeCheck<BallotRecord>('ballot/', (before, after) =>
    after.version === (before?.version ?? 0) + 1 ? undefined : 'the version of a vote did not rise by one',
  ),
  writeCheck<StudyRecord>('study/', (before, after) => {
    if (before === undefined) return after.runs === 0 ? undefined : 'a study began with runs'
    return after.runs === before.runs + 1 && same({ ...before, runs: 0 }, { ...after, runs: 0 }) ? undefined : 'a study changed other than by one more run'
  }),
  writeCheck<RunRecord>('run/', (before, after) => {
    if (before === undefined) return after.rounds === 0 && after.survivors === null && after.outcome === null ? undefined : 'a run began with rounds'
    if (before.outcome !== null) return 'a run that has ended changed'
    if (!same(before.roster, after.roster)) return 'the roster of a run changed'
    return before.survivors === null || same(before.survivors, after.survivors) ? undefined : 'the survivors of a run changed'
  }),
  writeCheck<RoundRecord>('round/', (before, after) => {
    if (before === undefined) return after.survivors === null && Object.keys(after.inputs).length === 0 ? undefined : 'a round began with inputs'
    if (before.survivors !== null) return 'a round with survivors changed'
    return before.model === after.model && before.terms === after.terms && Object.entries(before.inputs).every(([org, input]) => same(after.inputs[org], input))
      ? undefined
      : 'a round lost or changed what was committed to'
  }),
]
