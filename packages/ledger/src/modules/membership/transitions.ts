import {
  accessLogOrigin,
  admitKey,
  decodeBase64Url,
  formatVerifierKey,
  KEY_TYPE_WITNESS,
  type KeyId,
  keyIdOf,
  type KeyRecord,
  type KeyRole,
  ledgerOrigin,
  makeVerifierKey,
  type NetworkId,
  type OrganizationId,
  parseOrganizationId,
  parseVerifierKey,
  witnessName,
} from '@fiducia/core'
import { MAX_KEYS_OF_MEMBER, MAX_TRUST_KEYS, MAX_WITNESS_KEYS } from '../../limits.ts'
import { type Refusal, refuse } from '../../refusals.ts'
import { nodeSigner, noNodeKey, requireSigners } from '../../signers.ts'
import { accept, type Judging, type Outcome, refuseInput, type Write } from '../../transition.ts'
import type { LedgerState } from '../../types.ts'
import { formatLogKey, groupOf, keyRecord, quorumOfGroups, trust, validKey, validKeysOf } from './queries.ts'
import type { AddKey, Genesis, GenesisMember, RetireKey, TrustRecord } from './types.ts'

/**
 * Members come in with the genesis. Each changes its own keys: a new one is added, both count for a while, the old one is
 * retired. Whatever changes whom a reader believes writes the next trust record. An access log takes one of its owner's log
 * keys for itself.
 */

/** Every record of a new network. */
export function genesisWrites(genesis: Genesis): readonly Write[] {
  const orgs = orgsOf(genesis)
  return [
    ...orgs.flatMap((org) => memberWrites(org, memberOf(genesis, org))),
    { key: 'rules', value: genesis.rules },
    { key: 'trust', value: genesisTrust(genesis) },
  ]
}

const orgsOf = (genesis: Genesis): readonly OrganizationId[] =>
  Object.keys(genesis.members)
    .map((org) => parseOrganizationId(org))
    .sort()

function memberOf(genesis: Genesis, org: OrganizationId): GenesisMember {
  const found = genesis.members[org]
  if (found === undefined) throw new Error(`\`${org}\` is not in the genesis`)
  return found
}

function memberWrites(org: OrganizationId, { name, group, endpoint, keys }: GenesisMember): readonly Write[] {
  return [
    { key: `member/${org}`, value: { name, group, endpoint } },
    ...keys.map(({ role, alg, pub }) => ({ key: `key/${keyIdOf(alg, decodeBase64Url(pub))}`, value: { org, role, alg, pub, from: 0 } satisfies KeyRecord })),
  ]
}

/**
 * Trust record 1: the operator's ledger key, and of each member the log keys of its first origin and its standby (the first
 * and the second of its log keys as they stand in the genesis); the witness keys by group.
 */
export function genesisTrust(genesis: Genesis): TrustRecord {
  const { net, operator } = genesis
  const orgs = orgsOf(genesis)
  const logs = [
    ...memberOf(genesis, operator)
      .keys.filter(({ role }) => role === 'ledger')
      .map(({ pub }) => formatLogKey(ledgerOrigin(net), decodeBase64Url(pub))),
    ...orgs.flatMap((org) => accessLogKeys(net, org, memberOf(genesis, org))),
  ].sort()
  const groups: Record<string, readonly string[]> = {}
  for (const org of orgs) {
    const { group, keys } = memberOf(genesis, org)
    const witnesses = keys
      .filter(({ role }) => role === 'witness')
      .map(({ pub }) => formatVerifierKey(makeVerifierKey(witnessName(net, org), KEY_TYPE_WITNESS, decodeBase64Url(pub))))
    groups[group] = [...(groups[group] ?? []), ...witnesses].sort()
  }
  return { k: 1, logs, groups, quorum: quorumOfGroups(Object.keys(groups).length) }
}

function accessLogKeys(net: NetworkId, org: OrganizationId, { keys }: GenesisMember): readonly string[] {
  return keys
    .filter(({ role }) => role === 'log')
    .slice(0, 2)
    .map(({ pub }, i) => formatLogKey(accessLogOrigin(net, org, i + 1), decodeBase64Url(pub)))
}

/** A member's new key; a witness's or the ledger's counts with the next trust record. The key itself signs that it is the member's, where it can. */
export function addKey(judging: Judging, { role, alg, pub }: AddKey): Outcome {
  const { state, height } = judging
  const signer = nodeSigner(judging)
  if (signer === undefined) return noNodeKey()
  const { org } = signer
  if (alg !== 'ed25519' && role !== 'client') return refuse('KEY_INADMISSIBLE', `only a client's key may be \`${alg}\``)
  const inadmissible = refuseInput('KEY_INADMISSIBLE', () => admitKey(alg, decodeBase64Url(pub)))
  if (inadmissible !== undefined) return inadmissible
  const publicKey = decodeBase64Url(pub)
  const keyId = keyIdOf(alg, publicKey)
  if (keyRecord(state, keyId) !== undefined) return refuse('KEY_EXISTS')
  const record: KeyRecord = { org, role, alg, pub, from: height }
  return (
    refuseRole(judging, record) ??
    requireSigners(judging, signer.publicKey, ...(alg === 'ed25519' ? [publicKey] : [])) ??
    acceptWithTrust(
      judging,
      trustWith(state, record, (keys, key) => [...keys, key]),
      { key: `key/${keyId}`, value: record },
    )
  )
}

/** Who orders the ledger is for governance to say; each member has one witness, but while its key changes. */
function refuseRole({ state, height }: Judging, { org, role }: KeyRecord): Refusal | undefined {
  if ((state.index.keys.get(org) ?? []).length >= MAX_KEYS_OF_MEMBER) return refuse('KEY_ROLE', `\`${org}\` has had ${MAX_KEYS_OF_MEMBER} keys`)
  const valid = validKeysOf(state, org, role, height).length
  if (role === 'ledger' && valid === 0) return refuse('KEY_ROLE', `\`${org}\` does not order the ledger`)
  if (role === 'witness' && valid >= MAX_WITNESS_KEYS) return refuse('KEY_ROLE', `\`${org}\` has ${valid} valid witness keys; retire one first`)
  return undefined
}

/** The roles of which a member always has a valid key. */
const NEEDED: readonly KeyRole[] = ['node', 'witness', 'ledger']

/** A retired key stays on the ledger, and what it signed before counts; from the height of a compromise on nothing does. */
export function retireKey(judging: Judging, { key, compromisedFrom }: RetireKey): Outcome {
  const { state, height } = judging
  const record = keyRecord(state, key)
  const signer = record === undefined ? nodeSigner(judging) : nodeSigner(judging, record.org)
  if (signer === undefined) return noNodeKey(record?.org)
  if (record === undefined) return refuse('KEY_UNKNOWN', `\`${signer.org}\` has no key \`${key}\``)
  if (compromisedFrom !== undefined && (compromisedFrom < record.from || compromisedFrom > height))
    return refuse('KEY_HEIGHT', `expected a height from ${record.from} to ${height}, found ${compromisedFrom}`)
  const isNews = compromisedFrom !== undefined && compromisedFrom < (record.compromisedFrom ?? Number.POSITIVE_INFINITY)
  if (record.to !== undefined && !isNews) return refuse('KEY_RETIRED', `key \`${key}\` is retired since height ${record.to}`)
  const others = validKeysOf(state, record.org, record.role, height).filter(({ keyId }) => keyId !== key)
  if (record.to === undefined && NEEDED.includes(record.role) && others.length === 0)
    return refuse('KEY_LAST', `\`${record.org}\` has no other valid ${record.role} key: add one first`)
  const next: KeyRecord = { ...record, to: record.to ?? height, ...(compromisedFrom === undefined ? {} : { compromisedFrom }) }
  const trusted = record.to === undefined ? trustWith(state, record, (keys, gone) => keys.filter((one) => one !== gone)) : undefined
  return requireSigners(judging, signer.publicKey) ?? acceptWithTrust(judging, trusted, { key: `key/${key}`, value: next })
}

type TrustParts = Pick<TrustRecord, 'logs' | 'groups'>

/** The trust record's lists after a change to those that hold keys of this role; undefined for a role that stands in none. */
function trustWith(
  state: LedgerState,
  { org, role, pub }: KeyRecord,
  change: (keys: readonly string[], key: string) => readonly string[],
): TrustParts | undefined {
  const { logs, groups } = trust(state)
  const publicKey = decodeBase64Url(pub)
  if (role === 'ledger') return { logs: change(logs, formatLogKey(ledgerOrigin(state.net), publicKey)), groups }
  if (role !== 'witness') return undefined
  const group = groupOf(state, org) ?? ''
  return {
    logs,
    groups: {
      ...groups,
      [group]: change(groups[group] ?? [], formatVerifierKey(makeVerifierKey(witnessName(state.net, org), KEY_TYPE_WITNESS, publicKey))).toSorted(),
    },
  }
}

/** These writes and, where `parts` say what becomes of it, trust record k + 1: one in a block, as only what stands at its end can be proved. */
function acceptWithTrust({ state, before }: Judging, parts: TrustParts | undefined, ...writes: readonly Write[]): Outcome {
  if (parts === undefined) return accept(...writes)
  const { k, quorum } = trust(state)
  if (k !== trust(before).k) return refuse('TRUST_TWICE')
  const value: TrustRecord = { k: k + 1, logs: parts.logs.toSorted(), groups: parts.groups, quorum }
  return accept(...writes, { key: 'trust', value })
}

/**
 * The key's record gains `origin`: from then on it signs this access log and no other. A log that the trust record does not
 * list so far, or lists with another key, is listed from now on.
 */
export function claimLogKey(judging: Judging, claim: { readonly keyId: KeyId; readonly org: OrganizationId; readonly origin: string }): Outcome {
  const { state, height } = judging
  const record = validKey(keyRecord(state, claim.keyId), 'log', height)
  if (record === undefined || record.org !== claim.org) return refuse('ACCESS_KEY', `expected a registered log key of \`${claim.org}\`, found another key`)
  if (record.origin !== undefined) return refuse('ACCESS_KEY_USED', `the key already serves \`${record.origin}\``)
  const { logs, groups } = trust(state)
  const listed = formatLogKey(claim.origin, decodeBase64Url(record.pub))
  const isNew = !logs.includes(listed)
  const others = logs.filter((text) => parseVerifierKey(text).name !== claim.origin)
  if (isNew && others.length >= MAX_TRUST_KEYS) return refuse('ACCESS_LOGS', `the trust record lists ${others.length} logs`)
  const claimed = { key: `key/${claim.keyId}`, value: { ...record, origin: claim.origin } }
  return acceptWithTrust(judging, isNew ? { logs: [...others, listed], groups } : undefined, claimed)
}
