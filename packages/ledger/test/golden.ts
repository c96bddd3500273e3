/** Recorded from a first run of `rootAfter`; a change of it is a change of the rules or of the bytes, and splits networks. */
export const GOLDEN_SEED = 20_261_122
export const GOLDEN_BLOCKS = 200
export const GOLDEN_ROOT = '55c0761a4c6d036aba0203ab6d70164a2bcbf9d706d13a5cf08327d0639e6d5a'
