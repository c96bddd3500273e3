import { concatBytes, encodeBase64Url, parseCanonicalString, type Parser, shape } from '@fiducia/core'
import { encodeLeaf } from './leaf.ts'
import { MAX_TLOG_PROOF_BYTES } from './limits.ts'
import { formatRecord, parseProvenHead } from './records.ts'
import { formatTlogProof } from './tlog-proof.ts'
import type { AccessLeaf, ProvenHead, Receipt } from './types.ts'

/**
 * The receipt that goes with every release (PROTOCOL section 4): what was disclosed, the leaf that was written before, its
 * proof under a checkpoint that the holder signed for this group commit, and the policy head with its state proof. It is
 * canonical JSON; `check-receipt.ts` is what a requester does with it.
 */

/** The text of an AuditEvent: thousands of references fit. */
const MAX_DISCLOSURE_CHARACTERS = 1024 * 1024

const parseReceiptShape: Parser<Receipt> = shape.object({
  disclosure: shape.text(MAX_DISCLOSURE_CHARACTERS),
  head: shape.nullable(parseProvenHead),
  leaf: shape.text(100),
  proof: shape.text(MAX_TLOG_PROOF_BYTES),
})

/** Throws an `InputError` unless the text is a receipt in canonical form. */
export const parseReceipt = (text: string): Receipt => parseReceiptShape(parseCanonicalString(text), '')

export interface ReceiptParts {
  /** The exact text of the AuditEvent. */
  readonly disclosure: string
  readonly head: ProvenHead | null
  readonly leaf: AccessLeaf
  readonly index: number
  readonly path: readonly Uint8Array[]
  /** Signed by the log's key alone, of a size that holds the leaf. */
  readonly note: string
  readonly salt: Uint8Array
  readonly blind: Uint8Array
}

/** The canonical text that goes out with the response. */
export function buildReceipt(parts: ReceiptParts): string {
  const { disclosure, head, index, path, note } = parts
  const receipt: Receipt = {
    disclosure,
    head,
    leaf: encodeBase64Url(encodeLeaf(parts.leaf)),
    proof: formatTlogProof({ extra: concatBytes(parts.salt, parts.blind), index, path, note }),
  }
  return formatRecord(receipt)
}

export interface OpenedExtra {
  readonly salt: Uint8Array
  readonly blind: Uint8Array
}

/** salt ‖ blind out of the `extra` of an access proof, or undefined when it is anything else. */
export function openExtra(extra: Uint8Array | undefined): OpenedExtra | undefined {
  return extra?.length === 64 ? { salt: extra.slice(0, 32), blind: extra.slice(32) } : undefined
}
