/** Limits of `engine`, each with its reason. Times in milliseconds. */

/** A block that is made under load gathers for this long; an idle ledger commits at once. */
export const GROUP_COMMIT_MS = 25

/** Transactions in one block of the embedded engine: keeps the event loop free for other work at least every 100 ms. */
export const MAX_BLOCK_TRANSACTIONS = 1_000

/** Transactions that wait for a block; whoever comes later is told to come again, so that memory stays bounded. */
export const MAX_WAITING = 20_000

/** Verdicts about signatures that are kept between arrival and block, and while peers send the same again. */
export const MAX_VERDICTS = 65_536

/** Parsed public keys of those who sign often. */
export const MAX_KEY_OBJECTS = 4_096

/** Heights at which state can be read and proved; whoever needs a proof later stores it with the event. */
export const KEPT_HEIGHTS = 10_000

/** States that stay in memory; older ones are put together from the stored versions. */
export const RECENT_STATES = 256

/** Older states that were put together and may be asked for again. */
export const REBUILT_STATES = 16

/** How far a block's time may be from a member's clock, ahead at any time and behind while in step. */
export const MAX_BLOCK_AHEAD_MS = 60_000
export const MAX_BLOCK_BEHIND_MS = 60_000

/** How long a transaction that was passed on may wait before a member refuses to cosign. */
export const MAX_HANDED_ON_WAIT_MS = 60_000

/** Transactions that were passed on and wait; above it a member refuses to take in more. */
export const MAX_HANDED_ON = 10_000

/** Bundles of 256 entries that a follower fetches before it replays them: bounds memory while catching up. */
export const BUNDLES_PER_STEP = 16

/** Entries that a follower replays before it gives way to other work: about a tenth of a second. */
export const REPLAY_STEP = 512

/** A bundle of 256 entries of at most 60 KiB and a byte, each with its length. */
export const MAX_BUNDLE_BYTES = 256 * (60 * 1024 + 3)

/** Entries that a follower holds in memory before it can compare them with the signed root: about a million transactions. */
export const MAX_UNCHECKED_BYTES = 1024 ** 3

/** Findings that one check of a directory reports; more of them say nothing new. */
export const MAX_FINDINGS = 1_000
