import {
  type Bytes32,
  encodeBase64Url,
  type JsonObject,
  type KeyRecord,
  type NetworkId,
  type OrganizationId,
  parseBytes32,
  parseKeyRecord,
  parseNetworkId,
  parseOrganizationId,
  type Parser,
  parseSignedObject,
  parseStateProof,
  sha256,
  shape,
  type SignedObject,
  type StateProof,
} from '@fiducia/core'
import type { BatchRecord } from '@fiducia/ledger'
import { MAX_BATCHES_SHOWN, MAX_SAMPLE, MAX_SAMPLE_DAYS } from '../limits.ts'
import type { SampleFigures } from './figures.ts'
import { parseShownLine, type ShownLine } from './parse-line.ts'

const { array, integer, literal, nullable, object } = shape

/** The documents of a sample-audit pack: what was drawn, and the records of all batches. */

/** A line with its place: batch `n` of the member, leaf `index`. */
export interface PlacedLine {
  readonly n: number
  readonly index: number
  readonly line: ShownLine
  readonly path: readonly Bytes32[]
}

/** One place of the draw; `newest` where the member has said something later of the same subject under the same origin. */
export interface SampledStatement {
  readonly drawn: PlacedLine
  readonly newest: PlacedLine | null
}

/** `sample.json` */
export interface SamplePack {
  readonly v: 1
  readonly net: NetworkId
  readonly org: OrganizationId
  /** How old a fresh statement may be. */
  readonly days: number
  readonly size: number
  readonly sample: readonly SampledStatement[]
  readonly figures: SampleFigures
}

/** `batches.json`: every batch that the member ever offered, by its number. */
export interface ShownBatches {
  readonly author: { readonly batches: number; readonly proof: StateProof }
  readonly batches: readonly { readonly root: Bytes32; readonly value: BatchRecord; readonly proof: StateProof }[]
}

/** `signature.json`: the member's word over the hash of sample.json, and the ledger's record of its key. */
export interface SampleSignature {
  /** Body `{v, net, type: "sample", org, digest}`, digest = H(sample.json). */
  readonly signed: SignedObject
  readonly record: KeyRecord
  readonly proof: StateProof
}

const parseAny: Parser<unknown> = (value) => value
const parseParts = object({ signed: parseAny, record: parseAny, proof: parseStateProof })

/** Checks shapes, not the signature. */
export const parseSampleSignature =
  (net: NetworkId): Parser<SampleSignature> =>
  (value, at) => {
    const parts = parseParts(value, at)
    const signed = parseSignedObject(parts.signed, 'sample', net)
    return { signed, record: parseKeyRecord(parts.record, signed.key), proof: parts.proof }
  }

export const sampleSigned = (net: NetworkId, org: OrganizationId, pack: Uint8Array): JsonObject => ({
  v: 1,
  net,
  type: 'sample',
  org,
  digest: encodeBase64Url(sha256(pack)),
})

/** A path through a tree of 10,000 leaves has at most 14 hashes. */
const MAX_PATH = 14

const parsePlaced: Parser<PlacedLine> = object({ n: integer(0), index: integer(0), line: parseShownLine, path: array(parseBytes32, MAX_PATH) })

const share = nullable(integer(0, 10_000))

const parseFigures: Parser<SampleFigures> = object({
  statements: integer(0),
  sampled: integer(0),
  erased: integer(0),
  withdrawn: integer(0),
  standing: integer(0),
  fresh: integer(0),
  share,
  lower: share,
  upper: share,
})

export const parseSamplePack: Parser<SamplePack> = object({
  v: literal(1),
  net: parseNetworkId,
  org: parseOrganizationId,
  days: integer(1, MAX_SAMPLE_DAYS),
  size: integer(1, MAX_SAMPLE),
  sample: array(object({ drawn: parsePlaced, newest: nullable(parsePlaced) }), MAX_SAMPLE),
  figures: parseFigures,
})

const parseCounted = nullable(object({ at: integer(), height: integer() }))

const parseBatch: Parser<BatchRecord> = object({ org: parseOrganizationId, n: integer(0), count: integer(1), at: integer(), counted: parseCounted })

export const parseShownBatches: Parser<ShownBatches> = object({
  author: object({ batches: integer(0), proof: parseStateProof }),
  batches: array(object({ root: parseBytes32, value: parseBatch, proof: parseStateProof }), MAX_BATCHES_SHOWN),
})

const placedJson = ({ n, index, line, path }: PlacedLine): JsonObject => ({
  n,
  index,
  line: { ...line },
  path: [...path],
})

/** As it stands in the file and is signed. */
export const samplePackJson = ({ v, net, org, days, size, sample, figures }: SamplePack): JsonObject => ({
  v,
  net,
  org,
  days,
  size,
  sample: sample.map(({ drawn, newest }) => ({ drawn: placedJson(drawn), newest: newest === null ? null : placedJson(newest) })),
  figures: { ...figures },
})
