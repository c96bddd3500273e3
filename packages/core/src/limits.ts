/** Limits of `core`, each with its reason. */

/** A transaction on the wire, PROTOCOL section 1: small enough that a block of them fits any engine. */
export const MAX_TRANSACTION_BYTES = 60 * 1024

/** Nesting of any JSON document of the protocol; objects and arrays count, the outermost is 1. */
export const MAX_JSON_DEPTH = 16

/** Any other JSON document of the protocol (receipts with a response live outside it): bounds memory for one parse. */
export const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024

/** Hashes in an inclusion or consistency proof: trees hold fewer than 2^63 leaves. */
export const MAX_TREE_PATH = 63

/** Siblings in a state proof: one for each bit of a key hash. */
export const MAX_STATE_PATH = 256

/** Signature lines in a note, as golang.org/x/mod/sumdb/note allows. */
export const MAX_NOTE_SIGNATURES = 100

/** A note's text with its signatures: a checkpoint and a hundred lines fit many times over. */
export const MAX_NOTE_BYTES = 64 * 1024

/** Bytes of a hash input that is put together in a kept buffer: nodes, leaves and domain-separated short values are below. */
export const MAX_REUSED_INPUT = 256

/** Faults that one message names: whoever wrote the document finds the rest after these, and a hostile one buys no megabytes of errors. */
export const MAX_FAULTS = 20

/** Characters of a member's name in the place that a message names. */
export const MAX_SHOWN_NAME = 48

/** A verifier key as text: `net/witness/ORG` at its longest, and names of other logs in the world. */
export const MAX_VERIFIER_KEY_TEXT = 512

/** A public key as base64url: an RSA key of 8192 bits fits. */
export const MAX_PUBLIC_KEY_TEXT = 1400

/** `net/log/ORG/k` with both names at their longest. */
export const MAX_ORIGIN_LENGTH = 110
