import { copyFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { giveLink, signPolicy } from '@fiducia/client'
import type { Policy } from '@fiducia/consent'
import { encodeUtf8 } from '@fiducia/core'
import { buildTransaction } from '@fiducia/ledger'
import { nodeFiles } from '@fiducia/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Rule } from '../../src/story/interception.ts'
import { whileReplacing } from './replacing.ts'
import { seedOf } from '../../src/story/liar.ts'
import { ALDER, BIRCH, CEDAR, DENY, OBSERVATIONS, openScene, outcomeOf, PERMIT, type Scene } from './scene.ts'
import { openSecond } from './second-patient.ts'

/**
 * The rules between a decision and a release, each attacked as the models' `Release_x_*` configurations do.
 *
 *   attack                                                       what stops it
 *   noPending: the restriction is acknowledged, then dropped     committed ∧ pending
 *   ackFirst: crash right after the acknowledgment               the version's file, durable before
 *   restore: the database goes back to before it                 the same file, outside the database
 *   noRecheck: the restriction comes between decision and answer decided again under the lock; the leaf stays
 *   noLaterHeads: committed, and not yet cosigned                every head of the own replica
 *   notFresh: the revocation's checkpoint is kept from a holder  freshness
 *   asWritten3guard, endsGeq: newer permits by another device    a pending version ends only by commit or by `replaces`
 *   noLeaf, noMirror: no durable entry                           nothing leaves; nothing is used
 *   a policy by no key of the head, of an old number, unopened   refused, and the pending ones are listed
 */

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene[Symbol.asyncDispose]())

const services = (org: typeof CEDAR.org = CEDAR.org) => scene.stage.network.node(org).services
const ask = (org: typeof CEDAR.org = CEDAR.org, link = scene.stage.links.get(org)) => {
  const { clinician, clock } = scene.stage
  const { identifier, opening, rand32 } = clinician
  return services(BIRCH.org).exchange.ask({
    holder: org,
    link,
    practitioner: { identifier, role: { opening, rand32 }, acr: 'urn:acr', authTime: Math.floor(clock.now() / 1000) },
    purpose: 'TREAT',
    interaction: OBSERVATIONS,
  })
}

/** The operator says yes to nothing while `work` runs. */
const whileDropping = <T>(work: () => Promise<T>): Promise<T> => {
  const operator = scene.stage.network.genesis.members[ALDER.org]?.endpoint ?? ''
  const drop: Rule = async (_from, url) =>
    url === `${operator}/ledger/transactions` ? { status: 200, bytes: encodeUtf8('{"height":0,"accepted":false,"code":"BUSY","message":"later"}') } : undefined
  return scene.stage.interception.during(drop, work)
}
const set = async (policy: Policy, org: typeof CEDAR.org = CEDAR.org) => {
  await (await scene.stage.patient.setPolicy(org, policy)).committed
  await scene.stage.network.settle()
}
const databaseOf = (org: string) => nodeFiles(path.join(scene.stage.dir, 'nodes', org)).database

describe('an acknowledged restriction', () => {
  it('acts although the operator drops it, after a crash, and after the database was restored', async () => {
    expect((await ask()).status).toBe(200)
    const kept = `${databaseOf(CEDAR.org)}.kept`
    await scene.restart(() => copyFileSync(databaseOf(CEDAR.org), kept))
    await scene.stage.network.settle()
    const set2 = await whileDropping(() => scene.stage.patient.setPolicy(CEDAR.org, DENY))
    expect(await whileDropping(() => set2.committed)).toBe(false)
    // Nothing is logged before the copy comes back: a log that signed more would be frozen.
    await scene.restart(() => copyFileSync(kept, databaseOf(CEDAR.org)))
    await scene.stage.network.settle()
    expect((await ask()).status).toBe(403)
    rmSync(kept, { force: true })
    // Handed in again, it commits; only then the next number can.
    expect((await services().context.submit(set2.wire)).result.accepted).toBe(true)
  })

  it('is forgotten by no older copy of the database: the log that signed more is frozen, and the restriction stays', async () => {
    const kept = `${databaseOf(CEDAR.org)}.kept`
    await scene.restart(() => copyFileSync(databaseOf(CEDAR.org), kept))
    await scene.stage.network.settle()
    expect((await ask()).status).toBe(403)
    await scene.restart(() => copyFileSync(kept, databaseOf(CEDAR.org)))
    await scene.stage.network.settle()
    expect(services().log.k).toBe(2)
    expect((await ask()).status).toBe(403)
    await set(PERMIT)
    expect((await ask()).status).toBe(200)
  })
})

describe('a restriction that comes in the middle', () => {
  it('keeps the answer back, and the leaf stays', async () => {
    const { silo, log } = services(ALDER.org)
    const { search } = silo
    const before = log.size
    let acknowledged = false
    const slow: typeof search = async (...asked) => {
      const found = await search(...asked)
      await scene.stage.patient.setPolicy(ALDER.org, DENY)
      acknowledged = true
      return found
    }
    expect(await outcomeOf(() => whileReplacing(silo, 'search', slow, () => ask(ALDER.org)))).toMatch(/ACCESS_DENIED|PEER_FAILED/)
    expect(acknowledged).toBe(true)
    expect(log.size).toBe(before + 1)
    await scene.stage.network.settle()
    await set(PERMIT, ALDER.org)
    expect((await ask(ALDER.org)).status).toBe(200)
  })

  it('acts once it is in the replica, cosigned or not, with its body or without', async () => {
    const second = await openSecond(scene)
    const { link } = giveLink(second.wallet(), second.handle, BIRCH.org, second.ports)
    expect((await ask(ALDER.org, link)).status).toBe(200)
    const signed = signPolicy(second.wallet(), second.handle, DENY, second.ports)
    const { result } = await services(ALDER.org).context.submit(signed.wire)
    expect(result.accepted).toBe(true)
    const { heads, context } = services(ALDER.org)
    expect(heads.newest?.block.height).toBeLessThan(context.ledger.tip().height)
    expect((await ask(ALDER.org, link)).status).toBe(403)
  })

  it('acts at the latest when cosignatures have grown old, though its checkpoint is kept from the holder', async () => {
    const { network, clock } = scene.stage
    const operator = network.genesis.members[ALDER.org]?.endpoint ?? ''
    // A receipt is judged from the start of its minute: the refusal comes in the middle of one, under a head of just before.
    clock.advance(80_000 - (clock.now() % 60_000))
    await network.settle()
    await set(PERMIT, ALDER.org)
    const hide: Rule = async (from, url) =>
      from === CEDAR.org && url.startsWith(`${operator}/ledger/`) ? { status: 503, bytes: encodeUtf8('busy') } : undefined
    await scene.stage.interception.during(hide, async () => {
      await set(PERMIT, ALDER.org).catch(() => undefined)
      clock.advance(62_000)
      await network.settle().catch(() => undefined)
      expect((await ask()).status).toBe(403)
    })
    await network.settle()
    expect((await ask()).status).toBe(200)
  })
})

describe('two devices', () => {
  it('a restriction stays pending when permits of its number and above commit, until a version replaces it', async () => {
    const second = await openSecond(scene)
    const { link } = giveLink(second.wallet(), second.handle, BIRCH.org, second.ports)
    const permit2 = signPolicy(second.wallet(), second.handle, PERMIT, second.ports)
    const permit3 = signPolicy(permit2.wallet, second.handle, PERMIT, second.ports)
    const restriction = signPolicy(second.wallet(), second.handle, DENY, second.ports)
    const { policies, context } = services(ALDER.org)
    policies.accept(second.handle, permit2)
    policies.accept(second.handle, permit3)
    expect(policies.accept(second.handle, restriction).pending).toContain(restriction.commitment)
    for (const { wire } of [permit2, permit3]) expect((await context.submit(wire)).result.accepted).toBe(true)
    await scene.stage.network.settle()
    expect((await context.submit(restriction.wire)).result.accepted).toBe(false)
    expect((await ask(ALDER.org, link)).status).toBe(403)
    const ends = signPolicy(permit3.wallet, second.handle, { ...PERMIT, replaces: [restriction.commitment] }, second.ports)
    policies.accept(second.handle, ends)
    expect((await ask(ALDER.org, link)).status).toBe(403)
    expect((await context.submit(ends.wire)).result.accepted).toBe(true)
    await scene.stage.network.settle()
    expect((await ask(ALDER.org, link)).status).toBe(200)
  })

  it('no version is taken from another key, for another number, or without its body', async () => {
    const second = await openSecond(scene)
    const { policies, context } = services(ALDER.org)
    const signed = signPolicy(second.wallet(), second.handle, PERMIT, second.ports)
    const body = (version: number) => ({ handle: second.handle, version, commitment: signed.commitment, expires: signed.expires })
    const wire = (version: number, seed: Uint8Array) =>
      buildTransaction({ net: context.net, type: 'policy.set', body: body(version), validUntil: scene.stage.clock.now() + 300_000 }, [seed])
    for (const seed of [seedOf(scene.stage, ALDER.org, 'node'), scene.stage.random(32)])
      expect(() => policies.accept(second.handle, { ...signed, wire: wire(signed.version, seed) })).toThrow('signature of control')
    expect(() => policies.accept(second.handle, { ...signed, body: signed.body.replace('permit', 'deny') })).toThrow('do not open the commitment')
    expect(() => policies.accept(second.handle, { ...signed, salt: scene.stage.random(32) })).toThrow('do not open the commitment')
    policies.accept(second.handle, signed)
    await context.submit(signed.wire)
    await scene.stage.network.settle()
    expect(() => policies.accept(second.handle, signed)).toThrow('expected a version above')
  })
})

describe('nothing durable, nothing given and nothing used', () => {
  it('a holder that cannot write its log gives nothing; a requester that cannot, uses nothing', async () => {
    const broken = () => Promise.reject(new Error('the disk is full'))
    const atHolder = await outcomeOf(() => whileReplacing(services().log, 'append', broken, () => ask()))
    expect(atHolder).toMatch(/^PEER_FAILED/)
    await expect(whileReplacing(services(BIRCH.org).log, 'append', broken, () => ask())).rejects.toThrow('the disk is full')
  })
})
