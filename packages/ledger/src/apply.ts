import { InputError, verifySignature } from '@fiducia/core'
import { checkBlockOrder, checkWrites } from './invariants.ts'
import { parseAnswerDispute, parseCheckpointAccessLog, parseDisputeNote, parseOpenAccessLog } from './modules/access/codec.ts'
import { answerDispute, checkpointAccessLog, disputeNote, openAccessLog } from './modules/access/transitions.ts'
import { parseHoldBatch, parseMissBatch, parseOfferBatch, parseOpenContest, parseRoleStatement, parseRuleContest } from './modules/directory/codec.ts'
import { attestRole, holdBatch, missBatch, offerBatch, openContest, ruleContest, withdrawRole } from './modules/directory/transitions.ts'
import { parseAddKey, parseRetireKey } from './modules/membership/codec.ts'
import { addKey, retireKey } from './modules/membership/transitions.ts'
import { parseAtEpoch, parseOpen, parseRebind, parseRecover, parseRotate, parseSetDelegates, parseSetPolicy, parseSetRecovery } from './modules/policy/codec.ts'
import {
  closeRelationship,
  openRelationship,
  rebind,
  recover,
  rotateControl,
  setDelegates,
  setPolicy,
  setRecovery,
  vetoRecovery,
} from './modules/policy/transitions.ts'
import {
  parseAbortRun,
  parseBeginRound,
  parseCloseRun,
  parseInputRound,
  parseOpenRun,
  parseProposeStudy,
  parseSurvivors,
  parseVoteStudy,
} from './modules/study/codec.ts'
import { abortRun, beginRound, closeRun, inputRound, nameSurvivors, openRun, proposeStudy, voteStudy } from './modules/study/transitions.ts'
import { type Refusal, refuse } from './refusals.ts'
import { withWrites } from './state.ts'
import { decodeTransaction, judgeEnvelope } from './transaction.ts'
import { type Judging, type Outcome, type Transition, withBody } from './transition.ts'
import type { Block, BlockResult, LedgerState, Transaction, TransactionResult, TransactionType, VerifySignature } from './types.ts'

/**
 * The state machine: (state, block) -> (state, results). Synchronous, no clock, no randomness: block time is an argument,
 * and so is the function that judges signatures. Each transaction is judged against the state just before it; a refusal
 * is a value and changes nothing.
 */

const TRANSITIONS: { readonly [type in TransactionType]: Transition } = {
  'rel.open': withBody(parseOpen, openRelationship),
  'rel.rotate': withBody(parseRotate, rotateControl),
  'rel.delegate': withBody(parseSetDelegates, setDelegates),
  'rel.recovery': withBody(parseSetRecovery, setRecovery),
  'rel.recover': withBody(parseRecover, recover),
  'rel.veto': withBody(parseAtEpoch, vetoRecovery),
  'rel.rebind': withBody(parseRebind, rebind),
  'rel.close': withBody(parseAtEpoch, closeRelationship),
  'policy.set': withBody(parseSetPolicy, setPolicy),
  'role.attest': withBody(parseRoleStatement, attestRole),
  'role.withdraw': withBody(parseRoleStatement, withdrawRole),
  'batch.offer': withBody(parseOfferBatch, offerBatch),
  'batch.hold': withBody(parseHoldBatch, holdBatch),
  'batch.miss': withBody(parseMissBatch, missBatch),
  'contest.open': withBody(parseOpenContest, openContest),
  'contest.rule': withBody(parseRuleContest, ruleContest),
  'access.open': withBody(parseOpenAccessLog, openAccessLog),
  'access.checkpoint': withBody(parseCheckpointAccessLog, checkpointAccessLog),
  'access.dispute': withBody(parseDisputeNote, disputeNote),
  'access.answer': withBody(parseAnswerDispute, answerDispute),
  'key.add': withBody(parseAddKey, addKey),
  'key.retire': withBody(parseRetireKey, retireKey),
  'study.propose': withBody(parseProposeStudy, proposeStudy),
  'study.vote': withBody(parseVoteStudy, voteStudy),
  'run.open': withBody(parseOpenRun, openRun),
  'run.abort': withBody(parseAbortRun, abortRun),
  'run.close': withBody(parseCloseRun, closeRun),
  'round.begin': withBody(parseBeginRound, beginRound),
  'round.input': withBody(parseInputRound, inputRound),
  'round.survivors': withBody(parseSurvivors, nameSurvivors),
}

export interface At {
  readonly height: number
  /** Milliseconds. */
  readonly time: number
}

/**
 * The state after a block, with one result for each transaction. Throws `InvariantError` when the block may not follow the
 * state, or when an accepted transaction would break an invariant; then nothing has happened.
 */
export function apply(state: LedgerState, block: Block, verify: VerifySignature = verifySignature): BlockResult {
  checkBlockOrder(state, block)
  let next = state
  const results = block.transactions.map((wire) => {
    const step = applyTransaction({ state: next, before: state }, block, wire, verify)
    next = step.state
    return step.result
  })
  const accepted = results.some((result) => result.accepted)
  return { state: accepted ? { ...next, height: block.height, time: block.time } : state, results }
}

/** One transaction as it would fare in a block at this height and time; for checks on arrival. */
export function judgeTransaction(state: LedgerState, at: At, wire: Uint8Array, verify: VerifySignature = verifySignature): TransactionResult {
  return applyTransaction({ state, before: state }, at, wire, verify).result
}

interface Step {
  readonly state: LedgerState
  readonly result: TransactionResult
}

function applyTransaction({ state, before }: Pick<Judging, 'state' | 'before'>, at: At, wire: Uint8Array, verify: VerifySignature): Step {
  const transaction = decode(wire)
  if ('accepted' in transaction) return { state, result: transaction }
  const outcome = judge({ state, before, height: at.height, time: at.time, transaction, verify })
  if (!outcome.accepted) return { state, result: outcome }
  checkWrites(state, transaction.type, outcome.writes)
  const changed = outcome.writes.map(({ key }) => key)
  return { state: withWrites(state, outcome.writes), result: { accepted: true, id: transaction.id, type: transaction.type, changed } }
}

function decode(wire: Uint8Array): Transaction | Refusal {
  try {
    return decodeTransaction(wire)
  } catch (error) {
    if (error instanceof InputError) return refuse('TX_MALFORMED', error.message)
    throw error
  }
}

function judge(judging: Judging): Outcome {
  const { transaction, state, time } = judging
  return judgeEnvelope(transaction, { net: state.net, time }) ?? TRANSITIONS[transaction.type](judging)
}
