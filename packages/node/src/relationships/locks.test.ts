import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createLocks } from './locks.ts'

it('runs the work of one key in the order of arrival, one at a time', async () => {
  const locks = createLocks()
  const seen: string[] = []
  const work = (name: string, ms: number) =>
    locks.run('a', async () => {
      seen.push(`${name} begins`)
      await sleep(ms)
      seen.push(`${name} ends`)
      return name
    })
  expect(await Promise.all([work('first', 12), work('second', 1), work('third', 0)])).toEqual(['first', 'second', 'third'])
  expect(seen).toEqual(['first begins', 'first ends', 'second begins', 'second ends', 'third begins', 'third ends'])
})

it('does not let one key wait for another', async () => {
  const locks = createLocks()
  let release = () => {}
  const held = locks.run('a', () => new Promise<void>((resolve) => (release = resolve)))
  expect(await locks.run('b', () => 'went on')).toBe('went on')
  release()
  await held
})

it('goes on after work that failed', async () => {
  const locks = createLocks()
  const failed = locks.run('a', () => Promise.reject(new Error('no')))
  const next = locks.run('a', () => 'yes')
  await expect(failed).rejects.toThrow('no')
  expect(await next).toBe('yes')
})
