import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { encodePolicy, type Policy } from '@fiducia/consent'
import {
  type Bytes32,
  decodeUtf8,
  ed25519KeyId,
  ed25519PublicKey,
  encodeBase64Url,
  encodeUtf8,
  type Handle,
  type JsonObject,
  KEY_TYPE_LOG,
  makeVerifierKey,
  type NetworkId,
  type OrganizationId,
  parseBytes32,
  parseGroupId,
  parseNetworkId,
  parseOrganizationId,
  seedSigner,
  sha256,
  type Signer,
} from '@fiducia/core'
import { type Engine, type LedgerSigners, openEmbeddedEngine } from '@fiducia/engine'
import { buildTransaction, encodeGenesis, handleOf, policyCommitment, recoveryHashOf, relationship, type TransactionType } from '@fiducia/ledger'
import { silentLogger } from '../src/logger.ts'
import type { Keyring } from '../src/keys/keyring.ts'
import { createOwnKeys } from '../src/keys/own-keys.ts'
import type { NodeContext } from '../src/node-context.ts'
import type { HandedOver } from '../src/relationships/accept-policy.ts'
import { openDatabase } from '../src/store/database.ts'

/** One node's context over a real embedded ledger of two members: every key and random value follows from a label. */
export const net: NetworkId = parseNetworkId('test')
export const [alder, birch, cedar] = ['alder', 'birch', 'cedar'].map((org) => parseOrganizationId(org)) as [OrganizationId, OrganizationId, OrganizationId]
export const START = 1_767_225_600_000
/** A first of a month, a year after the start. */
export const EXPIRES = 1_798_761_600_000

export const seedOf = (label: string): Uint8Array => sha256(encodeUtf8(`node test ${label}`))
export const text32 = (label: string) => parseBytes32(encodeBase64Url(seedOf(label)))
export const publicText = (label: string): string => encodeBase64Url(ed25519PublicKey(seedOf(label)))
export const endpointOf = (org: string): string => `http://${org}.test`

export const keyOf = (label: string): Signer => seedSigner(seedOf(label))

/** Key and signer of an access log. */
export const logKeyOf = (origin: string, label: string) => ({ key: makeVerifierKey(origin, KEY_TYPE_LOG, keyOf(label).publicKey), signer: keyOf(label) })

/** The operator's signers where the key of its ledger is asked for. */
export const ledgerSigners: LedgerSigners = (keys) => keys.flatMap(({ publicKey }) => ringOf(['alder ledger']).find(ed25519KeyId(publicKey)) ?? [])

/** The keys of these labels, as if they lay in a folder. */
function ringOf(labels: readonly string[]): Keyring {
  const known = new Map(labels.map(keyOf).map((signer) => [signer.keyId, signer]))
  return {
    find: (keyId) => known.get(keyId),
    logKey: (k) => keyOf(`log ${k}`),
    reload: () => Promise.resolve(),
  }
}

export function genesisBytes(): Uint8Array {
  const members = Object.fromEntries(
    [alder, birch, cedar].map((org) => {
      const roles = ['node', 'witness', 'log', ...(org === alder ? ['ledger'] : [])] as ('node' | 'witness' | 'log' | 'ledger')[]
      const keys = roles.map((role) => ({ role, alg: 'ed25519' as const, pub: publicText(`${org} ${role}`) }))
      return [org, { name: `${org} test`, group: parseGroupId(`${org}-group`), endpoint: endpointOf(org), keys }]
    }),
  )
  return encodeGenesis({ v: 1, net, time: START, operator: alder, members, rules: { default: 'deny', freshSeconds: 60 } })
}

export interface Fixture extends AsyncDisposable {
  readonly dir: string
  readonly clock: { ms: number; now(): number }
  readonly engine: Engine
  readonly context: NodeContext
  readonly submit: (type: TransactionType, body: JsonObject, ...signers: readonly string[]) => Promise<void>
}

/** The node of `alder`; in a folder of its own that goes away with it, or in one that stays. */
export async function openFixture(transport: NodeContext['transport'] = () => Promise.reject(new Error('no network')), folder?: string): Promise<Fixture> {
  const dir = folder ?? mkdtempSync(path.join(tmpdir(), 'fiducia-node-'))
  const clock = { ms: START, now: () => clock.ms }
  const engine = await openEmbeddedEngine({
    dir: path.join(dir, 'ledger'),
    genesis: genesisBytes(),
    signers: ledgerSigners,
    clock,
    groupCommitMs: 1,
  })
  const database = openDatabase(path.join(dir, 'node.sqlite'))
  let drawn = 0
  const context: NodeContext = {
    net,
    org: alder,
    endpoint: endpointOf(alder),
    keys: createOwnKeys({ net, org: alder, ledger: engine, ring: ringOf(['alder node', 'alder witness', 'alder log', 'alder ledger']) }),
    outsideWitnesses: [],
    ledger: engine,
    submit: (wire) => engine.submit(wire),
    database,
    clock,
    random: (length) => sha256(encodeUtf8(`random ${(drawn += 1)}`)).subarray(0, length),
    transport,
    logger: silentLogger,
  }
  return {
    dir,
    clock,
    engine,
    context,
    async submit(type, body, ...signers) {
      const { result } = await engine.submit(wireOf(type, body, clock.ms, ...signers))
      if (!result.accepted) throw new Error(`${result.code}: ${result.message}`)
    },
    async [Symbol.asyncDispose]() {
      database[Symbol.dispose]()
      await engine[Symbol.asyncDispose]()
      if (folder === undefined) rmSync(dir, { recursive: true })
    },
  }
}

export const wireOf = (type: TransactionType, body: JsonObject, at: number, ...signers: readonly string[]): Uint8Array =>
  buildTransaction({ net, type, body, validUntil: at + 300_000 }, signers.map(seedOf))

export const handleFor = (label: string): Handle => handleOf(net, alder, ed25519PublicKey(seedOf(`${label} control`)), seedOf(`${label} rand`))

/** A relationship on the ledger, and the holder's row for it. */
export async function openRelationship({ submit, context }: Fixture, label: string): Promise<Handle> {
  const handle = handleFor(label)
  const recovery = { m: 1, hashes: [recoveryHashOf(seedOf(`${label} rand`), ed25519PublicKey(seedOf(`${label} phrase`)))] }
  const body: JsonObject = {
    handle,
    org: alder,
    control: publicText(`${label} control`),
    rand32: text32(`${label} rand`),
    recovery,
    custody: 'self',
    chain: text32(`${label} chain`),
    seal: text32(`${label} seal`),
    bind: text32(`${label} bind`),
  }
  await submit('rel.open', body, 'alder node', `${label} control`)
  context.database.run(
    'INSERT INTO relationship (handle, record, k, bind_salt, method) VALUES (?, ?, ?, ?, ?)',
    handle,
    `Patient/${label}`,
    seedOf(`${label} K`),
    seedOf(`${label} salt`),
    'desk',
  )
  return handle
}

export interface SignedVersion extends HandedOver {
  readonly commitment: Bytes32
  readonly version: number
}

/** A policy signed by the key with this label. */
export function signVersion(handle: Handle, version: number, policy: Policy, signer: string, at = START): SignedVersion {
  const body = decodeUtf8(encodePolicy(policy))
  const salt = seedOf(`policy salt ${handle} ${version} ${body}`)
  const commitment = policyCommitment(body, salt)
  return { wire: wireOf('policy.set', { handle, version, commitment, expires: EXPIRES }, at, signer), body, salt, commitment, version }
}

export const headOf = ({ engine }: Fixture, handle: Handle) => relationship(engine.tip(), handle)

export const PERMIT: Policy = {
  v: 1,
  grants: [{ effect: 'permit', recipients: [{ organization: 'birch' }], purposes: ['TREAT'], actions: ['read', 'search'] }],
}
export const DENY: Policy = { v: 1, grants: [{ effect: 'deny' }] }
