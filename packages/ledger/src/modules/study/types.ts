import type { Bytes32, OrganizationId } from '@fiducia/core'
import type { AbortReason } from '../../types.ts'

export { ABORT_REASONS } from '../../types.ts'
export type { AbortReason, BallotRecord, RoundRecord, RunRecord, StudyRecord } from '../../types.ts'

/** Body of `study.propose`. */
export interface ProposeStudy {
  readonly spec: Bytes32
  readonly sites: readonly OrganizationId[]
}

/** Body of `study.vote`. */
export interface VoteStudy {
  readonly spec: Bytes32
  /** The site's next one for this study. */
  readonly version: number
  readonly approves: boolean
}

/** Names a run in every body below. */
export interface RunName {
  readonly spec: Bytes32
  readonly run: number
}

/** Body of `run.open`. */
export interface OpenRun extends RunName {
  readonly roster: readonly OrganizationId[]
}

/** Body of `run.abort`. */
export interface AbortRun extends RunName {
  readonly reason: AbortReason
}

/** Body of `run.close`. */
export interface CloseRun extends RunName {
  /** Hashes of the result and of the model card. */
  readonly result: Bytes32
  readonly card: Bytes32
  /** Millionths of epsilon that the run has spent; 0 without differential privacy. */
  readonly microEpsilon: number
}

export interface RoundName extends RunName {
  readonly round: number
}

/** Body of `round.begin`. */
export interface BeginRound extends RoundName {
  readonly model: Bytes32
  readonly terms: Bytes32
}

/** Body of `round.input`. */
export interface InputRound extends RoundName {
  readonly transcript: Bytes32
  readonly commitment: Bytes32
}

/** Body of `round.survivors`. */
export interface Survivors extends RoundName {
  readonly survivors: readonly OrganizationId[]
}
