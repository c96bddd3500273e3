/** Limits of `proofs`, each with its reason. */

/** Hashes or entries in a full tile, fixed by C2SP tlog-tiles. */
export const TILE_WIDTH = 256

/** Tile levels: six of them span 2^48 leaves, more than any log here will hold. */
export const MAX_TILE_LEVEL = 5

/** Bytes of one entry in an entry bundle: its length is a u16 (C2SP tlog-tiles). */
export const MAX_ENTRY_BYTES = 65_535

/** Hashes that lie in one block of memory: 256 KiB, large enough to be few and small enough to waste little. */
export const HASHES_PER_CHUNK = 8192
