import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TRANSACTION_TYPES } from '../src/index.ts'
import { GOLDEN_BLOCKS, GOLDEN_ROOT, GOLDEN_SEED } from './golden.ts'
import { acceptedTwice, differenceFromReference, type HistoryCounts, indexDifference, rootAfter } from './histories.ts'

const seeds = fc.integer({ min: 0, max: 2 ** 31 })
const newCounts = (): HistoryCounts => ({ accepted: new Map(), refused: new Map() })

/** Each seed is tried once, and printed by fast-check when it fails. */
const forSeeds = (runs: number, check: (seed: number) => string | undefined) => {
  fc.assert(
    fc.property(seeds, (seed) => {
      expect(check(seed)).toBeUndefined()
    }),
    { numRuns: runs },
  )
}

describe('random histories', () => {
  it('fare as in the reference implementation', () => {
    forSeeds(15, (seed) => differenceFromReference(seed, 60, newCounts()))
  })
  it('reach every type of transaction and most refusals', () => {
    const counts = newCounts()
    for (const seed of Array.from({ length: 18 }, (_, i) => i + 1)) expect(differenceFromReference(seed, 150, counts)).toBeUndefined()
    expect([...counts.accepted.keys()].sort()).toEqual([...TRANSACTION_TYPES].sort())
    expect(counts.refused.size).toBeGreaterThan(35)
  })
  it('never accept a transaction twice', () => {
    forSeeds(8, (seed) => acceptedTwice(seed, 25))
  })
  it('keep an index that follows from the state', () => {
    forSeeds(10, (seed) => indexDifference(seed, 60))
  })
  it('reach the recorded state root', () => {
    expect(rootAfter(GOLDEN_SEED, GOLDEN_BLOCKS)).toBe(GOLDEN_ROOT)
  })
})
