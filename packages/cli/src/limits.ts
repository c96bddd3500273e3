/** Limits of `cli`, each with its reason. */

/** A file that a command reads whole; a mistaken path could otherwise fill the memory. */
export const MAX_INPUT_BYTES = 64 * 1024 * 1024
