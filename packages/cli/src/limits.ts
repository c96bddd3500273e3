/** Limits of `cli`, each with its reason. */

/** A file that a command reads whole; a mistaken path could otherwise fill the memory. */
export const MAX_INPUT_BYTES = 64 * 1024 * 1024

/** People in one preview, each asked about every item twice: a hospital's staff who looked at one record in a year are fewer. */
export const MAX_PREVIEW_PEOPLE = 1000

/** Versions of a policy that count together: committed and pending ones are a handful. */
export const MAX_VERSIONS = 16
