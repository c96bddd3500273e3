import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeBase64Url, type OrganizationId } from '@fiducia/core'
import { type Answer, fsckNode, httpTransport, loadConfig, NodeFailure } from '@fiducia/node'
import { parseReceipt } from '@fiducia/proofs'
import { expect, it } from 'vitest'
import type { Rule } from '../src/story/interception.ts'
import { alder, birch, CARE_TEAM, cedar, CONDITIONS, createDice, dune, NOBODY, openAgreedRig, type Rig } from './rig.ts'

/**
 * A network whose messages are lost, late, sent twice and answered with what was true before, one random step after
 * another; nodes are stopped and started in between. After each step: what was released has its leaf, and nothing is
 * released after a restriction was acknowledged. In the end, when messages arrive again: every receipt is extended, every
 * replica has the same log, every list is proved complete and every decision is decided the same again.
 */
const STEPS = 150
const SEEDS = process.env['FIDUCIA_SEED'] === undefined ? [7, 1961, Date.now() % 1_000_000] : [Number(process.env['FIDUCIA_SEED'])]
const ALL = [alder, birch, cedar, dune] as const
const HOLDERS = [alder, cedar] as const

const lost = () => new NodeFailure('PEER_FAILED', 'the message was lost')

/** What may happen to one message between two nodes. */
function faultsOf(dice: () => number): Rule {
  const before = new Map<string, Answer>()
  return async (_from, url, message) => {
    const luck = dice()
    const isQuestion = (message.method ?? 'GET') === 'GET' && !url.includes('/fhir/')
    if (luck < 0.07) throw lost()
    if (luck < 0.2) await sleep(luck * 100)
    const old = before.get(url)
    if (luck > 0.97 && isQuestion && old !== undefined) return old
    const answer = await httpTransport(url, message)
    if (isQuestion) before.set(url, answer)
    if (luck > 0.9 && luck < 0.93) throw lost()
    return luck > 0.93 && luck < 0.95 ? httpTransport(url, message) : answer
  }
}

/** One run: the network, what the wallet waits for, and what each holder has promised. */
class Simulation {
  readonly rig: Rig
  readonly dice: () => number
  readonly restricted = new Set<OrganizationId>()
  /** Signed versions that the ledger may not have so far, oldest first. */
  readonly waiting: { readonly wire: Uint8Array; readonly since: number }[] = []
  released = 0

  constructor(rig: Rig, dice: () => number) {
    this.rig = rig
    this.dice = dice
  }

  pick<T>(from: readonly T[]): T {
    const found = from[Math.floor(this.dice() * from.length)]
    if (found === undefined) throw new Error('nothing to pick from')
    return found
  }

  async ask(holder: OrganizationId): Promise<void> {
    const wasRestricted = this.restricted.has(holder)
    const answer = await this.rig.ask(CONDITIONS, holder).catch(expectFailure)
    if (answer === undefined || answer.status !== 200) return
    expect(wasRestricted, `\`${holder}\` released after it had acknowledged a restriction`).toBe(false)
    const { log } = this.rig.node(holder).services
    const leaves = log.entries(0, log.size).map(encodeBase64Url)
    expect(leaves, 'a release has its leaf').toContain(parseReceipt(answer.receipt ?? '').leaf)
    this.released += 1
  }

  async setPolicy(holder: OrganizationId, restricts: boolean): Promise<void> {
    if (!restricts) this.restricted.delete(holder)
    const { wire, committed } = await this.rig.stage.patient.setPolicy(holder, restricts ? NOBODY : CARE_TEAM, [holder])
    if (restricts) this.restricted.add(holder)
    this.waiting.push({ wire, since: this.rig.stage.clock.now() })
    await committed.catch(() => undefined)
  }

  /** The wallet submits what does not stand again, in order. */
  async resubmit(): Promise<void> {
    for (const { wire } of this.waiting.splice(0)) await this.rig.node(alder).services.context.submit(wire)
  }

  async step(): Promise<void> {
    const { rig } = this
    const holder = this.pick(HOLDERS)
    const kind = this.dice()
    if (kind < 0.38) await this.ask(holder)
    else if (kind < 0.45) await Promise.all([this.ask(holder), this.setPolicy(holder, true), this.ask(holder)])
    else if (kind < 0.59) await this.setPolicy(holder, false)
    else if (kind < 0.64) await rig.restart(this.pick([alder, cedar, dune]))
    else if (kind < 0.75) await this.attempt(() => rig.node(this.pick(ALL)).services.checkpoints.publish())
    else if (kind < 0.8) await this.attempt(() => rig.node(birch).services.disputes.run())
    else for (const org of ALL) await this.attempt(() => rig.node(org).ledgerRound())
    for (const org of ALL) if (rig.node(org).services.log.heldBecause !== undefined) await this.attempt(() => rig.node(org).join())
    rig.stage.clock.advance(Math.floor(this.dice() * 4_000))
    const oldest = this.waiting[0]?.since ?? rig.stage.clock.now()
    if (this.dice() < 0.3 || rig.stage.clock.now() - oldest > 60_000) await this.resubmit()
  }

  async attempt(work: () => Promise<unknown>): Promise<void> {
    await work().catch(expectFailure)
  }
}

/** Only the failures that the network is meant to have. */
function expectFailure(error: unknown): undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : String(error)
  expect(['PEER_FAILED', 'RECEIPT_REFUSED', 'LOG_FROZEN', 'SOURCE_UNREACHABLE', 'NOT_A_LEDGER', 'FORK', 'TIME_BEHIND', 'BEHIND']).toContain(code)
  return undefined
}

/** All messages arrive again: everybody catches up, seals, publishes. */
async function calm(simulation: Simulation): Promise<void> {
  const { rig } = simulation
  for (let round = 0; round < 3; round += 1) {
    for (const org of ALL) await rig.node(org).ledgerRound()
    for (const org of ALL) await rig.node(org).join()
    await simulation.resubmit()
    for (const org of ALL) await rig.node(org).ledgerRound()
    rig.stage.clock.advance(11_000)
    for (const org of ALL) await rig.node(org).ledgerRound()
    for (const org of ALL) await rig.node(org).services.checkpoints.publish()
  }
  for (const org of ALL) await rig.node(org).ledgerRound()
}

it.each(SEEDS)('keeps its promises whatever happens to the messages (seed %i)', { timeout: 200_000 }, async (seed) => {
  process.stderr.write(`seed ${seed}\n`)
  await using rig = await openAgreedRig()
  const simulation = new Simulation(rig, createDice(seed))
  const { patient, clinician, interception } = rig.stage
  await interception.during(faultsOf(createDice(seed + 1)), async () => {
    for (let step = 0; step < STEPS; step += 1) await simulation.step()
  })
  expect(simulation.released).toBeGreaterThan(5)

  await calm(simulation)
  const { context, disputes } = rig.node(birch).services
  expect(await disputes.run()).toEqual([])
  expect(context.database.all('SELECT leaf_hash FROM copy WHERE settled <> 1')).toEqual([])
  const roots = new Set(ALL.map((org) => encodeBase64Url(rig.node(org).services.context.ledger.log.root())))
  expect(roots.size).toBe(1)
  for (const org of HOLDERS) {
    const { log, again } = await patient.checkEverything(org, [clinician.opening.code])
    expect(log.findings).toEqual([])
    expect(again.flatMap(({ differences }) => differences)).toEqual([])
  }
  for (const org of ALL) {
    await rig.node(org)[Symbol.asyncDispose]()
    const { findings } = await fsckNode(loadConfig(path.join(rig.dir, 'nodes', org, 'config.json')).data)
    expect({ org, findings }).toEqual({ org, findings: [] })
  }
})
