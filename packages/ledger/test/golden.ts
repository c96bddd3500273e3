/** Recorded from a first run of `rootAfter`; a change of it is a change of the rules or of the bytes, and splits networks. */
export const GOLDEN_SEED = 20_261_122
export const GOLDEN_BLOCKS = 200
export const GOLDEN_ROOT = '5c9d5cac04e6a195665e90b9d0e7953e6f1328020310889a0507e08fcdbe346f'
