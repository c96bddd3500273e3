import type { OrganizationId } from '@fiducia/core'
import { encodeMessage, parseCoordinatorMessage, parseSiteMessage } from '../src/aggregation/messages.ts'
import { thresholdOf, type SurvivorRecord } from '../src/aggregation/round.ts'
import { ResearchError } from '../src/errors.ts'
import type { Random } from './aggregation-random.ts'
import { createWorld, give, plainSum, record, tell, type Phase, type World, type WorldOptions } from './aggregation-world.ts'

/**
 * One round over a network that a seed makes: messages travel as bytes, arrive in any order, twice, late or never; sites stop at any
 * moment; deadlines pass early. A `Liar` changes what it likes on the way. The judge is `judge`: whatever
 * happened, the round ends with the exact sum of its survivors or with a reason, and nobody could unmask one site.
 */
export interface Faults {
  /** How likely each message is to be delivered twice, or lost. */
  readonly twice: number
  readonly lost: number
  /** How likely a deadline passes while messages are under way. */
  readonly hasty: number
  /** After how many messages of its own a site stops. */
  readonly stops: ReadonlyMap<OrganizationId, number>
}

export interface Packet {
  readonly from: OrganizationId | 'coordinator'
  readonly to: OrganizationId | 'coordinator'
  readonly bytes: Uint8Array
}

/** What arrives instead of a packet. */
export type Liar = (packet: Packet, world: World) => readonly Packet[]

interface Run {
  readonly world: World
  readonly faults: Faults
  readonly lie: Liar
  readonly queue: Packet[]
  readonly records: SurvivorRecord[]
  readonly sent: Map<OrganizationId, number>
}

export const NO_FAULTS: Faults = { twice: 0, lost: 0, hasty: 0, stops: new Map() }

/** More steps than any schedule has: each is a packet, a record or a deadline. */
const MOST_STEPS = 5_000

export function simulate(options: WorldOptions, faultsOf: (world: World) => Faults, lie: Liar = (packet) => [packet]): World {
  const world = createWorld(options)
  const run: Run = { world, faults: faultsOf(world), lie, queue: [], records: [], sent: new Map() }
  for (const { from, message } of world.arriving) fromSite(run, from, encodeMessage(message))
  for (let step = 0; !isOver(world); step += 1) {
    if (step > MOST_STEPS) throw new Error('the round does not end')
    advance(run)
  }
  return world
}

const isOver = ({ coordinator }: World): boolean => coordinator.phase === 'done' || coordinator.phase === 'aborted'

function advance(run: Run): void {
  const { world, faults, queue } = run
  const { random } = world
  const entry = run.records.pop()
  if (entry !== undefined) {
    record(world, entry)
    return perform(run, tell(world, { type: 'recorded' }))
  }
  if (queue.length === 0 || random.chance(faults.hasty)) return perform(run, tell(world, { type: 'deadline', phase: deadlineOf(world) }))
  const [packet] = queue.splice(random.integer(queue.length), 1)
  if (packet === undefined || random.chance(faults.lost)) return
  if (random.chance(faults.twice)) queue.push(packet)
  for (const one of run.lie(packet, world)) arrive(run, one)
}

/** Mostly of this phase; sometimes one that passed already. */
const deadlineOf = ({ coordinator, random }: World): Phase => (random.chance(0.1) ? 'keys' : coordinator.phase)

function arrive(run: Run, { from, to, bytes }: Packet): void {
  const { world } = run
  if (to === 'coordinator' && from !== 'coordinator') return perform(run, tell(world, parsed(world, from, bytes)))
  if (to === 'coordinator' || hasStopped(run, to)) return
  try {
    fromSite(run, to, encodeMessage(give(world, to, parseCoordinatorMessage(world.round, bytes))))
  } catch (error) {
    if (!(error instanceof ResearchError)) throw error
  }
}

function parsed(world: World, from: OrganizationId, bytes: Uint8Array) {
  try {
    return { type: 'message', from, message: parseSiteMessage(world.round, bytes) } as const
  } catch (error) {
    if (error instanceof ResearchError) return { type: 'malformed', from, reason: error.message } as const
    throw error
  }
}

const hasStopped = ({ faults, sent }: Run, org: OrganizationId): boolean => (sent.get(org) ?? 0) >= (faults.stops.get(org) ?? Number.POSITIVE_INFINITY)

function fromSite(run: Run, org: OrganizationId, bytes: Uint8Array): void {
  if (hasStopped(run, org)) return
  run.sent.set(org, (run.sent.get(org) ?? 0) + 1)
  run.queue.push({ from: org, to: 'coordinator', bytes })
}

function perform(run: Run, outputs: ReturnType<typeof tell>): void {
  for (const output of outputs) {
    if (output.type === 'record') run.records.push(output.record)
    else run.queue.push({ from: 'coordinator', to: output.to, bytes: encodeMessage(output.message) })
  }
}

/** What is wrong with how the round ended; empty for what the protocol promises. */
export function judge(world: World): readonly string[] {
  const { coordinator, round } = world
  const findings = [...leaks(world)]
  if (coordinator.phase === 'aborted') return coordinator.reason ? findings : [...findings, 'aborted without a reason']
  const result = coordinator.result
  if (result === undefined) return [...findings, 'ended without a result']
  const expected = plainSum(world, result.survivors)
  if (!result.sum.every((value, i) => value === expected[i])) findings.push('the sum is not that of the survivors')
  if (result.survivors.length < round.threshold) findings.push('too few survivors')
  if (groupsOf(world, result.survivors) < 3) findings.push('too few groups')
  return findings
}

/** With every share that any site handed out, whoever asked: who could be unmasked? */
function leaks(world: World): readonly string[] {
  const given = { self: new Map<OrganizationId, number>(), mask: new Map<OrganizationId, number>() }
  for (const site of world.sites.values()) {
    const answers = site.sent.filter((message) => message.type === 'answer')
    if (answers.length > 1) return [`${site.org} answered twice`]
    for (const kind of ['self', 'mask'] as const) {
      for (const { org } of answers.flatMap((answer) => answer[kind])) given[kind].set(org, (given[kind].get(org) ?? 0) + 1)
    }
  }
  const known = (kind: keyof typeof given) => world.orgs.filter((org) => (given[kind].get(org) ?? 0) >= thresholdOf(world.orgs.length))
  const unmasked = known('self')
  const both = unmasked.filter((org) => known('mask').includes(org))
  const findings = both.map((org) => `${org} could be unmasked alone`)
  return unmasked.length > 0 && groupsOf(world, unmasked) < 3 ? [...findings, 'the sum of fewer than three groups could be unmasked'] : findings
}

const groupsOf = ({ round }: World, orgs: readonly OrganizationId[]): number =>
  new Set(round.roster.filter(({ org }) => orgs.includes(org)).map(({ group }) => group)).size

/** Sites that stop at random moments, at most `most` of them. */
export function randomStops(orgs: readonly OrganizationId[], random: Random, most: number): ReadonlyMap<OrganizationId, number> {
  const count = random.integer(most + 1)
  return new Map(
    random
      .shuffled(orgs)
      .slice(0, count)
      .map((org) => [org, random.integer(5)]),
  )
}
