import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import {
  ed25519KeyId,
  encodeBase64Url,
  encodeUtf8,
  formatCheckpoint,
  formatNote,
  KEY_TYPE_LOG,
  leafHash,
  makeVerifierKey,
  parseCheckpoint,
  parseNote,
  signNote,
} from '@fiducia/core'
import { disputeIdOf } from '@fiducia/ledger'
import { createHashLog, type HashLog, parseReceipt, parseTlogProof } from '@fiducia/proofs'
import { expect, it } from 'vitest'
import { scenario } from '../../../../ledger/test/scenario.ts'
import { alder as ledgerOrg, birch as otherOrg, net, nodeSeed, publicKeyOf, seedOf, START, transaction } from '../../../../ledger/test/world.ts'
import type { Rule } from '../../../src/story/interception.ts'
import { birch, cedar, openAgreedRig, type Rig } from '../../rig.ts'

/**
 * The model `Restore`: the access log of Cedar, which is honest, after a crash, a restored database or machine, a rotation. An
 * honest log must never sign two roots for one size: that is proof of fraud.
 */

const ask = (rig: Rig) => rig.ask(undefined, cedar)
const noteOf = (receipt: string | undefined) => parseTlogProof(parseReceipt(receipt ?? '').proof).note

/** Two notes that no log which only grows can both have. */
function isFork(one: string, other: string): boolean {
  const [a, b] = [one, other].map((note) => parseCheckpoint(parseNote(note).text))
  return a !== undefined && b !== undefined && a.origin === b.origin && a.size === b.size && encodeBase64Url(a.root) !== encodeBase64Url(b.root)
}

/** Everything is sealed, cosigned and on the ledger: nobody holds a note of more. */
async function publish(rig: Rig): Promise<void> {
  rig.stage.clock.advance(11_000)
  await rig.settle()
  for (const org of [cedar, birch]) await rig.node(org).round()
  await rig.settle()
}

/** A copy of Cedar's database files, or of all of its folder; puts it back when called. */
function keep(rig: Rig, what: 'database' | 'everything'): () => void {
  const [folder, kept] = [path.join(rig.dir, 'nodes', cedar), path.join(rig.dir, 'kept')]
  const names = (of: string) => readdirSync(of).filter((name) => what === 'everything' || name.startsWith('node.sqlite'))
  const copy = (from: string, to: string) => {
    for (const name of names(from)) cpSync(path.join(from, name), path.join(to, name), { recursive: true })
  }
  mkdirSync(kept, { recursive: true })
  copy(folder, kept)
  return () => {
    for (const name of names(folder)) rmSync(path.join(folder, name), { recursive: true })
    copy(kept, folder)
  }
}

/** A network in which everything is sealed, and a copy of Cedar as it was then. */
async function openWithCopy(what: 'database' | 'everything') {
  const rig = await openAgreedRig()
  await ask(rig)
  await publish(rig)
  let restore = () => {}
  await rig.restart(cedar, () => (restore = keep(rig, what)))
  await rig.settle()
  return { rig, restore: () => restore() }
}

const silentTo =
  (isAsked: (url: string) => boolean): Rule =>
  async (from, url) =>
    from === cedar && isAsked(url) ? { status: 503, bytes: encodeUtf8('no answer') } : undefined
const nobodyShowsNotes = silentTo((url) => url.includes('/witness/notes/'))
const everybodyIsAway = silentTo(() => true)

it('Restore_x_noSignOnce: a log whose database was restored signs no second root, though the one who knows is silent', async () => {
  const { rig, restore } = await openWithCopy('database')
  await using _ = rig
  const before = noteOf((await ask(rig)).receipt)
  const endpoint = rig.stage.network.genesis.members[birch]?.endpoint ?? ''
  const birchIsSilent = silentTo((url) => url.startsWith(`${endpoint}/witness/notes/`))
  await rig.stage.interception.during(birchIsSilent, () => rig.restart(cedar, restore))
  await rig.settle()
  const after = noteOf((await ask(rig)).receipt)
  expect(isFork(before, after), 'attack found: two roots for one size, by an honest log').toBe(false)
  expect(parseCheckpoint(parseNote(after).text).origin).toBe('demo/log/cedar/2')
})

it('Restore_x_noAsk: a log whose database was restored signs no second root of a sealed size', async () => {
  const { rig, restore } = await openWithCopy('database')
  await using _ = rig
  const before = noteOf((await ask(rig)).receipt)
  await publish(rig)
  await rig.restart(cedar, restore)
  await rig.settle()
  const after = noteOf((await ask(rig)).receipt)
  expect(isFork(before, after), 'attack found: two roots for one size, by an honest log').toBe(false)
  expect(parseCheckpoint(parseNote(after).text).origin).toBe('demo/log/cedar/2')
})

it('Restore_x_snapshot: a log whose whole machine was restored signs no second root', async () => {
  const { rig, restore } = await openWithCopy('everything')
  await using _ = rig
  const before = noteOf((await ask(rig)).receipt)
  await rig.restart(cedar, restore)
  await rig.settle()
  const after = noteOf((await ask(rig)).receipt)
  expect(isFork(before, after), 'attack found: two roots for one size, by an honest log').toBe(false)
  expect(parseCheckpoint(parseNote(after).text).origin).toBe('demo/log/cedar/2')
})

it('Restore_x_outageSnapshot: a log whose whole machine was restored signs nothing while nobody can be asked', async () => {
  const { rig, restore } = await openWithCopy('everything')
  await using _ = rig
  const before = noteOf((await ask(rig)).receipt)
  const held = await rig.stage.interception.during(nobodyShowsNotes, async () => {
    await rig.restart(cedar, restore)
    return rig.node(cedar).services.log.heldBecause
  })
  await rig.settle()
  const after = noteOf((await ask(rig)).receipt)
  expect(isFork(before, after), 'attack found: two roots for one size, by an honest log').toBe(false)
  expect(held).toMatch(/no member answered/)
  expect(parseCheckpoint(parseNote(after).text).origin).toBe('demo/log/cedar/2')
})

it('Restore_x_outage: a restored log goes on under its standby with the ledger and all members away', async () => {
  const { rig, restore } = await openWithCopy('database')
  await using _ = rig
  await ask(rig)
  const [tag, com] = [rig.stage.random(32), rig.stage.random(32)]
  const written = await rig.stage.interception.during(everybodyIsAway, async () => {
    const { services } = await rig.restart(cedar, restore)
    return services.log.append({ tag, com }).then(({ checkpoint }) => checkpoint.origin, String)
  })
  expect(written, 'attack found: nothing can be logged until the ledger is back').toBe('demo/log/cedar/2')
})

it('Restore_x_noOneTx: a crash between number and leaf leaves no gap', async () => {
  await using rig = await openAgreedRig()
  const { patient, clinician } = rig.stage
  const { log, holder } = rig.node(cedar).services
  const { handle, tagkey } = holder.find(patient.handleAt(cedar)) ?? {}
  if (handle === undefined || tagkey === undefined) throw new Error('a relationship expected')
  const ends = () => {
    throw new Error('the process ends here')
  }
  await expect(log.append({ relationship: { handle, tagkey }, make: ends })).rejects.toThrow('ends here')
  await ask(rig)
  await publish(rig)
  const { log: walked } = await patient.checkEverything(cedar, [clinician.opening.code])
  expect([walked.accesses.length, walked.findings.map(({ code }) => code)], 'attack found: an honest holder is accused of hiding number 0').toEqual([1, []])
})

/** Log k of the ledger tests' first organization, with leaves that are of no matter to the ledger. */
function logOf(k: 1 | 2) {
  const label = `${ledgerOrg} log ${k + 1}`
  const origin = `${net}/log/${ledgerOrg}/${k}`
  const hashes: HashLog = createHashLog(Array.from({ length: 64 }, (_, i) => leafHash(encodeUtf8(`${label} ${i}`))))
  const noteAt = (size: number) => {
    const text = formatCheckpoint({ origin, size, root: hashes.root(size) })
    return formatNote({ text, signatures: [signNote(text, makeVerifierKey(origin, KEY_TYPE_LOG, publicKeyOf(label)), seedOf(label))] })
  }
  const open = transaction('access.open', { origin, key: ed25519KeyId(publicKeyOf(label)) }, START, nodeSeed(ledgerOrg))
  const checkpoint = (from: number, size: number, at: number) =>
    transaction(
      'access.checkpoint',
      {
        origin,
        size,
        root: encodeBase64Url(hashes.root(size)),
        note: noteAt(size),
        consistency: from === 0 ? [] : hashes.consistency(from, size).map(encodeBase64Url),
      },
      START + at,
      nodeSeed(ledgerOrg),
    )
  return { origin, hashes, noteAt, open, checkpoint }
}

it('Restore_x_frozen: after a rotation an honest holder still answers for the log before', () => {
  const one = scenario()
  const [first, second] = [logOf(1), logOf(2)]
  expect([one.put(first.open), one.put(first.checkpoint(0, 16, 0)), one.put(second.open), one.put(second.checkpoint(0, 16, 0))]).toEqual([
    'ok',
    'ok',
    'ok',
    'ok',
  ])
  // A note of the last batch of the first log, which the ledger does not have so far.
  const disputed = {
    origin: first.origin,
    note: first.noteAt(20),
    index: 19,
    leafHash: encodeBase64Url(first.hashes.leaf(19)),
    path: first.hashes.inclusion(19, 20).map(encodeBase64Url),
  }
  expect(one.put(transaction('access.dispute', disputed, START, nodeSeed(otherOrg)))).toBe('ok')
  const answers = [
    one.put(first.checkpoint(16, 32, 20_000), 20_000),
    one.put(
      transaction(
        'access.answer',
        { dispute: disputeIdOf(disputed), consistency: first.hashes.consistency(20, 32).map(encodeBase64Url) },
        START + 20_000,
        nodeSeed(ledgerOrg),
      ),
      20_000,
    ),
  ]
  expect(answers, 'attack found: no answer exists, and the holder did nothing wrong').toEqual(['ok', 'ok'])
})
