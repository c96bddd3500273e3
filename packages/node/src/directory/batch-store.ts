import { type Bytes32, encodeBase64Url, encodeUtf8, leafHash, type OrganizationId, parseBytes32 } from '@fiducia/core'
import { type BatchLine, decodeLine } from '@fiducia/directory'
import { createHashLog, type HashLog } from '@fiducia/proofs'
import type { NodeContext } from '../node-context.ts'
import { bytesColumn, integerColumn, textColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'
import type { BatchStore } from './batch-exchange.ts'
import { keepForeign } from './foreign.ts'
import { restateBatch } from './restate.ts'

/** Batches as they lie in a directory: own ones that loads made, and those of other members. */
export interface StoredBatch {
  readonly id: number
  readonly root: Bytes32
  readonly count: number
}

const OWN = 'SELECT b.id, b.root, b.count FROM batch b JOIN voice v ON v.id = b.voice WHERE b.offered = 0 AND v.attester = ? ORDER BY b.id'

/** Of one member, not offered to the network so far; oldest first. */
export const unofferedBatches = (database: Database, attester: OrganizationId): readonly StoredBatch[] =>
  database.all(OWN, attester).map((row) => ({ id: integerColumn(row, 'id'), root: parseBytes32(textColumn(row, 'root')), count: integerColumn(row, 'count') }))

const LINES = 'SELECT salt, com, json FROM statement WHERE id >= ? AND id < ? ORDER BY id'

/** Lines [from, to) of a batch, in the order of its leaves; undefined for a batch that is not here. */
export function linesOf(database: Database, root: Bytes32, from = 0, to = Number.MAX_SAFE_INTEGER): readonly BatchLine[] | undefined {
  const batch = database.get('SELECT first, count FROM batch WHERE root = ?', root)
  if (batch === undefined) return undefined
  const [first, count] = [integerColumn(batch, 'first'), integerColumn(batch, 'count')]
  return database.all(LINES, first + from, first + Math.min(to, count)).map((row) => decodeLine(encodeStored(row)))
}

/** A line as it stands in a blob, from its columns; of an erased subject the commitment alone. */
function encodeStored(row: Readonly<Record<string, unknown>>): Uint8Array {
  const json = textColumn(row, 'json')
  if (json === '') return encodeUtf8(`{"com":"${encodeBase64Url(bytesColumn(row, 'com'))}"}`)
  return encodeUtf8(`{"salt":"${encodeBase64Url(bytesColumn(row, 'salt'))}","statement":${json}}`)
}

const COMMITMENTS = 'SELECT com FROM statement WHERE id >= ? AND id < ? ORDER BY id'

/** The tree over the statements `first` … `first + count - 1`, which lie in one batch: paths are read from it. */
export const batchTree = (database: Database, { first, count }: { readonly first: number; readonly count: number }): HashLog =>
  createHashLog(database.all(COMMITMENTS, first, first + count).map((row) => leafHash(bytesColumn(row, 'com'))))

/** The directory of `org` as the exchange of batches sees it. */
export function createBatchStore(database: Database, { org, clock, random }: Pick<NodeContext, 'org' | 'clock' | 'random'>): BatchStore {
  return {
    unpublished: () => unofferedBatches(database, org),
    markPublished: (root) => database.run('UPDATE batch SET offered = 1 WHERE root = ?', root),
    has: (root) => database.get('SELECT 1 FROM batch WHERE root = ?', root) !== undefined,
    lines: (root, from, to) => linesOf(database, root, from, to),
    keep: (batch, lines) => keepForeign(database, batch, lines, clock.now()),
    restate: (root) => restateBatch(database, root, { now: clock.now(), random }),
    uncounted: () => database.all('SELECT root FROM batch WHERE height IS NULL AND offered = 1').map((row) => parseBytes32(textColumn(row, 'root'))),
    count: (root, { at, height }) => database.run('UPDATE batch SET height = ?, recorded_at = ? WHERE root = ?', height, at, root),
  }
}
