import {
  type Bytes32,
  decodeBase64Url,
  equalBytes,
  isKeyValidAt,
  leafHash,
  type StateProof,
  verifyInclusion,
  verifySignedObject,
  verifyStateProof,
  encodeCanonical,
} from '@fiducia/core'
import type { BatchRecord } from '@fiducia/ledger'
import { formatRecord } from '../records.ts'
import { drawPlaces, placeIn } from '../sample/draw.ts'
import { figuresOf, type SampleFigures } from '../sample/figures.ts'
import { shownCommitment, type ShownLine } from '../sample/parse-line.ts'
import {
  parseSamplePack,
  parseSampleSignature,
  parseShownBatches,
  type PlacedLine,
  type SampledStatement,
  type SamplePack,
  sampleSigned,
} from '../sample/pack.ts'
import type { BundleFiles } from '../types.ts'
import { type Checklist, demand, passed } from './checklist.ts'
import { fileOf, readJson } from './read.ts'
import { checkBlock, checkCosigned, judgedBlock, type ReadBlock } from './shared.ts'
import type { Trust } from './trust.ts'

/** A sample of a member's statements about providers: drawn by a block, each shown in its batch, counted by the reader again. */

type CountedBatch = BatchRecord & { readonly root: Bytes32 }

export function verifySample(list: Checklist, files: BundleFiles, trust: Trust | undefined): void {
  const block = checkBlock(list, files)
  if (block === undefined) return
  const pack = list.run('said-by', () => readSigned(files, block))
  const batches = pack === undefined ? undefined : list.run('all-batches', () => readBatches(files, block, pack))
  if (pack === undefined || batches === undefined) return
  const drawn = list.run('draw', () => checkDraw(pack, batches, block))
  const placed = list.run('statements', () => checkPlaces(pack, batches))
  if (drawn !== undefined && placed !== undefined) list.run('figures', () => checkFigures(pack, drawn, block))
  noteFacts(list, pack)
  if (trust !== undefined) checkCosigned(list, [judgedBlock(block)], trust)
}

function readSigned(files: BundleFiles, { net, block }: ReadBlock) {
  const pack = readJson(files, 'sample.json', parseSamplePack)
  const { signed, record, proof } = readJson(files, 'signature.json', parseSampleSignature(net))
  verifyStateProof(block.stateRoot, `key/${signed.key}`, formatRecord(record), proof)
  demand(pack.net === net, 'sample.json: expected the network of the block')
  demand(
    record.org === pack.org && record.role === 'node' && isKeyValidAt(record, block.height),
    `signature.json: expected a valid node key of \`${pack.org}\``,
  )
  const said = encodeCanonical(sampleSigned(net, pack.org, fileOf(files, 'sample.json')))
  demand(equalBytes(encodeCanonical(signed.body), said), 'signature.json: expected the hash of sample.json')
  demand(verifySignedObject(signed, 'sample', decodeBase64Url(record.pub)), 'signature.json: the signature does not hold')
  return passed(pack, `by \`${pack.org}\``)
}

/** All of them, by number; those that count draw. */
function readBatches(files: BundleFiles, { block }: ReadBlock, { org }: SamplePack) {
  const { author, batches } = readJson(files, 'batches.json', parseShownBatches)
  const at = (key: string, value: string, proof: StateProof) => verifyStateProof(block.stateRoot, key, value, proof)
  at(`author/${org}`, formatRecord({ batches: author.batches }), author.proof)
  demand(batches.length === author.batches, `batches.json: expected ${author.batches} batches, found ${batches.length}`)
  batches.forEach(({ root, value, proof }, n) => {
    demand(value.org === org && value.n === n, `batches.json: expected batch ${n} of \`${org}\``)
    at(`batch/${root}`, formatRecord(value), proof)
  })
  const counted = batches.flatMap(({ root, value }): readonly CountedBatch[] => (value.counted === null ? [] : [{ ...value, root }]))
  return passed(counted, `${batches.length}, of which ${counted.length} count`)
}

function checkDraw({ sample, size, org }: SamplePack, batches: readonly CountedBatch[], { block }: ReadBlock) {
  const counts = batches.map(({ count }) => count)
  const statements = counts.reduce((sum, count) => sum + count, 0)
  const drawn = drawPlaces({ stateRoot: block.stateRoot, org }, statements, size).map((place) => placeIn(counts, place))
  const isDrawn = ({ drawn: one }: SampledStatement, i: number) => one.n === batches[drawn[i]?.batch ?? -1]?.n && one.index === drawn[i]?.index
  demand(sample.length === drawn.length && sample.every(isDrawn), `sample.json: expected the ${drawn.length} statements that the block draws, in its order`)
  return passed(statements, `${drawn.length} of ${statements}`)
}

function checkPlaces({ sample }: SamplePack, batches: readonly CountedBatch[]) {
  const byNumber = new Map(batches.map((batch) => [batch.n, batch]))
  for (const { drawn, newest } of sample) {
    checkPlace(drawn, byNumber)
    if (newest === null) continue
    checkPlace(newest, byNumber)
    demand(isLater(newest, drawn), 'sample.json: expected a later statement about the same subject under the same origin')
  }
  return passed(true, `${sample.length} drawn, ${sample.filter(({ newest }) => newest !== null).length} said anew since`)
}

function checkPlace({ n, index, line, path }: PlacedLine, batches: ReadonlyMap<number, CountedBatch>): void {
  const batch = batches.get(n)
  demand(batch !== undefined, `sample.json: expected a batch that counts, found number ${n}`)
  if (batch === undefined) return
  const hashes = path.map((hash) => decodeBase64Url(hash))
  verifyInclusion(index, batch.count, leafHash(shownCommitment(line)), hashes, decodeBase64Url(batch.root))
}

const isLater = (newest: PlacedLine, drawn: PlacedLine): boolean =>
  (newest.n > drawn.n || (newest.n === drawn.n && newest.index > drawn.index)) && isSameSubject(newest.line, drawn.line)

function isSameSubject(one: ShownLine, other: ShownLine): boolean {
  if ('com' in one || 'com' in other) return false
  return one.statement.subject === other.statement.subject && one.statement.origin === other.statement.origin
}

function checkFigures({ sample, figures, days }: SamplePack, statements: number, { block }: ReadBlock) {
  const found = figuresOf(
    sample.map(({ drawn, newest }) => (newest ?? drawn).line),
    { statements, days, time: block.time },
  )
  demand(formatRecord(found) === formatRecord(figures), 'sample.json: expected the figures of these statements')
  return passed(true, `${found.fresh} of ${found.standing} observed within ${days} days: ${describeInterval(found)}`)
}

const percent = (tenThousandths: number): string => `${(tenThousandths / 100).toFixed(1)} %`

const describeInterval = ({ lower, upper }: SampleFigures): string =>
  lower === null || upper === null ? 'no interval, as nothing stands' : `${percent(lower)} to ${percent(upper)}`

function noteFacts(list: Checklist, { org, days, figures }: SamplePack): void {
  list.note('org', org)
  list.note('days', days)
  for (const name of ['statements', 'sampled', 'standing', 'fresh'] as const) list.note(name, figures[name])
  list.note('interval', describeInterval(figures))
}
