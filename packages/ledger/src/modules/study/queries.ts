import type { Bytes32, OrganizationId } from '@fiducia/core'
import { readRecord } from '../../state.ts'
import type { LedgerState } from '../../types.ts'
import type { BallotRecord, RoundName, RoundRecord, RunName, RunRecord, StudyRecord } from './types.ts'

/** Studies that were proposed, who approves them, and what happened in their runs. */

export const studyKey = (spec: Bytes32): string => `study/${spec}`
export const ballotKey = (spec: Bytes32, org: OrganizationId): string => `ballot/${spec}/${org}`
export const runKey = ({ spec, run }: RunName): string => `run/${spec}/${run}`
export const roundKey = ({ spec, run, round }: RoundName): string => `round/${spec}/${run}/${round}`

export const study = (state: LedgerState, spec: Bytes32): StudyRecord | undefined => readRecord<StudyRecord>(state, studyKey(spec))

export const ballot = (state: LedgerState, spec: Bytes32, org: OrganizationId): BallotRecord | undefined =>
  readRecord<BallotRecord>(state, ballotKey(spec, org))

export const studyRun = (state: LedgerState, name: RunName): RunRecord | undefined => readRecord<RunRecord>(state, runKey(name))

export const studyRound = (state: LedgerState, name: RoundName): RoundRecord | undefined => readRecord<RoundRecord>(state, roundKey(name))

/** Whether the data of a site may be asked for: it approves now, or proposed the study itself. */
export const isApproved = (state: LedgerState, spec: Bytes32, org: OrganizationId): boolean => {
  const proposed = study(state, spec)
  if (proposed === undefined || !proposed.sites.includes(org)) return false
  return org === proposed.by || ballot(state, spec, org)?.approves === true
}

/** Of every run of the study so far in which a sum was opened: whose sum it was. */
export const openedSums = (state: LedgerState, spec: Bytes32): readonly (readonly OrganizationId[])[] => {
  const runs = study(state, spec)?.runs ?? 0
  return Array.from({ length: runs }, (_, i) => studyRun(state, { spec, run: i + 1 })?.survivors ?? null).filter((survivors) => survivors !== null)
}
