/** Limits of a directory's store and its loads, each with its reason. */

/** Records between two commits while files are read: a killed load repeats at most these, and until then they are in memory. */
export const RECORDS_PER_COMMIT = 1_000

/** Locations that are remembered while files are read, so that one that thousands of rows name is staged once: some tens of megabytes. */
export const REMEMBERED_LOCATIONS = 50_000

/** Rejected records that an answer lists; the exception file has all of them. */
export const MAX_LISTED_REJECTIONS = 100_000

/** Below so many subjects of an origin no share of them says that a file is cut or mistaken. */
export const MIN_SUBJECTS_FOR_SHARE = 50

/** Bytes that are read at once. */
export const READ_BYTES = 256 * 1024

/** Pages of the store in memory, in KiB: the inner nodes of its trees at a million practitioners many times over; the rest the system keeps while it can. */
export const CACHE_KIB = 32 * 1024

/** Pages of what a load has read, in KiB: rows are added at its end and gone through once, and this much is sorted at a time for their index. */
export const STAGING_CACHE_KIB = 16 * 1024

/** Random bytes that are drawn at once, for 1,024 salts: a call of the system for each would cost as much as its commitment. */
export const SALT_POOL_BYTES = 32 * 1024

/** Subjects between two reports of progress while a load is compared. */
export const SUBJECTS_PER_REPORT = 2_000

/** How long a load waits for its turn to write, milliseconds: a node writes for moments, a batch of 10,000 statements at the most. */
export const LOAD_WAIT_MS = 30_000

/** Subject keys that are looked for in one pass through the statements: a provider seldom has more roles. */
export const KEYS_AT_ONCE = 100

/** How long an erasure waits for other processes to let go of the file, milliseconds: a node reads and writes for moments only. */
export const ERASURE_WAIT_MS = 60_000

/**
 * A value that a load says again is stated again after this part of the time to its verify-by, 1 / n: with a half, whoever loads every six weeks
 * lets nothing go stale that its source still says, and whoever loads daily states a value at most eight times a year.
 */
export const CONFIRM_AFTER_PART = 2
