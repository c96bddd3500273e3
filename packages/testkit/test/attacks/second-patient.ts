import {
  createNodeClient,
  createWallet,
  giveLink,
  keysOf,
  openRelationship,
  relationshipOf,
  type SignedPolicy,
  signPolicy,
  type WalletPorts,
  type WalletState,
} from '@fiducia/client'
import type { Policy } from '@fiducia/consent'
import { type Bytes32, ed25519PublicKey, type Handle, type JsonObject, type OrganizationId, type SignedObject } from '@fiducia/core'
import { buildTransaction, linkHashOf, type TransactionType } from '@fiducia/ledger'
import { ALDER, BIRCH, PERMIT, type Scene } from './scene.ts'

/** Another patient at Alder, whose wallet is in the test's own hands: links, rotations and policies that Rosa would not make. */
export interface SecondPatient {
  readonly handle: Handle
  readonly ports: WalletPorts
  readonly wallet: () => WalletState
  /** Acknowledged; on the ledger and under a fresh checkpoint when it resolves. */
  setPolicy(policy: Policy): Promise<void>
  hashOf(link: SignedObject): Bytes32
}

/** The same with two devices, delegates and a holder of one's choice: versions are signed here and go where the test sends them. */
export interface TwoDevices extends SecondPatient {
  readonly link: SignedObject
  /** The next version after `base`, the wallet as it is now by default; by control, or by a delegate's seed. Goes nowhere. */
  sign(policy: Policy, base?: WalletState, delegate?: Uint8Array): SignedPolicy
  /** To the holder, as a wallet does; the commitments that are pending then, or the refusal. */
  handOver(signed: SignedPolicy): Promise<readonly string[] | string>
  /** Any other transaction about the relationship, signed by control and put on the ledger. */
  submit(type: TransactionType, body: JsonObject): Promise<void>
}

export async function openSecond(scene: Scene, org: OrganizationId = ALDER.org): Promise<TwoDevices> {
  const { network, clock, random } = scene.stage
  const ports = { now: () => clock.now(), random }
  const code = services().holder.issueDeskCode(newRecord(scene, org))
  const recovery = { m: 1, publicKeys: [ed25519PublicKey(random(32))] }
  const { bind } = services().holder.beginOpening(code)
  const opening = openRelationship(createWallet(network.genesis.net, random(32)), { org, bind, recovery }, ports)
  const { handle } = opening
  await services().holder.open(code, { payload: opening.payload, controlSignature: opening.controlSignature, k: opening.secret })
  const given = giveLink(opening.wallet, handle, BIRCH.org, ports)
  let { wallet } = given

  function services() {
    return network.node(org).services
  }
  const control = () => keysOf(wallet, relationshipOf(wallet, handle)).control.secret
  const wireOf = (type: TransactionType, body: JsonObject, seed: Uint8Array) =>
    buildTransaction({ net: network.genesis.net, type, body: { handle, ...body }, validUntil: clock.now() + 300_000 }, [seed])

  const second: TwoDevices = {
    handle,
    ports,
    link: given.link,
    wallet: () => wallet,
    sign(policy, base = wallet, delegate = control()) {
      const signed = signPolicy(base, handle, policy, ports)
      const { version, commitment, expires } = signed
      return { ...signed, wire: wireOf('policy.set', { version, commitment, expires }, delegate) }
    },
    async handOver(signed) {
      const client = createNodeClient({ base: network.genesis.members[org]?.endpoint ?? '', fetch: (url, init) => fetch(url, init) })
      try {
        return (await client.setPolicy(handle, signed)).pending
      } catch (error) {
        return error instanceof Error ? error.message : 'refused'
      }
    },
    async submit(type, body) {
      const { result } = await services().context.submit(wireOf(type, body, control()))
      if (!result.accepted) throw new Error(`${result.code}: ${result.message}`)
      await network.settle()
    },
    async setPolicy(policy) {
      const signed = second.sign(policy)
      wallet = signed.wallet
      services().policies.accept(handle, signed)
      await services().context.submit(signed.wire)
      await network.settle()
    },
    hashOf: linkHashOf,
  }
  await second.setPolicy(PERMIT)
  return second
}

/** A new patient in the holder's record system, with one observation. */
function newRecord({ stage: { network, random } }: Scene, org: OrganizationId): string {
  const id = `second-${Buffer.from(random(8)).toString('hex')}`
  const silo = network.silo(org)
  silo.put({ resourceType: 'Patient', id })
  const code = { coding: [{ system: 'http://loinc.org', code: '8867-4' }] }
  silo.put({ resourceType: 'Observation', id: `${id}-pulse`, status: 'final', code, subject: { reference: `Patient/${id}` } })
  return `Patient/${id}`
}
