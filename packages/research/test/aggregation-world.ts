import {
  type Bytes32,
  ed25519PublicKey,
  encodeBase64Url,
  type JsonObject,
  type OrganizationId,
  parseGroupId,
  parseNetworkId,
  parseOrganizationId,
  type SignedObject,
  signObject,
} from '@fiducia/core'
import { type CoordinatorEvent, type CoordinatorOutput, type CoordinatorState, advanceCoordinator, openCoordinator } from '../src/aggregation/coordinator.ts'
import type { CoordinatorMessage, SiteMessage } from '../src/aggregation/messages.ts'
import type { RingTerms } from '../src/aggregation/ring.ts'
import { openRound, type Round, type RoundLedger, type RoundTerms, type SurvivorRecord } from '../src/aggregation/round.ts'
import { advanceSite, openSite, type SiteOutput, type SiteState, withSignature } from '../src/aggregation/site.ts'
import { createRandom, type Random } from './aggregation-random.ts'

/** Sites, a coordinator and a ledger in one process: what tests drive, honestly or not. */
export interface World {
  readonly random: Random
  readonly round: Round
  readonly orgs: readonly OrganizationId[]
  readonly ledger: TestLedger
  readonly sites: Map<OrganizationId, TestSite>
  coordinator: CoordinatorState
  /** What `runUntil` has under way. */
  arriving: readonly { readonly from: OrganizationId; readonly message: SiteMessage }[]
  outputs: readonly CoordinatorOutput[]
}

export interface TestSite {
  readonly org: OrganizationId
  readonly research: Uint8Array
  readonly numbers: Float64Array
  state: SiteState
  /** What it gave out, in order. */
  readonly sent: SiteMessage[]
}

export interface TestLedger extends RoundLedger {
  readonly records: Map<string, SurvivorRecord>
}

export interface WorldOptions {
  readonly seed: number
  readonly sites: number
  /** Of the site with this place; by default each site is its own group. */
  readonly groupOf?: (place: number) => number
  readonly ring?: RingTerms
  readonly length?: number
  readonly round?: number
  readonly model?: Bytes32
  readonly numbersOf?: (place: number) => Float64Array
}

export const hashFor = (text: string): Bytes32 =>
  encodeBase64Url(createRandom([...text].reduce((sum, c) => sum * 31 + c.charCodeAt(0), 7)).bytes(32)) as Bytes32

export function termsOf({
  sites,
  groupOf = (place) => place,
  ring = { name: 'exact' },
  length = 3,
  round = 1,
  model = hashFor('model'),
}: WorldOptions): RoundTerms {
  const roster = Array.from({ length: sites }, (_, place) => ({ org: orgAt(place), group: parseGroupId(`group-${groupOf(place)}`) }))
  return { net: parseNetworkId('test'), study: hashFor('study'), round, model, roster, ring, length }
}

const orgAt = (place: number): OrganizationId => parseOrganizationId(`site-${String(place).padStart(2, '0')}`)

export function createWorld(options: WorldOptions): World {
  const random = createRandom(options.seed)
  const round = openRound(termsOf(options))
  const orgs = round.roster.map(({ org }) => org)
  const research = new Map(orgs.map((org, place) => [org, createRandom(1000 + place).bytes(32)]))
  const numbersOf = options.numbersOf ?? (() => Float64Array.from({ length: round.length }, () => (random.integer(2_000_001) - 1_000_000) / 1_000))
  const world: World = {
    random,
    round,
    orgs,
    ledger: ledgerOf(round, research),
    sites: new Map(),
    coordinator: openCoordinator(round),
    arriving: [],
    outputs: [],
  }
  for (const [place, org] of orgs.entries()) {
    const numbers = numbersOf(place)
    const opened = openSite({ round, org, numbers, lastRound: round.round - 1, random: random.bytes })
    const site: TestSite = { org, research: research.get(org) ?? new Uint8Array(32), numbers, state: opened.state, sent: [] }
    const message = messageOf(site, opened.output)
    site.sent.push(message)
    world.arriving = [...world.arriving, { from: org, message }]
    world.sites.set(org, site)
  }
  return world
}

function ledgerOf(round: Round, research: ReadonlyMap<OrganizationId, Uint8Array>): TestLedger {
  const records = new Map<string, SurvivorRecord>()
  const members = new Map(
    round.roster.map(({ org, group }) => {
      const publicKey = ed25519PublicKey(research.get(org) ?? new Uint8Array(32))
      return [org, { group, publicKey }]
    }),
  )
  return { records, member: (org) => members.get(org), survivors: (study, number) => records.get(`${study}/${number}`) }
}

/** What the site's shell does: signs what is to be signed. */
function messageOf(site: TestSite, output: SiteOutput): SiteMessage {
  return output.type === 'sign' ? withSignature(output, signObject(output.kind, output.body, site.research)) : output
}

export const signAs = (site: TestSite, kind: 'round-keys' | 'round-input', body: JsonObject): SignedObject => signObject(kind, body, site.research)

/** Gives a site a message. Throws what the site throws; its state then stays. */
export function give(world: World, org: OrganizationId, message: CoordinatorMessage): SiteMessage {
  const site = siteOf(world, org)
  const step = advanceSite(site.state, message, world.ledger, world.random.bytes)
  site.state = step.state
  const sent = messageOf(site, step.output)
  site.sent.push(sent)
  return sent
}

export function siteOf(world: World, org: OrganizationId | undefined): TestSite {
  const site = org && world.sites.get(org)
  if (!site) throw new Error('no such site')
  return site
}

/** Tells the coordinator, and writes down what it wants recorded: the first record of a round stays. */
export function tell(world: World, event: CoordinatorEvent): readonly CoordinatorOutput[] {
  const step = advanceCoordinator(world.coordinator, event, world.ledger)
  world.coordinator = step.state
  return step.outputs
}

export function record(world: World, entry: SurvivorRecord): void {
  const name = `${entry.study}/${entry.round}`
  if (!world.ledger.records.has(name)) world.ledger.records.set(name, entry)
}

export type Phase = CoordinatorState['phase']

/**
 * Runs honestly, in order, until the coordinator is in this phase, and gives back what it wants sent then: to be delivered, changed or kept back;
 * the next call delivers it. `without` are sites whose messages do not arrive from the phase named on.
 */
export function runUntil(world: World, phase: Phase, without: ReadonlyMap<OrganizationId, Phase> = new Map()): readonly CoordinatorOutput[] {
  const isThere = (org: OrganizationId) => PHASES.indexOf(world.coordinator.phase) < PHASES.indexOf(without.get(org) ?? 'done')
  while (world.coordinator.phase !== phase) {
    const now = world.coordinator.phase
    if (now === 'done' || now === 'aborted') throw new Error(`the round ended as ${now}: ${world.coordinator.reason ?? ''}`)
    deliverOutputs(world)
    const arriving = world.arriving.filter(({ from }) => isThere(from))
    world.arriving = []
    world.outputs = arriving.flatMap(({ from, message }) => tell(world, { type: 'message', from, message }))
    if (world.coordinator.phase === now) world.outputs = tell(world, { type: 'deadline', phase: now })
    if (phaseOf(world) === 'recording') world.outputs = recorded(world)
  }
  return world.outputs
}

/** Afresh: `tell` changes it. */
const phaseOf = (world: World): Phase => world.coordinator.phase

function deliverOutputs(world: World): void {
  const sent = world.outputs.flatMap((output) => (output.type === 'send' ? [{ from: output.to, message: give(world, output.to, output.message) }] : []))
  world.arriving = [...world.arriving, ...sent]
  world.outputs = []
}

function recorded(world: World): readonly CoordinatorOutput[] {
  for (const output of world.outputs) if (output.type === 'record') record(world, output.record)
  return tell(world, { type: 'recorded' })
}

const PHASES: readonly Phase[] = ['keys', 'shares', 'masked', 'recording', 'unmasking', 'done']

/** The sum of these sites' numbers as the ring has it, without any mask. */
export function plainSum(world: World, orgs: readonly OrganizationId[]): Float64Array {
  const { numbers } = world.round
  const sum = new Uint32Array(world.round.length * numbers.limbs)
  for (const org of orgs) numbers.add(sum, numbers.encode(siteOf(world, org).numbers))
  return numbers.decode(sum)
}
