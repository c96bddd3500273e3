import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { createWallet, openRelationship, proveLeftOut } from '@fiducia/client'
import {
  accessLogOrigin,
  decodeUtf8,
  ed25519PublicKey,
  encodeBase64Url,
  encodeCanonical,
  type JsonValue,
  type OrganizationId,
  parseBytes32,
} from '@fiducia/core'
import { accessLog, accessLogKey, assembleTransaction, openDisputes, signTransactionPartBy } from '@fiducia/ledger'
import { nodeFiles, proveHead } from '@fiducia/node'
import { buildTags, type BundleFiles, encodeLeaf, eventTag, parseReceipt, slotOf } from '@fiducia/proofs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Lie, whileLying } from '../../../src/story/liar.ts'
import { getFrom } from '../../../src/story/stage.ts'
import { askBy, questionTo } from '../asking.ts'
import { askWitness, forgeLog, sealedLeaves, servingTiles } from '../forging.ts'
import { ALDER, BIRCH, CEDAR, DUNE, openScene, outcomeOf, type Scene } from '../scene.ts'

/**
 * The model `Log`: a holder that lies with its real keys, against an honest requester, honest witnesses and the patient's
 * wallet. Each attack hides an access to Rosa's record, or makes it impossible to prove.
 */

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene[Symbol.asyncDispose]())

const services = (org: OrganizationId, at = scene) => at.stage.network.node(org).services
const ask = (org: OrganizationId, at = scene) => askBy(at, org, at.stage.links.get(org))
const lie = (org: OrganizationId, what: Lie) => whileLying(scene.stage, org, what, () => ask(org))
const lieTo = (org: OrganizationId, what: Lie) => outcomeOf(() => lie(org, what))
const findings = async (org: OrganizationId) => (await scene.stage.patient.checkEverything(org, [scene.stage.clinician.opening.code])).log.findings
const json = (value: unknown) => encodeCanonical(value as JsonValue)
const withFile = (files: BundleFiles, name: string, content: Uint8Array): BundleFiles => new Map([...files, [name, content]])

it('Log_x_noLinkCheck: a receipt of a relationship that the holder opened itself is not used', async () => {
  const { network, clock, random } = scene.stage
  const { context, heads } = services(CEDAR.org)
  const bind = parseBytes32(encodeBase64Url(random(32)))
  const recovery = { m: 1, publicKeys: [ed25519PublicKey(random(32))] }
  const wallet = createWallet(network.genesis.net, random(32))
  const { payload, controlSignature, handle } = openRelationship(wallet, { org: CEDAR.org, bind, recovery }, { now: () => clock.now(), random })
  await context.submit(assembleTransaction(payload, [await signTransactionPartBy(payload, context.keys.node), controlSignature]))
  await network.settle()
  const head = heads.newest && proveHead(context, handle, heads.newest)
  if (head === undefined) throw new Error('a head expected')
  expect(await lieTo(CEDAR.org, { log: 'public', disclosure: { handle }, head }), 'attack found: the patient’s walk will be complete and empty').toMatch(
    /RECEIPT_REFUSED.*another relationship/,
  )
})

it('Log_x_noSeenCheck: one leaf is used for one answer', async () => {
  const question = questionTo(scene, CEDAR.org, scene.stage.links.get(CEDAR.org))
  const asking = () => services(BIRCH.org).exchange.ask(question)
  let first: Awaited<ReturnType<Parameters<Scene['whileChanging']>[1]>> | undefined
  expect(await outcomeOf(() => scene.whileChanging(CEDAR.org, (answer) => (first = answer), asking))).toBe('200')
  const shown = first
  if (shown === undefined) throw new Error('an answer expected')
  const again = await outcomeOf(() => scene.whileChanging(CEDAR.org, () => shown, asking))
  expect(again, 'attack found: two answers, and the patient finds one').toMatch(/RECEIPT_REFUSED.*earlier answer/)
})

it('Log_x_noOriginCheck: a receipt under a log that was never opened is not used', async () => {
  const origin = accessLogOrigin(scene.stage.network.genesis.net, CEDAR.org, 7)
  expect(await lieTo(CEDAR.org, { log: 'private', origin }), 'attack found: nobody walks that log').toMatch(/RECEIPT_REFUSED.*known key/)
})

it('Log_x_noCopy: an access under a junk tag is found through the requester’s copy', async () => {
  const { receipt } = await lie(CEDAR.org, { log: 'public' })
  await scene.stage.publish()
  const found = (await findings(CEDAR.org)).filter((one) => one.receipt === receipt)
  expect(
    found.map(({ code }) => code),
    'attack found: the patient’s walk does not meet it',
  ).toEqual(['RECEIPT_UNLISTED'])
})

it('Log_x_noDispute: a log that shows one requester more than everybody is disputed on the ledger', async () => {
  const { stage } = scene
  await lie(DUNE.org, { log: 'private' })
  stage.clock.advance(2 * 3_600_000)
  await stage.network.settle()
  for (const org of [BIRCH.org, DUNE.org]) {
    await services(org).disputes.run()
    await stage.network.settle()
  }
  const { log } = services(DUNE.org)
  const open = openDisputes(services(BIRCH.org).context.ledger.tip()).filter(({ origin }) => origin === log.origin)
  expect(open.length, 'attack found: nothing contradicts the private note').toBe(1)
})

/** A number of Rosa's that no event has, skipped by the next one. */
async function skipNumber(): Promise<string> {
  await ask(CEDAR.org)
  await scene.stage.publish()
  const events = await scene.stage.patient.events(CEDAR.org)
  const { receipt } = await lie(CEDAR.org, { log: 'public', n: events.length + 10 })
  await scene.stage.publish()
  return receipt ?? ''
}

it('Log_x_noSkipProof: list and receipt together prove to others that an access was left out', async () => {
  const receipt = await skipNumber()
  const list = await scene.stage.patient.completenessBundle(CEDAR.org)
  const judged = scene.stage.verify(await proveLeftOut(list, receipt, getFrom(scene.stage, CEDAR.org)))
  expect([judged.valid, judged.facts['fraud'], judged.facts['culprit']], 'attack found: it proves nothing to others').toEqual([true, 'left-out', CEDAR.org])
})

it('Log_x_strong: a list is complete by its numbers, and a skipped number shows through the requester’s copy alone', async () => {
  const receipt = await skipNumber()
  const { leaf } = parseReceipt(receipt)
  const list = await scene.stage.patient.completenessBundle(CEDAR.org)
  expect(scene.stage.verify(list).valid).toBe(true)
  expect(decodeUtf8(list.get('1/tags.json') ?? new Uint8Array())).not.toContain(leaf)
  expect((await findings(CEDAR.org)).filter((one) => one.receipt === receipt)).toHaveLength(1)
})

it('Log_x_noChainCheck: a list under another tag key is not complete', async () => {
  await ask(ALDER.org)
  await scene.stage.publish()
  const honest = await scene.stage.patient.completenessBundle(ALDER.org)
  expect(scene.stage.verify(honest).valid).toBe(true)
  const { log } = services(ALDER.org)
  const empty = withFile(honest, '1/tags.json', json(buildTags(scene.stage.random(32), 1, { tags: log.tagMap(), leaves: [] })))
  expect(scene.stage.verify(empty).valid, 'attack found: an empty list verifies').toBe(false)
})

/** What every other member's witness answers for Cedar's log so far and this batch, with a seal over what is claimed. */
async function judgedBatch(at: Scene, batch: readonly Uint8Array[], claimed: (leaf: Uint8Array) => boolean) {
  const { log } = services(CEDAR.org, at)
  const before = log.entries(0, log.sealedSize)
  const isClaimed = (leaf: Uint8Array) => !batch.includes(leaf) || claimed(leaf)
  const forged = forgeLog(at, { org: CEDAR.org, key: 'log', origin: log.origin }, sealedLeaves(at, [...before, ...batch], isClaimed))
  const address = `${at.stage.network.genesis.members[CEDAR.org]?.endpoint}/log/1`
  return at.stage.interception.during(servingTiles(address, forged), () =>
    Promise.all([ALDER.org, BIRCH.org, DUNE.org].map((org) => askWitness(at, org, forged))),
  )
}

/** Two accesses of Rosa's number 0. */
function twins({ stage }: Scene): readonly [Uint8Array, Uint8Array] {
  const { holder } = stage.network.node(CEDAR.org).services
  const tagkey = holder.find(stage.patient.handleAt(CEDAR.org))?.tagkey ?? new Uint8Array()
  const [slot, tag] = [slotOf(stage.clock.now() / 1000), eventTag(tagkey, 1, 0)]
  return [encodeLeaf({ kind: 'entry', slot, tag, com: stage.random(32) }), encodeLeaf({ kind: 'entry', slot, tag, com: stage.random(32) })]
}

it('Log_x_noDupCheck: no witness cosigns a log in which a tag stands twice', async () => {
  await using own = await openScene()
  const [shown, hidden] = twins(own)
  const answers = await judgedBatch(own, [hidden, shown], (leaf) => leaf === shown)
  expect(
    answers.map(({ status }) => status),
    'attack found: of two accesses with one number the holder shows either',
  ).toEqual([422, 422, 422])
  expect(answers[0]?.body).toMatch(/TAG_TWICE/)
})

it('Log_x_noSealCheck: no witness cosigns a seal whose tag map leaves an access out', async () => {
  await using own = await openScene()
  const [access] = twins(own)
  const answers = await judgedBatch(own, [access], () => false)
  expect(
    answers.map(({ status }) => status),
    'attack found: the absence of number 0 is proved, and it is there',
  ).toEqual([422, 422, 422])
  expect(answers[0]?.body).toMatch(/SEAL_ROOT/)
  // The same batch under an honest seal is cosigned.
  await using other = await openScene()
  expect((await judgedBatch(other, [twins(other)[0]], () => true)).map(({ status }) => status)).toEqual([200, 200, 200])
})

it('Log_x_noAllOrigins: a list of one log is not complete when there is another', async () => {
  await using own = await openScene()
  const { stage } = own
  await ask(CEDAR.org, own)
  await stage.publish()
  await own.restart(() => writeFileSync(nodeFiles(path.join(stage.dir, 'nodes', CEDAR.org)).frozen(1), 'a planned rotation\n'))
  await stage.network.settle()
  expect((await ask(CEDAR.org, own)).status).toBe(200)
  await stage.publish()
  const honest = await stage.patient.completenessBundle(CEDAR.org)
  expect(stage.verify(honest)).toMatchObject({ valid: true, facts: { logs: [{ n: 1 }, { n: 1 }] } })

  const { context, heads } = services(CEDAR.org, own)
  const state = context.ledger.stateAt(heads.newest?.block.height ?? 0)
  const second = accessLogOrigin(context.net, CEDAR.org, 2)
  const record = { proof: state?.tree.prove(accessLogKey(second)), value: state && accessLog(state, second) }
  const only = (k: number) => {
    const files = [...honest].filter(([name]) => !/^[0-9]+\//.test(name) || name.startsWith(`${k}/`))
    return withFile(new Map(files), 'next.json', json({ earlier: [], next: record }))
  }
  expect(
    [1, 2].map((k) => stage.verify(only(k)).valid),
    'attack found: the accesses of the other log are hidden',
  ).toEqual([false, false])
})
