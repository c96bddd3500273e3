/** Recorded from a first run of `rootAfter`; a change of it is a change of the rules or of the bytes, and splits networks. */
export const GOLDEN_SEED = 20_261_122
export const GOLDEN_BLOCKS = 200
export const GOLDEN_ROOT = '12b17ef6bc4f1987ffbe8a7c4878d83c8e5fabde6f1548282f8ee7c6b2e1ef69'
