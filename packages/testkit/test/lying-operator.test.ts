import { readFileSync } from 'node:fs'
import path from 'node:path'
import {
  decodeHex,
  decodeUtf8,
  ed25519PublicKey,
  encodeUtf8,
  formatCheckpoint,
  formatNote,
  KEY_TYPE_LOG,
  leafHash,
  ledgerOrigin,
  makeVerifierKey,
  sha256,
  signNote,
} from '@fiducia/core'
import { encodeBlockEntry, encodeTransactionEntry } from '@fiducia/ledger'
import { createHashLog, formatAddCheckpoint, type HashLog, readTile } from '@fiducia/proofs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Rule } from '../src/story/interception.ts'
import { alder, birch, CARE_TEAM, cedar, CONDITIONS, dune, NOBODY, openAgreedRig, type Rig } from './rig.ts'

/** The operator orders, and lies with its real key: the members will not cosign, and without them nobody releases anything. */
let rig: Rig
beforeAll(async () => {
  rig = await openAgreedRig()
})
afterAll(() => rig[Symbol.asyncDispose]())

interface ForgedLog {
  readonly entries: readonly Uint8Array[]
  readonly hashes: HashLog
  readonly note: string
}

/** The ledger as it is, cut at a size, with other entries after that, signed with the ledger's key. */
function forge(keep: number, more: readonly Uint8Array[]): ForgedLog {
  const { ledger, net } = rig.node(alder).services.context
  const entries = [...ledger.log.entries(0, keep), ...more]
  const hashes = createHashLog()
  for (const entry of entries) hashes.append(leafHash(entry))
  const seed = decodeHex(readFileSync(path.join(rig.dir, 'nodes', alder, 'keys', 'ledger.seed'), 'utf8').trim())
  const key = makeVerifierKey(ledgerOrigin(net), KEY_TYPE_LOG, ed25519PublicKey(seed))
  const text = formatCheckpoint({ origin: ledgerOrigin(net), size: hashes.size, root: hashes.root() })
  return { entries, hashes, note: formatNote({ text, signatures: [signNote(text, key, seed)] }) }
}

/** Everybody sees the forged log in place of the operator's. */
const serving =
  ({ entries, hashes, note }: ForgedLog): Rule =>
  async (from, url) => {
    if (from === alder || !url.startsWith(rig.node(alder).url)) return undefined
    if (url.endsWith('/ledger/tip') || url.endsWith('/ledger/checkpoint')) return { status: 200, bytes: encodeUtf8(note) }
    const [, tile] = url.split('/ledger/tile/')
    const bytes = tile === undefined ? undefined : readTile(tile, hashes, (a, b) => entries.slice(a, b))
    return bytes === undefined ? undefined : { status: 200, bytes }
  }

async function askWitness(org: typeof birch, { hashes, note }: ForgedLog) {
  const { witness } = rig.node(org).services
  const probe = await witness.addCheckpoint(encodeUtf8(formatAddCheckpoint({ oldSize: 0, path: [], note })))
  const known = probe.status === 409 ? Number(probe.body) : 0
  if (known > hashes.size) return probe
  return witness.addCheckpoint(encodeUtf8(formatAddCheckpoint({ oldSize: known, path: hashes.consistency(known), note })))
}

/** A signed policy that no block holds. */
async function unordered(): Promise<Uint8Array> {
  const set = await rig.stage.patient.setPolicy(cedar, CARE_TEAM, [])
  return set.wire
}

it('gets no cosignature for a block whose state root is not what the entries lead to, and no replica moves', async () => {
  const { ledger } = rig.node(alder).services.context
  const { height } = ledger.tip()
  const block = encodeBlockEntry({ height: height + 1, time: rig.stage.clock.now(), stateRoot: sha256(encodeUtf8('another state')), count: 1 })
  const forged = forge(ledger.log.size(), [encodeTransactionEntry(await unordered()), block])
  await rig.stage.interception.during(serving(forged), async () => {
    for (const org of [birch, cedar, dune]) {
      const before = rig.node(org).services.context.ledger.log.size()
      expect(await askWitness(org, forged)).toEqual({ status: 422, body: expect.stringContaining('OTHER_STATE') })
      expect(rig.node(org).services.context.ledger.log.size()).toBe(before)
    }
  })
})

it('gets no cosignature for a second log, of the same length or longer', async () => {
  const { ledger } = rig.node(alder).services.context
  await (await rig.stage.patient.setPolicy(cedar, NOBODY)).committed
  await rig.settle()
  const size = ledger.log.size()
  const { height, time, tree } = ledger.tip()
  const end = (at: number, count: number) => encodeBlockEntry({ height: at, time: time + 1, stateRoot: tree.root, count })
  const same = forge(size - 1, [end(height, 1)])
  const longer = forge(size - 1, [end(height, 1), encodeTransactionEntry(await unordered()), end(height + 1, 1)])
  for (const org of [birch, cedar, dune]) {
    expect((await askWitness(org, same)).status).toBe(409)
    expect((await askWitness(org, longer)).status).toBe(422)
  }
})

it('cannot move a holder to a note that no quorum cosigned', async () => {
  const { heads, context } = rig.node(cedar).services
  const before = heads.newest?.note
  const own = forge(context.ledger.log.size(), [])
  expect(heads.adopt(own.note)).toBe(false)
  expect(heads.newest?.note).toBe(before)
})

it('leaves every holder denying once the cosignatures are old, with an event for each denial', async () => {
  const stuck: Rule = async (_from, url) => (url.includes('/witness/add-checkpoint') ? { status: 422, bytes: encodeUtf8('no\n') } : undefined)
  await rig.stage.interception.during(stuck, async () => {
    rig.stage.clock.advance(61_000)
    await rig.settle().catch(() => undefined)
    for (const holder of [alder, cedar]) {
      const before = rig.logSize(holder)
      const answer = await rig.ask(CONDITIONS, holder).then(
        ({ status }) => status,
        (error: { code: string }) => error.code,
      )
      expect([403, 'RECEIPT_REFUSED']).toContain(answer)
      expect(rig.logSize(holder)).toBe(before + 1)
    }
  })
  const events = await rig.stage.patient.events(alder)
  expect(events.at(-1)?.content.decision.withheld).toEqual([{ code: 'NODE_BEHIND', ref: '*' }])
  expect(decodeUtf8(encodeUtf8(events.at(-1)?.content.disclosure ?? ''))).not.toContain('NODE_BEHIND')
})

it('is believed again when it tells the truth', async () => {
  await rig.settle()
  expect((await rig.ask(CONDITIONS, alder)).status).toBe(200)
})

it('is not alone: a holder gets no cosignature for an access log whose leaves lead to another root', async () => {
  await rig.stage.publish()
  await rig.ask(CONDITIONS, cedar)
  const { log } = rig.node(cedar).services
  const known = log.sealedSize
  await log.seal()
  const hashes = createHashLog()
  for (let i = 0; i < log.size; i += 1) hashes.append(i < known ? log.hashes.leaf(i) : sha256(encodeUtf8(`another leaf ${i}`)))
  const seed = decodeHex(readFileSync(path.join(rig.dir, 'nodes', cedar, 'keys', 'log.seed'), 'utf8').trim())
  const text = formatCheckpoint({ origin: log.origin, size: hashes.size, root: hashes.root() })
  const note = formatNote({ text, signatures: [signNote(text, log.key, seed)] })
  const { status, body } = await askWitness(birch, { entries: [], hashes, note })
  expect({ status, body }).toEqual({ status: 422, body: expect.stringContaining('root') })
})
