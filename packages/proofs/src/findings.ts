/**
 * Every reason for which this package refuses a leaf, a receipt or a request to cosign; one line each. Reference pages are
 * made from these tables. A code is never renumbered or reused.
 */

/** Why a leaf may not follow in an access log. */
export const LEAF_FAULTS = {
  LEAF_FORMAT: 'the bytes are not a leaf',
  SLOT_FELL: 'the slot is earlier than that of the leaf before',
  TAG_TWICE: 'the log already has a leaf with this tag',
  SEAL_ROOT: 'the tag of the seal is not the root of the tag map',
  SEAL_INDEX: 'the seal does not carry its own index',
  SEAL_SIZE: 'the sealed size is not a multiple of 16',
} as const
export type LeafFault = keyof typeof LEAF_FAULTS

/** Why a requester does not use what came with a receipt. */
export const RECEIPT_FAULTS = {
  RECEIPT_FORMAT: 'the receipt, one of its parts or the disclosure cannot be understood',
  LEAF_KIND: 'the leaf is a seal',
  LOG_FOREIGN: 'the log is not an access log of the holder',
  LOG_UNPROVEN: 'the leaf is not shown under a note by a known key of the log, or the note has other lines',
  EXTRA_MISSING: 'the proof of the leaf does not carry salt and blind',
  COM_DIFFERS: 'the leaf does not commit to this disclosure',
  BODY_DIFFERS: 'the disclosure is of another response body',
  REQUESTER_DIFFERS: 'the disclosure names another requester',
  PRACTITIONER_DIFFERS: 'the disclosure names another practitioner',
  PURPOSE_DIFFERS: 'the disclosure names another purpose',
  AUTHZ_DIFFERS: 'the disclosure is of another request',
  SLOT_DIFFERS: 'the slot of the leaf is more than one away from the own',
  LEAF_SEEN: 'this leaf came with an earlier answer',
  LINK_MISSING: 'no link and no break-glass: there was no right to ask',
  LINK_INVALID: 'the link does not hold under the head',
  HANDLE_DIFFERS: 'the disclosure names another handle than the link',
  HANDLE_ALONE: 'handle and head: one of the two is missing',
  HEAD_MISSING: 'by link the head is always there',
  HEAD_FOREIGN: 'the head is of another organization',
  HEAD_UNPROVEN: 'the head is not shown under a checkpoint of the ledger',
  HEAD_NOT_COSIGNED: 'the checkpoint of the head is not cosigned by the quorum, or not freshly',
  HEAD_NOT_CURRENT: 'the checkpoint covers a later block: the head may be outdated',
  HEAD_OTHER_LEDGER: 'the own replica has another root at this size, or has not reached it',
  HEAD_CLOSED: 'the relationship is closed',
} as const
export type ReceiptFault = keyof typeof RECEIPT_FAULTS

/** Why a witness does not cosign, beside what its own checks of the content say (C2SP tlog-witness). */
export const WITNESS_FAULTS = {
  REQUEST_FORMAT: 'the request is not of the form of add-checkpoint',
  ORIGIN_UNKNOWN: 'this witness does not know the log',
  SIGNATURE_MISSING: 'no line by a known key of the log holds',
  SIZE_BELOW_OLD: 'the old size is larger than the size of the checkpoint',
  OLD_SIZE_DIFFERS: 'the old size is not that of the last checkpoint that was cosigned here',
  ROOT_DIFFERS: 'another root was cosigned at this size',
  CONSISTENCY: 'the consistency path does not lead from the old root to the new one',
} as const
export type WitnessFault = keyof typeof WITNESS_FAULTS

/** One thing found wrong, as a value. */
export interface Finding<Code extends string> {
  readonly code: Code
  readonly message: string
}
