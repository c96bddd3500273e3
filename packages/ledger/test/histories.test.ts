import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TRANSACTION_TYPES } from '../src/index.ts'
import { acceptedTwice, differenceFromReference, type HistoryCounts, indexDifference, rootAfter } from './histories.ts'
import { GOLDEN_BLOCKS, GOLDEN_ROOT, GOLDEN_SEED } from './golden.ts'

const seeds = fc.integer({ min: 0, max: 2 ** 31 })

describe('random histories', () => {
  const counts: HistoryCounts = { accepted: new Map(), refused: new Map() }
  it('fare as in the reference implementation', () => {
    fc.assert(fc.property(seeds, (seed) => {
      expect(differenceFromReference(seed, 60, counts)).toBeUndefined()
    }), { numRuns: 25 })
  })
  it('reach every type of transaction and most refusals', () => {
    expect([...counts.accepted.keys()].sort()).toEqual([...TRANSACTION_TYPES].sort())
    expect(counts.refused.size).toBeGreaterThan(20)
  })
  it('never accept a transaction twice', () => {
    fc.assert(fc.property(seeds, (seed) => {
      expect(acceptedTwice(seed, 25)).toBeUndefined()
    }), { numRuns: 8 })
  })
  it('keep an index that follows from the state', () => {
    fc.assert(fc.property(seeds, (seed) => {
      expect(indexDifference(seed, 60)).toBeUndefined()
    }), { numRuns: 10 })
  })
  it('reach the recorded state root', () => expect(rootAfter(GOLDEN_SEED, GOLDEN_BLOCKS)).toBe(GOLDEN_ROOT))
})
