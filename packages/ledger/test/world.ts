import {
  type Bytes32,
  ed25519PublicKey,
  encodeBase64Url,
  encodeUtf8,
  type Handle,
  type JsonObject,
  type NetworkId,
  type OrganizationId,
  parseBytes32,
  parseGroupId,
  parseNetworkId,
  parseOrganizationId,
  sha256,
} from '@fiducia/core'
import { buildTransaction, encodeGenesis, type Genesis, handleOf, initialState, type LedgerState, recoveryHashOf, type TransactionType } from '../src/index.ts'

/** A small network for tests: every key and random value follows from a label. Birch and elm belong to one group. */

export const net: NetworkId = parseNetworkId('test')
export const START = 1_767_225_600_000
export const DAY = 86_400_000
/** The first of a month, 00:00 UTC. */
export const EXPIRES = 1_801_440_000_000

export const seedOf = (label: string): Uint8Array => sha256(encodeUtf8(`ledger test ${label}`))
export const publicKeyOf = (label: string): Uint8Array => ed25519PublicKey(seedOf(label))
export const publicOf = (label: string): Bytes32 => parseBytes32(encodeBase64Url(publicKeyOf(label)))
export const bytes32 = (label: string): Bytes32 => parseBytes32(encodeBase64Url(seedOf(label)))

export const GROUPS: { readonly [org: string]: string } = {
  alder: 'alder-group',
  birch: 'birch-group',
  cedar: 'cedar-group',
  dune: 'dune-group',
  elm: 'birch-group',
}
export const ORGS: readonly OrganizationId[] = Object.keys(GROUPS).map((org) => parseOrganizationId(org))
export const [alder, birch, cedar] = ORGS as [OrganizationId, OrganizationId, OrganizationId]

export function genesis(groups = GROUPS): Genesis {
  const members = Object.fromEntries(
    Object.keys(groups)
      .map((name) => parseOrganizationId(name))
      .map((org) => [
        org,
        {
          name: `${org} of the tests`,
          group: parseGroupId(groups[org]),
          endpoint: `http://127.0.0.1:4000/${org}`,
          keys: [
            ...(org === alder ? [{ role: 'ledger', alg: 'ed25519', pub: publicOf('ledger') } as const] : []),
            ...(['node', 'witness', 'log', 'log'] as const).map((role, i) => ({ role, alg: 'ed25519', pub: publicOf(`${org} ${role} ${i}`) }) as const),
          ],
        },
      ]),
  )
  return { v: 1, net, time: START, operator: alder, members, rules: { default: 'normal-treatment', freshSeconds: 60 } }
}

export const genesisFile = (): Uint8Array => encodeGenesis(genesis())
export const startState = (groups = GROUPS): LedgerState => initialState(genesis(groups))

export const nodeSeed = (org: OrganizationId): Uint8Array => seedOf(`${org} node 0`)

/** A transaction that is valid for five minutes from `at`. */
export const transaction = (type: TransactionType, body: JsonObject, at: number, ...seeds: readonly Uint8Array[]): Uint8Array =>
  buildTransaction({ net, type, body, validUntil: at + 300_000 }, seeds)

export interface Wallet {
  readonly label: string
  readonly org: OrganizationId
  readonly handle: Handle
  readonly rand32: Uint8Array
  readonly control: Uint8Array
  readonly openBody: JsonObject
}

export const recoveryLabels = (label: string): readonly string[] => [1, 2, 3].map((i) => `${label} recovery ${i}`)

/** m of three recovery keys. */
export function recoveryOf(label: string, m = 2): { readonly m: number; readonly hashes: readonly Bytes32[] } {
  return {
    m,
    hashes: recoveryLabels(label)
      .map((name) => recoveryHashOf(seedOf(`${label} rand`), publicKeyOf(name)))
      .sort(),
  }
}

export function wallet(label: string, org: OrganizationId = alder): Wallet {
  const control = seedOf(`${label} control 0`)
  const rand32 = seedOf(`${label} rand`)
  const handle = handleOf(net, org, ed25519PublicKey(control), rand32)
  const openBody = {
    handle,
    org,
    control: encodeBase64Url(ed25519PublicKey(control)),
    rand32: encodeBase64Url(rand32),
    recovery: recoveryOf(label),
    custody: 'self',
    chain: bytes32(`${label} chain`),
    seal: bytes32(`${label} seal`),
    bind: bytes32(`${label} bind`),
  }
  return { label, org, handle, rand32, control, openBody }
}

export const openWire = (one: Wallet, at = START): Uint8Array => transaction('rel.open', one.openBody, at, nodeSeed(one.org), one.control)

export const setWire = (one: Wallet, version: number, at = START, seed: Uint8Array = one.control): Uint8Array =>
  transaction('policy.set', { handle: one.handle, version, commitment: bytes32(`${one.label} policy ${version}`), expires: EXPIRES }, at, seed)
