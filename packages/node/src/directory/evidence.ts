import { setImmediate } from 'node:timers/promises'
import { type Bytes32, decodeUtf8, encodeBase64Url, encodeUtf8, signObjectBy } from '@fiducia/core'
import { type BatchLine, encodeLine } from '@fiducia/directory'
import { batches, batchesBy, type LedgerState, type OfferedBatch, validKeysOf } from '@fiducia/ledger'
import {
  buildSample,
  type BundleFiles,
  drawPlaces,
  formatRecord,
  makeSample,
  MAX_BATCHES_SHOWN,
  MAX_BUNDLE_FILE_BYTES,
  parseShownLine,
  type PlacedLine,
  placeIn,
  type SamplePack,
  samplePackJson,
  type SampleSignature,
  type SampleSource,
  sampleSigned,
  type ShownBatches,
} from '@fiducia/proofs'
import type { Proven } from '../evidence/proven.ts'
import type { TrustChain } from '../evidence/trust-chain.ts'
import { NodeFailure } from '../failures.ts'
import type { NodeContext } from '../node-context.ts'
import { integerColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'
import { batchTree, linesOf } from './batch-store.ts'

/**
 * A sample of what this member says of providers, as a bundle that its reader counts again (docs/spec/directory.md, Sample):
 *
 *   the newest block that a quorum cosigned  →  all own batches, proved under it; those that count draw
 *   places drawn   →  the line at each, and the newest later one of the same subject under the same origin
 *   batch by batch →  one tree, from which all paths of that batch are read; then it is let go
 *   figures        →  signed with a node key that is valid at that block
 *
 * The state is fixed at the start, so what is loaded or counted meanwhile changes nothing. Between two batches other work of the node
 * gets its turn.
 */
export interface DirectoryEvidence {
  /** `days`: how old a fresh statement may be. Throws `NOTHING_COUNTED`, `SAMPLE_TOO_LARGE` or `NODE_BEHIND`. */
  sample(request: SampleTerms): Promise<BundleFiles>
}

export interface SampleTerms {
  readonly days: number
  readonly size: number
}

export interface DirectoryEvidencePorts {
  readonly directory: Database
  readonly proven: Proven
  readonly chain: TrustChain
}

export function createDirectoryEvidence(context: NodeContext, { directory, proven, chain }: DirectoryEvidencePorts): DirectoryEvidence {
  const { net, org } = context
  return {
    async sample({ days, size }) {
      const { head, state } = proven.ledger()
      const [block, trustChain] = [proven.block(), chain.steps]
      const own = ownBatches(context, state)
      const counted = own.flatMap((batch) => (batch.counted === null ? [] : [storedBatch(directory, batch)]))
      if (counted.length === 0)
        throw new NodeFailure('NOTHING_COUNTED', `no statement of \`${org}\` counts so far: load a file, and wait until a quorum of members holds its batch`)
      const source = { net, org, batches: counted, ...(await readLines(directory, counted, { stateRoot: state.tree.root, org, size })) }
      const pack = makeSample(source, { days, size, block: { stateRoot: state.tree.root, time: head.block.time } })
      const signature = await signPack(context, state, pack)
      return checkSize(buildSample({ pack, batches: proveBatches(context, state, own), signature, proven: block, trustChain }))
    },
  }
}

// ---- batches --------------------------------------------------------------------------------------------------------------

function ownBatches({ org }: NodeContext, state: LedgerState): readonly OfferedBatch[] {
  if (batchesBy(state, org) > MAX_BATCHES_SHOWN)
    throw new NodeFailure('SAMPLE_TOO_LARGE', `expected at most ${MAX_BATCHES_SHOWN} batches of \`${org}\`, found ${batchesBy(state, org)}`)
  return batches(state)
    .filter((batch) => batch.org === org)
    .toSorted((a, b) => a.n - b.n)
}

const proveBatches = ({ org }: NodeContext, { tree }: LedgerState, own: readonly OfferedBatch[]): ShownBatches => ({
  author: { batches: own.length, proof: tree.prove(`author/${org}`) },
  batches: own.map(({ root, ...value }) => ({ root, value, proof: tree.prove(`batch/${root}`) })),
})

/** A batch that counts: its number on the ledger, and where its statements lie in the store. */
interface CountedBatch {
  readonly n: number
  readonly root: Bytes32
  readonly count: number
  readonly id: number
  /** Number of its first statement. */
  readonly first: number
}

function storedBatch(directory: Database, { root, n, count }: OfferedBatch): CountedBatch {
  const row = directory.get('SELECT id, first FROM batch WHERE root = ?', root)
  if (row === undefined)
    throw new NodeFailure('STORE_FAILED', `batch ${n} counts on the ledger and is not in this node’s directory: restore directory.sqlite from a backup`)
  return { n, root, count, id: integerColumn(row, 'id'), first: integerColumn(row, 'first') }
}

// ---- lines ----------------------------------------------------------------------------------------------------------------

interface Place {
  readonly batch: CountedBatch
  readonly index: number
}

/** The number of the statement in the store. */
const idOf = ({ batch, index }: Place): number => batch.first + index

type Draw = Parameters<typeof drawPlaces>[0] & { readonly size: number }

/** All lines that the draw needs, each with its path, before the pack is put together from them. */
async function readLines(directory: Database, counted: readonly CountedBatch[], draw: Draw): Promise<Pick<SampleSource, 'placed' | 'newestOf'>> {
  const byRow = new Map(counted.map((batch) => [batch.id, batch]))
  const drawn = drawnPlaces(counted, draw)
  const newest = new Map(drawn.map((place) => [nameOf(place.batch.n, place.index), newestOf(directory, byRow, place)]))
  const lines = await placeLines(directory, [...drawn, ...[...newest.values()].flatMap((place) => place ?? [])])
  const placed = (n: number, index: number): PlacedLine => lines.get(nameOf(n, index)) ?? missingLine()
  return {
    placed,
    newestOf({ n, index }) {
      const later = newest.get(nameOf(n, index))
      return later === undefined ? null : placed(later.batch.n, later.index)
    },
  }
}

const nameOf = (n: number, index: number): string => `${n}/${index}`

function drawnPlaces(counted: readonly CountedBatch[], { size, ...drawn }: Draw): readonly Place[] {
  const counts = counted.map(({ count }) => count)
  const statements = counts.reduce((sum, count) => sum + count, 0)
  return drawPlaces(drawn, statements, size).map((place) => {
    const { batch, index } = placeIn(counts, place)
    return { batch: counted[batch] ?? missingLine(), index }
  })
}

const SAME_SUBJECT = `
  SELECT later.id, later.batch FROM statement drawn JOIN statement later ON later.subject = drawn.subject AND later.voice = drawn.voice
  WHERE drawn.id = ? AND drawn.json <> '' ORDER BY later.id DESC`

/** The newest statement of the same subject under the same origin that counts, if it comes later. `counted` by their rows. */
function newestOf(directory: Database, counted: ReadonlyMap<number, CountedBatch>, drawn: Place): Place | undefined {
  for (const row of directory.all(SAME_SUBJECT, idOf(drawn))) {
    const batch = counted.get(integerColumn(row, 'batch'))
    if (batch === undefined) continue
    const place = { batch, index: integerColumn(row, 'id') - batch.first }
    const isLater = batch.n > drawn.batch.n || (batch.n === drawn.batch.n && place.index > drawn.index)
    return isLater ? place : undefined
  }
  return undefined
}

/** By number of batch and index. A tree of 10,000 leaves is computed once for all places in it, and let go. */
async function placeLines(directory: Database, places: readonly Place[]): Promise<ReadonlyMap<string, PlacedLine>> {
  const found = new Map<string, PlacedLine>()
  for (const [batch, inBatch] of Map.groupBy(places, (place) => place.batch)) {
    const tree = batchTree(directory, batch)
    for (const place of inBatch) {
      const path = tree.inclusion(place.index).map((hash) => encodeBase64Url(hash) as Bytes32)
      found.set(nameOf(batch.n, place.index), { n: batch.n, index: place.index, line: shownLine(lineOf(directory, place)), path })
    }
    await setImmediate()
  }
  return found
}

const lineOf = (directory: Database, { batch, index }: Place): BatchLine => linesOf(directory, batch.root, index, index + 1)?.[0] ?? missingLine()

const shownLine = (line: BatchLine) => parseShownLine(JSON.parse(decodeUtf8(encodeLine(line))), 'line')

const missingLine = (): never => {
  throw new NodeFailure('STORE_FAILED', 'the directory is damaged: a batch has fewer statements than the ledger says; run `fiducia fsck`')
}

// ---- the pack -------------------------------------------------------------------------------------------------------------

/** With the newest own node key that the block knows: a reader looks there whether it was valid. */
async function signPack({ net, org, keys }: NodeContext, state: LedgerState, pack: SamplePack): Promise<SampleSignature> {
  const [newest] = validKeysOf(state, org, 'node', state.height)
    .toSorted((a, b) => b.record.from - a.record.from)
    .flatMap((key) => {
      const signer = keys.ring.find(key.keyId)
      return signer === undefined ? [] : [{ ...key, signer }]
    })
  if (newest === undefined) throw new NodeFailure('NODE_BEHIND', 'no node key at hand is valid at the newest cosigned block: ask again in a minute')
  const { keyId, record, signer } = newest
  const signed = await signObjectBy('sample', sampleSigned(net, org, encodeUtf8(formatRecord(samplePackJson(pack)))), signer)
  return { signed, record, proof: state.tree.prove(`key/${keyId}`) }
}

function checkSize(files: BundleFiles): BundleFiles {
  const large = [...files].find(([, bytes]) => bytes.length > MAX_BUNDLE_FILE_BYTES)
  if (large === undefined) return files
  throw new NodeFailure(
    'SAMPLE_TOO_LARGE',
    `expected \`${large[0]}\` of at most ${MAX_BUNDLE_FILE_BYTES} bytes, found ${large[1].length}: ask for fewer statements`,
  )
}
