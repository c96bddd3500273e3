import { expect, it } from 'vitest'
import { ReadFailure } from './answer.ts'
import { createSlot } from './slot.ts'

it('shows the newest reading only, whichever ends last', async () => {
  const seen: (string | undefined)[] = []
  const slot = createSlot<string>(() => seen.push(slot.reading ? 'reading' : slot.value))
  const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()]
  const both = [slot.fill(() => first.promise), slot.fill(() => second.promise)]
  second.resolve('second')
  await both[1]
  first.resolve('first')
  await Promise.all(both)
  expect(slot.value).toBe('second')
  expect(seen).toEqual(['reading', 'reading', 'second'])
})

it('keeps nothing of what was there before a reading that failed', async () => {
  const slot = createSlot<string>(() => {})
  await slot.fill(() => Promise.resolve('before'))
  await slot.fill(() => Promise.reject(new ReadFailure('FILE_UNREADABLE', 'expected a file', 'a')))
  expect(slot).toMatchObject({ reading: false, value: undefined, failure: { at: 'a' } })
  await slot.fill(() => Promise.resolve(undefined))
  expect(slot).toMatchObject({ reading: false, value: undefined, failure: undefined })
})
