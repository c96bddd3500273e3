import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { encodeWallet } from '@fiducia/client'
import type { OrganizationId, SignedObject } from '@fiducia/core'
import { type FiduciaNode, loadConfig, networkFolder, type NodeConfig, writeNetwork } from '@fiducia/node'
import { ALDER, DEMO_MEMBERS, DEMO_NET, DEMO_OPERATOR, DUNE } from '../network/plan.ts'
import { createRandom } from '../people/random.ts'
import { ask } from './actors.ts'
import { bytesFrom, HOLDERS, MEMBERS, OPEN, REQUESTER, ROLE, SEED_BYTES } from './cast.ts'
import { copyAsLeft, type Disk } from './disk.ts'
import { endpointOf } from './network.ts'
import type { Platform } from './platform.ts'
import { finish, recordAt, setStage, type Stage } from './stage.ts'

/** What every run begins with: a network in which the patient has joined two holders and members vouch for a doctor. */
export interface Template {
  readonly dir: string
  readonly configs: ReadonlyMap<OrganizationId, NodeConfig>
  /** Milliseconds: when it was left. */
  readonly at: number
  readonly wallet: Uint8Array
  readonly links: ReadonlyMap<OrganizationId, SignedObject>
}

/** Long enough for every member to follow, to seal and to publish. */
const FOLLOW_MS = 10_000
const SETTLE_MS = 30_000
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
  await open(stage)
  for (const org of MEMBERS) await finish(stage, stage.machine(org).stop())
  for (const org of MEMBERS) copyAsLeft(stage.machine(org).folder, path.join(dir, 'template', org, '0'))
  return { dir: path.join(dir, 'template'), configs, at: stage.world.now(), wallet: encodeWallet(stage.wallet.state), links: stage.links }
}

/** The patient joins both holders, permits, and gives links; two members vouch for the doctor, who asks once: no log is without a seal. */
async function open(stage: Stage): Promise<void> {
  const { world, machine, wallet, links } = stage
  const node = (org: OrganizationId): FiduciaNode => {
    const running = machine(org).node
    if (running === undefined) throw new Error(`\`${org}\` does not run`)
    return running
  }
  const happen = <T>(work: Promise<T>) => finish({ world }, work)
  await world.until(() => MEMBERS.every((org) => node(org).services.log.heldBecause === undefined), 60_000)
  for (const org of HOLDERS) {
    await happen(wallet.join(org, node(org).services.holder.issueDeskCode(recordAt(org))))
    wallet.wish(org, OPEN)
    while (!wallet.isSettled(org)) await happen(wallet.round(org))
    // The requester knows the relationship once it has followed the ledger.
    await world.until(() => false, FOLLOW_MS)
    links.set(org, await happen(wallet.link(org, REQUESTER)))
  }
  const rand32 = SEED_BYTES
  for (const org of [ALDER.org, DUNE.org]) await happen(node(org).services.attestations.attest(ROLE.opening, rand32, world.now() + 90 * 86_400_000))
  await world.until(() => false, SETTLE_MS)
  for (const org of HOLDERS) if ((await happen(ask(stage, org))) !== 200) throw new Error(`expected \`${org}\` to answer`)
  await world.until(() => false, SETTLE_MS)
}
