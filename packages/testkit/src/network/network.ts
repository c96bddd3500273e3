import { randomBytes } from 'node:crypto'
import type { NetworkId, OrganizationId } from '@fiducia/core'
import type { Clock } from '@fiducia/engine'
import { type Genesis, genesisTrust, type NetworkRules, trust } from '@fiducia/ledger'
import {
  type BuiltInSilo,
  type FiduciaNode,
  type Logger,
  loadConfig,
  openNode,
  type SiloResource,
  silentLogger,
  startBuiltInSilo,
  type Transport,
} from '@fiducia/node'
import { type TrustPolicy, trustPolicyOf } from '@fiducia/proofs'
import { timersOf } from '../clock.ts'
import { prepareNetwork } from './files.ts'
import { DEMO_CUSTODIAN, DEMO_MEMBERS, DEMO_NET, DEMO_OPERATOR, type MemberPlan } from './plan.ts'

/**
 * A whole network in one process: real nodes with their own stores and HTTP ports, each over a built-in silo of its own.
 * Time and randomness are arguments; with `jobsEveryMs: 0` nothing happens but what the caller asks for (`settle`).
 */
export interface NetworkOptions {
  readonly dir: string
  readonly clock: Clock
  readonly resources: (org: OrganizationId) => readonly SiloResource[]
  readonly net?: NetworkId
  readonly members?: readonly MemberPlan[]
  readonly operator?: OrganizationId
  readonly rules?: NetworkRules
  readonly random?: (length: number) => Uint8Array
  readonly firstPort?: number
  readonly jobsEveryMs?: number
  readonly logger?: Logger
  /** Lets a test come between a node and the others. */
  readonly transport?: (org: OrganizationId) => Transport
}

export interface Network extends AsyncDisposable {
  readonly genesis: Genesis
  readonly genesisBytes: Uint8Array
  node(org: OrganizationId): FiduciaNode
  readonly nodes: ReadonlyMap<OrganizationId, FiduciaNode>
  silo(org: OrganizationId): BuiltInSilo
  /** Of the genesis: what was proved at any time verifies under it, as bundles carry what has changed since. */
  trustPolicy(): TrustPolicy
  /** Of the newest trust record. */
  currentTrust(): TrustPolicy
  /** Every node has the newest block under a checkpoint that a quorum cosigned just now. */
  settle(): Promise<void>
  /** Every batch of statements about providers is offered, held by all and counted. */
  exchangeBatches(): Promise<void>
  /** Seals every access log, has it cosigned, puts it on the ledger, and settles. */
  publish(): Promise<void>
}

const DEFAULT_RULES: NetworkRules = { default: 'deny', freshSeconds: 60 }

export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const members = options.members ?? DEMO_MEMBERS
  const random = options.random ?? ((length: number) => new Uint8Array(randomBytes(length)))
  const files = await prepareNetwork({
    dir: options.dir,
    net: options.net ?? DEMO_NET,
    members,
    operator: options.operator ?? DEMO_OPERATOR,
    rules: options.rules ?? DEFAULT_RULES,
    now: options.clock.now(),
    random,
    firstPort: options.firstPort ?? 0,
  })
  await using cleanup = new AsyncDisposableStack()
  const silos = new Map<OrganizationId, BuiltInSilo>()
  const nodes = new Map<OrganizationId, FiduciaNode>()
  // The operator first: the others fetch the ledger from it.
  const order = members.toSorted((a, b) => Number(b.org === files.genesis.operator) - Number(a.org === files.genesis.operator))
  for (const { org } of order) {
    const config = { ...loadConfig(files.configFile(org)), jobsEveryMs: options.jobsEveryMs ?? 0, custodian: org === DEMO_CUSTODIAN }
    silos.set(org, cleanup.use(await startBuiltInSilo({ port: Number(new URL(config.silo.base).port), resources: options.resources(org) })))
    const transport = options.transport?.(org)
    nodes.set(
      org,
      cleanup.use(
        await openNode(config, {
          clock: options.clock,
          timers: timersOf(options.clock),
          logger: options.logger ?? silentLogger,
          random,
          ...(transport === undefined ? {} : { transport }),
        }),
      ),
    )
  }
  const network = createNetworkView(files, nodes, silos)
  for (const node of nodes.values()) await node.join()
  await network.settle()
  const owned = cleanup.move()
  return { ...network, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

function createNetworkView(
  files: { readonly genesis: Genesis; readonly genesisBytes: Uint8Array },
  nodes: ReadonlyMap<OrganizationId, FiduciaNode>,
  silos: ReadonlyMap<OrganizationId, BuiltInSilo>,
): Omit<Network, typeof Symbol.asyncDispose> {
  const found = <T>(map: ReadonlyMap<OrganizationId, T>, org: OrganizationId): T => {
    const value = map.get(org)
    if (value === undefined) throw new Error(`expected a member of the network, found \`${org}\``)
    return value
  }
  const operator = () => found(nodes, files.genesis.operator)
  const everybody = () => [...nodes.values()].sort((a, b) => Number(b === operator()) - Number(a === operator()))

  async function settle(): Promise<void> {
    for (const node of everybody()) await node.ledgerRound()
  }

  return {
    genesis: files.genesis,
    genesisBytes: files.genesisBytes,
    nodes,
    node: (org) => found(nodes, org),
    silo: (org) => found(silos, org),
    trustPolicy: () => trustPolicyOf(genesisTrust(files.genesis), files.genesis.net),
    currentTrust: () => {
      const { ledger, net } = operator().services.context
      return trustPolicyOf(trust(ledger.tip()), net)
    },
    settle,
    async exchangeBatches() {
      // Offered, held, counted.
      for (let step = 0; step < 3; step += 1) {
        for (const node of everybody()) await node.services.batches.run()
        await settle()
      }
    },
    async publish() {
      await settle()
      for (const node of everybody()) await node.services.checkpoints.publish()
      await settle()
    },
  }
}
