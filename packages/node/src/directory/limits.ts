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
