import { encodeBase64Url, parseBytes32 } from '@fiducia/core'
import { describe, expect, it } from 'vitest'
import type { CoordinatorOutput } from '../src/aggregation/coordinator.ts'
import type {
  AllKeysMessage,
  AnswerMessage,
  CoordinatorMessage,
  DeliveryMessage,
  MaskedMessage,
  SharesMessage,
  UnmaskMessage,
} from '../src/aggregation/messages.ts'
import { longLimit } from '../src/aggregation/long-numbers.ts'
import { openRound, type SurvivorRecord } from '../src/aggregation/round.ts'
import { openSite } from '../src/aggregation/site.ts'
import { createWorld, give, hashFor, plainSum, record, runUntil, signAs, siteOf, tell, termsOf, type World } from './aggregation-world.ts'

/** The attacks that issue and design name, each against one honest site or an honest coordinator. */

const refusal = (text: string) => expect.objectContaining({ code: 'STUDY_ROUND', message: expect.stringContaining(text) })
const messageTo = <Type extends CoordinatorMessage['type']>(outputs: readonly CoordinatorOutput[], type: Type, place = 0) => {
  const sent = outputs.flatMap((output) => (output.type === 'send' && output.message.type === type ? [output.message] : []))[place]
  if (sent === undefined) throw new Error(`expected a message \`${type}\``)
  return sent as CoordinatorMessage & { readonly type: Type }
}
const orgOf = (world: World, place: number) => siteOf(world, world.orgs[place]).org

describe('a coordinator that shows sites different keys', () => {
  const shown = () => {
    const world = createWorld({ seed: 1, sites: 4 })
    return { world, message: messageTo(runUntil(world, 'shares'), 'all-keys') }
  }
  const changed = (message: AllKeysMessage, at: number, body: object): AllKeysMessage => ({
    ...message,
    keys: message.keys.map((one, i) => (i === at ? { ...one, body: { ...one.body, ...body } } : one)),
  })
  it('cannot put in a key of its own', () => {
    const { world, message } = shown()
    expect(() => give(world, orgOf(world, 0), changed(message, 1, { mask: hashFor('mine') }))).toThrow(refusal('did not sign'))
  })
  it('cannot put in a key that another member signed', () => {
    const { world, message } = shown()
    const forged = signAs(siteOf(world, orgOf(world, 2)), 'round-keys', message.keys[1]?.body ?? {})
    expect(() => give(world, orgOf(world, 0), { ...message, keys: message.keys.map((one, i) => (i === 1 ? forged : one)) })).toThrow(refusal('did not sign'))
  })
  it('cannot show a site twice, out of order, or not at all where too few are left', () => {
    const { world, message } = shown()
    const [first, second, ...rest] = message.keys
    if (!first || !second) throw new Error('expected keys')
    expect(() => give(world, orgOf(world, 0), { ...message, keys: [first, first, second, ...rest] })).toThrow(refusal('in order'))
    expect(() => give(world, orgOf(world, 0), { ...message, keys: [second, first, ...rest] })).toThrow(refusal('in order'))
    expect(() => give(world, orgOf(world, 0), { ...message, keys: [first, second] })).toThrow(refusal('are needed'))
    expect(() => give(world, orgOf(world, 0), { ...message, keys: [second, ...rest] })).toThrow(refusal('own keys'))
  })
  it('is found when shares are opened: who saw another list sealed under another hash', () => {
    const world = createWorld({ seed: 2, sites: 4 })
    const message = messageTo(runUntil(world, 'shares'), 'all-keys')
    const victim = orgOf(world, 0)
    const shares = world.orgs.map((org) => {
      const keys = org === victim ? message.keys.slice(0, 3) : message.keys
      return { org, sent: give(world, org, { ...message, keys }) as SharesMessage }
    })
    const delivery: DeliveryMessage = {
      type: 'delivery',
      round: world.round.id,
      shares: shares
        .slice(0, 3)
        .flatMap(({ org, sent }) => sent.shares.filter(({ to }) => to === victim).map(({ to: _to, ...share }) => ({ from: org, ...share }))),
    }
    expect(() => give(world, victim, delivery)).toThrow(refusal('do not open'))
  })
  it('cannot make two sites of one', () => {
    const { world, message } = shown()
    const thief = siteOf(world, orgOf(world, 3))
    const stolen = { ...thief.sent[0], mask: message.keys[1]?.body['mask'] ?? '' }
    const signed = signAs(thief, 'round-keys', { ...message.keys[3]?.body, mask: stolen.mask })
    expect(() => give(world, orgOf(world, 0), { ...message, keys: message.keys.map((one, i) => (i === 3 ? signed : one)) })).toThrow(
      refusal('two sites show one key'),
    )
  })
})

describe('a coordinator that shows sites different models or rosters', () => {
  it.each([
    ['model', { model: hashFor('another model') }],
    ['roster', { sites: 5 }],
    ['length', { length: 4 }],
    ['round', { round: 2 }],
  ])('cannot bring together keys signed for another %s', (_what, other) => {
    const [world, elsewhere] = [createWorld({ seed: 3, sites: 4 }), createWorld({ seed: 4, sites: 4, ...other })]
    const message = messageTo(runUntil(world, 'shares'), 'all-keys')
    const foreign = messageTo(runUntil(elsewhere, 'shares'), 'all-keys')
    const mixed = { ...message, keys: message.keys.map((one, i) => (i === 1 ? (foreign.keys[1] ?? one) : one)) }
    expect(() => give(world, orgOf(world, 0), mixed)).toThrow(refusal('another round, roster or model'))
    expect(() => give(world, orgOf(world, 0), foreign)).toThrow(refusal('another round, roster or model'))
  })
  it('cannot seat a member in a group that the ledger does not have it in', () => {
    const world = createWorld({ seed: 5, sites: 4 })
    const message = messageTo(runUntil(world, 'shares'), 'all-keys')
    const member = world.ledger.member
    const ledger = {
      ...world.ledger,
      member: (org: (typeof world.orgs)[number]) => (org === orgOf(world, 2) ? { ...member(org), group: world.round.roster[1]?.group } : member(org)),
    }
    Object.assign(world, { ledger })
    expect(() => give(world, orgOf(world, 0), message)).toThrow(refusal('as the ledger has it'))
  })
})

describe('a coordinator that shows sites different survivor lists', () => {
  const asked = (sites = 6) => {
    const world = createWorld({ seed: 6, sites })
    const outputs = runUntil(world, 'unmasking', new Map([[orgOf(world, 5 % sites), 'masked']]))
    return { world, site: orgOf(world, 0), message: messageTo(outputs, 'unmask') }
  }
  const withRecord = (world: World, change: (entry: SurvivorRecord) => SurvivorRecord) => {
    for (const [name, entry] of world.ledger.records) world.ledger.records.set(name, change(entry))
  }
  it('gets no answer where a member is in both lists', () => {
    const { world, site, message } = asked()
    expect(() => give(world, site, { ...message, dropouts: [...message.dropouts, ...message.survivors.slice(1, 2)] })).toThrow(refusal('both'))
  })
  it('gets no answer for a list that the ledger does not have', () => {
    const { world, site, message } = asked()
    const moved: UnmaskMessage = { ...message, survivors: message.survivors.slice(0, 4), dropouts: [...message.survivors.slice(4), ...message.dropouts] }
    expect(() => give(world, site, moved)).toThrow(refusal('not the survivors on the ledger'))
    expect(() => give(world, site, { ...message, dropouts: [] })).toThrow(refusal('not the sites'))
  })
  it('gets no answer before the ledger has the survivors', () => {
    const { world, site, message } = asked()
    world.ledger.records.clear()
    expect(() => give(world, site, message)).toThrow(refusal('the ledger has no survivors'))
  })
  it('gets no answer for survivors under another transcript, round or commitment', () => {
    for (const [change, text] of [
      [{ transcript: hashFor('other') }, 'other keys or shares'],
      [{ id: hashFor('other') }, 'another roster or model'],
    ] as const) {
      const { world, site, message } = asked()
      withRecord(world, (entry) => ({ ...entry, ...change }))
      expect(() => give(world, site, message)).toThrow(refusal(text))
    }
    const { world, site, message } = asked()
    withRecord(world, (entry) => ({ ...entry, survivors: entry.survivors.map((one) => ({ ...one, commitment: hashFor('other') })) }))
    expect(() => give(world, site, message)).toThrow(refusal('committed'))
  })
  it('gets one answer per round, ever', () => {
    const { world, site, message } = asked()
    give(world, site, message)
    expect(() => give(world, site, message)).toThrow(refusal('gave is its answer'))
  })
  it('gets no answer for too few survivors, even if the ledger had them', () => {
    const { world, site, message } = asked()
    const survivors = message.survivors.slice(0, 3)
    withRecord(world, (entry) => ({ ...entry, survivors: entry.survivors.slice(0, 3) }))
    const few = { ...message, survivors, dropouts: [...message.survivors.slice(3), ...message.dropouts] }
    expect(() => give(world, site, few)).toThrow(refusal('are needed'))
  })
  it('gets no answer for survivors of two groups, even if the ledger had them', () => {
    const world = createWorld({ seed: 7, sites: 4, groupOf: (place) => (place < 2 ? 0 : place) })
    const outputs = runUntil(world, 'unmasking')
    const message = messageTo(outputs, 'unmask')
    withRecord(world, (entry) => ({ ...entry, survivors: entry.survivors.slice(0, 3) }))
    const two = { ...message, survivors: message.survivors.slice(0, 3), dropouts: message.survivors.slice(3) }
    expect(() => give(world, orgOf(world, 0), two)).toThrow(refusal('groups'))
  })
})

describe('a single-site cohort', () => {
  it.each([1, 2])('of %i groups has no round', (groups) => {
    expect(() => openRound(termsOf({ seed: 1, sites: 5, groupOf: (place) => place % groups }))).toThrow(refusal('groups'))
  })
  it('does not come about when others leave', () => {
    const world = createWorld({ seed: 8, sites: 4, groupOf: (place) => Math.min(place, 2) })
    expect(() => runUntil(world, 'done', new Map([[orgOf(world, 0), 'masked']]))).toThrow('groups')
    expect(world.coordinator.phase).toBe('aborted')
  })
})

describe('replayed rounds', () => {
  it('are not joined: a site takes part in each round once, in rising order', () => {
    const round = openRound(termsOf({ seed: 1, sites: 3, round: 4 }))
    const { org } = siteOf(createWorld({ seed: 1, sites: 3 }), createWorld({ seed: 1, sites: 3 }).orgs[0])
    for (const lastRound of [4, 5]) {
      expect(() => openSite({ round, org, numbers: new Float64Array(3), lastRound, random: () => new Uint8Array(48) })).toThrow(refusal('is not after round'))
    }
  })
  it('do not fit: every message of an earlier round is refused, or left alone', () => {
    const [early, late] = [createWorld({ seed: 9, sites: 3 }), createWorld({ seed: 10, sites: 3, round: 2 })]
    const old = [...runUntil(early, 'shares'), ...runUntil(early, 'masked'), ...runUntil(early, 'unmasking')]
    const steps = ['shares', 'masked', 'unmasking'] as const
    for (const [i, phase] of steps.entries()) {
      runUntil(late, phase)
      for (const output of old) if (output.type === 'send') expect(() => give(late, output.to, output.message)).toThrow(refusal('another round'))
      for (const site of early.sites.values()) for (const message of site.sent) tell(late, { type: 'message', from: site.org, message })
      expect(late.coordinator.phase, `step ${i}`).toBe(phase)
    }
  })
})

describe('tampered shares', () => {
  const sharesSent = (sites = 4) => {
    const world = createWorld({ seed: 11, sites })
    const outputs = runUntil(world, 'masked')
    return { world, outputs, delivery: messageTo(outputs, 'delivery') }
  }
  const first = (text: string) => (text.startsWith('A') ? `B${text.slice(1)}` : `A${text.slice(1)}`)
  it.each(['sealed', 'self', 'mask'] as const)('are refused by the receiver: `%s` changed on the way', (member) => {
    const { world, delivery } = sharesSent()
    const shares = delivery.shares.map((one, i) => (i === 1 ? { ...one, [member]: first(one[member]) } : one))
    expect(() => give(world, orgOf(world, 0), { ...delivery, shares })).toThrow(refusal('the shares of `site-01`'))
  })
  it('are refused where the site’s own are missing, some are given twice, or too few are left', () => {
    const { world, delivery } = sharesSent(5)
    const { shares } = delivery
    const own = orgOf(world, 0)
    expect(() => give(world, own, { ...delivery, shares: shares.slice(1) })).toThrow(refusal('own shares'))
    expect(() => give(world, own, { ...delivery, shares: [...shares.slice(0, 1), ...shares] })).toThrow(refusal('in order'))
    expect(() => give(world, own, { ...delivery, shares: shares.slice(0, 3) })).toThrow(refusal('are needed'))
  })
  it('are refused where they were sealed for another site', () => {
    const { world, outputs } = sharesSent()
    expect(() => give(world, orgOf(world, 0), messageTo(outputs, 'delivery', 1))).toThrow(refusal('do not open'))
  })
  it('are named when handed in at unmasking, and the sum is right without them', () => {
    const world = createWorld({ seed: 12, sites: 4 })
    const outputs = runUntil(world, 'unmasking')
    for (const [i, output] of outputs.entries()) {
      if (output.type !== 'send') continue
      const answer = give(world, output.to, output.message) as AnswerMessage
      const lie = { ...answer, self: answer.self.map((one, at) => (at === 2 ? { ...one, share: `A${first(one.share.slice(1))}` } : one)) }
      tell(world, { type: 'message', from: output.to, message: i === 0 ? lie : answer })
    }
    expect(world.coordinator.out.get(orgOf(world, 0))).toContain('changed share of `site-02`')
    expect(world.coordinator.result?.sum).toEqual(plainSum(world, world.orgs))
  })
  it.each([
    ['the seed of its self-mask', 'seed', 'done'],
    ['its mask key, and left', 'mask', 'masked'],
  ] as const)('end the round where a site dealt shares of another secret than it signed, and it is named: %s', (_what, secret, leaves) => {
    const world = createWorld({ seed: 13, sites: 4 })
    const liar = siteOf(world, orgOf(world, 1))
    if (liar.state.phase === 'keys') liar.state = { ...liar.state, secrets: { ...liar.state.secrets, [secret]: new Uint8Array(32).fill(9) } }
    const outputs = runUntil(world, 'unmasking', new Map([[liar.org, leaves]]))
    for (const output of outputs) {
      if (output.type === 'send') tell(world, { type: 'message', from: output.to, message: give(world, output.to, output.message) })
    }
    expect(world.coordinator.phase).toBe('aborted')
    expect(world.coordinator.reason).toContain('`site-01` dealt shares of another secret')
    expect(world.coordinator.result).toBeUndefined()
  })
})

describe('a site that answers late, twice or with the wrong shape', () => {
  it('is left out where its vector does not fit its commitment, and named', () => {
    const world = createWorld({ seed: 14, sites: 4 })
    for (const output of runUntil(world, 'masked')) {
      if (output.type !== 'send') continue
      const message = give(world, output.to, output.message) as MaskedMessage
      const vector = output.to === orgOf(world, 2) ? message.vector.map((limb) => limb ^ 1) : message.vector
      for (const next of tell(world, { type: 'message', from: output.to, message: { ...message, vector } }))
        if (next.type === 'record') record(world, next.record)
    }
    expect(world.coordinator.out.get(orgOf(world, 2))).toContain('does not fit its commitment')
    for (const output of tell(world, { type: 'recorded' })) {
      if (output.type === 'send') tell(world, { type: 'message', from: output.to, message: give(world, output.to, output.message) })
    }
    const others = world.orgs.filter((_, place) => place !== 2)
    expect(world.coordinator.result).toEqual({ sum: plainSum(world, others), survivors: others })
  })
  it('is not counted late: a vector after the deadline changes nothing', () => {
    const world = createWorld({ seed: 15, sites: 4 })
    const late = orgOf(world, 3)
    const deliveries = runUntil(world, 'masked')
    const sent = deliveries.flatMap((output) => (output.type === 'send' ? [{ from: output.to, message: give(world, output.to, output.message) }] : []))
    for (const { from, message } of sent) if (from !== late) tell(world, { type: 'message', from, message })
    for (const output of tell(world, { type: 'deadline', phase: 'masked' })) if (output.type === 'record') record(world, output.record)
    for (const { from, message } of sent) tell(world, { type: 'message', from, message })
    for (const output of tell(world, { type: 'recorded' })) {
      if (output.type === 'send') tell(world, { type: 'message', from: output.to, message: give(world, output.to, output.message) })
    }
    expect(world.coordinator.result?.survivors).toEqual(world.orgs.slice(0, 3))
    expect(world.coordinator.result?.sum).toEqual(plainSum(world, world.orgs.slice(0, 3)))
  })
  it('cannot speak for another', () => {
    const world = createWorld({ seed: 16, sites: 4 })
    const [message] = siteOf(world, orgOf(world, 1)).sent
    if (message) tell(world, { type: 'message', from: orgOf(world, 0), message })
    expect(world.coordinator.out.get(orgOf(world, 0))).toContain('sent the keys of `site-01`')
  })
  it('with another number of values does not begin', () => {
    const world = createWorld({ seed: 17, sites: 3 })
    const open = (numbers: Float64Array) => () => openSite({ round: world.round, org: orgOf(world, 0), numbers, lastRound: 0, random: world.random.bytes })
    expect(open(new Float64Array(2))).toThrow(refusal('expected 3 numbers'))
    expect(open(Float64Array.of(1, 2, 1e300))).toThrow(expect.objectContaining({ code: 'STUDY_RANGE' }))
  })
})

describe('a coordinator that hands on other shares to some sites', () => {
  it('gets no answer from those: the ledger has one transcript', () => {
    const world = createWorld({ seed: 18, sites: 5 })
    const victim = orgOf(world, 0)
    for (const output of runUntil(world, 'masked')) {
      if (output.type !== 'send' || output.message.type !== 'delivery') continue
      const { shares } = output.message
      const less = { ...output.message, shares: shares.filter((_, i) => i !== 4) }
      const message = give(world, output.to, output.to === victim ? less : output.message)
      tell(world, { type: 'message', from: output.to, message })
    }
    expect(world.coordinator.out.get(victim)).toContain('masked under other keys or shares')
    const survivors = world.orgs.slice(1)
    const [first] = siteOf(world, survivors[0]).sent.filter(({ type }) => type === 'masked')
    const transcript = first?.type === 'masked' ? String(first.signed.body['transcript']) : ''
    const committed = world.orgs.map((org) => ({ org, commitment: commitmentGiven(world, org) }))
    const { study, round, id } = world.round
    record(world, { study, round, id, transcript: parseBytes32(transcript), survivors: committed })
    const asked = { type: 'unmask', round: id, survivors: world.orgs, dropouts: [] } as const
    expect(() => give(world, victim, asked)).toThrow(refusal('other keys or shares than this site saw'))
  })
  const commitmentGiven = (world: World, org: (typeof world.orgs)[number]) => {
    const masked = siteOf(world, org).sent.find(({ type }) => type === 'masked')
    return parseBytes32(masked?.type === 'masked' ? masked.signed.body['commitment'] : undefined)
  }
})

describe('a key of small order', () => {
  it('is refused: what two sites agree on under it is known to everybody', () => {
    const world = createWorld({ seed: 19, sites: 4 })
    const message = messageTo(runUntil(world, 'shares'), 'all-keys')
    for (const member of ['mask', 'seal']) {
      const signed = signAs(siteOf(world, orgOf(world, 2)), 'round-keys', { ...message.keys[2]?.body, [member]: encodeBase64Url(new Uint8Array(32)) })
      const keys = message.keys.map((one, i) => (i === 2 ? signed : one))
      expect(() => give(world, orgOf(world, 0), { ...message, keys })).toThrow(refusal('`site-02` shows a key of small order'))
    }
  })
})

describe('a site with no rows', () => {
  it('takes part as any other: zeros, masked', () => {
    const numbersOf = (place: number) => (place === 1 ? new Float64Array(3) : Float64Array.of(1.5, -2, place))
    const world = createWorld({ seed: 20, sites: 4, numbersOf })
    runUntil(world, 'unmasking')
    const sent = siteOf(world, orgOf(world, 1)).sent.find((message) => message.type === 'masked')
    expect(sent?.type === 'masked' && sent.vector.filter((limb) => limb === 0).length).toBeLessThan(2)
    runUntil(world, 'done')
    expect(world.coordinator.result?.sum).toEqual(Float64Array.of(4.5, -6, 5))
  })
})

describe('overflow of the ring', () => {
  it.each([1, -1])('does not come about: every site at the border, sign %i', (sign) => {
    const numbersOf = () => Float64Array.of(sign * longLimit(7), 0, sign * 2 ** -64)
    const world = createWorld({ seed: 21, sites: 7, numbersOf })
    runUntil(world, 'done')
    expect(world.coordinator.result?.sum).toEqual(Float64Array.of(sign * Number(BigInt(longLimit(7)) * 7n), 0, sign * 7 * 2 ** -64))
  })
})
