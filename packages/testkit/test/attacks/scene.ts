import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { randomBytes } from 'node:crypto'
import type { Policy } from '@fiducia/consent'
import { decodeBase64Url, decodeUtf8, encodeUtf8, type OrganizationId } from '@fiducia/core'
import { type Answer, httpTransport, NodeFailure, type Received } from '@fiducia/node'
import type { SteppingClock } from '../../src/clock.ts'
import type { Network } from '../../src/network/network.ts'
import { ALDER, BIRCH, CEDAR, DUNE } from '../../src/network/plan.ts'
import type { Interception, Rule } from '../../src/story/interception.ts'
import { createPatient } from '../../src/story/patient.ts'
import { createStage, type Stage } from '../../src/story/stage.ts'
import { openTheater } from '../../src/story/story.ts'
import { somePort } from '../rig.ts'

/**
 * A running network on which attacks are tried: four organizations, Rosa's records at Alder, Cedar and Dune, a policy that
 * permits Birch to treat, a link, an attested doctor. What lies is put between the nodes, or does what a node would not.
 */
export interface Scene extends AsyncDisposable {
  readonly stage: Stage
  /** Runs `work` while every answer of this holder to Birch goes through `change`. */
  whileChanging<T>(holder: OrganizationId, change: (answer: WrappedAnswer) => WrappedAnswer | Promise<WrappedAnswer>, work: () => Promise<T>): Promise<T>
  /** Stops every node and starts it again on its data, after `between` had its way with them. */
  restart(between?: () => void): Promise<void>
  /** After a start that failed. */
  reopen(): Promise<void>
}

export interface WrappedAnswer {
  readonly status: number
  readonly body: string
  readonly receipt?: string
}

export const OBSERVATIONS = { kind: 'search', type: 'Observation', parameters: [] } as const
export const CONDITIONS = { kind: 'search', type: 'Condition', parameters: [] } as const
export const PERMIT: Policy = { v: 1, grants: [{ effect: 'permit', recipients: [{ organization: BIRCH.org }], purposes: ['TREAT'] }] }
export const DENY: Policy = { v: 1, grants: [{ effect: 'deny' }] }
export const HOLDERS = [ALDER.org, CEDAR.org, DUNE.org]

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

export async function openScene(policy: Policy = PERMIT): Promise<Scene> {
  const dir = mkdtempSync(path.join(tmpdir(), 'fiducia-attack-'))
  let theater = await openTheater({ dir, firstPort: await somePort() })
  const network = forwardTo(() => theater.network)
  const clock: SteppingClock = { now: () => theater.clock.now(), advance: (ms) => theater.clock.advance(ms) }
  const interception: Interception = {
    transport: (org) => theater.interception.transport(org),
    during: (rule, work) => theater.interception.during(rule, work),
  }
  const patient = createPatient(network, random(32), { now: () => clock.now(), random })
  const stage = createStage({ network, clock, interception, cast: theater.cast, random, patient, dir })
  let stoppedAt = 0
  const reopen = async () => {
    theater = await openTheater({ dir }, stoppedAt)
  }
  await agree(stage, policy)
  return {
    stage,
    whileChanging(holder, change, work) {
      const endpoint = network.genesis.members[holder]?.endpoint ?? ''
      const rule: Rule = async (from, url, message) =>
        from === BIRCH.org && url.startsWith(`${endpoint}/fhir/`) ? wrap(await change(unwrap(await httpTransport(url, message)))) : undefined
      return stage.interception.during(rule, work)
    },
    async restart(between) {
      stoppedAt = clock.now()
      await theater[Symbol.asyncDispose]()
      between?.()
      await reopen()
    },
    reopen,
    async [Symbol.asyncDispose]() {
      await theater[Symbol.asyncDispose]()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** The network that is open now, so that patient and stage outlive a restart. */
const forwardTo = (current: () => Network): Network => ({
  get genesis() {
    return current().genesis
  },
  get genesisBytes() {
    return current().genesisBytes
  },
  get nodes() {
    return current().nodes
  },
  node: (org) => current().node(org),
  silo: (org) => current().silo(org),
  trustPolicy: () => current().trustPolicy(),
  currentTrust: () => current().currentTrust(),
  settle: () => current().settle(),
  exchangeBatches: () => current().exchangeBatches(),
  publish: () => current().publish(),
  [Symbol.asyncDispose]: () => current()[Symbol.asyncDispose](),
})

/** Rosa opens her relationships, signs the policy everywhere and gives Birch links; two groups vouch for the doctor. */
async function agree({ network, patient, clinician, clock, cast, links }: Stage, policy: Policy): Promise<void> {
  for (const { org, record } of cast.holders) await patient.join(org, network.node(org).services.holder.issueDeskCode(record))
  for (const org of HOLDERS) await (await patient.setPolicy(org, policy)).committed
  for (const { org } of [ALDER, DUNE])
    await network.node(org).services.attestations.attest(clinician.opening, decodeBase64Url(clinician.rand32), clock.now() + 86_400_000)
  await network.settle()
  for (const org of HOLDERS) links.set(org, await patient.giveLink(org, BIRCH.org))
}

export const unwrap = ({ status, bytes }: Answer): WrappedAnswer => ({ status, ...(JSON.parse(decodeUtf8(bytes)) as Omit<WrappedAnswer, 'status'>) })
const wrap = ({ status, ...rest }: WrappedAnswer): Answer => ({ status, bytes: encodeUtf8(JSON.stringify(rest)) })

/** How an attack ended: the status that was used, or the code and words of the refusal. */
export async function outcomeOf(work: () => Promise<Received>): Promise<string> {
  try {
    const { status } = await work()
    return String(status)
  } catch (error) {
    if (error instanceof NodeFailure) return `${error.code}: ${error.message}`
    throw error
  }
}

export { ALDER, BIRCH, CEDAR, DUNE }
