import path from 'node:path'
import { accessLogOrigin, decodeBase64Url, ed25519KeyId, encodeUtf8, sha256 } from '@fiducia/core'
import { makeFolderDurably, openSignOnce } from '@fiducia/engine'
import { encodeEntryBundle, formatAddCheckpoint, parseTilePath } from '@fiducia/proofs'
import { type AccessLog, openAccessLog } from '../../../src/access-log/access-log.ts'
import { nodeFiles } from '../../../src/index.ts'
import { createMirrors } from '../../../src/peers/mirrors.ts'
import { createContradictions } from '../../../src/evidence/contradictions.ts'
import { createWitness } from '../../../src/peers/witness.ts'
import { openDatabase } from '../../../src/store/database.ts'
import { birch, logKeyOf, net, openFixture, publicText, seedOf } from '../../fixture.ts'
import { attempt, bytesFor, clock, hashesOf, namesFrom, prepareFolder, type Say, sayNote, type Workload } from '../workload.ts'

const ORIGIN = accessLogOrigin(net, birch, 1)

/** A witness: the leaves of another member's log mirrored, what was cosigned remembered, the cosignature given. */
export const mirror: Workload = {
  async prepare({ data, scratch }) {
    await prepareFolder(data)
    // As a node that has opened its own log, and written nothing.
    makeFolderDurably(path.dirname(nodeFiles(data).signed(1)))
    openSignOnce(nodeFiles(data).signed(1)).record({ size: 0, root: sha256(new Uint8Array()) })
    await using fixture = await openFixture(undefined, scratch)
    await fixture.submit('access.open', { origin: ORIGIN, key: ed25519KeyId(decodeBase64Url(publicText('birch log'))) }, 'birch node')
  },
  async run({ data, scratch }, from, say) {
    let theirs: AccessLog | undefined
    await using fixture = await openFixture(async (url) => {
      const { n, width } = parseTilePath(url.slice(url.indexOf('/tile/') + 6))
      return { status: 200, bytes: encodeEntryBundle(theirs?.entries(n * 256, n * 256 + width) ?? []) }
    }, scratch)
    theirs = openTheirs(scratch, from)
    const database = openDatabase(nodeFiles(data).database)
    const context = { ...fixture.context, database }
    const mirrors = createMirrors(context)
    const witness = createWitness(context, {
      catchUp: async () => {},
      judgeLedgerCheckpoint: () => ({ ok: true }),
      mirrors,
      contradictions: createContradictions(database),
      outsideLogs: [],
    })
    const mirrored = mirrors.of(ORIGIN)
    const note = witness.newestNote(ORIGIN)
    const cosigned = note === undefined ? 0 : Number(note.split('\n')[1])
    const leaves = Array.from({ length: mirrored.size }, (_, i) => mirrors.leaf(ORIGIN, i) ?? new Uint8Array())
    say({ kind: 'open', standing: { ids: sizesUpTo(Math.min(cosigned, mirrored.size)), leaves: hashesOf(leaves) } })
    for (const i of namesFrom(from, 3)) await cosignNext(i)
    theirs[Symbol.dispose]()
    database[Symbol.dispose]()

    async function cosignNext(i: number): Promise<void> {
      await theirs?.append({ tag: seedOf(`tag ${i}`), com: seedOf(`com ${i}`) })
      const sealed = await theirs?.seal()
      if (theirs === undefined || sealed === undefined) return
      const { size, root } = sealed.checkpoint
      await attempt(say, `checkpoint ${i}`, async () => {
        let oldSize = 0
        for (let attempts = 0; attempts < 2; attempts += 1) {
          const consistency = oldSize === 0 || oldSize > size ? [] : (theirs?.hashes.consistency(oldSize, size) ?? [])
          const answer = await witness.addCheckpoint(encodeUtf8(formatAddCheckpoint({ oldSize, path: consistency, note: sealed.note })))
          if (answer.status === 200) return cosignedAt(say, answer.body, { size, root })
          if (answer.status !== 409) throw Object.assign(new Error(answer.body), { code: String(answer.status) })
          oldSize = Number(answer.body)
        }
        throw Object.assign(new Error('the witness changed its size'), { code: '409' })
      })
    }
  },
}

function cosignedAt(say: Say, line: string, checkpoint: { readonly size: number; readonly root: Uint8Array }): string {
  if (!line.startsWith('—')) throw new Error('expected a signature line')
  sayNote(say, `cosigned ${ORIGIN}`, checkpoint)
  return `size ${checkpoint.size}`
}

const sizesUpTo = (size: number) => Array.from({ length: Math.floor(size / 16) }, (_, i) => `size ${16 * (i + 1)}`)

function openTheirs(scratch: string, from: number): AccessLog {
  let drawn = 0
  const database = openDatabase(`${scratch}/birch.sqlite`)
  const random = (length: number) => bytesFor(`${from} random ${(drawn += 1)}`, length)
  return openAccessLog({ origin: ORIGIN, k: 1, ...logKeyOf(ORIGIN, 'birch log'), database, signOnceFile: `${scratch}/birch-signed`, clock, random })
}
