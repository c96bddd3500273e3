/** Limits of `proofs`, each with its reason. */

/** Hashes or entries in a full tile, fixed by C2SP tlog-tiles. */
export const TILE_WIDTH = 256

/** Tile levels: six of them span 2^48 leaves, more than any log here will hold. */
export const MAX_TILE_LEVEL = 5

/** Bytes of one entry in an entry bundle: its length is a u16 (C2SP tlog-tiles). */
export const MAX_ENTRY_BYTES = 65_535

/** Hashes that lie in one block of memory: 256 KiB, large enough to be few and small enough to waste little. */
export const HASHES_PER_CHUNK = 8192

/** A tlog-policy: some hundred members with two log keys and a witness each fit many times over. */
export const MAX_TRUST_POLICY_BYTES = 256 * 1024

/** Lines of a tlog-policy that name a log, a witness or a group; bounds the work of one parse. */
export const MAX_TRUST_POLICY_LINES = 2000

/** A tlog-proof: 63 hashes, `extra` and a note with a hundred signature lines. */
export const MAX_TLOG_PROOF_BYTES = 80 * 1024

/** `extra` of a tlog-proof in bytes; the protocol's own is 64. */
export const MAX_EXTRA_BYTES = 1024

/** Every sealed size of an access log is a multiple of this, PROTOCOL section 4: sizes tell little about a day's accesses. */
export const BATCH_LEAVES = 16

/** Seconds in one slot, PROTOCOL section 4. */
export const SLOT_SECONDS = 60

/** Slots by which a receipt's leaf may differ from the requester's own, either way. */
export const SLOT_TOLERANCE = 1

/** How far a cosignature may lie ahead of the reader's clock, in seconds (PROTOCOL section 2, freshness). */
export const CLOCK_AHEAD_SECONDS = 30

/** T where the network's rules are not at hand, in seconds. */
export const DEFAULT_FRESH_SECONDS = 60

/** The plain content of a sealed copy is padded to a multiple of this, so that its length says little. */
export const SEALED_COPY_BLOCK_BYTES = 1024

/** A sealed copy: the disclosure names at most some thousand references. */
export const MAX_SEALED_COPY_BYTES = 1024 * 1024

/** Versions, withheld items and agents in one record; a page of a search has at most 1,000 entries. */
export const MAX_DECISION_ITEMS = 10_000

/** Consistency hashes in an add-checkpoint request, fixed by C2SP tlog-witness. */
export const MAX_CONSISTENCY_LINES = 63

/** An add-checkpoint request: 63 hashes and a note with a hundred signature lines. */
export const MAX_ADD_CHECKPOINT_BYTES = 80 * 1024

/** Files in a bundle: a completeness bundle has three for each k, and an organization changes its k seldom. */
export const MAX_BUNDLE_FILES = 1000

/** Bytes of one file of a bundle; `tags.json` of a patient with thousands of accesses is the largest. */
export const MAX_BUNDLE_FILE_BYTES = 8 * 1024 * 1024

/** Bytes of all files of a bundle together: what a reader keeps in memory, also when an archive was made to unpack to more. */
export const MAX_BUNDLE_BYTES = 64 * 1024 * 1024

/** Packed bytes that are unpacked at a time: deflate makes at most 1,032 out of one, so no more than 4 MiB come before it is known to be too much. */
export const UNPACK_STEP_BYTES = 4096

/** Packed bytes in a row out of which nothing may come: twice a stored block; what lies behind the end is kept and copied at each step. */
export const MAX_QUIET_BYTES = 128 * 1024

/** Accesses of one patient under one origin in a completeness bundle. */
export const MAX_TAGS = 20_000

/** Numbers that are tried to show that a tag belongs to none of them: an access has no number above its index. */
export const MAX_CHAIN_SEARCH = 100_000

/** Days for which an organization keeps what an event said, at least: three years, each of 366 days. For so long a wallet calls a copy that is not given out a fault. */
export const MIN_RETENTION_DAYS = 3 * 366

/** Trust records in one bundle: one for each change of the set of witnesses. */
export const MAX_TRUST_CHAIN = 200

/** Sites of a study that is shown: as many as a network has members. */
export const MAX_STUDY_SITES = 200

/** Characters of a study's title that a check repeats: a line. */
export const MAX_SHOWN_TITLE = 200

/** Rounds of a run that is shown: iterative models take some hundreds. */
export const MAX_STUDY_ROUNDS = 1_000

/** Characters of the public values of one round: a model matrix of 4,000 columns, eight bytes a number, in base64. */
export const MAX_STUDY_MODEL = 1_000_000

/** Statements in one sample: a thousand give an interval of three in a hundred either way. */
export const MAX_SAMPLE = 2_000

/** Days within which a statement is fresh, at most: ten years. */
export const MAX_SAMPLE_DAYS = 3_660

/** Batches in one sample's pack: a hundred million statements. */
export const MAX_BATCHES_SHOWN = 10_000
