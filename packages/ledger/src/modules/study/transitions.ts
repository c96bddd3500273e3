import type { Bytes32, OrganizationId } from '@fiducia/core'
import { MIN_STUDY_GROUPS } from '../../limits.ts'
import { type Refusal, refuse } from '../../refusals.ts'
import { nodeSigner, noNodeKey, requireSigners } from '../../signers.ts'
import { accept, type Judging, type Outcome, type Write } from '../../transition.ts'
import type { LedgerState } from '../../types.ts'
import { groupOf } from '../membership/queries.ts'
import { ballot, ballotKey, isApproved, openedSums, roundKey, runKey, study, studyKey, studyRound, studyRun } from './queries.ts'
import type {
  AbortRun,
  BeginRound,
  CloseRun,
  InputRound,
  OpenRun,
  ProposeStudy,
  RoundName,
  RunName,
  RunRecord,
  StudyRecord,
  Survivors,
  VoteStudy,
} from './types.ts'

/**
 * Studies: a spec is proposed by its hash, every site decides for itself, and what a run does is ordered here before anybody can see
 * a sum.
 *
 *   study.propose → study.vote, site by site → run.open → (round.begin → round.input, site by site → round.survivors)* → run.close | run.abort
 *
 * A site unmasks only for the survivors that stand here, and there is one list for each round. What two lists would give away by
 * their difference is refused: the survivors are the same in all rounds of a run, and no sums of several runs, added and subtracted, leave fewer than three groups.
 * Never a number of anybody's data.
 */

export function proposeStudy(judging: Judging, { spec, sites }: ProposeStudy): Outcome {
  const { state, time } = judging
  const signer = nodeSigner(judging)
  if (signer === undefined) return noNodeKey()
  if (study(state, spec) !== undefined) return refuse('STUDY_EXISTS')
  if (!isAscending(sites) || !areEnough(state, sites)) return refuse('STUDY_SITES')
  const record: StudyRecord = { by: signer.org, at: time, sites, runs: 0 }
  return requireSigners(judging, signer.publicKey) ?? accept({ key: studyKey(spec), value: record })
}

export function voteStudy(judging: Judging, { spec, version, approves }: VoteStudy): Outcome {
  const { state, time } = judging
  const signer = nodeSigner(judging)
  if (signer === undefined) return noNodeKey()
  const proposed = study(state, spec)
  if (proposed === undefined) return refuse('STUDY_UNKNOWN')
  if (proposed.by === signer.org || !proposed.sites.includes(signer.org)) return refuse('STUDY_VOTER')
  const expected = (ballot(state, spec, signer.org)?.version ?? 0) + 1
  if (version !== expected) return refuse('STUDY_VERSION', `expected vote ${expected} of \`${signer.org}\`, found ${version}`)
  return requireSigners(judging, signer.publicKey) ?? accept({ key: ballotKey(spec, signer.org), value: { version, approves, at: time } })
}

// ---- runs ---------------------------------------------------------------------------------------------------------------

export function openRun(judging: Judging, { spec, run, roster }: OpenRun): Outcome {
  const { state, time } = judging
  return byProposer(judging, spec, (proposed) => {
    if (run !== proposed.runs + 1 || studyRun(state, { spec, run: proposed.runs })?.outcome === null) return refuse('RUN_NUMBER')
    if (!isAscending(roster) || !areEnough(state, roster) || !roster.every((org) => isApproved(state, spec, org))) return refuse('RUN_ROSTER')
    const record: RunRecord = { at: time, roster, rounds: 0, survivors: null, outcome: null }
    return accept({ key: runKey({ spec, run }), value: record }, { key: studyKey(spec), value: { ...proposed, runs: run } })
  })
}

/** By who runs it, or any site of it: a patient who withdraws, a policy that changed, data that does not allow it. */
export function abortRun(judging: Judging, { spec, run, reason }: AbortRun): Outcome {
  const { state, time } = judging
  const signer = nodeSigner(judging)
  if (signer === undefined) return noNodeKey()
  const record = openOf(state, { spec, run })
  if ('code' in record) return record
  if (signer.org !== study(state, spec)?.by && !record.roster.includes(signer.org)) return refuse('RUN_PARTY')
  const outcome = { state: 'aborted', at: time, by: signer.org, reason } as const
  return requireSigners(judging, signer.publicKey) ?? accept(runWrite({ spec, run }, { ...record, outcome }))
}

export function closeRun(judging: Judging, { spec, run, result, card, microEpsilon }: CloseRun): Outcome {
  const { state, time } = judging
  return byProposer(judging, spec, () => {
    const record = openOf(state, { spec, run })
    if ('code' in record) return record
    if (!isFinished(state, { spec, run, round: record.rounds })) return refuse('RUN_EMPTY')
    return accept(runWrite({ spec, run }, { ...record, outcome: { state: 'closed', at: time, result, card, microEpsilon } }))
  })
}

// ---- rounds -------------------------------------------------------------------------------------------------------------

export function beginRound(judging: Judging, { spec, run, round, model, terms }: BeginRound): Outcome {
  const { state, time } = judging
  return byProposer(judging, spec, () => {
    const record = openOf(state, { spec, run })
    if ('code' in record) return record
    if (round !== record.rounds + 1 || (round > 1 && !isFinished(state, { spec, run, round: round - 1 }))) return refuse('ROUND_NUMBER')
    const begun = { at: time, model, terms, inputs: {}, survivors: null }
    return accept({ key: roundKey({ spec, run, round }), value: begun }, runWrite({ spec, run }, { ...record, rounds: round }))
  })
}

export function inputRound(judging: Judging, { spec, run, round, transcript, commitment }: InputRound): Outcome {
  const { state } = judging
  const signer = nodeSigner(judging)
  if (signer === undefined) return noNodeKey()
  const record = openOf(state, { spec, run })
  if ('code' in record) return record
  if (!record.roster.includes(signer.org)) return refuse('RUN_PARTY')
  const begun = studyRound(state, { spec, run, round })
  if (begun === undefined) return refuse('ROUND_UNKNOWN')
  if (begun.survivors !== null || Object.hasOwn(begun.inputs, signer.org)) return refuse('ROUND_INPUT')
  if (Object.values(begun.inputs).some((other) => other.transcript !== transcript)) return refuse('ROUND_TRANSCRIPT')
  const inputs = { ...begun.inputs, [signer.org]: { transcript, commitment } }
  return requireSigners(judging, signer.publicKey) ?? accept({ key: roundKey({ spec, run, round }), value: { ...begun, inputs } })
}

export function nameSurvivors(judging: Judging, { spec, run, round, survivors }: Survivors): Outcome {
  const { state } = judging
  return byProposer(judging, spec, () => {
    const record = openOf(state, { spec, run })
    if ('code' in record) return record
    const begun = studyRound(state, { spec, run, round })
    if (begun === undefined) return refuse('ROUND_UNKNOWN')
    if (begun.survivors !== null) return refuse('ROUND_NAMED')
    const isWhole = isAscending(survivors) && survivors.every((org) => Object.hasOwn(begun.inputs, org))
    if (!isWhole || !areEnough(state, survivors) || 3 * survivors.length <= 2 * record.roster.length) return refuse('ROUND_SURVIVORS')
    const isOther = record.survivors !== null && !areSame(record.survivors, survivors)
    if (isOther || !areSafeTogether(state, [...openedSums(state, spec), survivors])) return refuse('ROUND_CHANGED')
    return accept({ key: roundKey({ spec, run, round }), value: { ...begun, survivors } }, runWrite({ spec, run }, { ...record, survivors }))
  })
}

// ---- shared -------------------------------------------------------------------------------------------------------------

function byProposer(judging: Judging, spec: Bytes32, work: (proposed: StudyRecord) => Outcome): Outcome {
  const signer = nodeSigner(judging)
  if (signer === undefined) return noNodeKey()
  const proposed = study(judging.state, spec)
  if (proposed === undefined) return refuse('STUDY_UNKNOWN')
  if (proposed.by !== signer.org) return refuse('STUDY_PROPOSER')
  const outcome = work(proposed)
  return outcome.accepted ? (requireSigners(judging, signer.publicKey) ?? outcome) : outcome
}

function openOf(state: LedgerState, name: RunName): RunRecord | Refusal {
  const record = studyRun(state, name)
  if (record === undefined) return refuse('RUN_UNKNOWN')
  return record.outcome === null ? record : refuse('RUN_ENDED')
}

const runWrite = (name: RunName, value: RunRecord): Write => ({ key: runKey(name), value })

const isFinished = (state: LedgerState, name: RoundName): boolean => (studyRound(state, name)?.survivors ?? null) !== null

const isAscending = (orgs: readonly OrganizationId[]): boolean => orgs.every((org, i) => i === 0 || (orgs[i - 1] ?? '') < org)

/** Members, of three groups at least. */
function areEnough(state: LedgerState, orgs: readonly OrganizationId[]): boolean {
  const groups = orgs.map((org) => groupOf(state, org))
  return !groups.includes(undefined) && new Set(groups).size >= MIN_STUDY_GROUPS
}

/**
 * Sums over several sets of sites can be added and subtracted until little is left. What can be told apart at all are the classes of sites that stand in the
 * same sets: if each class is of three groups, so is whatever anybody can compute.
 */
function areSafeTogether(state: LedgerState, sums: readonly (readonly OrganizationId[])[]): boolean {
  const sets = sums.map((sum) => new Set(sum))
  const classes = Map.groupBy(new Set(sums.flat()), (org) => sets.map((set) => Number(set.has(org))).join(''))
  return [...classes.values()].every((orgs) => areEnough(state, orgs))
}

const areSame = (one: readonly OrganizationId[], other: readonly OrganizationId[]): boolean => one.join() === other.join()
