import {
  decodeBase64Url,
  formatVerifierKey,
  KEY_TYPE_WITNESS,
  type KeyId,
  keyIdOf,
  type KeyRecord,
  ledgerOrigin,
  makeVerifierKey,
  accessLogOrigin,
  type NetworkId,
  type OrganizationId,
  parseOrganizationId,
  witnessName,
} from '@fiducia/core'
import { refuse } from '../../refusals.ts'
import { accept, type Judging, type Outcome, type Write } from '../../transition.ts'
import type { Genesis, GenesisMember, TrustRecord } from '../../types.ts'
import { formatLogKey, keyRecord, quorumOfGroups, validKey } from './queries.ts'

/** Members and keys come in with the genesis; an access log takes one of its owner's log keys for itself. */

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

/** The key's record gains `origin`: from then on it signs this access log and no other. */
export function claimLogKey({ state, height }: Judging, claim: { readonly keyId: KeyId; readonly org: OrganizationId; readonly origin: string }): Outcome {
  const record = validKey(keyRecord(state, claim.keyId), 'log', height)
  if (record === undefined || record.org !== claim.org) return refuse('ACCESS_KEY', `expected a registered log key of \`${claim.org}\`, found another key`)
  if (record.origin !== undefined) return refuse('ACCESS_KEY_USED', `the key already serves \`${record.origin}\``)
  return accept({ key: `key/${claim.keyId}`, value: { ...record, origin: claim.origin } })
}
