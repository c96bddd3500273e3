/** Recorded from a first run of `rootAfter`; a change of it is a change of the rules or of the bytes, and splits networks. */
export const GOLDEN_SEED = 20_261_122
export const GOLDEN_BLOCKS = 200
export const GOLDEN_ROOT = '7d7f8a9036a12792037341f6fe4b0670557405b2c6d48b67fb05ec8bcf7f62b7'
