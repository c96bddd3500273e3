import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Fixture, openFixture, seedOf, text32 } from '../../test/fixture.ts'
import { CUSTODY_NEW_PER_HOUR, MAX_RATE_NAMES } from '../limits.ts'
import { createCustody, type Custody } from './custody.ts'
import { createRateLimit } from './rate-limit.ts'

let fixture: Fixture
let custody: Custody
const erased = new Set<string>()

beforeEach(async () => {
  erased.clear()
  fixture = await openFixture()
  custody = createCustody(fixture.context, {
    isErased: (_kind, name) => erased.has(name),
    eraseCustody: async (id) => {
      erased.add(id)
      fixture.context.database.run('DELETE FROM custody WHERE id = ?', id)
    },
  })
})
afterEach(() => fixture[Symbol.asyncDispose]())

const put = (name: string, version = 1) => custody.put(text32(name), { version, ciphertext: seedOf(`${name} ${version}`) })

it('keeps the newest version, and takes none that is not above it', () => {
  put('a')
  put('a', 3)
  expect(custody.find(text32('a'))).toEqual({ version: 3, ciphertext: seedOf('a 3') })
  put('a', 3)
  for (const version of [1, 2]) expect(() => put('a', version)).toThrow(expect.objectContaining({ code: 'CUSTODY_VERSION' }))
  expect(() => custody.put(text32('a'), { version: 3, ciphertext: seedOf('other') })).toThrow('expected a version above 3, found 3')
})

it('takes nothing again under an id that was erased', async () => {
  put('a')
  expect(await custody.erase(text32('a'), text32('request'))).toBe(true)
  expect(await custody.erase(text32('a'), text32('request'))).toBe(false)
  expect(() => put('a', 2)).toThrow(expect.objectContaining({ code: 'CUSTODY_REFUSED' }))
})

it('takes so many new ids in an hour, and goes on with those it has', () => {
  for (let i = 0; i < CUSTODY_NEW_PER_HOUR; i += 1) put(`new ${i}`)
  expect(() => put('one more')).toThrow(expect.objectContaining({ code: 'RATE_LIMITED', status: 429 }))
  put('new 0', 2)
  fixture.clock.ms += 3_600_000
  put('one more')
})

it('counts each name apart, up to as many names as it remembers', () => {
  const clock = { ms: 0, now: () => clock.ms }
  const limit = createRateLimit({ clock, most: 2, perMs: 1_000 })
  expect(['a', 'a', 'a', 'b'].map((name) => limit.take(name))).toEqual([true, true, false, true])
  for (let i = 0; i < MAX_RATE_NAMES; i += 1) limit.take(`name ${i}`)
  expect([limit.take('new'), limit.take('b')]).toEqual([false, true])
  clock.ms = 1_000
  expect([limit.take('a'), limit.take('new')]).toEqual([true, true])
})
