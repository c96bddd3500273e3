import {
  type Bytes32,
  domainHash,
  encodeBase64Url,
  parseBytes32,
  parseOrganizationId,
  type OrganizationId,
  type Parser,
  parseStateProof,
  shape,
  type StateProof,
} from '@fiducia/core'
import { ABORT_REASONS, type BallotRecord, type RoundRecord, type RunRecord, type StudyRecord } from '@fiducia/ledger'
import { MAX_STUDY_MODEL, MAX_STUDY_ROUNDS, MAX_STUDY_SITES } from '../limits.ts'

const { array, boolean, integer, literal, map, nullable, object, text } = shape

/**
 * What a study bundle shows of the ledger (`study.json`): the study that was proposed, each site's ballot, one run and its rounds, each with
 * its state proof under one block. Beside it lie `spec.json`, `result.json` and `card.json`, whose hashes stand in these records, and
 * `models.json`: the public values that went out in each round, and `keys.json` (`keys.ts`).
 *
 *   study   = H(D("study") ‖ spec.json)      model = H(D("model") ‖ values of a round)      result, card = H(D("result") ‖ file)
 */
export interface StudyPack {
  readonly spec: Bytes32
  readonly run: number
  readonly study: Proven<StudyRecord>
  /** Of each site of the roster but the proposer, in the order of the roster. */
  readonly ballots: readonly (Proven<BallotRecord> & { readonly org: OrganizationId })[]
  readonly record: Proven<RunRecord>
  readonly rounds: readonly Proven<RoundRecord>[]
}

export interface Proven<T> {
  readonly value: T
  readonly proof: StateProof
}

const hashOf = (name: 'study' | 'model' | 'result', bytes: Uint8Array): Bytes32 => parseBytes32(encodeBase64Url(domainHash(name, bytes)))

/** Names a study by the bytes of its spec, so that any edit makes another one. */
export const studyIdOf = (spec: Uint8Array): Bytes32 => hashOf('study', spec)

/** Of the public values of a round, as they go out to the sites. */
export const modelHashOf = (values: Uint8Array): Bytes32 => hashOf('model', values)

/** Of a result or a model card. */
export const resultHashOf = (file: Uint8Array): Bytes32 => hashOf('result', file)

// ---- reading --------------------------------------------------------------------------------------------------------------

const organizations = array(parseOrganizationId, MAX_STUDY_SITES)

const parseStudyRecord: Parser<StudyRecord> = object({ by: parseOrganizationId, at: integer(), sites: organizations, runs: integer(0) })

const parseBallot: Parser<BallotRecord> = object({ version: integer(1), approves: boolean, at: integer() })

const parseAborted = object({ state: literal('aborted'), at: integer(), by: parseOrganizationId, reason: literal(...ABORT_REASONS) })
const parseClosed = object({ state: literal('closed'), at: integer(), result: parseBytes32, card: parseBytes32, microEpsilon: integer(0) })

const parseOutcome: Parser<RunRecord['outcome']> = nullable((value, at) =>
  shape.isObject(value) && value['state'] === 'aborted' ? parseAborted(value, at) : parseClosed(value, at),
)

const parseRunRecord: Parser<RunRecord> = object({
  at: integer(),
  roster: organizations,
  rounds: integer(0),
  survivors: nullable(organizations),
  outcome: parseOutcome,
})

const parseInput = object({ transcript: parseBytes32, commitment: parseBytes32 })

const parseRoundRecord: Parser<RoundRecord> = object({
  at: integer(),
  model: parseBytes32,
  terms: parseBytes32,
  inputs: map(parseOrganizationId, parseInput, MAX_STUDY_SITES),
  survivors: nullable(organizations),
})

export const parseStudyPack: Parser<StudyPack> = object({
  spec: parseBytes32,
  run: integer(1),
  study: object({ value: parseStudyRecord, proof: parseStateProof }),
  ballots: array(object({ org: parseOrganizationId, value: parseBallot, proof: parseStateProof }), MAX_STUDY_SITES),
  record: object({ value: parseRunRecord, proof: parseStateProof }),
  rounds: array(object({ value: parseRoundRecord, proof: parseStateProof }), MAX_STUDY_ROUNDS),
})

/** `models.json`: base64url of the values of each round. */
export const parseModels = array(text(MAX_STUDY_MODEL), MAX_STUDY_ROUNDS)
