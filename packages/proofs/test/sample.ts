import {
  type Bytes32,
  ed25519KeyId,
  ed25519PublicKey,
  encodeBase64Url,
  inclusionPath,
  type KeyRecord,
  leafHash,
  rootOfLeafHashes,
  signObject,
} from '@fiducia/core'
import { type BatchLine, batchRoot, encodeLine, lineCommitment, npiSubject, type Statement } from '@fiducia/directory'
import type { BatchRecord } from '@fiducia/ledger'
import * as proofs from '../src/index.ts'
import { bytes, bytes32, holder, makeLedger, net, provenRecord, SLOT } from './network.ts'

/** A member with three batches of statements, the second of which never counted, and the sample that a block drew of them. */

const DAY = 86_400_000
const TIME = SLOT * 60_000
const NPIS = ['1234567893', '1000000004', '1000000012', '1000000020', '1000000038', '1000000046']

const statement = (i: number, daysAgo: number, operation: Statement['operation'] = 'assert'): Statement => ({
  subject: npiSubject('practitioner', NPIS[i % NPIS.length] ?? ''),
  operation,
  fields: { status: operation === 'withdraw' ? null : 'active' },
  observedAt: TIME - daysAgo * DAY,
  basis: 'own-record',
  origin: holder,
})

const line = (label: string, said: Statement): BatchLine => ({ salt: bytes32(`salt ${label}`), statement: said })
const erased = (label: string, said: Statement): BatchLine => ({ com: encodeBase64Url(lineCommitment(line(label, said))) as Bytes32 })

/** Of six: two fresh, two old, one taken back and one erased; the first is said anew in the last batch. */
export const BATCHES: readonly (readonly BatchLine[])[] = [
  [line('a', statement(0, 200)), line('b', statement(1, 89)), line('c', statement(2, 90)), erased('d', statement(3, 10))],
  [line('lost', statement(5, 1))],
  [line('e', statement(4, 91)), line('f', statement(5, 1, 'withdraw')), line('g', statement(0, 2))],
]

const roots = BATCHES.map((lines) => batchRoot(lines.map(lineCommitment)))
const records = BATCHES.map(
  (lines, n): BatchRecord => ({ org: holder, n, count: lines.length, at: TIME - 9, counted: n === 1 ? null : { at: TIME - 8, height: 1 } }),
)

const nodeSeed = bytes('node alpha')
const keyRecord: KeyRecord = { org: holder, role: 'node', alg: 'ed25519', pub: encodeBase64Url(ed25519PublicKey(nodeSeed)), from: 0 }
const keyId = ed25519KeyId(ed25519PublicKey(nodeSeed))

export const stateOf = (changed: Readonly<Record<string, unknown>> = {}) => ({
  [`author/${holder}`]: { batches: BATCHES.length },
  [`key/${keyId}`]: keyRecord,
  ...Object.fromEntries(roots.map((root, n) => [`batch/${root}`, records[n]])),
  ...changed,
})

/** As it stands in a pack. */
export const shown = (line: BatchLine): proofs.ShownLine => proofs.parseShownLine(JSON.parse(new TextDecoder().decode(encodeLine(line))), 'line')

function placed(n: number, index: number): proofs.PlacedLine {
  const lines = BATCHES[n] ?? []
  const hashes = lines.map((one) => leafHash(lineCommitment(one)))
  const path = inclusionPath(index, lines.length, (start, end) => rootOfLeafHashes(hashes.slice(start, end))).map((hash) => encodeBase64Url(hash) as Bytes32)
  const [at] = lines.slice(index)
  if (at === undefined) throw new Error(`no line ${index} in batch ${n}`)
  return { n, index, line: shown(at), path }
}

export const source: proofs.SampleSource = {
  net,
  org: holder,
  batches: records.filter(({ counted }) => counted !== null),
  placed,
  newestOf: ({ n, index }) => (n === 0 && index === 0 ? placed(2, 2) : null),
}

export interface Changes {
  readonly state?: Readonly<Record<string, unknown>>
  readonly size?: number
  readonly source?: Partial<proofs.SampleSource>
  readonly pack?: (pack: proofs.SamplePack) => proofs.SamplePack
  readonly seed?: Uint8Array
  readonly shown?: (batches: proofs.ShownBatches) => proofs.ShownBatches
}

/** The bundle; with changes by somebody who signs whatever suits him. */
export function sampleBundle(changes: Changes = {}): proofs.BundleFiles {
  const ledger = makeLedger(stateOf(changes.state))
  const made = proofs.makeSample({ ...source, ...changes.source }, { days: 90, size: changes.size ?? 4, block: { stateRoot: ledger.tree.root, time: TIME } })
  const pack = changes.pack?.(made) ?? made
  const batches: proofs.ShownBatches = {
    author: { batches: BATCHES.length, proof: ledger.tree.prove(`author/${holder}`) },
    batches: roots.map((root, n) => ({ root, value: records[n] as BatchRecord, proof: ledger.tree.prove(`batch/${root}`) })),
  }
  const digest = new TextEncoder().encode(proofs.formatRecord(proofs.samplePackJson(pack)))
  const { block, proof } = provenRecord(ledger, `author/${holder}`, SLOT * 60 + 20)
  return proofs.buildSample({
    pack,
    batches: changes.shown?.(batches) ?? batches,
    signature: {
      signed: signObject('sample', proofs.sampleSigned(net, holder, digest), changes.seed ?? nodeSeed),
      record: keyRecord,
      proof: ledger.tree.prove(`key/${keyId}`),
    },
    proven: { block, proof },
  })
}
