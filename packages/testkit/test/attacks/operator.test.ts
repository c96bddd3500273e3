import {
  cosignNote,
  encodeUtf8,
  formatCheckpoint,
  formatNote,
  formatSignatureLine,
  KEY_TYPE_LOG,
  KEY_TYPE_WITNESS,
  ed25519PublicKey,
  ledgerOrigin,
  makeVerifierKey,
  type OrganizationId,
  parseNote,
  signNote,
  witnessName,
} from '@fiducia/core'
import { type Answer, httpTransport } from '@fiducia/node'
import { auditNetwork, encodeEntryBundle, encodeLeaf, formatAddCheckpoint, verifyLogNote } from '@fiducia/proofs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Rule } from '../../src/story/interception.ts'
import { seedOf } from '../../src/story/liar.ts'
import { getFrom } from '../../src/story/stage.ts'
import { ALDER, BIRCH, CEDAR, CONDITIONS, DUNE, openScene, outcomeOf, type Scene } from './scene.ts'

/**
 * An operator that orders the ledger and lies, and witnesses that do.
 *
 *   attack                                                      what catches it
 *   another ledger shown to one member                          FORK: it never cosigns again, and keeps the note that proves it
 *   … after which that member is started again                 it has the note still, and never cosigns again
 *   … to two of four, so that neither view has a quorum         every node denies; two notes of one key for one size
 *   a transaction that breaks a rule, a state that is not so,   the followers replay (engine/test/follower.test.ts)
 *   a time ahead or behind, a dropped transaction, old blocks
 *   a checkpoint of a size and root that the witness refused    409 or 422: one root for a size
 *   a log's checkpoint that ends inside a batch                 422: the last entry is a seal
 *   entries in the way that do not lead to the signed root      422 now, and nothing of them is kept
 *   one witness that dates its cosignature a year ahead         as if it had not cosigned
 *   two of four that do (limit)                                 every node denies
 */

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene[Symbol.asyncDispose]())

const services = (org: OrganizationId) => scene.stage.network.node(org).services
const endpointOf = (org: OrganizationId): string => scene.stage.network.genesis.members[org]?.endpoint ?? ''
const ask = () => scene.stage.clinician.ask(CEDAR.org, CONDITIONS)
const text = (content: string): Answer => ({ status: 200, bytes: encodeUtf8(content) })

/** Some network time; every node does its round, whatever becomes of it. */
async function pass(milliseconds: number): Promise<void> {
  scene.stage.clock.advance(milliseconds)
  for (const node of scene.stage.network.nodes.values()) await node.ledgerRound().catch(() => undefined)
}

/** A checkpoint by the operator's own key for the size that its ledger has, with another root. */
function otherRoot(): string {
  const { context } = services(ALDER.org)
  const seed = seedOf(scene.stage, ALDER.org, 'ledger')
  const key = makeVerifierKey(ledgerOrigin(context.net), KEY_TYPE_LOG, ed25519PublicKey(seed))
  const checkpoint = formatCheckpoint({ origin: key.name, size: context.ledger.log.size(), root: new Uint8Array(32).fill(7) })
  return formatNote({ text: checkpoint, signatures: [signNote(checkpoint, key, seed)] })
}

describe('a witness that lies', () => {
  const dated = (orgs: readonly OrganizationId[]): Rule => {
    const urls = new Map(orgs.map((org) => [`${endpointOf(org)}/witness/add-checkpoint`, org]))
    return async (_from, url, message) => {
      const org = urls.get(url)
      if (org === undefined) return undefined
      const answer = await httpTransport(url, message)
      if (answer.status !== 200) return answer
      const seed = seedOf(scene.stage, org, 'witness')
      const verifier = makeVerifierKey(witnessName(scene.stage.network.genesis.net, org), KEY_TYPE_WITNESS, ed25519PublicKey(seed))
      const body = String(message.body)
      const note = parseNote(body.slice(body.indexOf('\n\n') + 2))
      return text(formatSignatureLine(cosignNote(note.text, verifier, seed, Math.floor(scene.stage.clock.now() / 1000) + 365 * 86_400)))
    }
  }

  it('about the time, by a year, counts as one that is silent', async () => {
    expect(await outcomeOf(ask)).toBe('200')
    await scene.stage.interception.during(dated([DUNE.org]), async () => {
      await pass(90_000)
      expect(services(ALDER.org).heads.newest?.note).not.toContain('witness/dune')
      expect(await outcomeOf(ask)).toBe('200')
    })
    await scene.stage.interception.during(dated([DUNE.org, BIRCH.org]), async () => {
      await pass(190_000)
      expect(await outcomeOf(ask)).toMatch(/^403|RECEIPT_REFUSED/)
    })
    await pass(1_000)
    await pass(30_000)
    expect(await outcomeOf(ask)).toBe('200')
  })
})

describe('a witness that is asked to lie', () => {
  const judge = (org: OrganizationId, note: string, oldSize: number, path: readonly Uint8Array[] = []) =>
    services(org).witness.addCheckpoint(encodeUtf8(formatAddCheckpoint({ oldSize, path, note })))

  it('signs one root for a size, of a log that it knows, by that log’s key', async () => {
    await scene.stage.publish()
    const { log } = services(CEDAR.org)
    const size = log.sealedSize
    const noteOf = (root: Uint8Array, at = size, seed = seedOf(scene.stage, CEDAR.org, 'log'), origin = log.origin) => {
      const key = makeVerifierKey(origin, KEY_TYPE_LOG, ed25519PublicKey(seed))
      const checkpoint = formatCheckpoint({ origin, size: at, root })
      return formatNote({ text: checkpoint, signatures: [signNote(checkpoint, key, seed)] })
    }
    const other = new Uint8Array(32).fill(9)
    expect((await judge(BIRCH.org, noteOf(log.hashes.root(size)), size)).status).toBe(200)
    expect((await judge(BIRCH.org, noteOf(other), size)).status).toBe(409)
    expect((await judge(BIRCH.org, noteOf(other, size + 16), size)).status).toBe(422)
    expect((await judge(BIRCH.org, noteOf(other, size + 16), 0)).status).toBe(409)
    expect((await judge(BIRCH.org, noteOf(other, size, scene.stage.random(32)), size)).status).toBe(403)
    expect((await judge(BIRCH.org, noteOf(other, 16, seedOf(scene.stage, CEDAR.org, 'log'), 'demo/log/cedar/9'), 0)).status).toBe(404)
    expect((await judge(BIRCH.org, noteOf(other, 16, seedOf(scene.stage, CEDAR.org, 'log'), services(DUNE.org).log.origin), 0)).status).toBe(403)
    // The one that the log signed for a size that Birch knows is proof; one by another key, or for a later size, is none.
    expect(services(BIRCH.org).contradictions.of()).toEqual([noteOf(other)])
  })

  it('mirrors whole batches only, and nothing that does not lead to what the log signed', async () => {
    const { log, checkpoints } = services(CEDAR.org)
    await scene.stage.publish()
    const from = log.sealedSize
    await ask()
    const inside = formatNote({ text: formatCheckpoint({ origin: log.origin, size: log.size, root: log.hashes.root() }), signatures: [] })
    const checkpoint = inside.slice(0, inside.lastIndexOf('\n\n') + 1)
    const note = formatNote({ text: checkpoint, signatures: [signNote(checkpoint, log.key, seedOf(scene.stage, CEDAR.org, 'log'))] })
    expect((await judge(BIRCH.org, note, from, log.hashes.consistency(from))).status).toBe(422)

    const junk = encodeLeaf({ kind: 'entry', slot: Math.floor(scene.stage.clock.now() / 60_000), tag: scene.stage.random(32), com: scene.stage.random(32) })
    const inTheWay: Rule = async (org, url) => {
      const tile = /\/log\/1\/tile\/entries\/000(?:\.p\/(\d+))?$/.exec(url)
      if (org !== BIRCH.org || tile === null || !url.startsWith(endpointOf(CEDAR.org))) return undefined
      const width = Number(tile[1] ?? 256)
      return { status: 200, bytes: encodeEntryBundle([...log.entries(0, width - 1), junk]) }
    }
    scene.stage.clock.advance(11_000)
    await scene.stage.interception.during(inTheWay, () => checkpoints.publish())
    await scene.stage.publish()
    await ask()
    await scene.stage.publish()
    const cosigners = parseNote(checkpoints.newest?.note ?? '').signatures.map(({ name }) => name)
    expect(cosigners).toContain('demo/witness/birch')
    expect(cosigners).toHaveLength(5)
  })

  it('keeps its word about the ledger too', async () => {
    const size = services(ALDER.org).context.ledger.log.size()
    expect((await judge(DUNE.org, otherRoot(), size)).status).not.toBe(200)
  })
})

describe('an operator that shows another ledger', () => {
  it('to one member loses that member’s cosignature for good, and has signed the proof', async () => {
    const forged = otherRoot()
    const { context } = services(ALDER.org)
    const honest = await services(ALDER.org).ledgerTip()
    const rule: Rule = async (from, url) => (from === CEDAR.org && url === `${endpointOf(ALDER.org)}/ledger/tip` ? text(forged) : undefined)
    await scene.stage.interception.during(rule, () => pass(1_000))
    await pass(30_000)
    const note = services(ALDER.org).heads.newest?.note ?? ''
    expect(note).not.toContain('witness/cedar')
    // Anybody can compare the two: one key, one size, two roots.
    const keys = [makeVerifierKey(ledgerOrigin(context.net), KEY_TYPE_LOG, ed25519PublicKey(seedOf(scene.stage, ALDER.org, 'ledger')))]
    const [one, two] = [verifyLogNote(honest, keys), verifyLogNote(forged, keys)]
    expect(one.size).toBe(two.size)
    expect(one.root).not.toEqual(two.root)
    // Cedar keeps the note and shows it, so that any audit has the proof.
    expect(services(CEDAR.org).contradictions.of(context.ledger.log.origin)).toEqual([forged])
    const report = await auditNetwork({
      genesis: scene.stage.network.genesisBytes,
      now: scene.stage.clock.now(),
      member: (org) => getFrom(scene.stage, org),
    })
    const fork = report.findings.find(({ code }) => code === 'LEDGER_FORK')
    expect(scene.stage.verify(fork?.proof ?? new Map())).toMatchObject({ valid: true, facts: { fraud: 'fork', culprit: context.ledger.log.origin } })
    expect(await outcomeOf(ask)).toBe('200')
  })

  it('is not believed again after a restart of the one that knows', async () => {
    await scene.restart()
    await pass(1_000)
    await pass(30_000)
    expect(services(ALDER.org).heads.newest?.note ?? '').not.toContain('witness/cedar')
  })

  it('to a second one loses the quorum: every node denies', async () => {
    const forged = otherRoot()
    const rule: Rule = async (from, url) => (from === DUNE.org && url === `${endpointOf(ALDER.org)}/ledger/tip` ? text(forged) : undefined)
    await scene.stage.interception.during(rule, () => pass(1_000))
    await pass(190_000)
    expect(await outcomeOf(ask)).toMatch(/^403|RECEIPT_REFUSED/)
  })
})
