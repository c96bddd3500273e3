import { encodePolicy, type Policy } from '@fiducia/consent'
import {
  type Bytes32,
  decodeBase64Url,
  decodeUtf8,
  type Handle,
  InputError,
  type JsonObject,
  type NetworkId,
  type OrganizationId,
  parseBytes32,
  parseHandle,
  parseOrganizationId,
  type SignedObject,
} from '@fiducia/core'
import {
  buildTransaction,
  handleOf,
  isMonthStart,
  nextMonthStart,
  policyCommitment,
  recoveryHashOf,
  signLink,
  signTransactionPart,
  type TransactionPayload,
  type TransactionSignature,
  type TransactionType,
} from '@fiducia/ledger'
import { chainOf, controlKey, formatBytes32, type KeyPair, relationshipSecret, sealKey, tagKeyOf } from '@fiducia/proofs'
import { DEFAULT_LINK_MS, DEFAULT_POLICY_MS, MAX_EPOCHS_TRIED, TRANSACTION_VALID_MS } from './limits.ts'
import type { RememberedPolicy, WalletRelationship, WalletState } from './wallet-state.ts'

/**
 * The patient's wallet (PROTOCOL section 3): one seed, and from it a handle and keys for each organization that holds a
 * record. Every function takes the wallet's state and gives the next one; nothing is sent and nothing is stored here. Clock
 * and random bytes come from the caller, so the same code runs in a browser, in Node and in a test.
 */
export interface WalletPorts {
  /** Milliseconds. */
  readonly now: () => number
  /** Cryptographically random. */
  readonly random: (length: number) => Uint8Array
}

/** What a step gives besides its own result: the state to keep. Keep it before the result is sent. */
export interface Step {
  readonly wallet: WalletState
}

const seedOf = (wallet: WalletState): Uint8Array => decodeBase64Url(wallet.seed)

/** The keys of a relationship: control and seal of an epoch, and K. */
export interface RelationshipKeys {
  readonly control: KeyPair
  readonly seal: KeyPair
  /** K: goes to the holder and to nobody else. */
  readonly secret: Uint8Array
  readonly tagkey: Uint8Array
}

/** Throws when the wallet has no such relationship. */
export function relationshipOf(wallet: WalletState, handle: Handle): WalletRelationship {
  const found = wallet.relationships.find((one) => one.handle === handle)
  if (found === undefined) throw new InputError('SHAPE', 'the wallet has no relationship with this handle')
  return found
}

/** Keys of an epoch, the current one by default. */
export function keysOf(wallet: WalletState, relationship: WalletRelationship, epoch = relationship.keyEpoch): RelationshipKeys {
  const [seed, rand32] = [seedOf(wallet), decodeBase64Url(relationship.rand32)]
  const secret = relationshipSecret(seed, rand32)
  return { secret, tagkey: tagKeyOf(secret), control: controlKey(seed, rand32, epoch), seal: sealKey(seed, rand32, epoch) }
}

/** Secret seal keys, newest first, for opening the requesters' copies. */
export function sealSecretsOf(wallet: WalletState, relationship: WalletRelationship): readonly Uint8Array[] {
  const oldest = Math.max(0, relationship.keyEpoch - MAX_EPOCHS_TRIED)
  const epochs = Array.from({ length: relationship.keyEpoch - oldest + 1 }, (_, i) => relationship.keyEpoch - i)
  return epochs.map((epoch) => keysOf(wallet, relationship, epoch).seal.secret)
}

function replaceRelationship(wallet: WalletState, changed: WalletRelationship): WalletState {
  return { ...wallet, relationships: wallet.relationships.map((one) => (one.handle === changed.handle ? changed : one)) }
}

function payloadOf(wallet: WalletState, type: TransactionType, body: JsonObject, ports: WalletPorts): TransactionPayload {
  return { net: wallet.net, type, body, validUntil: ports.now() + TRANSACTION_VALID_MS }
}

// ---- opening -----------------------------------------------------------------------------------------------------------

export interface OpenRequest {
  readonly org: OrganizationId
  /** From the holder: it binds the relationship to a record without naming it. */
  readonly bind: Bytes32
  /** Public keys of which m recover the relationship: printed phrase, key custodian, delegate, holder's desk. */
  readonly recovery: { readonly m: number; readonly publicKeys: readonly Uint8Array[] }
  readonly custody?: 'self' | 'custodial'
}

export interface Opening extends Step {
  readonly handle: Handle
  /** The holder signs this too, and puts it on the ledger. */
  readonly payload: TransactionPayload
  readonly controlSignature: TransactionSignature
  /** K, for the holder. */
  readonly secret: Uint8Array
}

/** A new relationship with an organization, signed by the patient's side. */
export function openRelationship(wallet: WalletState, request: OpenRequest, ports: WalletPorts): Opening {
  const rand32 = ports.random(32)
  const [control, seal] = [controlKey(seedOf(wallet), rand32, 0), sealKey(seedOf(wallet), rand32, 0)]
  const secret = relationshipSecret(seedOf(wallet), rand32)
  const handle = handleOf(wallet.net, request.org, decodeBase64Url(control.pub), rand32)
  const recovery = { m: request.recovery.m, hashes: request.recovery.publicKeys.map((pub) => recoveryHashOf(rand32, pub)).toSorted() }
  const custody = request.custody ?? 'self'
  const rand = formatBytes32(rand32)
  const payload = payloadOf(
    wallet,
    'rel.open',
    {
      handle,
      org: request.org,
      control: control.pub,
      rand32: rand,
      recovery,
      custody,
      chain: chainOf(tagKeyOf(secret)),
      seal: seal.pub,
      bind: request.bind,
    },
    ports,
  )
  const relationship: WalletRelationship = {
    handle,
    org: request.org,
    rand32: rand,
    custody,
    keyEpoch: 0,
    epoch: 0,
    version: 0,
    closed: false,
    policies: [],
    links: [],
  }
  return {
    wallet: { ...wallet, relationships: [...wallet.relationships, relationship] },
    handle,
    payload,
    controlSignature: signTransactionPart(payload, control.secret),
    secret,
  }
}

/**
 * Whether a rel.open on the ledger is this seed's: the control key follows from the seed and the random value in it. So a
 * wallet that has nothing but its seed finds its relationships again, with nothing remembered but what the ledger says.
 */
export function recognizeOpening(seed: Uint8Array, body: JsonObject): WalletRelationship | undefined {
  const { rand32, control, org, handle, custody } = body
  if (typeof rand32 !== 'string' || typeof control !== 'string' || typeof org !== 'string') return undefined
  if (controlKey(seed, decodeBase64Url(rand32), 0).pub !== control) return undefined
  return {
    handle: parseHandle(handle),
    org: parseOrganizationId(org),
    rand32: parseBytes32(rand32),
    custody: custody === 'custodial' ? 'custodial' : 'self',
    keyEpoch: 0,
    epoch: 0,
    version: 0,
    closed: false,
    policies: [],
    links: [],
  }
}

// ---- policy ------------------------------------------------------------------------------------------------------------

/** The first instant of a month that is not before `ms`: exact dates stand in the body only. */
export const roundUpToMonth = (ms: number): number => (isMonthStart(ms) ? ms : nextMonthStart(ms))

export interface SignedPolicy extends Step {
  /** The signed policy.set. */
  readonly wire: Uint8Array
  /** The exact canonical text of the policy, for the holder. */
  readonly body: string
  readonly salt: Uint8Array
  readonly version: number
  readonly commitment: Bytes32
  /** Of the head; a first of a month. */
  readonly expires: number
}

/** A new version of the policy. The policy's own `until` is kept; the head's `expires` rounds it up to a month, a year from now by default. */
export function signPolicy(wallet: WalletState, handle: Handle, policy: Policy, ports: WalletPorts): SignedPolicy {
  const relationship = relationshipOf(wallet, handle)
  const version = relationship.version + 1
  const salt = ports.random(32)
  const body = decodeUtf8(encodePolicy(policy))
  const commitment = policyCommitment(body, salt)
  const expires = roundUpToMonth(policy.until ?? ports.now() + DEFAULT_POLICY_MS)
  const payload = payloadOf(wallet, 'policy.set', { handle, version, commitment, expires }, ports)
  const wire = buildTransaction(payload, [keysOf(wallet, relationship).control.secret])
  const remembered: RememberedPolicy = { version, body, salt: formatBytes32(salt), commitment, expires }
  const changed = { ...relationship, version, policies: [...relationship.policies, remembered] }
  return { wallet: replaceRelationship(wallet, changed), wire, body, salt, version, commitment, expires }
}

/** The wallet again as it is when a signed version never reached the ledger and was given up: its number is free again. */
export function forgetPolicy(wallet: WalletState, handle: Handle, commitment: Bytes32): WalletState {
  const relationship = relationshipOf(wallet, handle)
  const policies = relationship.policies.filter((policy) => policy.commitment !== commitment)
  return replaceRelationship(wallet, { ...relationship, policies, version: Math.max(0, ...policies.map(({ version }) => version)) })
}

// ---- keys and end ------------------------------------------------------------------------------------------------------

export interface SignedTransaction extends Step {
  readonly wire: Uint8Array
}

/** New control and seal keys, signed by the old control key and the new one. Links must be given out anew. */
export function rotateKeys(wallet: WalletState, handle: Handle, ports: WalletPorts): SignedTransaction {
  const relationship = relationshipOf(wallet, handle)
  const epoch = relationship.epoch + 1
  const [old, fresh] = [keysOf(wallet, relationship), keysOf(wallet, relationship, epoch)]
  const payload = payloadOf(wallet, 'rel.rotate', { handle, epoch, newControl: fresh.control.pub, newSeal: fresh.seal.pub }, ports)
  const wire = buildTransaction(payload, [old.control.secret, fresh.control.secret])
  return { wallet: replaceRelationship(wallet, { ...relationship, epoch, keyEpoch: epoch }), wire }
}

/** Ends the relationship at once. The wallet keeps it, to read what was logged. */
export function closeRelationship(wallet: WalletState, handle: Handle, ports: WalletPorts): SignedTransaction {
  const relationship = relationshipOf(wallet, handle)
  const payload = payloadOf(wallet, 'rel.close', { handle, epoch: relationship.epoch }, ports)
  const wire = buildTransaction(payload, [keysOf(wallet, relationship).control.secret])
  return { wallet: replaceRelationship(wallet, { ...relationship, closed: true }), wire }
}

// ---- links -------------------------------------------------------------------------------------------------------------

export interface GivenLink extends Step {
  readonly link: SignedObject
}

/** The statement to a requester that the record is at this holder and the patient in the requester's care; a year by default. */
export function giveLink(
  wallet: WalletState,
  handle: Handle,
  requester: OrganizationId,
  ports: WalletPorts,
  expires = ports.now() + DEFAULT_LINK_MS,
): GivenLink {
  const relationship = relationshipOf(wallet, handle)
  const rand = formatBytes32(ports.random(32))
  const link = signLink({ net: wallet.net, holder: relationship.org, handle, requester, expires, rand }, keysOf(wallet, relationship).control.secret)
  const changed = { ...relationship, links: [...relationship.links, { requester, expires, link }] }
  return { wallet: replaceRelationship(wallet, changed), link }
}

/** A wallet with nothing in it. `seed` is 32 random bytes, the one thing to keep. */
export function createWallet(net: NetworkId, seed: Uint8Array): WalletState {
  if (seed.length !== 32) throw new InputError('BYTES_LENGTH', `expected a seed of 32 bytes, found ${seed.length}`)
  return { v: 1, net, seed: formatBytes32(seed), relationships: [] }
}
