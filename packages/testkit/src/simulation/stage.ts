import path from 'node:path'
import { parseWallet } from '@fiducia/client'
import type { OrganizationId, SignedObject } from '@fiducia/core'
import type { FhirResource } from '@fiducia/fhir'
import type { Answer, FiduciaNode, NodeConfig } from '@fiducia/node'
import { ALDER, DEMO_NET } from '../network/plan.ts'
import { createRosa } from '../people/index.ts'
import { createRandom, type Random } from '../people/random.ts'
import { bytesFrom, isRestriction, MEMBERS, SEED_BYTES } from './cast.ts'
import type { Disk } from './disk.ts'
import { createJudge, type Judge } from './judge.ts'
import { createMachine, type Machine } from './member.ts'
import { createVirtualNetwork, endpointOf, type Host, type VirtualNetwork } from './network.ts'
import type { Platform } from './platform.ts'
import { createSimulatedWallet, type SimulatedWallet } from './wallet.ts'
import { type Coverage, createCoverage } from './weather.ts'
import { createWorld, type World } from './world.ts'

/** Everything that one run has: the world, the network, four machines, the patient's wallet, and the judge who watches. */
export interface Stage {
  readonly world: World
  readonly dice: Random
  readonly network: VirtualNetwork
  readonly disk: Disk
  readonly coverage: Coverage
  readonly judge: Judge
  readonly machines: ReadonlyMap<OrganizationId, Machine>
  readonly wallet: SimulatedWallet
  readonly links: Map<OrganizationId, SignedObject>
  readonly machine: (org: OrganizationId) => Machine
}

export interface StageOptions {
  readonly seed: string
  /** Where the machines' folders are. */
  readonly dir: string
  readonly startMs: number
  readonly configs: ReadonlyMap<OrganizationId, NodeConfig>
  readonly jobsEveryMs: number
  readonly disk: Disk
  readonly platform: Platform
  readonly keepAll: boolean
  /** Comes between a node and those who call it: a planted fault. */
  readonly planted?: Planted | undefined
  /** What the wallet and the requester have from before. */
  readonly from?: { readonly wallet: Uint8Array; readonly links: ReadonlyMap<OrganizationId, SignedObject> }
}

/** A fault that is put in on purpose, to see that it is found. */
export type Planted = (org: OrganizationId, node: FiduciaNode, host: Host) => Host

export function setStage(options: StageOptions): Stage {
  const { seed, disk, platform, from } = options
  const dice = createRandom(`simulation/${seed}`)
  const world = createWorld(options.startMs, options)
  const coverage = createCoverage()
  const machines = new Map<OrganizationId, Machine>()
  const machine = (org: OrganizationId): Machine => {
    const found = machines.get(org)
    if (found === undefined) throw new Error(`expected a member, found \`${org}\``)
    return found
  }
  const judge = createJudge({
    machine,
    note: (line) => world.trace.note(line),
    knownLimit: (name) => coverage.count('known limit', name),
    moment: () => world.moment,
  })
  const network = createVirtualNetwork({ world, dice: dice.fork('network'), coverage, witnessed: (at) => judge.witness(at) })
  const random = bytesFrom(dice.fork('random bytes'))
  platform.random = bytesFrom(dice.fork('random bytes of libraries'))
  for (const [org, config] of options.configs) {
    const home = path.join(options.dir, org)
    const ports = {
      world,
      disk,
      network,
      random,
      planted: options.planted,
      onStart: (node: FiduciaNode, isAlive: () => boolean) => judge.watchLedger(org, node.services.context.ledger, isAlive),
      onStartFailed: (one: Machine, error: unknown) => {
        if (!one.tainted) judge.accuse('start', `\`${org}\` does not start, though its disk works: ${error instanceof Error ? error.message : 'unknown'}`)
      },
    }
    machines.set(org, createMachine({ ...config, jobsEveryMs: options.jobsEveryMs, auditEveryHours: 0, sealEverySeconds: 10 }, home, ports))
    network.host(
      `silo-${org}`,
      siloHost(org, () => network.weather.siloFails, dice.fork(`silo of ${org}`), coverage),
    )
  }
  const members = dice.fork('wallet')
  const wallet = createSimulatedWallet({
    net: DEMO_NET,
    seed: SEED_BYTES,
    state: from === undefined ? undefined : parseWallet(from.wallet),
    ports: { now: () => world.now(), random: bytesFrom(dice.fork('random bytes of the wallet')) },
    transport: network.transport('wallet', () => true),
    through: () => MEMBERS.filter(() => members.chance(0.6)),
    signed: (version) => judge.signed(version),
    isRestriction,
    clocksOffMs: () => Math.max(...MEMBERS.map((org) => machine(org).clock.worst)),
  })
  return { world, dice, network, disk, coverage, judge, machines, wallet, links: new Map(from?.links), machine }
}

const rosa = createRosa()

/** Her `Patient/id` at a holder. */
export const recordAt = (org: OrganizationId): string => (org === ALDER.org ? rosa.patient.alder : rosa.patient.cedar)

const FHIR_JSON = (status: number, body: unknown): Answer => ({ status, bytes: new TextEncoder().encode(JSON.stringify(body)) })

/** The record system of an organization: Rosa's record, read and searched by patient; sometimes it fails. */
function siloHost(org: OrganizationId, failing: () => number, dice: Random, coverage: Coverage): Host {
  const resources: readonly FhirResource[] = Object.entries(rosa.person.records).find(([name]) => name === org)?.[1] ?? []
  return async ({ path: url }) => {
    if (dice.chance(failing())) {
      coverage.count('silo fails', 'silo')
      return FHIR_JSON(500, { resourceType: 'OperationOutcome' })
    }
    const { pathname, searchParams } = new URL(url, endpointOf('silo'))
    const [, type = '', id] = pathname.split('/')
    if (type === 'metadata') return FHIR_JSON(200, { resourceType: 'CapabilityStatement' })
    if (id !== undefined) {
      const found = resources.find((one) => one.resourceType === type && one['id'] === id)
      return found === undefined ? FHIR_JSON(404, {}) : FHIR_JSON(200, found)
    }
    const patient = searchParams.get('patient') ?? ''
    const matches = resources.filter((one) => one.resourceType === type && JSON.stringify(one).includes(`"Patient/${patient}"`))
    return FHIR_JSON(200, { resourceType: 'Bundle', type: 'searchset', entry: matches.map((resource) => ({ resource, search: { mode: 'match' } })) })
  }
}

/** Lets the world go on until the work is done; throws when it fails. */
export async function finish<T>({ world }: Pick<Stage, 'world'>, work: Promise<T>): Promise<T> {
  let isDone = false
  const settled = work.finally(() => {
    isDone = true
  })
  settled.catch(() => undefined)
  if (!(await world.until(() => isDone, 600_000))) throw new Error('expected work to be done within ten virtual minutes')
  return await settled
}
