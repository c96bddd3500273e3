/** Limits of `cli`, each with its reason. */

/** A file that a command reads whole; a mistaken path could otherwise fill the memory. */
export const MAX_INPUT_BYTES = 64 * 1024 * 1024

/** How long `network start` waits for every node to be ready: a first quorum takes a few rounds of a second. */
export const READY_WAIT_MS = 30_000

/** How long `network stop` waits for a network to have stopped: a node finishes what it began. */
export const STOP_WAIT_MS = 60_000

/** People in one preview, each asked about every item twice: a hospital's staff who looked at one record in a year are fewer. */
export const MAX_PREVIEW_PEOPLE = 1000

/** Versions of a policy that count together: committed and pending ones are a handful. */
export const MAX_VERSIONS = 16

/** Rows of a view that are shown as a table; its columns are as wide as their widest cell, so all rows of it are in memory. */
export const MAX_TABLE_ROWS = 1000

/** Providers in one answer to a search: whoever gets more has to say more of the name. */
export const MAX_FOUND = 100

/** Subjects in one page of differences: some megabytes of JSON. */
export const MAX_LISTED_DIFFERENCES = 10_000
