import { encodeCanonical, type JsonObject, type OrganizationId } from '@fiducia/core'
import { describe, expect, it } from 'vitest'
import { encodeMessage, parseCoordinatorMessage, parseSiteMessage, type SiteMessage } from '../src/aggregation/messages.ts'
import { createRandom, type Random } from './aggregation-random.ts'
import { type Faults, judge, type Liar, NO_FAULTS, randomStops, simulate } from './aggregation-simulator.ts'
import { hashFor, type World, type WorldOptions } from './aggregation-world.ts'

function optionsOf(seed: number): WorldOptions {
  const random = createRandom(seed + 1_000_000)
  const sites = 3 + random.integer(8)
  const groups = random.chance(0.8) ? sites : 3 + random.integer(sites - 2)
  return {
    seed,
    sites,
    groupOf: (place) => place % groups,
    ring: random.chance(0.5) ? { name: 'exact' } : { name: 'model', clip: 500, scale: 1000 },
    length: 1 + random.integer(5),
  }
}

function check(seed: number, faultsOf: (world: World) => Faults, lie?: Liar): World {
  const world = simulate(optionsOf(seed), faultsOf, lie)
  const findings = judge(world)
  if (findings.length > 0) throw new Error(`seed ${seed}: ${findings.join('; ')}`)
  return world
}

const storm = (world: World): Faults => ({ twice: 0.2, lost: 0.03, hasty: 0.02, stops: randomStops(world.orgs, world.random, 3) })
const calm = (): Faults => NO_FAULTS

/** Schedules of each kind. A seed gives a schedule; one that fails is named, and runs alone with `FIDUCIA_SEED`. */
export function describeSchedules(count: number): void {
  const only = process.env['FIDUCIA_SEED']
  const seeds = (from: number) => (only === undefined ? Array.from({ length: count }, (_, i) => from + i) : [Number(only)])
  const everyOther = (seed: number) => (seed % 2 === 0 ? calm : storm)
  /** A kind of schedule that never ends well, or never badly, has tried only half of what it is for. */
  const runAll = (from: number, faultsOf: (seed: number) => (world: World) => Faults, lie?: Liar) => {
    const endings = new Set(seeds(from).map((seed) => check(seed, faultsOf(seed), lie).coordinator.phase))
    if (only === undefined) expect([...endings].toSorted()).toEqual(['aborted', 'done'])
  }

  describe('rounds over a network that drops, repeats, reorders and delays', () => {
    it('end with the sum of all sites where nothing is lost', () => {
      for (const seed of seeds(0)) {
        const world = check(seed, () => ({ ...NO_FAULTS, twice: (seed % 2) * 0.5 }))
        expect(world.coordinator.result?.survivors, `seed ${seed}`).toEqual(world.orgs)
      }
    })
    it('end with the sum of who sent a vector, wherever sites stop, or say why not', () => {
      for (const seed of seeds(10_000)) checkStops(seed)
    })
    it('end with an exact sum or a reason in any weather', () => runAll(20_000, () => storm))
  })

  describe('rounds in which somebody lies', () => {
    it('never end with a wrong sum when bytes change on the way', () => runAll(30_000, everyOther, flipping(0.02)))
    it('never end with a wrong sum, nor unmask a site, when the coordinator changes what it shows', () =>
      runAll(40_000, everyOther, showing(0.1, Object.values(COORDINATOR_LIES))))
    it('never end with a wrong sum when sites lie', () => runAll(50_000, everyOther, telling(0.05)))
  })
}

/** Where every message arrives that is sent, who survives follows from who stopped when. */
function checkStops(seed: number): void {
  let stops: ReadonlyMap<OrganizationId, number> = new Map()
  const world = check(seed, (one) => {
    stops = randomStops(one.orgs, one.random, one.orgs.length)
    return { ...NO_FAULTS, twice: 0.2, stops }
  })
  const sending = (messages: number) => world.orgs.filter((org) => (stops.get(org) ?? 4) >= messages)
  const groups = new Set(world.round.roster.filter(({ org }) => sending(3).includes(org)).map(({ group }) => group)).size
  const suffices = sending(4).length >= world.round.threshold && groups >= 3
  expect(world.coordinator.phase, `seed ${seed}`).toBe(suffices ? 'done' : 'aborted')
  if (suffices) expect(world.coordinator.result?.survivors, `seed ${seed}`).toEqual(sending(3))
}

/** One bit of a packet, now and then. */
const flipping =
  (share: number): Liar =>
  (packet, { random }) => {
    if (!random.chance(share)) return [packet]
    const at = random.integer(packet.bytes.length)
    return [{ ...packet, bytes: packet.bytes.map((byte, i) => (i === at ? byte ^ (1 << random.integer(8)) : byte)) }]
  }

type Change = (document: Record<string, unknown>, world: World) => void

const items = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const removeOne = (list: unknown, random: Random) => void (items(list).length > 0 && items(list).splice(random.integer(items(list).length), 1))

/** What a coordinator may try with a document on its way to one site. */
const COORDINATOR_LIES: Readonly<Record<string, Change>> = {
  'a list with one site less': ({ keys, shares, survivors }, { random }) => removeOne(keys ?? shares ?? survivors, random),
  'another order': ({ keys, shares, survivors }) => void items(keys ?? shares ?? survivors).reverse(),
  'one of them twice': ({ keys, shares, survivors }) => void items(keys ?? shares ?? survivors).push(items(keys ?? shares ?? survivors)[0]),
  'a survivor as a dropout': ({ survivors, dropouts }) => void items(dropouts).push(...items(survivors).splice(1, 1)),
  'a survivor as a dropout too': ({ survivors, dropouts }) => void items(dropouts).push(...items(survivors).slice(1, 2)),
  'another round': (document) => void Object.assign(document, { round: hashFor('another') }),
  'shares that are another site’s': ({ shares }) => void items(shares).unshift(...items(shares).splice(1, 1)),
}

const showing =
  (share: number, lies: readonly Change[]): Liar =>
  (packet, world) => {
    const { random } = world
    const lie = lies[random.integer(lies.length)]
    if (packet.from !== 'coordinator' || lie === undefined || !random.chance(share)) return [packet]
    const document: Record<string, unknown> = structuredClone({ ...parseCoordinatorMessage(world.round, packet.bytes) })
    lie(document, world)
    const lied = { ...packet, bytes: encodeCanonical(document as JsonObject) }
    return random.chance(0.5) ? [lied] : [lied, packet]
  }

/** What a site may try with its own messages: other shares, another vector, another site's words, the same again. */
const telling =
  (share: number): Liar =>
  (packet, world) => {
    const { random } = world
    if (packet.from === 'coordinator' || !random.chance(share)) return [packet]
    const copied = world.sites.get(world.orgs[random.integer(world.orgs.length)] ?? packet.from)?.sent.at(-1)
    const said = liesOf(parseSiteMessage(world.round, packet.bytes)).concat(copied ?? [])
    const lie = said[random.integer(said.length + 1)]
    return lie === undefined ? [packet, packet] : [{ ...packet, bytes: encodeMessage(lie) }]
  }

function liesOf(message: SiteMessage): readonly SiteMessage[] {
  switch (message.type) {
    case 'keys':
      return [{ ...message, signed: { ...message.signed, sig: message.signed.sig.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')) } }]
    case 'shares':
      return [{ ...message, shares: message.shares.map((one) => ({ ...one, self: hashFor('false') })) }]
    case 'masked':
      return [
        { ...message, vector: message.vector.map((limb) => limb + 1) },
        { ...message, vector: message.vector.subarray(1) },
      ]
    case 'answer': {
      const swapped = message.self.map((one, i) => ({ ...one, share: message.self[i ^ 1]?.share ?? one.share }))
      return [
        { ...message, self: swapped },
        { ...message, self: message.self.slice(1) },
      ]
    }
  }
}
