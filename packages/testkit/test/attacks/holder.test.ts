import { openRelationship, createWallet, proveLeftOut, proveOffChain } from '@fiducia/client'
import { accessLogOrigin, ed25519PublicKey, encodeBase64Url, type OrganizationId, parseBytes32, verifySignedObject } from '@fiducia/core'
import { versionedReference } from '@fiducia/fhir'
import { assembleTransaction, openDisputes, signTransactionPartBy } from '@fiducia/ledger'
import { proveHead } from '@fiducia/node'
import { decodeLeaf, parseReceipt, readDisclosure, slotOf } from '@fiducia/proofs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EMPTY_SEARCHSET, type Lie, whileLying } from '../../src/story/liar.ts'
import { getFrom, type Stage } from '../../src/story/stage.ts'
import { whileReplacing } from './replacing.ts'
import { ALDER, BIRCH, CEDAR, DENY, DUNE, OBSERVATIONS, openScene, outcomeOf, PERMIT, type Scene } from './scene.ts'

/**
 * A holder that lies, against an honest requester and an honest patient.
 *
 *   attack                                                        what catches it
 *   data without a receipt, under any status                      the requester uses nothing of it
 *   a disclosure that lists less than the body has                the requester holds body and list against each other
 *   a refusal that carries data                                   the same
 *   another practitioner, purpose, request, body, requester       the requester's receipt checks
 *   a slot before or after now                                    SLOT_DIFFERS
 *   an older head, or none                                        HEAD_NOT_CURRENT, HEAD_NOT_COSIGNED, HEAD_MISSING
 *   a relationship of its own                                     HANDLE_DIFFERS
 *   a log nobody opened, or another member's                      LOG_UNPROVEN, LOG_FOREIGN
 *   one leaf for two answers                                      LEAF_SEEN, and the mirror's tag stands once
 *   number n reused, number n skipped, a junk tag                 the witnesses (TAG_TWICE); the wallet by the requester's copy
 *   a private note, the public log stays shorter                  a dispute after an hour
 *   a release after an acknowledged restriction                   POLICY_PASSED_OVER, RELEASED_BUT_DENIED; acknowledgment and copy contradict
 *   an event missing, edited or foreign in the list of copies     COPY_MISSING, COPY_UNREADABLE, COPY_DIFFERS
 */

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene[Symbol.asyncDispose]())

const ask = () => scene.stage.clinician.ask(CEDAR.org, OBSERVATIONS)
const lieTo = (lie: Lie) => outcomeOf(() => whileLying(scene.stage, CEDAR.org, lie, ask))
const heads = () => scene.stage.network.node(CEDAR.org).services.heads
const context = () => scene.stage.network.node(CEDAR.org).services.context

/** Names the versions that are in force, and decides as if each permitted everything. */
function permitAll({ network }: Stage, holder: OrganizationId) {
  const { consult } = network.node(holder).services.policies
  return (...asked: Parameters<typeof consult>) => {
    const consulted = consult(...asked)
    return { ...consulted, versions: consulted.versions.map((one) => ({ ...one, policy: PERMIT })) }
  }
}

describe('an answer whose receipt and body disagree', () => {
  it('is used when nothing is wrong with it', async () => {
    expect(await outcomeOf(ask)).toBe('200')
    expect(await lieTo({ log: 'public' })).toBe('200')
  })

  it('is not used without a receipt, whatever the status says', async () => {
    for (const status of [200, 201, 206, 404])
      expect(await outcomeOf(() => scene.whileChanging(CEDAR.org, ({ body }) => ({ status, body }), ask))).toMatch(/^RECEIPT_REFUSED/)
    const refused = await scene.whileChanging(CEDAR.org, ({ body }) => ({ status: 403, body }), ask)
    expect(JSON.parse(refused.body)).toMatchObject({ resourceType: 'OperationOutcome' })
    expect(refused.body).not.toContain('Observation')
  })

  it('is not used when it carries what the disclosure does not list', async () => {
    const resource = { resourceType: 'Observation', id: 'one', status: 'final' }
    const entry = [{ resource, search: { mode: 'match' } }]
    const bundle = JSON.stringify({ resourceType: 'Bundle', type: 'searchset', total: 1, entry })
    const included = JSON.stringify({ resourceType: 'Bundle', type: 'searchset', total: 0, entry: [{ resource, search: { mode: 'include' } }] })
    const inside = JSON.stringify({ resourceType: 'Bundle', type: 'searchset', total: 0, entry: [{ resource: { resourceType: 'Bundle', id: 'in', entry } }] })
    const contained = { ...resource, contained: [{ ...resource, id: 'two' }] }
    for (const body of [bundle, included, inside, JSON.stringify(resource), '"Observation"', 'no JSON', '{}'])
      expect(await lieTo({ log: 'public', body })).toMatch(/^RECEIPT_REFUSED/)
    const released = [versionedReference(resource)]
    expect(await lieTo({ log: 'public', body: bundle, disclosure: { released } })).toBe('200')
    expect(await lieTo({ log: 'public', body: EMPTY_SEARCHSET, disclosure: { released } })).toMatch(/^RECEIPT_REFUSED/)
    expect(await lieTo({ log: 'public', body: JSON.stringify(contained), disclosure: { released } })).toMatch(/^RECEIPT_REFUSED/)
    for (const status of [403, 404]) expect(await lieTo({ log: 'public', status, body: bundle, disclosure: { released } })).toMatch(/^RECEIPT_REFUSED/)
  })

  it('is not used when the disclosure is of somebody or something else', async () => {
    const [hash, { now }] = [parseBytes32(encodeBase64Url(new Uint8Array(32))), scene.stage.clock]
    const lies: readonly [Lie, RegExp][] = [
      [{ log: 'public', disclosure: { practitioner: 'http://hl7.org/fhir/sid/us-npi|1932102084' } }, /practitioner/],
      [{ log: 'public', disclosure: { purpose: 'HPAYMT' } }, /purpose/],
      [{ log: 'public', disclosure: { requester: DUNE.org } }, /requester/],
      [{ log: 'public', disclosure: { authzHash: hash } }, /another request/],
      [{ log: 'public', disclosure: { responseDigest: hash } }, /another body/],
      [{ log: 'private', leaf: { slot: slotOf(now() / 1000) - 2 } }, /slot/],
      [{ log: 'private', leaf: { slot: slotOf(now() / 1000) + 2 } }, /slot/],
      [{ log: 'private', leaf: { com: new Uint8Array(32) } }, /commits to another disclosure/],
      [{ log: 'private', leaf: { kind: 'seal' } }, /found a seal/],
      [{ log: 'public', head: null }, /head is always there/],
    ]
    for (const [lie, problem] of lies) expect(await lieTo(lie)).toMatch(new RegExp(`RECEIPT_REFUSED.*${problem.source}`))
  })

  it('is not used when its note is of a log that nobody walks', async () => {
    const { net } = context()
    expect(await lieTo({ log: 'private', origin: accessLogOrigin(net, CEDAR.org, 7) })).toMatch(/RECEIPT_REFUSED.*known key/)
    expect(await lieTo({ log: 'private', origin: accessLogOrigin(net, CEDAR.org, 2) })).toMatch(/RECEIPT_REFUSED.*known key/)
    expect(await lieTo({ log: 'private', origin: accessLogOrigin(net, DUNE.org, 1) })).toMatch(/RECEIPT_REFUSED.*known key/)
  })

  it('is not used twice', async () => {
    let first: { readonly body: string; readonly receipt?: string; readonly status: number } | undefined
    expect(await outcomeOf(() => scene.whileChanging(CEDAR.org, (answer) => (first = answer), ask))).toBe('200')
    const replayed = first
    if (replayed === undefined) throw new Error('an answer expected')
    expect(await outcomeOf(() => scene.whileChanging(CEDAR.org, () => replayed, ask))).toMatch(/RECEIPT_REFUSED.*earlier answer/)
  })
})

describe('an older head', () => {
  it('that a quorum has left behind is not believed', async () => {
    const { stage } = scene
    const { newest } = heads()
    const old = newest === undefined ? undefined : proveHead(context(), stage.patient.handleAt(CEDAR.org), newest)
    if (old === undefined) throw new Error('a head expected')
    stage.clock.advance(125_000)
    await stage.network.settle()
    expect(await lieTo({ log: 'public', head: old })).toMatch(/RECEIPT_REFUSED.*cosignatures/)
    expect(await lieTo({ log: 'public' })).toBe('200')
  })

  it('of a relationship that the holder opened itself is not the link’s', async () => {
    const { stage } = scene
    const ports = { now: () => stage.clock.now(), random: stage.random }
    const recovery = { m: 1, publicKeys: [ed25519PublicKey(stage.random(32))] }
    const opening = openRelationship(
      createWallet(stage.network.genesis.net, stage.random(32)),
      { org: CEDAR.org, bind: parseBytes32(encodeBase64Url(stage.random(32))), recovery },
      ports,
    )
    const { submit, keys } = context()
    await submit(assembleTransaction(opening.payload, [await signTransactionPartBy(opening.payload, keys.node), opening.controlSignature]))
    await stage.network.settle()
    const { newest } = heads()
    const head = newest === undefined ? undefined : proveHead(context(), opening.handle, newest)
    expect(await lieTo({ log: 'public', disclosure: { handle: opening.handle }, ...(head === undefined ? {} : { head }) })).toMatch(
      /RECEIPT_REFUSED.*another relationship/,
    )
    expect(await lieTo({ log: 'public', ...(head === undefined ? {} : { head }) })).toMatch(/RECEIPT_REFUSED/)
  })
})

describe('what the patient finds afterwards', () => {
  const checked = () => scene.stage.patient.checkEverything(ALDER.org, [scene.stage.clinician.opening.code])
  const codes = async () => (await checked()).log.findings.map(({ code }) => code)
  const askAlder = () => scene.stage.clinician.ask(ALDER.org, OBSERVATIONS)
  const forged = (lie: Lie) => whileLying(scene.stage, ALDER.org, lie, askAlder)

  it('is nothing when nobody lied', async () => {
    await askAlder()
    await scene.stage.publish()
    expect(await codes()).toEqual([])
  })

  it('is a copy that the holder leaves out, edits or exchanges', async () => {
    const { evidence } = scene.stage.network.node(ALDER.org).services
    await askAlder()
    await scene.stage.publish()
    const { events: honest } = evidence
    const lying = (change: (events: ReturnType<typeof honest>) => ReturnType<typeof honest>) =>
      whileReplacing(evidence, 'events', (handle) => change(honest(handle)), codes)
    expect(await lying((events) => events.slice(1))).toEqual(['COPY_MISSING'])
    expect(await lying((events) => events.map((event, i) => ({ ...event, sealed: events[1 - i]?.sealed ?? event.sealed })))).toEqual([
      'COPY_DIFFERS',
      'COPY_DIFFERS',
    ])
    await expect(
      lying((events) => events.map((event) => ({ ...event, sealed: event.sealed.map((byte, i) => (i === 40 ? byte ^ 1 : byte)) }))),
    ).rejects.toThrow()
  })

  it('is a release that an acknowledged restriction forbids, with the acknowledgment that proves it', async () => {
    const { stage } = scene
    const { ack } = await stage.patient.setPolicy(ALDER.org, DENY)
    stage.clock.advance(4 * 60_000)
    await stage.network.settle()
    expect((await askAlder()).status).toBe(403)
    await forged({ log: 'public' })
    await stage.publish()
    const { services } = stage.network.node(ALDER.org)
    expect(await codes()).toEqual(['RECEIPT_UNLISTED'])
    // Logged in good order this time, under the patient's own tag: the holder only forgets what it acknowledged.
    const { policies } = services
    const { consult } = policies
    const forgetful: typeof consult = (handle, at) => {
      const consulted = consult(handle, at)
      return { ...consulted, versions: consulted.versions.map((one) => ({ ...one, version: 1, policy: PERMIT })) }
    }
    expect((await whileReplacing(policies, 'consult', forgetful, askAlder)).status).toBe(200)
    await stage.publish()
    const { log, again } = await checked()
    expect(log.findings.map(({ code }) => code).toSorted()).toEqual(['POLICY_PASSED_OVER', 'RECEIPT_UNLISTED'])
    expect(again.flatMap(({ differences }) => differences)).toEqual([])
    // For others: the holder's own key says that version 2 was in force, its own log that version 1 alone was asked later.
    expect(verifySignedObject(ack, 'ack', services.context.keys.node.publicKey)).toBe(true)
    expect(ack.body).toMatchObject({ version: 2, handle: stage.patient.handleAt(ALDER.org) })
    const decision = log.accesses.at(-1)?.content?.decision
    expect(decision?.versions).toEqual([1])
    expect(decision?.height).toBeGreaterThanOrEqual(Number(ack.body['height']))
  })

  it('is an item that the policy denies, though the decision names the right version', async () => {
    const { stage } = scene
    const record = await whileReplacing(stage.network.node(CEDAR.org).services.policies, 'consult', permitAll(stage, CEDAR.org), async () => {
      await (await stage.patient.setPolicy(CEDAR.org, DENY)).committed
      await stage.network.settle()
      return ask()
    })
    expect(record.status).toBe(200)
    await stage.publish()
    const { again } = await stage.patient.checkEverything(CEDAR.org, [stage.clinician.opening.code])
    expect(again.at(-1)?.differences.map(({ code }) => code)).toContain('RELEASED_BUT_DENIED')
    await (await stage.patient.setPolicy(CEDAR.org, PERMIT)).committed
    await stage.network.settle()
  })
})

describe('a log that breaks its own rules', () => {
  const cedar = () => scene.stage.network.node(CEDAR.org).services

  it('is not written under a tag that stands already', async () => {
    const tag = decodeLeaf(cedar().log.leaf(0)).tag
    await expect(cedar().log.append({ tag, com: new Uint8Array(32) })).rejects.toThrow('already')
  })

  it('with a skipped number shows in the requester’s copy alone', async () => {
    const { stage } = scene
    await stage.publish()
    const before = await stage.patient.events(CEDAR.org)
    await whileLying(stage, CEDAR.org, { log: 'public', n: before.length + 1 }, ask)
    await stage.publish()
    const { log } = await stage.patient.checkEverything(CEDAR.org, [stage.clinician.opening.code])
    const skipped = log.findings.filter(({ detail }) => detail.includes('its tag is this relationship’s'))
    expect(skipped.map(({ code }) => code)).toEqual(['RECEIPT_UNLISTED'])
    // For others: list and receipt together. The log may be read from anybody; entries that are not the log's prove nothing.
    const list = await stage.patient.completenessBundle(CEDAR.org)
    const receipt = skipped[0]?.receipt ?? ''
    const proof = await proveLeftOut(list, receipt, getFrom(stage, CEDAR.org))
    expect(stage.verify(proof)).toMatchObject({ valid: true, facts: { fraud: 'left-out', culprit: CEDAR.org } })
    await expect(proveLeftOut(list, receipt, getFrom(stage, BIRCH.org))).rejects.toThrow(/not served|do not lead/)
  })

  it('with a junk tag is proved before anything is sealed', async () => {
    const { stage } = scene
    const { receipt } = await whileLying(stage, CEDAR.org, { log: 'public' }, ask)
    const secret = stage.network.node(CEDAR.org).services.holder.find(stage.patient.handleAt(CEDAR.org))?.k ?? new Uint8Array()
    const head = await stage.patient.headBundle(CEDAR.org)
    expect(stage.verify(proveOffChain(head, receipt ?? '', secret))).toMatchObject({ valid: true, facts: { fraud: 'off-chain', culprit: CEDAR.org } })
    const honest = await ask()
    expect(stage.verify(proveOffChain(head, honest.receipt ?? '', secret)).valid).toBe(false)
  })

  it('that shows one requester more than everybody is disputed, also when it only stays shorter', async () => {
    const { stage } = scene
    const birch = stage.network.node(BIRCH.org).services
    const { receipt } = await whileLying(stage, CEDAR.org, { log: 'private' }, ask)
    expect(await birch.disputes.run()).toEqual([])
    expect(readDisclosure(parseReceipt(receipt ?? '').disclosure).requester).toBe(BIRCH.org)
    stage.clock.advance(2 * 3_600_000)
    await stage.network.settle()
    const found = await birch.disputes.run()
    expect(found.map(({ origin }) => origin)).toContain(cedar().log.origin)
    await stage.network.settle()
    const { disputes } = cedar()
    await disputes.run()
    await stage.network.settle()
    expect(openDisputes(birch.context.ledger.tip()).filter(({ origin }) => origin === cedar().log.origin)).not.toEqual([])
  })
})
