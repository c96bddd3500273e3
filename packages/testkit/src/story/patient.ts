import {
  checkLog,
  type CheckLogInput,
  closeRelationship,
  createNodeClient,
  createWallet,
  decideAgain,
  type DecidedAgain,
  giveLink,
  keysOf,
  type LogReport,
  type NodeClient,
  openHolderCopy,
  openRelationship,
  openRequesterCopy,
  relationshipOf,
  type Signer,
  signPolicy,
  signWalletRequest,
  type WalletPorts,
  type WalletState,
} from '@fiducia/client'
import type { Policy } from '@fiducia/consent'
import { ed25519PublicKey, type Handle, type OrganizationId, type SignedObject } from '@fiducia/core'
import { checkAck, groupOf, keyRecord, linkHashOf, member, rules } from '@fiducia/ledger'
import type { BundleFiles, SealedContent } from '@fiducia/proofs'
import type { Network } from '../network/network.ts'
import { expectStory } from './narrator.ts'

/**
 * The patient with a wallet, speaking HTTP to the nodes like a browser would. What it knows of the network it takes from
 * its own trust (the genesis) and from proofs; it never asks a node for a verdict.
 */
export interface Patient {
  /** Opens a relationship with a code from the desk. */
  join(org: OrganizationId, deskCode: string): Promise<Handle>
  handleAt(org: OrganizationId): Handle
  /** Signs, hands over, gets the acknowledgment, then puts it on the ledger through `via`. */
  setPolicy(org: OrganizationId, policy: Policy, via?: readonly OrganizationId[]): Promise<SetPolicy>
  giveLink(org: OrganizationId, requester: OrganizationId): Promise<SignedObject>
  events(org: OrganizationId): Promise<readonly ReadEvent[]>
  /** Walks the holder's log, compares the holder's and the requesters' copies with it, decides every event again. */
  checkEverything(org: OrganizationId, roles: readonly string[]): Promise<Checked>
  accessBundle(org: OrganizationId, n: number): Promise<BundleFiles>
  completenessBundle(org: OrganizationId): Promise<BundleFiles>
  headBundle(org: OrganizationId): Promise<BundleFiles>
  close(org: OrganizationId): Promise<void>
  /** Has a holder erase what it keeps of the closed relationship; the number of events. */
  erase(org: OrganizationId): Promise<number>
  /** Has every requester erase what it got from a holder; the number of copies. */
  eraseCopies(org: OrganizationId): Promise<number>
}

export interface SetPolicy {
  readonly ack: SignedObject
  readonly wire: Uint8Array
  /** Resolves when the ledger has it, or refused it. */
  readonly committed: Promise<boolean>
}

export interface ReadEvent {
  readonly n: number
  readonly content: SealedContent
}

export interface Checked {
  readonly log: LogReport
  readonly again: readonly DecidedAgain[]
}

export function createPatient(network: Network, seed: Uint8Array, ports: WalletPorts): Patient {
  let wallet: WalletState = createWallet(network.genesis.net, seed)
  const handles = new Map<OrganizationId, Handle>()
  const acknowledged = new Map<Handle, CheckLogInput['acknowledged']>()
  const state = () => network.node(network.genesis.operator).services.context.ledger.tip()

  const client = (org: OrganizationId): NodeClient => createNodeClient({ base: member(state(), org)?.endpoint ?? '', fetch: (url, init) => fetch(url, init) })

  function handleAt(org: OrganizationId): Handle {
    const handle = handles.get(org)
    expectStory(handle !== undefined, `the patient has no relationship with \`${org}\``)
    return handle
  }

  /** Signs requests to `to` with the key that governs the relationship at `org`. */
  function signer(org: OrganizationId, to: OrganizationId): Signer {
    const controlSeed = keysOf(wallet, relationshipOf(wallet, handleAt(org))).control.secret
    return ({ method, path }) => signWalletRequest({ net: wallet.net, to, method, path, at: ports.now(), rand: ports.random(32) }, controlSeed)
  }

  async function readEvents(org: OrganizationId) {
    const relationship = relationshipOf(wallet, handleAt(org))
    const events = await client(org).events(handleAt(org), signer(org, org))
    return events.map((event) => ({ ...event, content: openHolderCopy(wallet, relationship, event.sealed) }))
  }

  async function requesterCopies(org: OrganizationId): Promise<readonly string[]> {
    const relationship = relationshipOf(wallet, handleAt(org))
    const lists = await Promise.all(relationship.links.map(({ requester, link }) => client(requester).copies(linkHashOf(link), signer(org, requester))))
    return Promise.all(lists.flat().map(({ sealed }) => openRequesterCopy(wallet, relationship, sealed)))
  }

  return {
    handleAt,
    async join(org, deskCode) {
      const { bind } = await client(org).beginOpening(deskCode)
      // Two of three recover it: the printed phrase, a key custodian, the desk.
      const recovery = { m: 2, publicKeys: [1, 2, 3].map(() => ed25519PublicKey(ports.random(32))) }
      const opening = openRelationship(wallet, { org, bind, recovery }, ports)
      wallet = opening.wallet
      const { handle } = await client(org).open(deskCode, opening.payload, opening.controlSignature, opening.secret)
      handles.set(org, handle)
      return handle
    },
    async setPolicy(org, policy, via = [org]) {
      const signed = signPolicy(wallet, handleAt(org), policy, ports)
      wallet = signed.wallet
      const { ack } = await client(org).setPolicy(handleAt(org), signed)
      const { version, commitment } = signed
      const verdict = checkAck(ack, { net: wallet.net, holder: org, handle: handleAt(org), version, commitment, key: keyRecord(state(), ack.key) })
      expectStory(verdict.ok, 'the acknowledgment of the holder should hold')
      const known = acknowledged.get(handleAt(org)) ?? []
      acknowledged.set(handleAt(org), [...known, { version: signed.version, at: ports.now() }])
      const committed = Promise.all(via.map((through) => client(through).submit(signed.wire))).then((answers) => answers.some(({ accepted }) => accepted))
      return { ack, wire: signed.wire, committed }
    },
    async giveLink(org, requester) {
      const given = giveLink(wallet, handleAt(org), requester, ports)
      wallet = given.wallet
      await client(requester).addLink(given.link)
      return given.link
    },
    events: async (org) => (await readEvents(org)).map(({ n, content }) => ({ n, content })),
    async checkEverything(org, roles) {
      const relationship = relationshipOf(wallet, handleAt(org))
      const events = await readEvents(org)
      const log = checkLog({
        handle: handleAt(org),
        secret: keysOf(wallet, relationship).secret,
        completeness: await client(org).completenessBundle(handleAt(org), signer(org, org)),
        trust: network.trustPolicy(),
        holderCopies: events.map(({ k, n, leaf, sealed }) => ({ k, n, leaf, sealed })),
        requesterCopies: await requesterCopies(org),
        acknowledged: acknowledged.get(handleAt(org)) ?? [],
        now: ports.now(),
      })
      const resources = await client(org).record(handleAt(org), signer(org, org))
      const group = groupOf(state(), relationship.links[0]?.requester ?? org)
      const actor = { roles, ...(group === undefined ? {} : { group }) }
      const again = events.map(({ content }) =>
        decideAgain({ content, policies: relationship.policies, resources, holder: org, networkDefault: rules(state()).default, actor }),
      )
      return { log, again }
    },
    accessBundle: (org, n) => client(org).accessBundle(handleAt(org), n, signer(org, org)),
    completenessBundle: (org) => client(org).completenessBundle(handleAt(org), signer(org, org)),
    headBundle: (org) => client(org).headBundle(handleAt(org), signer(org, org)),
    erase: (org) => client(org).erase(handleAt(org), signer(org, org)),
    async eraseCopies(org) {
      const { links } = relationshipOf(wallet, handleAt(org))
      const counts = await Promise.all(links.map(({ requester, link }) => client(requester).eraseCopies(linkHashOf(link), signer(org, requester))))
      return counts.reduce((sum, count) => sum + count, 0)
    },
    async close(org) {
      const closing = closeRelationship(wallet, handleAt(org), ports)
      wallet = closing.wallet
      await client(org).submit(closing.wire)
    },
  }
}
