import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { silentLogger } from '../logger.ts'
import { createScheduler } from './scheduler.ts'

it('runs one round of a job at a time, however long it takes', async () => {
  let running = 0
  let most = 0
  let rounds = 0
  await using scheduler = createScheduler(silentLogger)
  scheduler.every('slow', 1, async () => {
    running += 1
    most = Math.max(most, running)
    await sleep(8)
    running -= 1
    rounds += 1
  })
  await vi.waitFor(() => expect(rounds).toBeGreaterThanOrEqual(3), { timeout: 30_000 })
  expect(most).toBe(1)
})

it('logs a round that fails and tries again, and other jobs go on', async () => {
  const warn = vi.fn()
  let tried = 0
  let others = 0
  await using scheduler = createScheduler(Object.assign(Object.create(silentLogger), { warn }))
  scheduler.every('failing', 1, async () => {
    tried += 1
    throw new Error('no answer')
  })
  scheduler.every('other', 1, async () => {
    others += 1
  })
  await vi.waitFor(() => expect(Math.min(tried, others)).toBeGreaterThanOrEqual(3), { timeout: 30_000 })
  expect(warn).toHaveBeenCalledWith({ job: 'failing', reason: 'no answer' }, 'a round of a job failed')
})

it('waits for the round that is under way when it is closed, and starts none after', async () => {
  let begun = 0
  let ended = 0
  let onBegun = () => {}
  const first = new Promise<void>((resolve) => (onBegun = resolve))
  const scheduler = createScheduler(silentLogger)
  scheduler.every('job', 1, async () => {
    begun += 1
    onBegun()
    await sleep(20)
    ended += 1
  })
  await first
  await scheduler[Symbol.asyncDispose]()
  expect(ended).toBe(1)
  await sleep(15)
  expect(begun).toBe(1)
})
