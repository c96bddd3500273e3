import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseWallet, encodeWallet } from '@fiducia/client'
import type { Policy } from '@fiducia/consent'
import { type Bytes32, encodeBase64Url, type OrganizationId, parseBytes32, type SignedObject } from '@fiducia/core'
import type { FhirResource } from '@fiducia/fhir'
import type { RoleOpening } from '@fiducia/ledger'
import { type Answer, type FiduciaNode, loadConfig, networkFolder, type NodeConfig, writeNetwork } from '@fiducia/node'
import { ALDER, BIRCH, CEDAR, DEMO_MEMBERS, DEMO_NET, DEMO_OPERATOR, DUNE } from '../network/plan.ts'
import { createRandom, type Random } from '../people/random.ts'
import { createRosa, practitionerIdentifier, SAMIR_HADDAD } from '../people/index.ts'
import { copyAsLeft, type Disk } from './disk.ts'
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
  readonly links: ReadonlyMap<OrganizationId, SignedObject>
  machine(org: OrganizationId): Machine
}

/** What every run begins with: a network in which the patient has joined two holders and members vouch for a doctor. */
export interface Template {
  readonly dir: string
  readonly configs: ReadonlyMap<OrganizationId, NodeConfig>
  /** Milliseconds: when it was left. */
  readonly at: number
  readonly wallet: Uint8Array
  readonly links: ReadonlyMap<OrganizationId, SignedObject>
}

export const MEMBERS = [ALDER.org, BIRCH.org, CEDAR.org, DUNE.org] as const
export const HOLDERS = [ALDER.org, CEDAR.org] as const
export const REQUESTER = BIRCH.org

export const OPEN: Policy = {
  v: 1,
  grants: [{ effect: 'permit', recipients: [{ organization: REQUESTER }], purposes: ['TREAT'], data: { confidentiality: 'N' }, actions: ['read', 'search'] }],
}
export const CLOSED: Policy = { v: 1, grants: [{ effect: 'deny' }] }
const isRestriction = ({ grants }: Policy): boolean => grants.every(({ effect }) => effect === 'deny')

/** NUCC code of a family physician. */
const ROLE_CODE = '207Q00000X'
const SEED_BYTES = new Uint8Array(32).fill(7)
export const ROLE: { readonly opening: RoleOpening; readonly rand32: Bytes32 } = {
  opening: { code: ROLE_CODE, org: REQUESTER, practitioner: practitionerIdentifier(SAMIR_HADDAD) },
  rand32: parseBytes32(encodeBase64Url(SEED_BYTES)),
}

/** Bytes out of a generator of their own. */
export function bytesFrom(dice: Random): (length: number) => Uint8Array {
  return (length) => {
    const bytes = new Uint8Array(length)
    for (let at = 0; at < length; at += 3) {
      const word = Math.floor(dice.next() * 0x1000000)
      for (let i = 0; i < 3 && at + i < length; i += 1) bytes[at + i] = (word >>> (8 * i)) & 255
    }
    return bytes
  }
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
  readonly from?: Pick<Template, 'wallet' | 'links'>
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
  const judge = createJudge({ machine, note: (line) => world.trace.note(line), moment: () => world.moment })
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
  })
  return { world, dice, network, disk, coverage, judge, machines, wallet, links: new Map(from?.links), machine }
}

const rosa = createRosa()
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

const FOLLOW_MS = 10_000
const TEMPLATE_START_MS = Date.UTC(2026, 0, 15, 9)

/** Made anew for each process, always the same. */
export async function makeTemplate(dir: string, disk: Disk, platform: Platform): Promise<Template> {
  const random = bytesFrom(createRandom('simulation/keys'))
  mkdirSync(dir, { recursive: true })
  const members = DEMO_MEMBERS.map(({ org, name, group }) => ({
    org,
    name,
    group,
    endpoint: endpointOf(org),
    witnessOnly: false,
    listen: { host: '127.0.0.1', port: 0 },
    silo: { base: endpointOf(`silo-${org}`) },
    keyFiles: {},
  }))
  const plan = { net: DEMO_NET, operator: DEMO_OPERATOR, rules: { default: 'deny' as const, freshSeconds: 60 }, members }
  writeNetwork(dir, plan, { now: TEMPLATE_START_MS, random })
  const genesis = new Uint8Array(readFileSync(networkFolder(dir).genesis))
  const configs = new Map(MEMBERS.map((org) => [org, { ...loadConfig(networkFolder(dir).config(org)), genesis }]))
  const machines = path.join(dir, 'machines')
  const stage = setStage({ seed: 'template', dir: machines, startMs: TEMPLATE_START_MS + 1000, configs, jobsEveryMs: 2_000, disk, platform, keepAll: false })
  for (const org of MEMBERS) await stage.machine(org).start()
  const links = await open(stage)
  for (const org of MEMBERS) await finish(stage, stage.machine(org).stop())
  for (const org of MEMBERS) copyAsLeft(stage.machine(org).folder, path.join(dir, 'template', org, '0'))
  return { dir: path.join(dir, 'template'), configs, at: stage.world.now(), wallet: encodeWallet(stage.wallet.state), links }
}

/** The patient joins both holders, permits, and gives links; two members vouch for the doctor. */
async function open({ world, machine, wallet }: Stage): Promise<ReadonlyMap<OrganizationId, SignedObject>> {
  const node = (org: OrganizationId): FiduciaNode => {
    const running = machine(org).node
    if (running === undefined) throw new Error(`\`${org}\` does not run`)
    return running
  }
  const links = new Map<OrganizationId, SignedObject>()
  const happen = <T>(work: Promise<T>) => finish({ world }, work)
  await world.until(() => MEMBERS.every((org) => node(org).services.log.heldBecause === undefined), 60_000)
  for (const org of HOLDERS) {
    const record = org === ALDER.org ? rosa.patient.alder : rosa.patient.cedar
    await happen(wallet.join(org, node(org).services.holder.issueDeskCode(record)))
    wallet.wish(org, OPEN)
    while (!wallet.isSettled(org)) await happen(wallet.round(org))
    // The requester knows the relationship once it has followed the ledger.
    await world.until(() => false, FOLLOW_MS)
    links.set(org, await happen(wallet.link(org, REQUESTER)))
  }
  const rand32 = SEED_BYTES
  for (const org of [ALDER.org, DUNE.org]) await happen(node(org).services.attestations.attest(ROLE.opening, rand32, world.now() + 90 * 86_400_000))
  await world.until(() => false, 30_000)
  return links
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
