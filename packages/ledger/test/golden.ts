/** Recorded from a first run of `rootAfter`; a change of it is a change of the rules or of the bytes, and splits networks. */
export const GOLDEN_SEED = 20_261_122
export const GOLDEN_BLOCKS = 200
export const GOLDEN_ROOT = 'b243aa39f3731dbabc646f5b3777ac5ecb23fdd9db4f5b6f13305f254fba850f'
