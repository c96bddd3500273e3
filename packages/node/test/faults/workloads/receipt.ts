import { mkdirSync } from 'node:fs'
import path from 'node:path'
import {
  decodeBase64Url,
  ed25519PublicKey,
  encodeBase64Url,
  formatCheckpoint,
  formatNote,
  KEY_TYPE_LOG,
  leafHash,
  makeVerifierKey,
  signNote,
} from '@fiducia/core'
import { type AcceptedReceipt, blindOf, buildReceipt, decodeLeaf, encodeLeaf, eventCom, hashOfLeaf, parseReceipt, readDisclosure } from '@fiducia/proofs'
import { openAccessLog } from '../../../src/access-log/access-log.ts'
import { nodeFiles } from '../../../src/index.ts'
import { createKeptReceipts } from '../../../src/requester/kept-receipts.ts'
import { textColumn } from '../../../src/store/columns.ts'
import { openDatabase } from '../../../src/store/database.ts'
import { handleFor, logKeyOf, openFixture, seedOf, START } from '../../fixture.ts'
import { disclosureFor } from '../events.ts'
import { attempt, bytesFor, clock, hashesOf, namesFrom, prepareFolder, type Workload } from '../workload.ts'

/** A requester that keeps the receipt of an answer, with its mirror entry, before it uses the data. */
export const receipt: Workload = {
  async prepare({ data }) {
    await prepareFolder(data)
    mkdirSync(path.dirname(nodeFiles(data).signed(1)), { recursive: true })
  },
  async run({ data, scratch }, from, say) {
    await using fixture = await openFixture(undefined, scratch)
    const files = nodeFiles(data)
    const database = openDatabase(files.database)
    let drawn = 0
    const random = (length: number) => bytesFor(`${from} random ${(drawn += 1)}`, length)
    const log = openAccessLog({
      origin: 'test/log/alder/1',
      k: 1,
      ...logKeyOf('test/log/alder/1', 'alder log'),
      database,
      signOnceFile: files.signed(1),
      clock,
      random,
    })
    const kept = createKeptReceipts({ ...fixture.context, database, random }, log)
    const ids = database.all('SELECT leaf_hash FROM copy').map((row) => textColumn(row, 'leaf_hash'))
    say({ kind: 'open', standing: { ids, leaves: hashesOf(log.entries(0, log.size)) } })
    for (const i of namesFrom(from, 3)) {
      await attempt(say, `receipt ${i}`, async () => {
        const { text, accepted } = receiptFor(`receipt ${i}`)
        await kept.keep(text, accepted, undefined)
        if (!kept.has(accepted.leafHash)) throw new Error('a kept receipt is not there')
        return encodeBase64Url(accepted.leafHash)
      })
    }
    log[Symbol.dispose]()
    database[Symbol.dispose]()
  },
}

/** What Birch's gateway would have answered: one event under a note of its log. */
function receiptFor(label: string): { readonly text: string; readonly accepted: AcceptedReceipt } {
  const disclosure = disclosureFor(label, handleFor('alice'), 'birch')
  const [salt, blind] = [seedOf(`${label} salt`), blindOf(seedOf(`${label} salt2`), '{}')]
  const leaf = encodeLeaf({ kind: 'entry', slot: Math.floor(START / 60_000), tag: seedOf(`${label} tag`), com: eventCom(salt, disclosure, blind) })
  const key = makeVerifierKey('test/log/birch/1', KEY_TYPE_LOG, ed25519PublicKey(seedOf('birch log')))
  const note = formatCheckpoint({ origin: key.name, size: 1, root: leafHash(leaf) })
  const signed = formatNote({ text: note, signatures: [signNote(note, key, seedOf('birch log'))] })
  const text = buildReceipt({ disclosure, head: null, leaf: decodeLeaf(leaf), index: 0, path: [], note: signed, salt, blind })
  const parsed = parseReceipt(text)
  const leafBytes = decodeBase64Url(parsed.leaf)
  const accepted: AcceptedReceipt = {
    receipt: parsed,
    facts: readDisclosure(disclosure),
    leaf: decodeLeaf(leafBytes),
    leafBytes,
    leafHash: hashOfLeaf(leafBytes),
    origin: key.name,
    note: signed,
    handle: handleFor('alice'),
  }
  return { text, accepted }
}
