import { setTimeout as sleep } from 'node:timers/promises'
import {
  cosignNote,
  ed25519PublicKey,
  encodeBase64Url,
  encodeUtf8,
  formatCheckpoint,
  formatNote,
  KEY_TYPE_LOG,
  KEY_TYPE_WITNESS,
  ledgerOrigin,
  makeVerifierKey,
  type OrganizationId,
  sha256,
  signNote,
  witnessName,
} from '@fiducia/core'
import { encodeBlockEntry, initialState, relationship, relationshipKey, trust } from '@fiducia/ledger'
import { httpTransport, proveHead } from '@fiducia/node'
import { formatTlogProof, type ProvenHead, trustPolicyOf, verifyCosigned } from '@fiducia/proofs'
import { expect, it } from 'vitest'
import { genesis, net, seedOf as ledgerSeedOf } from '../../../../ledger/test/world.ts'
import type { Rule } from '../../../src/story/interception.ts'
import { whileLying } from '../../../src/story/liar.ts'
import { askBy, statusLeft } from '../asking.ts'
import { askWitness, forgeLog } from '../forging.ts'
import { ALDER, BIRCH, CEDAR, DENY, DUNE, openScene, outcomeOf, type Scene } from '../scene.ts'
import { openSecond } from '../second-patient.ts'

/**
 * The model `Quorum`: Alder orders the ledger and lies, or leaves out; the other members' witnesses are honest, and so is a
 * reader who wants a fresh quorum. T is 60 s, and so is the time after which a witness will not wait for a transaction.
 */

const services = ({ stage }: Scene, org: OrganizationId) => stage.network.node(org).services

/** Some time; every node does its round, whatever becomes of it. */
async function pass({ stage }: Scene, milliseconds: number): Promise<void> {
  stage.clock.advance(milliseconds)
  for (const node of stage.network.nodes.values()) await node.ledgerRound().catch(() => undefined)
}

it('Quorum_x_majority3: of three groups, no two histories have a quorum', () => {
  const all = genesis()
  const orgs = (['alder', 'cedar', 'dune'] as OrganizationId[]).map((org) => [org, all.members[org]] as const)
  const members = Object.fromEntries(orgs.flatMap(([org, member]) => (member === undefined ? [] : [[org, member]])))
  const policy = trustPolicyOf(trust(initialState({ ...all, members })), net)
  const key = makeVerifierKey(ledgerOrigin(net), KEY_TYPE_LOG, ed25519PublicKey(ledgerSeedOf('ledger')))
  const noteOf = (history: string, ...by: readonly string[]) => {
    const text = formatCheckpoint({ origin: key.name, size: 9, root: sha256(encodeUtf8(history)) })
    const cosigned = by.map((org) => {
      const seed = ledgerSeedOf(`${org} witness 1`)
      return cosignNote(text, makeVerifierKey(witnessName(net, org as OrganizationId), KEY_TYPE_WITNESS, ed25519PublicKey(seed)), seed, 1)
    })
    return formatNote({ text, signatures: [signNote(text, key, ledgerSeedOf('ledger')), ...cosigned] })
  }
  const isBelieved = (note: string) => {
    try {
      return verifyCosigned(note, policy).checkpoint.size === 9
    } catch {
      return false
    }
  }
  expect(isBelieved(noteOf('p', 'alder', 'cedar', 'dune'))).toBe(true)
  const [p, q] = [noteOf('p', 'alder', 'cedar'), noteOf('q', 'alder', 'dune')]
  expect([isBelieved(p), isBelieved(q)], 'attack found: two histories, each with a quorum').toEqual([false, false])
})

it('Quorum_x_noExtend: no witness that cosigned a history cosigns another', async () => {
  await using scene = await openScene()
  const { ledger } = services(scene, ALDER.org).context
  const { height, time } = ledger.tip()
  const other = encodeBlockEntry({ height, time, stateRoot: sha256(encodeUtf8('another state')), count: 1 })
  const size = ledger.log.size()
  const forged = forgeLog(scene, { org: ALDER.org, key: 'ledger', origin: ledger.log.origin }, [...ledger.log.entries(0, size - 1), other])
  const answers = await Promise.all([BIRCH.org, CEDAR.org, DUNE.org].map((org) => askWitness(scene, org, forged)))
  expect(
    answers.map(({ status }) => status),
    'attack found: a quorum signed two histories',
  ).toEqual([409, 409, 409])
})

it('Quorum_x_notFresh: a reader does not act on a head that the quorum has left behind', async () => {
  await using scene = await openScene()
  const old = headAt(scene)
  await revoke(scene)
  await pass(scene, 125_000)
  await pass(scene, 0)
  expect(await outcomeOf(() => releaseOn(scene, old)), 'attack found: the revoked head is believed').toMatch(/RECEIPT_REFUSED.*cosignatures/)
})

it('Quorum_x_window: a reader acts on a head of before the revocation for T at most', async () => {
  await using scene = await openScene()
  const old = headAt(scene)
  await revoke(scene)
  expect(await outcomeOf(() => releaseOn(scene, old)), 'the limit').toBe('200')
  await pass(scene, 125_000)
  await pass(scene, 0)
  expect(await outcomeOf(() => releaseOn(scene, old))).toMatch(/RECEIPT_REFUSED/)
})

it('Quorum_x_noCurrent: a reader does not act on an older block of a fresh checkpoint', async () => {
  await using scene = await openScene()
  const handle = scene.stage.patient.handleAt(DUNE.org)
  const { context, heads } = services(scene, DUNE.org)
  const before = context.ledger.block()
  await revoke(scene)
  const [state, newest] = [context.ledger.stateAt(before.height), heads.newest]
  const value = state && relationship(state, handle)
  if (state === undefined || newest === undefined || value === undefined) throw new Error('an older head expected')
  expect(newest.block.index).toBeGreaterThan(before.index)
  const path = context.ledger.log.inclusion(before.index, newest.block.index + 1)
  const older: ProvenHead = {
    value,
    state: state.tree.prove(relationshipKey(handle)),
    block: encodeBase64Url(before.entry),
    proof: formatTlogProof({ extra: undefined, index: before.index, path, note: newest.note }),
  }
  expect(await outcomeOf(() => releaseOn(scene, older)), 'attack found: the block before the revocation is believed').toMatch(/RECEIPT_REFUSED.*last entry/)
})

/** Rosa's head at Dune, which will release whatever it says. */
function headAt(scene: Scene): ProvenHead {
  const { context, heads } = services(scene, DUNE.org)
  const head = heads.newest && proveHead(context, scene.stage.patient.handleAt(DUNE.org), heads.newest)
  if (head === undefined) throw new Error('a head expected')
  return head
}

async function revoke({ stage }: Scene): Promise<void> {
  await (await stage.patient.setPolicy(DUNE.org, DENY)).committed
  await stage.network.settle()
}

const releaseOn = (scene: Scene, head: ProvenHead) =>
  whileLying(scene.stage, DUNE.org, { log: 'public', head }, () => askBy(scene, DUNE.org, scene.stage.links.get(DUNE.org)))

/** The operator takes nothing; what members hand to each other arrives, and is counted. */
function dropping(scene: Scene): { readonly rule: Rule; readonly handedOn: () => number } {
  const operator = scene.stage.network.genesis.members[ALDER.org]?.endpoint ?? ''
  let arrived = 0
  return {
    handedOn: () => arrived,
    rule: async (_from, url, message) => {
      if (!url.endsWith('/ledger/transactions')) return undefined
      if (url.startsWith(operator)) return { status: 200, bytes: encodeUtf8('{"height":0,"accepted":false,"code":"BUSY","message":"later"}') }
      const answer = await httpTransport(url, message)
      arrived += 1
      return answer
    },
  }
}

/** A patient at Cedar revokes through these members, and the operator leaves it out; Cedar is not told otherwise. */
async function revokeThrough(scene: Scene, members: readonly OrganizationId[]) {
  const patient = await openSecond(scene, CEDAR.org)
  expect(await statusLeft(scene, CEDAR.org, patient.link)).toBe(200)
  const { wire } = patient.sign(DENY)
  const drop = dropping(scene)
  await scene.stage.interception.during(drop.rule, async () => {
    for (const org of members) await services(scene, org).context.submit(wire)
    for (let i = 0; i < 2000 && drop.handedOn() < 2 * members.length; i += 1) await sleep(10)
  })
  return { left: () => statusLeft(scene, CEDAR.org, patient.link) }
}

it('Quorum_x_noDropRule: while a revocation waits, nobody cosigns, and every holder denies', async () => {
  await using scene = await openScene()
  const { left } = await revokeThrough(scene, [BIRCH.org, CEDAR.org, DUNE.org])
  for (let waited = 0; waited < 140; waited += 20) await pass(scene, 20_000)
  expect(await left(), 'attack found: heartbeats go on, and the old head holds').toBe(403)
})

it('Quorum_x_4oneWitness: a revocation that one member took in is missed by all', async () => {
  await using scene = await openScene()
  const { left } = await revokeThrough(scene, [BIRCH.org])
  for (let waited = 0; waited < 140; waited += 20) await pass(scene, 20_000)
  expect(await left(), 'attack found: three that do not know of it are a quorum').toBe(403)
})

it('Quorum_x_afterExpiry: a transaction that was dropped until it expired is counted in public', async () => {
  await using scene = await openScene()
  const { left } = await revokeThrough(scene, [BIRCH.org, CEDAR.org, DUNE.org])
  for (let waited = 0; waited < 400; waited += 50) await pass(scene, 50_000)
  // All cosign again, as they must; what is left of the attack is that everybody knows.
  expect(await left()).toBe(200)
  const counts = await Promise.all(
    [BIRCH.org, CEDAR.org, DUNE.org].map(async (org) => {
      const answer = await fetch(`${scene.stage.network.genesis.members[org]?.endpoint}/ledger/status`)
      return ((await answer.json()) as { expiredUnincluded?: number }).expiredUnincluded
    }),
  )
  expect(counts, 'attack found: it is gone for good, and nobody is told').toEqual([1, 1, 1])
})
