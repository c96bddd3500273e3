import {
  createNodeClient,
  createWallet,
  type Fetch,
  forgetPolicy,
  giveLink,
  keysOf,
  type NodeClient,
  NodeClientError,
  openRelationship,
  relationshipOf,
  type SignedPolicy,
  type Signer,
  signPolicy,
  signWalletRequest,
  type WalletPorts,
  type WalletState,
} from '@fiducia/client'
import type { Policy } from '@fiducia/consent'
import { type Bytes32, ed25519PublicKey, type Handle, type NetworkId, type OrganizationId, type SignedObject, shape } from '@fiducia/core'
import type { Transport } from '@fiducia/node'
import { endpointOf } from './network.ts'
import type { Judge } from './judge.ts'

/**
 * The patient's wallet as it must be over a network that loses things: what is signed is handed over until the holder has
 * acknowledged it, then given to the ledger until it stands there, in the order of the versions. A version that expired
 * before it could stand is given up, and its number signed again with the newest wish; the new one names in `replaces` what
 * the holder was told before.
 */
export interface SimulatedWallet {
  join(org: OrganizationId, deskCode: string): Promise<void>
  link(org: OrganizationId, requester: OrganizationId): Promise<SignedObject>
  /** Signs now; the rest happens in the background. */
  wish(org: OrganizationId, policy: Policy): void
  /** One round: hands over and submits what does not stand so far. */
  round(org: OrganizationId): Promise<void>
  /** Whether all that was wished for stands. */
  isSettled(org: OrganizationId): boolean
  readonly state: WalletState
  /** Version numbers that were signed a second time: a decision that names one may mean either. */
  readonly renewed: ReadonlyMap<OrganizationId, ReadonlySet<number>>
  readonly acknowledged: ReadonlyMap<OrganizationId, readonly Acknowledged[]>
  client(org: OrganizationId): NodeClient
  signer(org: OrganizationId, to: OrganizationId): Signer
  handleAt(org: OrganizationId): Handle
}

export interface Acknowledged {
  readonly version: number
  readonly at: number
}

export interface WalletOptions {
  readonly net: NetworkId
  readonly seed: Uint8Array
  /** An earlier state; a new wallet otherwise. */
  readonly state: WalletState | undefined
  readonly ports: WalletPorts
  readonly transport: Transport
  /** Members through which a signed version is given to the ledger, chosen anew each time. */
  readonly through: () => readonly OrganizationId[]
  readonly signed: Judge['signed']
  readonly isRestriction: (policy: Policy) => boolean
  /** How far a member's clock has been off at most. */
  readonly clocksOffMs: () => number
}

interface Waiting {
  readonly policy: Policy
  readonly signed: SignedPolicy
  readonly signedAt: number
  acknowledged: boolean
}

/** How long a signed version is valid, and a margin besides how far the clock of a member is off: after that it cannot stand any more. */
const VALID_MS = 300_000
const MARGIN_MS = 120_000

export function createSimulatedWallet({ net, seed, ports, transport, ...options }: WalletOptions): SimulatedWallet {
  let wallet = options.state ?? createWallet(net, seed)
  const waiting = new Map<OrganizationId, Waiting[]>()
  const givenUp = new Map<OrganizationId, Bytes32[]>()
  const acknowledged = new Map<OrganizationId, Acknowledged[]>()
  const renewed = new Map<OrganizationId, Set<number>>()
  const busy = new Set<OrganizationId>()

  const isOver = ({ signedAt }: Waiting): boolean => ports.now() > signedAt + VALID_MS + MARGIN_MS + options.clocksOffMs()

  const handleAt = (org: OrganizationId): Handle => {
    const found = wallet.relationships.find((one) => one.org === org)
    if (found === undefined) throw new Error(`expected a relationship with \`${org}\``)
    return found.handle
  }

  const fetchThrough: Fetch = async (url, { method, headers, body }) => {
    const content = body === undefined ? {} : { body }
    const { status, bytes } = await transport(url, { method: method as 'GET' | 'POST' | 'PUT', headers, ...content })
    return { status, json: () => Promise.resolve(JSON.parse(new TextDecoder().decode(bytes)) as unknown) }
  }
  const client = (org: OrganizationId): NodeClient => createNodeClient({ base: endpointOf(org), fetch: fetchThrough })

  function sign(org: OrganizationId, policy: Policy): void {
    const replaces = (givenUp.get(org) ?? []).slice(-16)
    const signed = signPolicy(wallet, handleAt(org), replaces.length === 0 ? policy : { ...policy, replaces }, ports)
    wallet = signed.wallet
    options.signed({ org, commitment: signed.commitment, restricts: options.isRestriction(policy) })
    waiting.set(org, [...(waiting.get(org) ?? []), { policy, signed, signedAt: ports.now(), acknowledged: false }])
  }

  async function handOver(org: OrganizationId, one: Waiting): Promise<void> {
    await client(org).setPolicy(handleAt(org), one.signed)
    if (!one.acknowledged) acknowledged.set(org, [...(acknowledged.get(org) ?? []), { version: one.signed.version, at: ports.now() }])
    one.acknowledged = true
  }

  async function submit(org: OrganizationId, one: Waiting): Promise<void> {
    const answers = await Promise.all(
      options.through().map((member) =>
        client(member)
          .submit(one.signed.wire)
          .catch(() => undefined),
      ),
    )
    if (answers.some((answer) => answer?.accepted === true) || (await standsAt(org)) >= one.signed.version) drop(org, one)
  }

  const drop = (org: OrganizationId, one: Waiting): void =>
    void waiting.set(
      org,
      (waiting.get(org) ?? []).filter((other) => other !== one),
    )

  /** The version of the head, as the members that answer have it; nobody shows one that is too high. */
  async function standsAt(org: OrganizationId): Promise<number> {
    const path = `/ledger/state?key=rel/${handleAt(org)}`
    const heads = await Promise.all(options.through().map((member) => transport(`${endpointOf(member)}${path}`).catch(() => undefined)))
    return Math.max(0, ...heads.map((answer) => (answer?.status === 200 ? versionOf(new TextDecoder().decode(answer.bytes)) : 0)))
  }

  /** From the first that expired on, all are given up; the newest wish takes their place. */
  async function renew(org: OrganizationId, expired: Waiting): Promise<void> {
    const stands = await standsAt(org)
    const list = waiting.get(org) ?? []
    const lost = list.filter(({ signed }) => signed.version > stands)
    if (!lost.includes(expired)) return drop(org, expired)
    const wish = lost.at(-1)?.policy
    givenUp.set(org, [...(givenUp.get(org) ?? []), ...lost.map(({ signed }) => signed.commitment)])
    renewed.set(org, new Set([...(renewed.get(org) ?? []), ...lost.map(({ signed }) => signed.version)]))
    for (const { signed } of lost) wallet = forgetPolicy(wallet, handleAt(org), signed.commitment)
    // What takes their place may have a smaller number, and says that it replaces them.
    const kept = (acknowledged.get(org) ?? []).filter(({ version }) => version <= stands)
    acknowledged.set(org, kept)
    waiting.set(org, [])
    if (wish !== undefined) sign(org, wish)
  }

  return {
    async join(org, deskCode) {
      const { bind } = await client(org).beginOpening(deskCode)
      const recovery = { m: 2, publicKeys: [1, 2, 3].map(() => ed25519PublicKey(ports.random(32))) }
      const opening = openRelationship(wallet, { org, bind, recovery }, ports)
      wallet = opening.wallet
      await client(org).open(deskCode, opening.payload, opening.controlSignature, opening.secret)
    },
    async link(org, requester) {
      const given = giveLink(wallet, handleAt(org), requester, ports)
      wallet = given.wallet
      await client(requester).addLink(given.link)
      return given.link
    },
    wish: sign,
    async round(org) {
      if (busy.has(org)) return
      busy.add(org)
      try {
        for (const one of waiting.get(org) ?? []) {
          if (!one.acknowledged) await handOver(org, one)
          if (isOver(one)) return await renew(org, one)
          await submit(org, one)
        }
      } catch (error) {
        if (error instanceof NodeClientError && error.code === 'POLICY_REFUSED') {
          const [first] = (waiting.get(org) ?? []).filter((one) => !one.acknowledged)
          if (first !== undefined && ((await standsAt(org)) >= first.signed.version || isOver(first))) await renew(org, first)
        }
      } finally {
        busy.delete(org)
      }
    },
    isSettled: (org) => (waiting.get(org) ?? []).length === 0,
    get state() {
      return wallet
    },
    acknowledged,
    renewed,
    client,
    signer(org, to) {
      const controlSeed = keysOf(wallet, relationshipOf(wallet, handleAt(org))).control.secret
      return ({ method, path }) => signWalletRequest({ net: wallet.net, to, method, path, at: ports.now(), rand: ports.random(32) }, controlSeed)
    },
    handleAt,
  }
}

function versionOf(text: string): number {
  const answer: unknown = JSON.parse(text)
  const value: unknown = shape.isObject(answer) && typeof answer['value'] === 'string' ? JSON.parse(answer['value']) : undefined
  return shape.isObject(value) && typeof value['version'] === 'number' ? value['version'] : 0
}
