import { expect, it } from 'vitest'
import { acceptedTwice, differenceFromReference, type HistoryCounts, indexDifference } from './histories.ts'

/** Long seeded histories. `FIDUCIA_SEED` repeats one; the seed is printed with every run. */
const first = Number(process.env['FIDUCIA_SEED'] ?? 1_000_000)

it.each(Array.from({ length: 60 }, (_, i) => first + i))('agrees with the reference over 400 blocks, seed %i', (seed) => {
  const counts: HistoryCounts = { accepted: new Map(), refused: new Map() }
  expect(differenceFromReference(seed, 400, counts)).toBeUndefined()
  expect(indexDifference(seed, 400)).toBeUndefined()
})

it.each(Array.from({ length: 10 }, (_, i) => first + i))('never accepts a transaction twice over 150 blocks, seed %i', (seed) => {
  expect(acceptedTwice(seed, 150)).toBeUndefined()
})
