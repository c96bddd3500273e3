import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Attestation, BASES, DECIDING_RULES, FIELD_STATES, OPERATIONS, resolveField, resolveSubject } from '../src/index.ts'
import { at, attest, DAY, GROUPS, NOW, type Said } from './attestations.ts'
import { referenceField } from './resolution-reference.ts'

/** Three numbers, each in spellings that are one, and one that says nothing. */
const SPELLINGS = ['401-555-0101', '(401) 555-0101', '+1 401 555 0101 x5', '401-555-0102', '4015550102', '1-401-555-0103', 'N/A'] as const
const MS = 1 / DAY
const DAYS = [0, 1, 30, 60, 89, 90 - MS, 90, 90 + MS, 91, 200, 364, 365 - MS, 365, 366, -1, -40] as const

const said: fc.Arbitrary<Said> = fc.record({
  by: fc.constantFrom(...Object.keys(GROUPS)),
  says: fc.constantFrom(...SPELLINGS),
  days: fc.oneof({ arbitrary: fc.constantFrom(...DAYS), weight: 4 }, fc.integer({ min: 0, max: 95 })),
  operation: fc.oneof({ arbitrary: fc.constant('assert' as const), weight: 4 }, fc.constantFrom(...OPERATIONS)),
  basis: fc.oneof(fc.constantFrom(...BASES), fc.constant('import' as const)),
  origin: fc.constantFrom('nppes', 'state', 'own'),
  recordedDays: fc.oneof({ arbitrary: fc.constant(0), weight: 3 }, fc.constantFrom(30, 89, 90)),
  height: fc.nat({ max: 2 }),
  position: fc.nat({ max: 1 }),
})

/** Some groups are merged in some histories, so that there are three or four. */
const history = fc
  .tuple(fc.array(said, { maxLength: 9 }), fc.constantFrom('dogwood', 'cedar'), fc.nat({ max: 100 }))
  .map(([words, merged, offset]) =>
    attest(...words.map((word, i) => ({ ...word, tag: String((i * 37 + offset) % 101), ...(word.by === 'dogwood' ? { group: merged } : {}) }))),
  )
const reliability = fc.dictionary(fc.constantFrom(...Object.keys(GROUPS)), fc.constantFrom(0, 333, 500, 999, 1000))
const context = fc.record({ time: fc.constantFrom(NOW, NOW + 1, NOW + 45 * DAY), of: reliability }).map(({ time, of }) => at(time, of))

const resolved = (...words: readonly Said[]) => resolveField(attest(...words), at(NOW))

describe('resolution', () => {
  it('comes to what the page’s sentences say, on 10,000 histories in which every state and every rule occurs', () => {
    const seen = new Map<string, number>()
    const property = fc.property(history, context, (attestations, when) => {
      const field = resolveField(attestations, when)
      expect(field).toEqual(referenceField(attestations, when))
      for (const what of [field?.state, field?.rule]) seen.set(String(what), (seen.get(String(what)) ?? 0) + 1)
    })
    fc.assert(property, { numRuns: 10_000, seed: 20261123 })
    const expected = [...FIELD_STATES.filter((state) => state !== 'departed'), ...DECIDING_RULES, 'undefined']
    expect(expected.filter((what) => (seen.get(what) ?? 0) < 50)).toEqual([])
  })

  it('is the same in any order and with any word repeated', () => {
    const mixed = history.chain((attestations) =>
      fc.tuple(fc.constant(attestations), fc.shuffledSubarray([...attestations, ...attestations], { minLength: attestations.length * 2 })),
    )
    const property = fc.property(mixed, context, ([attestations, again], when) => {
      expect(resolveField(again, when)).toEqual(resolveField(attestations, when))
    })
    fc.assert(property, { numRuns: 1000, seed: 20261123 })
  })

  it('takes every group at its best word, so that one more word never makes a value lose', () => {
    const property = fc.property(history, said, context, (attestations, word, when) => {
      const before = resolveField(attestations, when)
      if (before === undefined) return
      const [more] = attest({
        ...word,
        by: 'elm',
        operation: 'confirm',
        says: before.value,
        basis: word.basis === 'self' ? 'self' : 'observed',
        tag: 'more',
      })
      if (more === undefined) return
      const after = resolveField([...attestations, more], when)
      expect(after && sameValue(after.value, before.value)).toBe(true)
    })
    fc.assert(property, { numRuns: 2000, seed: 20261123 })
  })
})

const sameValue = (a: string, b: string): boolean => resolved({ by: 'birch', says: a }, { by: 'cedar', says: b })?.rule === 'only'

describe('copies', () => {
  const copies = (count: number, more: Partial<Said> = {}): readonly Said[] =>
    Array.from({ length: count }, (_, i) => ({ by: `m${i}`, says: '401-555-0102', days: 0, basis: 'import', origin: 'nppes', ...more }))

  it('fifty of one wrong value never beat one fresh word of the owner', () => {
    for (const own of ['own-record', 'self', 'observed'] as const)
      for (const wrong of [copies(50), copies(50).map((one, i) => ({ ...one, origin: `file-${i}` }))]) {
        const field = resolved(...wrong, { by: 'rowan', says: '401-555-0101', days: 89, basis: own })
        expect([field?.value, field?.state, field?.rule]).toEqual(['401-555-0101', 'single-source', 'tier'])
      }
  })

  it('are one voice, and add nothing to what somebody says', () => {
    expect(resolved(...copies(50))?.attesters.length).toBe(1)
    const said = { by: 'rowan', says: '401-555-0102', days: 50 } as const
    const [alone, copied] = [resolved(said), resolved(said, ...copies(50))]
    expect([copied?.state, copied?.rule, copied?.value]).toEqual([alone?.state, alone?.rule, alone?.value])
    const rival = { by: 'birch', says: '401-555-0101', days: 49 } as const
    expect(resolved(said, rival, ...copies(50))?.value).toBe('401-555-0101')
  })

  it('add nothing to each other', () => {
    const old = ['nppes', 'state', 'payer'].map((origin) => ({ by: origin, says: '401-555-0102', days: 45, basis: 'import', origin }) as const)
    expect(resolved(...old, { by: 'birch', says: '401-555-0101', days: 44, basis: 'import', origin: 'city' })?.value).toBe('401-555-0101')
  })

  it('of two origins that disagree are unverified, and stale when all are old', () => {
    const other = { by: 'birch', says: '401-555-0101', days: 20, basis: 'import', origin: 'state' } as const
    expect(resolved(...copies(3), other)?.state).toBe('unverified')
    expect(resolved(...copies(3, { days: 120 }), { ...other, days: 120 })?.state).toBe('stale')
  })

  it('speak by the one that was observed last, whoever loaded it', () => {
    const field = resolved(...copies(3, { days: 30 }), { by: 'birch', says: '401-555-0101', days: 29, basis: 'import', origin: 'nppes' })
    expect([field?.value, field?.rule, field?.dissent.length]).toEqual(['401-555-0101', 'only', 0])
  })

  it('may be denied by the very member that loaded them', () => {
    const field = resolved(...copies(1), { by: 'm0', says: '401-555-0102', operation: 'deny', basis: 'observed' })
    expect([field?.state, field?.dissent.map(({ value }) => value)]).toEqual(['contested', [null]])
  })
})

describe('groups', () => {
  const five: readonly Said[] = Array.from({ length: 5 }, (_, i) => ({ by: `m${i}`, group: 'orchard', says: '401-555-0102', basis: 'observed' }))

  it('of five count once', () => {
    const [one, all] = [resolved(...five.slice(0, 1)), resolved(...five)]
    expect([all?.state, all?.attesters.length]).toEqual(['single-source', 1])
    expect(one?.state).toBe('single-source')
    const others: readonly Said[] = ['birch', 'cedar'].map((by) => ({ by, says: '401-555-0101', basis: 'observed', days: 40 }))
    const field = resolved(...five, ...others)
    expect([field?.value, field?.rule]).toEqual(['401-555-0101', 'weight'])
  })

  it('beyond the third add no weight', () => {
    const said = (by: string, says: string, days: number): Said => ({ by, says, days, basis: 'observed' })
    const four = ['a', 'b', 'c', 'd'].map((by) => said(by, '401-555-0101', 45))
    const three = ['e', 'f', 'g'].map((by) => said(by, '401-555-0102', 44))
    expect(resolved(...four, ...three)?.value).toBe('401-555-0102')
  })

  it('agree on both sides only if they are two', () => {
    const sides = (other: string) => resolved({ by: 'rowan', says: '401-555-0101' }, { by: other, says: '401-555-0101', basis: 'counterparty' })
    expect(['aspen', 'birch'].map((other) => sides(other)?.state)).toEqual(['single-source', 'verified'])
  })
})

describe('withdrawing', () => {
  it('restores what was before that member spoke', () => {
    const property = fc.property(history, said, context, (attestations, word, when) => {
      const [spoken, withdrawn] = attest(
        { ...word, by: 'elm', operation: 'assert', height: 3, tag: 'spoken' },
        { by: 'elm', says: null, origin: word.origin ?? 'own', height: 4, tag: 'withdrawn' },
      )
      if (spoken === undefined || withdrawn === undefined) return
      expect(resolveField([...attestations, spoken, withdrawn], when) ?? 'nothing').toEqual(resolveField(attestations, when) ?? 'nothing')
    })
    fc.assert(property, { numRuns: 1000, seed: 20261123 })
  })

  it('brings back nothing that the member said earlier, and leaves what it says under another origin', () => {
    const own = { by: 'rowan', says: '401-555-0101' } as const
    expect(resolved(own, { ...own, says: '401-555-0102' }, { by: 'rowan', says: null })).toBeUndefined()
    expect(resolved(own, { ...own, origin: 'nppes', basis: 'import' }, { by: 'rowan', says: null })?.state).toBe('unverified')
  })
})

describe('the clock', () => {
  const stateAt = (age: number) => resolveField(attest({ by: 'rowan', says: '401-555-0101', days: 0 }), at(NOW + age))

  it('reads 89, 90 and 91 days: the word is fresh to the last millisecond of the ninetieth, and then stale', () => {
    const days = [0, 45 * DAY, 89 * DAY, 90 * DAY - 1, 90 * DAY, 91 * DAY].map(stateAt)
    expect(days.map((field) => [field?.state, field?.attesters[0]?.freshness])).toEqual([
      ['single-source', 1000],
      ['single-source', 500],
      ['single-source', 12],
      ['single-source', 1],
      ['stale', 0],
      ['stale', 0],
    ])
    expect([365 * DAY - 1, 365 * DAY].map((age) => stateAt(age)?.state)).toEqual(['stale', undefined])
  })

  it('lets nobody look ahead: what was observed after its recording counts as observed then', () => {
    const ahead = { by: 'rowan', says: '401-555-0101', days: -400, recordedDays: 0 } as const
    expect(resolved(ahead)?.since).toBe(NOW)
    expect(resolveField(attest(ahead), at(NOW + 90 * DAY))?.state).toBe('stale')
    expect(resolveField(attest({ ...ahead, recordedDays: -400 }), at(NOW))?.attesters[0]?.freshness).toBe(1000)
  })
})

describe('a fresh word of a better tier', () => {
  it('never loses to a worse one', () => {
    const basis = fc.constantFrom('primary-source', 'own-record', 'observed', 'import')
    const tiers: readonly string[] = ['primary-source', 'own-record', 'observed', 'import']
    const crowd = fc.array(fc.record({ by: fc.constantFrom('a', 'b', 'c', 'd', 'e'), basis, days: fc.nat({ max: 89 }) }), { minLength: 1, maxLength: 8 })
    const property = fc.property(basis, crowd, reliability, (best, many, of) => {
      const worse = many.filter((word) => tiers.indexOf(word.basis) > tiers.indexOf(best)).map((word) => ({ ...word, says: '401-555-0102' }))
      const field = resolveField(attest(...worse, { by: 'rowan', says: '401-555-0101', days: 89, basis: best }), at(NOW, of))
      expect(field?.value).toBe('401-555-0101')
    })
    fc.assert(property, { numRuns: 1000, seed: 20261123 })
  })

  it('is not won back by making an old word of a good basis look new', () => {
    const old = { by: 'birch', says: '401-555-0102', basis: 'primary-source', days: 100 } as const
    const anew = { by: 'cedar', says: '401-555-0102', basis: 'observed', days: 0 } as const
    expect(resolved(old, anew, { by: 'rowan', says: '401-555-0101' })?.value).toBe('401-555-0101')
  })
})

describe('a subject that is gone', () => {
  const phone = { by: 'rowan', says: '401-555-0101' } as const
  const states = (...words: readonly Said[]) => Object.fromEntries([...resolveSubject(attest(...words), at(NOW))].map(([field, { state }]) => [field, state]))

  it('has departed in every field but the one that says so', () => {
    expect(states(phone, { ...phone, field: 'status', says: ' Departed' })).toEqual({ phone: 'departed', status: 'single-source' })
    expect(states(phone, { ...phone, field: 'status', says: 'active' }, { ...phone, field: 'npi.status', says: 'deactivated' })).toEqual({
      'npi.status': 'single-source',
      phone: 'departed',
      status: 'departed',
    })
  })

  it('is not gone because of what loses, or of the same word elsewhere', () => {
    const active = { ...phone, field: 'status', says: 'active' }
    expect(states(phone, active, { ...active, by: 'birch', says: 'departed', basis: 'observed' })).toEqual({ phone: 'single-source', status: 'single-source' })
    expect(states({ ...phone, field: 'type', says: 'departed' }, { ...phone, field: 'npi.status', says: 'departed' })).toEqual({
      type: 'single-source',
      'npi.status': 'single-source',
    })
  })

  it('has its fields in the order of their names, and none of which nothing stands', () => {
    const words: readonly Attestation[] = attest({ ...phone, field: 'url', says: 'https://example.org' }, phone, { ...phone, field: 'fax', says: 'N/A' })
    expect([...resolveSubject(words, at(NOW)).keys()]).toEqual(['phone', 'url'])
  })
})
