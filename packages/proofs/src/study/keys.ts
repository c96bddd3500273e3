import {
  type Bytes32,
  type KeyId,
  type KeyRecord,
  type NetworkId,
  type OrganizationId,
  parseBytes32,
  parseKeyId,
  parseKeyRecord,
  parseOrganizationId,
  type Parser,
  parseSignedObject,
  parseStateProof,
  shape,
  type SignedObject,
} from '@fiducia/core'
import { MAX_STUDY_ROUNDS, MAX_STUDY_SITES } from '../limits.ts'
import type { Proven } from './pack.ts'

/**
 * The keys of a study's rounds (`keys.json`): the research keys that the ledger has of the sites, and of each round in which a sum was opened the keys that the
 * sites signed with them, as they were shown to all. Public: who has them cannot unmask.
 */
export interface StudyKeys {
  readonly research: readonly ResearchKey[]
  readonly rounds: readonly ShownRound[]
}

export interface ResearchKey extends Proven<KeyRecord> {
  readonly key: KeyId
}

export interface ShownRound {
  /** Sorted by organization. */
  readonly keys: readonly SignedObject[]
  /** Whose shares were handed on: with them each site has masks. */
  readonly sharers: readonly OrganizationId[]
}

/** What a site signs of a round (docs/spec/aggregation.md). */
export interface SignedRoundKeys {
  readonly org: OrganizationId
  readonly round: Bytes32
}

const { array, object } = shape
const parseAny: Parser<unknown> = (value) => value
const parseKey: Parser<KeyId> = (value, at) => parseKeyId(value, at)

const parseParts = object({
  research: array(object({ key: parseKey, value: parseAny, proof: parseStateProof }), MAX_STUDY_SITES),
  rounds: array(object({ keys: array(parseAny, MAX_STUDY_SITES), sharers: array(parseOrganizationId, MAX_STUDY_SITES) }), MAX_STUDY_ROUNDS),
})

/** Checks shapes, not signatures. */
export const parseStudyKeys =
  (net: NetworkId): Parser<StudyKeys> =>
  (value, at) => {
    const { research, rounds } = parseParts(value, at)
    return {
      research: research.map(({ key, value: record, proof }) => ({ key, value: parseKeyRecord(record, key), proof })),
      rounds: rounds.map(({ keys, sharers }) => ({ keys: keys.map((signed) => parseSignedObject(signed, 'round-keys', net)), sharers })),
    }
  }

const parseBody = object({
  v: parseAny,
  net: parseAny,
  type: parseAny,
  org: parseOrganizationId,
  round: parseBytes32,
  mask: parseBytes32,
  seal: parseBytes32,
  self: parseBytes32,
})

export const roundKeysOf = ({ body }: SignedObject): SignedRoundKeys => parseBody(body, 'keys.json')
