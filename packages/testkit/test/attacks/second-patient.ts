import { createWallet, openRelationship, signPolicy, type WalletPorts, type WalletState } from '@fiducia/client'
import type { Policy } from '@fiducia/consent'
import { type Bytes32, ed25519PublicKey, type Handle, type SignedObject } from '@fiducia/core'
import { linkHashOf } from '@fiducia/ledger'
import { ALDER, PERMIT, type Scene } from './scene.ts'

/** Another patient at Alder, whose wallet is in the test's own hands: links, rotations and policies that Rosa would not make. */
export interface SecondPatient {
  readonly handle: Handle
  readonly ports: WalletPorts
  readonly wallet: () => WalletState
  /** Acknowledged; on the ledger and under a fresh checkpoint when it resolves. */
  setPolicy(policy: Policy): Promise<void>
  hashOf(link: SignedObject): Bytes32
}

export async function openSecond({ stage }: Scene): Promise<SecondPatient> {
  const { network, clock, random, cast } = stage
  const ports = { now: () => clock.now(), random }
  const { holder, policies, context } = network.node(ALDER.org).services
  const rosa = cast.holders.find(({ org }) => org === ALDER.org)?.record
  const known = new Set([rosa, ...holder.all.map(({ record }) => record)])
  const patient = cast.resources(ALDER.org).find(({ resourceType, id }) => resourceType === 'Patient' && !known.has(`Patient/${id}`))
  const code = holder.issueDeskCode(`Patient/${patient?.id}`)
  const recovery = { m: 1, publicKeys: [ed25519PublicKey(random(32))] }
  const { bind } = holder.beginOpening(code)
  const opening = openRelationship(createWallet(network.genesis.net, random(32)), { org: ALDER.org, bind, recovery }, ports)
  await holder.open(code, { payload: opening.payload, controlSignature: opening.controlSignature, k: opening.secret })
  let wallet = opening.wallet
  const second: SecondPatient = {
    handle: opening.handle,
    ports,
    wallet: () => wallet,
    async setPolicy(policy) {
      const signed = signPolicy(wallet, opening.handle, policy, ports)
      wallet = signed.wallet
      policies.accept(opening.handle, signed)
      await context.submit(signed.wire)
      await network.settle()
    },
    hashOf: linkHashOf,
  }
  await second.setPolicy(PERMIT)
  return second
}
