import {
  InputError,
  KEY_ALGORITHMS,
  KEY_ROLES,
  MAX_PUBLIC_KEY_TEXT,
  parseGroupId,
  parseKeyId,
  parseNetworkId,
  parseOrganizationId,
  parseVerifierKey,
  shape,
} from '@fiducia/core'
import { MAX_ENDPOINT_LENGTH, MAX_FRESH_SECONDS, MAX_MEMBER_KEYS, MAX_MEMBERS, MAX_NAME_LENGTH, MAX_TRUST_KEYS, MIN_FRESH_SECONDS } from '../../limits.ts'
import type { AddKey, Genesis, GenesisMember, NetworkRules, RetireKey, TrustRecord } from './types.ts'
import { quorumOfGroups } from './queries.ts'

/** Shapes of members, rules, trust and the genesis that brings them in. */

const ENDPOINT = /^https?:\/\/[A-Za-z0-9.:[\]-]+(?:\/[A-Za-z0-9._~-]+)*$/

const parseEndpoint: shape.Parser<string> = (value, at) =>
  shape.string(ENDPOINT, 'a base URL without a final slash')(shape.text(MAX_ENDPOINT_LENGTH)(value, at), at)

const parseName: shape.Parser<string> = (value, at) => {
  const name = shape.text(MAX_NAME_LENGTH)(value, at)
  if (name === '' || name.trim() !== name) throw new InputError('SHAPE', 'expected a name without spaces around it', { at })
  return name
}

const parseRules: shape.Parser<NetworkRules> = shape.object({
  default: shape.literal('deny', 'normal-treatment', 'all-treatment', 'break-glass-only'),
  freshSeconds: shape.integer(MIN_FRESH_SECONDS, MAX_FRESH_SECONDS),
})

/** Whether the key is admissible is judged by the transition. */
export const parseAddKey: shape.Parser<AddKey> = shape.object({
  role: shape.literal(...KEY_ROLES),
  alg: shape.literal(...KEY_ALGORITHMS),
  pub: shape.text(MAX_PUBLIC_KEY_TEXT),
})

export const parseRetireKey: shape.Parser<RetireKey> = shape.object({ key: parseKeyId }, { compromisedFrom: shape.integer() })

const parseMember: shape.Parser<GenesisMember> = shape.object({
  name: parseName,
  group: parseGroupId,
  endpoint: parseEndpoint,
  keys: shape.array(parseAddKey, MAX_MEMBER_KEYS, 1),
})

/** The members and types only; whether the keys are admissible and the set is whole is judged by `parseGenesis`. */
export const parseGenesisShape: shape.Parser<Genesis> = shape.object({
  v: shape.literal(1),
  net: parseNetworkId,
  time: shape.integer(),
  operator: parseOrganizationId,
  members: shape.map(parseOrganizationId, parseMember, MAX_MEMBERS),
  rules: parseRules,
})

const parseVerifierKeys: shape.Parser<readonly string[]> = (value, at) => {
  const keys = shape.array(
    (item, where) => {
      const text = shape.text(200)(item, where)
      parseVerifierKey(text)
      return text
    },
    MAX_TRUST_KEYS,
    1,
  )(value, at)
  if (keys.some((key, i) => i > 0 && (keys[i - 1] ?? '') >= key)) throw new InputError('SHAPE', 'expected verifier keys sorted and distinct', { at })
  return keys
}

const parseTrustShape: shape.Parser<TrustRecord> = shape.object({
  k: shape.integer(1),
  logs: parseVerifierKeys,
  groups: shape.map(parseGroupId, parseVerifierKeys, MAX_MEMBERS),
  quorum: shape.integer(),
})

/** The record at `trust`; keys sorted and distinct, the quorum the one that follows from the number of groups. */
export const parseTrust: shape.Parser<TrustRecord> = (value, at) => {
  const record = parseTrustShape(value, at)
  const quorum = quorumOfGroups(Object.keys(record.groups).length)
  if (record.quorum !== quorum) throw new InputError('SHAPE', `expected quorum ${quorum} for this number of groups, found ${record.quorum}`, { at })
  return record
}
