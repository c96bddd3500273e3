/** `@fiducia/proofs`: checkpoints and their quorum, tiles, leaves, receipts, bundles and the offline verifier. Pure. */
export * from './types.ts'
export * from './limits.ts'
export { createHashLog, type HashLog } from './hash-log.ts'
export * from './tiles.ts'
