import { decodeBase64Url, encodeBase64Url, encodeUtf8, equalBytes, parseCheckpoint, parseNote, type SignedObject } from '@fiducia/core'
import { linkHashOf } from '@fiducia/ledger'
import { type AcceptedReceipt, mirrorCom, mirrorTag, parseReceipt, parseTlogProof } from '@fiducia/proofs'
import type { AccessLog } from '../access-log/access-log.ts'
import type { NodeContext } from '../node-context.ts'
import { integerColumn, textColumn } from '../store/columns.ts'
import { sealToPatient } from './seal-to-patient.ts'

/**
 * Receipts that this organization was given: for each a mirror entry in the own log, a copy that only the patient can open,
 * and the comparison with what the holder publishes later.
 */
export interface PatientCopy {
  /** H of the holder's 72-byte leaf. */
  readonly leafHash: string
  /** The receipt, encrypted to the seal key of the relationship (age), base64url. */
  readonly sealed: string
}

/** A note of another member's log that this node was shown and that its public log does not extend. */
export interface Contradiction {
  readonly leafHash: string
  readonly receipt: string
  readonly origin: string
  readonly size: number
}

/** What became of the comparison. */
export const SETTLED = { open: 0, extended: 1, disputed: 2 } as const

export interface KeptReceipts {
  /** Whether an answer came with this leaf before. */
  has(leafHash: Uint8Array): boolean
  /** The mirror entry and the patient's copy are durable when it resolves. */
  keep(receipt: string, accepted: AcceptedReceipt, link: SignedObject | undefined): Promise<void>
  /** For the patient: the sealed copies of every receipt that came under this link. */
  copiesOf(linkHash: string): readonly PatientCopy[]
  /**
   * Compares every open receipt with the holder's mirrored log; those that are contradicted stay until they are disputed. A
   * log that still does not reach a receipt of before `slot` counts as one that contradicts it: a holder that shows one
   * requester more than everybody else would otherwise only have to stop sealing.
   */
  settle(rootOf: (origin: string, size: number) => Uint8Array | undefined, slot: number): readonly Contradiction[]
  /** Notes of an origin that stand behind receipts which nothing public extends so far. */
  openNotesOf(origin: string): readonly string[]
  /** It is on the ledger; nothing more to compare. */
  markDisputed(contradiction: Contradiction): void
}

export function createKeptReceipts({ database, random }: NodeContext, log: AccessLog): KeptReceipts {
  const mark = (leafHash: string, settled: number) => database.run('UPDATE copy SET settled = ? WHERE leaf_hash = ?', settled, leafHash)
  return {
    has: (leafHash) => database.get('SELECT slot FROM copy WHERE leaf_hash = ?', encodeBase64Url(leafHash)) !== undefined,
    async keep(receipt, accepted, link) {
      const salt = random(32)
      const sealKey = accepted.receipt.head?.value.seal
      const sealed = sealKey === undefined ? '' : await sealToPatient(decodeBase64Url(sealKey), encodeUtf8(receipt))
      const copy = (index: number) =>
        database.run(
          'INSERT INTO copy (leaf_hash, link, slot, receipt, sealed, mirror_salt, mirror_index, settled) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
          encodeBase64Url(accepted.leafHash),
          link === undefined ? '' : linkHashOf(link),
          accepted.leaf.slot,
          receipt,
          sealed,
          salt,
          index,
          SETTLED.open,
        )
      const tag = mirrorTag(decodeBase64Url(accepted.facts.mirrorKey), accepted.leafBytes)
      await log.append({ tag, com: mirrorCom(salt, receipt), alongside: copy })
    },
    copiesOf: (linkHash) =>
      database
        .all('SELECT leaf_hash, sealed FROM copy WHERE link = ?', linkHash)
        .map((row) => ({ leafHash: textColumn(row, 'leaf_hash'), sealed: textColumn(row, 'sealed') })),
    settle(rootOf, slot) {
      const contradictions: Contradiction[] = []
      const extended: string[] = []
      for (const row of database.all('SELECT leaf_hash, receipt, slot FROM copy WHERE settled = ?', SETTLED.open)) {
        const [leafHash, receipt] = [textColumn(row, 'leaf_hash'), textColumn(row, 'receipt')]
        const { origin, size, root } = parseCheckpoint(parseNote(parseTlogProof(parseReceipt(receipt).proof).note).text)
        const later = rootOf(origin, size)
        if (later === undefined && integerColumn(row, 'slot') >= slot) continue
        if (later !== undefined && equalBytes(later, root)) extended.push(leafHash)
        else contradictions.push({ leafHash, receipt, origin, size })
      }
      database.transaction(() => {
        for (const leafHash of extended) mark(leafHash, SETTLED.extended)
      })
      return contradictions
    },
    openNotesOf: (origin) =>
      database
        .all('SELECT receipt FROM copy WHERE settled <> ?', SETTLED.extended)
        .map((row) => parseTlogProof(parseReceipt(textColumn(row, 'receipt')).proof).note)
        .filter((note) => note.startsWith(`${origin}\n`)),
    markDisputed: ({ leafHash }) => mark(leafHash, SETTLED.disputed),
  }
}
