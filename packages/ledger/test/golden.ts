/** Recorded from a first run of `rootAfter`; a change of it is a change of the rules or of the bytes, and splits networks. */
export const GOLDEN_SEED = 20_261_122
export const GOLDEN_BLOCKS = 200
export const GOLDEN_ROOT = 'e5f0fc6120ed547a044b74ac1be443c1590bc8f2c6ea29a67b604c6a29572869'
