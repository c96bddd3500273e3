import { formatCanonical, type Handle, type JsonValue, parseHandle, type Parser, parseStateProof, shape } from '@fiducia/core'
import { parseHead, type RelationshipHead } from '@fiducia/ledger'
import { MAX_TLOG_PROOF_BYTES } from './limits.ts'
import type { ProvenHead } from './types.ts'

/** Records of the ledger's state with their proofs, as they stand in receipts and files: exactly their members. */

export const parseProvenHead: Parser<ProvenHead> = shape.object({
  value: parseHead,
  state: parseStateProof,
  block: shape.text(100),
  proof: shape.text(MAX_TLOG_PROOF_BYTES),
})

export interface NamedHead {
  readonly handle: Handle
  readonly value: RelationshipHead
}

/** `head.json` of a bundle. */
export const parseNamedHead: Parser<NamedHead> = shape.object({ handle: parseHandle, value: parseHead })

/** The canonical text of a record, as it is hashed into the state tree. */
export const formatRecord = (record: object): string => formatCanonical(record as JsonValue)
