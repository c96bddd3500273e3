import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ed25519PublicKey, formatCheckpoint, formatNote, KEY_TYPE_LOG, ledgerOrigin, makeVerifierKey, type OrganizationId, signNote } from '@fiducia/core'
import { heldNotes, httpTransport, runAudit, type Transport } from '@fiducia/node'
import { encodeEntryBundle, readTile } from '@fiducia/proofs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { verify } from '../../../cli/src/commands/verify.ts'
import { seedOf, whileLying } from '../../src/story/liar.ts'
import { ALDER, BIRCH, CEDAR, DUNE, OBSERVATIONS, openScene, type Scene } from './scene.ts'

/**
 * An audit of a running network, once honest and once for each lie:
 *
 *   lie                                                   what the audit finds
 *   nobody lies                                           nothing
 *   a member is silent                                    MEMBER_SILENT, LOG_WITHHELD: what was not checked is said
 *   a log shows entries that it did not sign              LOG_ROOT
 *   a tile is withheld                                    LOG_WITHHELD
 *   a private note was given to one requester             LOG_FORK with a bundle, from the requester's own data
 *   the operator shows two ledgers                        LEDGER_FORK with a bundle
 *   a changed entry of the ledger                         LEDGER_WITHHELD from the one, replayed from another
 *   a state that does not follow                          STATE_DIFFERS
 *   an operator that stopped                              LEDGER_STALE
 *   a dispute that nobody answers                         DISPUTE_OPEN, after a day DISPUTE_UNANSWERED with a bundle
 */

let scene: Scene
let out = ''
beforeAll(async () => {
  out = mkdtempSync(path.join(tmpdir(), 'fiducia-audit-'))
  scene = await openScene()
  await scene.stage.clinician.ask(CEDAR.org, OBSERVATIONS)
  await scene.stage.publish()
})
afterAll(async () => {
  await scene[Symbol.asyncDispose]()
  rmSync(out, { recursive: true, force: true })
})

const services = (org: OrganizationId) => scene.stage.network.node(org).services
const endpointOf = (org: OrganizationId): string => scene.stage.network.genesis.members[org]?.endpoint ?? ''

/** Answers in the place of a member, to the auditor. */
type Instead = (url: string) => Uint8Array | 404 | 'silent' | undefined

const audited = async (instead: Instead = () => undefined, by?: OrganizationId) => {
  const transport: Transport = async (url, message) => {
    const answer = instead(url)
    if (answer === 'silent') throw new Error('no answer')
    if (answer === 404) return { status: 404, bytes: new Uint8Array() }
    return answer === undefined ? httpTransport(url, message) : { status: 200, bytes: answer }
  }
  const { genesisBytes } = scene.stage.network
  const report = await runAudit({
    genesis: genesisBytes,
    transport,
    now: scene.stage.clock.now(),
    out: path.join(out, 'report'),
    notes: by === undefined ? [] : heldNotes(services(by).context.database),
  })
  return report
}
const codesOf = async (instead?: Instead, by?: OrganizationId) => (await audited(instead, by)).findings.map(({ code, at }) => `${code} ${at}`)
const text = (content: string) => new TextEncoder().encode(content)

it('finds nothing when nobody lied, and says what it checked', async () => {
  const report = await audited(undefined, BIRCH.org)
  expect(report.findings).toEqual([])
  expect(report.ok).toBe(true)
  expect(report.ledger?.size).toBe(services(BIRCH.org).context.ledger.log.size())
  expect(report.logs.filter(({ entries }) => entries > 0).map(({ origin }) => origin)).toEqual(['demo/log/birch/1', 'demo/log/cedar/1'])
})

it('says what it could not check', async () => {
  expect(await codesOf((url) => (url.startsWith(endpointOf(CEDAR.org)) ? 'silent' : undefined))).toEqual([
    'MEMBER_SILENT cedar',
    'LOG_WITHHELD demo/log/cedar/1',
  ])
  expect(await codesOf((url) => (url.startsWith(`${endpointOf(CEDAR.org)}/log/1/tile/entries`) ? 404 : undefined))).toEqual(['LOG_WITHHELD demo/log/cedar/1'])
  expect(await codesOf((url) => (url.includes('/ledger/tile/') ? 404 : undefined))).toContain('LEDGER_WITHHELD demo/ledger')
  expect(await codesOf((url) => (url.startsWith(`${endpointOf(ALDER.org)}/ledger/tile/entries/`) ? 404 : undefined))).toEqual(['LEDGER_WITHHELD demo/ledger'])
})

it('finds entries that the log did not sign', async () => {
  const { log } = services(CEDAR.org)
  const changed = log.entries(0, log.sealedSize).map((leaf, i) => (i === 1 ? leaf.map((byte, at) => (at === 50 ? byte ^ 1 : byte)) : leaf))
  const found = await codesOf((url) => (url.startsWith(`${endpointOf(CEDAR.org)}/log/1/tile/entries`) ? encodeEntryBundle(changed) : undefined))
  expect(found).toEqual(['LOG_ROOT demo/log/cedar/1'])
})

it('finds a replica whose state does not follow', async () => {
  const { height } = services(DUNE.org).context.ledger.tip()
  const status = text(JSON.stringify({ net: 'demo', org: 'dune', height, size: 1, stateRoot: 'A'.repeat(43), cosignedHeight: height }))
  expect(await codesOf((url) => (url === `${endpointOf(DUNE.org)}/ledger/status` ? status : undefined))).toEqual(['STATE_DIFFERS dune'])
})

it('finds a ledger that breaks a rule, and replays the honest one that another member serves', async () => {
  const { log } = services(BIRCH.org).context.ledger
  const entries = log.entries(0, log.size()).map((entry, i) => (i === 2 ? entry.map((byte, at) => (at === 60 ? byte ^ 1 : byte)) : entry))
  const found = await audited((url) => {
    const tile = new RegExp(`^${endpointOf(ALDER.org)}/ledger/tile/(entries/000.*)$`).exec(url)?.[1]
    return tile === undefined ? undefined : readTile(tile, { size: log.size() } as never, (from, to) => entries.slice(from, to))
  })
  expect(found.findings.map(({ code }) => code)).toContain('LEDGER_INVALID')
  expect(found.ledger?.size).toBe(log.size())
})

it('proves that the operator showed two ledgers', async () => {
  const seed = seedOf(scene.stage, ALDER.org, 'ledger')
  const key = makeVerifierKey(ledgerOrigin(scene.stage.network.genesis.net), KEY_TYPE_LOG, ed25519PublicKey(seed))
  const other = (size: number) => {
    const checkpoint = formatCheckpoint({ origin: key.name, size, root: new Uint8Array(32).fill(7) })
    return text(formatNote({ text: checkpoint, signatures: [signNote(checkpoint, key, seed)] }))
  }
  const size = services(ALDER.org).context.ledger.log.size()
  for (const shown of [size, size - 3]) {
    const { findings } = await audited((url) => (url === `${endpointOf(DUNE.org)}/ledger/checkpoint` ? other(shown) : undefined))
    const fork = findings.find(({ code }) => code === 'LEDGER_FORK')
    const answer = verify(path.join(out, 'report', fork?.proof ?? ''), { trust: path.join(scene.stage.dir, 'genesis.json') })
    expect(answer).toMatchObject({ exitCode: 0, json: { valid: true, kind: 'fraud', facts: { fraud: 'fork', culprit: 'demo/ledger' } } })
  }
})

it('finds that the ledger stands still', async () => {
  scene.stage.clock.advance(10 * 60_000)
  expect(await codesOf()).toEqual(['LEDGER_STALE demo/ledger'])
  await scene.stage.network.settle()
  expect(await codesOf()).toEqual([])
})

it('proves that a log showed one requester more than everybody, and that its owner does not answer', async () => {
  const { stage } = scene
  const birch = services(BIRCH.org)
  await whileLying(stage, CEDAR.org, { log: 'private' }, () => stage.clinician.ask(CEDAR.org, OBSERVATIONS))
  for (let i = 0; i < 3; i += 1) await stage.clinician.ask(CEDAR.org, OBSERVATIONS)
  await stage.publish()
  const [fork] = (await audited(undefined, BIRCH.org)).findings
  expect(fork).toMatchObject({ code: 'LOG_FORK', at: 'demo/log/cedar/1' })
  const answer = verify(path.join(out, 'report', fork?.proof ?? ''), { trust: path.join(stage.dir, 'genesis.json') })
  expect(answer).toMatchObject({ exitCode: 0, json: { valid: true, facts: { culprit: 'demo/log/cedar/1' } } })

  await birch.disputes.run()
  await stage.network.settle()
  expect(await codesOf()).toEqual(expect.arrayContaining(['DISPUTE_OPEN demo/log/cedar/1']))
  stage.clock.advance(25 * 3_600_000)
  await stage.network.settle()
  await stage.clinician.ask(DUNE.org, OBSERVATIONS).catch(() => undefined)
  await stage.publish()
  const { findings } = await audited()
  const unanswered = findings.find(({ code }) => code === 'DISPUTE_UNANSWERED')
  const judged = verify(path.join(out, 'report', unanswered?.proof ?? ''), { trust: path.join(stage.dir, 'genesis.json') })
  expect(judged).toMatchObject({ exitCode: 0, json: { valid: true, facts: { fraud: 'unanswered', by: 'birch' } } })
})
