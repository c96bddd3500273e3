import { describe, expect, it } from 'vitest'
import { BATCHES, type Changes, sampleBundle, shown } from '../../test/sample.ts'
import { bytes, policy } from '../../test/network.ts'
import { drawPlaces, intervalOf, verifyBundle } from '../index.ts'

const failedOf = (changes: Changes): readonly string[] =>
  verifyBundle(sampleBundle(changes), policy)
    .checks.filter(({ ok }) => !ok)
    .map(({ name }) => name)

const ALL = { size: 7 }

describe('a sample of what a member says', () => {
  it('is drawn by the block, and counted again by its reader', () => {
    const { valid, kind, facts, proves } = verifyBundle(sampleBundle(ALL), policy)
    expect({ valid, kind }).toEqual({ valid: true, kind: 'sample' })
    // Seven places: `a` is said anew (fresh), b and c are fresh, d is erased, e is a day too old, f taken back, g fresh.
    expect(facts).toMatchObject({ org: 'alpha', statements: 7, sampled: 7, standing: 5, fresh: 4, days: 90 })
    expect(proves[1]).toMatch(/4 of 5 were observed within 90 days: 37\.5 % to 96\.4 % of all/)
  })

  it('of a few is another one for each block', () => {
    expect(failedOf({ size: 3 })).toEqual([])
    const org = 'alpha' as never
    const draws = Array.from({ length: 50 }, (_, i) => drawPlaces({ stateRoot: bytes(`root ${i}`), org }, 1000, 5).join())
    expect(new Set(draws).size).toBe(50)
    const places = Array.from({ length: 200 }, (_, i) => drawPlaces({ stateRoot: bytes(`root ${i}`), org }, 10, 3)).flat()
    for (let place = 0; place < 10; place += 1) expect(places.filter((one) => one === place).length).toBeGreaterThan(30)
  })

  it.each<readonly [string, string, Changes]>([
    ['places that the block did not draw', 'draw', { size: 3, pack: (pack) => ({ ...pack, sample: pack.sample.toReversed() }) }],
    ['one place fewer', 'draw', { ...ALL, pack: (pack) => ({ ...pack, sample: pack.sample.slice(1) }) }],
    ['other figures', 'figures', { ...ALL, pack: (pack) => ({ ...pack, figures: { ...pack.figures, fresh: pack.figures.fresh + 1 } }) }],
    ['a number of days that fits better', 'figures', { ...ALL, pack: (pack) => ({ ...pack, days: 91 }) }],
    ['a batch left out', 'all-batches', { shown: (shown) => ({ ...shown, batches: shown.batches.slice(0, 2) }) }],
    ['a batch left out of the count', 'all-batches', { shown: (shown) => ({ author: { ...shown.author, batches: 2 }, batches: shown.batches.slice(0, 2) }) }],
    [
      'a batch that the ledger knows otherwise',
      'all-batches',
      { shown: (shown) => ({ ...shown, batches: shown.batches.map((one, n) => ({ ...one, value: { ...one.value, count: n + 9 } })) }) },
    ],
    ['a key of somebody else', 'said-by', { seed: bytes('stranger') }],
    [
      'the batch of another member',
      'all-batches',
      { state: {}, shown: (shown) => ({ ...shown, batches: shown.batches.map((one) => ({ ...one, value: { ...one.value, org: 'beta' as never } })) }) },
    ],
    [
      'a later statement that is an earlier one',
      'statements',
      { ...ALL, source: { newestOf: (drawn) => (drawn.n === 2 && drawn.index === 2 ? { ...sampled(0, 0) } : null) } },
    ],
    [
      'a later statement about somebody else',
      'statements',
      { ...ALL, source: { newestOf: (drawn) => (drawn.n === 0 && drawn.index === 1 ? { ...sampled(2, 2) } : null) } },
    ],
  ])('is refused with %s', (_what, check, changes) => {
    expect(failedOf(changes)).toContain(check)
  })
})

const sampled = (n: number, index: number) => {
  const pack = JSON.parse(new TextDecoder().decode(sampleBundle(ALL).get('sample.json'))) as {
    sample: { drawn: { n: number; index: number; path: never[] } }[]
  }
  const found = pack.sample.find(({ drawn }) => drawn.n === n && drawn.index === index)
  const [line] = (BATCHES[n] ?? []).slice(index)
  if (found === undefined || line === undefined) throw new Error('expected the line')
  return { ...found.drawn, line: shown(line) }
}

it('an interval is Wilson’s, and says nothing where nothing stands', () => {
  expect(intervalOf(0, 0)).toEqual({ share: null, lower: null, upper: null })
  expect(intervalOf(0, 10)).toEqual({ share: 0, lower: 0, upper: 2775 })
  expect(intervalOf(10, 10)).toEqual({ share: 10_000, lower: 7225, upper: 10_000 })
  expect(intervalOf(81, 263)).toEqual({ share: 3080, lower: 2553, upper: 3662 })
})
