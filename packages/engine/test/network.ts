import {
  type Bytes32,
  ed25519KeyId,
  ed25519PublicKey,
  encodeBase64Url,
  encodeUtf8,
  equalBytes,
  type Handle,
  type NetworkId,
  type OrganizationId,
  parseBytes32,
  parseGroupId,
  parseNetworkId,
  parseOrganizationId,
  seedSigner,
  sha256,
} from '@fiducia/core'
import { buildTransaction, encodeGenesis, handleOf, recoveryHashOf, type TransactionType } from '@fiducia/ledger'
import type { Clock, Ledger, LedgerSigners, LedgerSource } from '../src/index.ts'

/** A network for tests: every key and random value follows from a label, so that histories are the same everywhere. */

export const net: NetworkId = parseNetworkId('test')
export const START = 1_767_225_600_000
const EXPIRES = 1_801_440_000_000

export const seedOf = (label: string): Uint8Array => sha256(encodeUtf8(`engine test ${label}`))
const publicOf = (label: string): string => encodeBase64Url(ed25519PublicKey(seedOf(label)))
const bytes32 = (label: string): Bytes32 => parseBytes32(encodeBase64Url(seedOf(label)))

const orgs = ['alder', 'birch', 'cedar', 'dune'].map((org) => parseOrganizationId(org))
export const [alder, birch] = orgs as [OrganizationId, OrganizationId]

export function genesisBytes(time = START): Uint8Array {
  const members = Object.fromEntries(
    orgs.map((org) => [
      org,
      {
        name: `${org} test`,
        group: parseGroupId(`${org}-group`),
        endpoint: `http://127.0.0.1/${org}`,
        keys: [
          ...(org === alder ? [{ role: 'ledger', alg: 'ed25519', pub: publicOf('ledger') } as const] : []),
          ...(['node', 'witness', 'log', 'log'] as const).map((role, i) => ({ role, alg: 'ed25519', pub: publicOf(`${org} ${role} ${i}`) }) as const),
        ],
      },
    ]),
  )
  return encodeGenesis({ v: 1, net, time, operator: alder, members, rules: { default: 'normal-treatment', freshSeconds: 60 } })
}

export const ledgerSeed = seedOf('ledger')

/** The signer of a seed, where it is among the keys. */
export const signersOf =
  (seed: Uint8Array): LedgerSigners =>
  (keys) => {
    const signer = seedSigner(seed)
    return keys.some(({ publicKey }) => equalBytes(publicKey, signer.publicKey)) ? [signer] : []
  }
export const signers = signersOf(ledgerSeed)
const nodeSeed = (org: OrganizationId) => seedOf(`${org} node 0`)

export class TestClock implements Clock {
  ms: number
  constructor(ms = START) {
    this.ms = ms
  }
  now(): number {
    return this.ms
  }
}

const transaction = (type: TransactionType, body: Parameters<typeof buildTransaction>[0]['body'], at: number, ...seeds: Uint8Array[]): Uint8Array =>
  buildTransaction({ net, type, body, validUntil: at + 300_000 }, seeds)

export interface Patient {
  readonly handle: Handle
  readonly control: Uint8Array
  open(at: number): Uint8Array
  set(version: number, at: number): Uint8Array
  close(at: number): Uint8Array
}

export function patient(label: string, org: OrganizationId = alder): Patient {
  const control = seedOf(`${label} control`)
  const rand32 = seedOf(`${label} rand`)
  const handle = handleOf(net, org, ed25519PublicKey(control), rand32)
  const recovery = { m: 1, hashes: [recoveryHashOf(rand32, ed25519PublicKey(seedOf(`${label} phrase`)))] }
  return {
    handle,
    control,
    open: (at) =>
      transaction(
        'rel.open',
        {
          handle,
          org,
          control: encodeBase64Url(ed25519PublicKey(control)),
          rand32: encodeBase64Url(rand32),
          recovery,
          custody: 'self',
          chain: bytes32(`${label} chain`),
          seal: bytes32(`${label} seal`),
          bind: bytes32(`${label} bind`),
        },
        at,
        nodeSeed(org),
        control,
      ),
    set: (version, at) => transaction('policy.set', { handle, version, commitment: bytes32(`${label} policy ${version}`), expires: EXPIRES }, at, control),
    close: (at) => transaction('rel.close', { handle, epoch: 0 }, at, control),
  }
}

export const openLog = (org: OrganizationId, at: number): Uint8Array =>
  transaction('access.open', { origin: `${net}/log/${org}/1`, key: keyIdOfLog(org) }, at, nodeSeed(org))

const keyIdOfLog = (org: OrganizationId) => ed25519KeyId(ed25519PublicKey(seedOf(`${org} log 2`)))

/** The read side of an engine as a follower sees it. */
export const sourceOf = (engine: Ledger & { checkpoint(): Promise<string> }, genesis: Uint8Array): LedgerSource => ({
  checkpoint: () => engine.checkpoint(),
  tile: async (path) => engine.log.tile(path),
  genesis: async () => genesis,
})
