import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Policy } from '@fiducia/consent'
import { decodeBase64Url, encodeUtf8, type OrganizationId, sha256 } from '@fiducia/core'
import { type FiduciaNode, type Interaction, loadConfig, type Logger, openNode, type Received, silentLogger } from '@fiducia/node'
import { ALDER, BIRCH, CEDAR, DUNE } from '../src/network/plan.ts'
import { createPatient } from '../src/story/patient.ts'
import { createStage, type Stage } from '../src/story/stage.ts'
import { openTheater } from '../src/story/story.ts'
import { timersOf, wallClock } from '../src/clock.ts'

/** A whole network at the point where the patient has agreed, members vouch, and Birch's doctor may ask Alder. */
export const [alder, birch, cedar, dune] = [ALDER.org, BIRCH.org, CEDAR.org, DUNE.org] as const

export const CONDITIONS: Interaction = { kind: 'search', type: 'Condition', parameters: [] }
export const CARE_TEAM: Policy = {
  v: 1,
  grants: [{ effect: 'permit', recipients: [{ organization: birch }], purposes: ['TREAT'], data: { confidentiality: 'N' }, actions: ['read', 'search'] }],
}
export const NOBODY: Policy = { v: 1, grants: [{ effect: 'deny' }] }

export interface RigOptions {
  /** An existing folder: the network in it is opened again. */
  readonly dir?: string
  /** The same seed gives the same wallet. */
  readonly seed?: string
  readonly logger?: Logger
  readonly startMs?: number
}

export interface Rig extends AsyncDisposable {
  readonly stage: Stage
  readonly dir: string
  /** Birch's doctor asks. */
  ask(interaction?: Interaction, holder?: OrganizationId): Promise<Received>
  /** Stops a member's node, lets something happen to its folder, and opens it again. */
  restart(org: OrganizationId, whileStopped?: () => void): Promise<FiduciaNode>
  /** Every node, also one that was restarted, has the newest block under a fresh quorum. */
  settle(): Promise<void>
  node(org: OrganizationId): FiduciaNode
  /** Size of a member's access log. */
  logSize(org: OrganizationId): number
}

const START_BEFORE_MS = 30 * 60_000

/**
 * The first of twenty ports that no other test has while this process lives: the last of them is listened on to say so. Below the ports that the
 * system gives to connections, which could take a node's port while it is stopped.
 */
export function somePort(): Promise<number> {
  const first = 20_000 + 20 * Math.floor(Math.random() * 600)
  return new Promise((resolve) => {
    const mark = createServer().unref()
    mark.once('error', () => resolve(somePort()))
    mark.listen(first + 19, '127.0.0.1', () => resolve(first))
  })
}

/** The network without anybody in it. */
export async function openRig(options: RigOptions = {}): Promise<Rig> {
  const dir = options.dir ?? mkdtempSync(path.join(tmpdir(), 'fiducia-network-'))
  const theater = await openTheater(
    { dir, firstPort: await somePort(), ...(options.logger === undefined ? {} : { logger: options.logger }) },
    options.startMs ?? wallClock.now() - START_BEFORE_MS,
  )
  const { network, clock } = theater
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
  const patient = createPatient(network, sha256(encodeUtf8(options.seed ?? 'rig')), { now: () => clock.now(), random })
  const stage = createStage({ ...theater, random, patient, dir })
  const restarted = new Map<OrganizationId, FiduciaNode>()
  const node = (org: OrganizationId) => restarted.get(org) ?? network.node(org)
  return {
    stage,
    dir,
    node,
    ask: (interaction = CONDITIONS, holder = alder) => stage.clinician.ask(holder, interaction),
    logSize: (org) => node(org).services.log.size,
    async settle() {
      for (const org of [alder, birch, cedar, dune]) await node(org).ledgerRound()
    },
    async restart(org, whileStopped) {
      await node(org)[Symbol.asyncDispose]()
      whileStopped?.()
      const config = { ...loadConfig(path.join(dir, 'nodes', org, 'config.json')), jobsEveryMs: 0 }
      const again = await openNode(config, {
        clock,
        timers: timersOf(clock),
        logger: options.logger ?? silentLogger,
        random,
        transport: theater.interception.transport(org),
      })
      restarted.set(org, again)
      await again.join()
      return again
    },
    async [Symbol.asyncDispose]() {
      for (const one of restarted.values()) await one[Symbol.asyncDispose]()
      await theater[Symbol.asyncDispose]()
      if (options.dir === undefined) rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** The patient joins Alder and Cedar, lets Birch in, and two members vouch for Birch's doctor. */
export async function openAgreedRig(options: RigOptions = {}): Promise<Rig> {
  const rig = await openRig(options)
  for (const org of [alder, cedar]) await agreeAt(rig.stage, org)
  await vouch(rig.stage)
  await rig.stage.network.settle()
  return rig
}

export async function agreeAt(stage: Stage, org: OrganizationId, policy: Policy = CARE_TEAM): Promise<void> {
  const { network, patient, cast } = stage
  const record = cast.holders.find((one) => one.org === org)?.record ?? ''
  await patient.join(org, network.node(org).services.holder.issueDeskCode(record))
  await (await patient.setPolicy(org, policy)).committed
  await network.settle()
  stage.links.set(org, await patient.giveLink(org, birch))
}

export async function vouch({ network, clinician, clock }: Stage, days = 90): Promise<void> {
  for (const org of [alder, dune])
    await network.node(org).services.attestations.attest(clinician.opening, decodeBase64Url(clinician.rand32), clock.now() + days * 86_400_000)
}

/** A small generator (mulberry32): what a test does at random follows from its seed. */
export function createDice(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
