import { systemTimers, type Timers } from '@fiducia/engine'
import type { Logger } from 'pino'

/** Background work, one round at a time for each job; a round that fails is logged and tried again at the next turn. */
export interface Scheduler extends AsyncDisposable {
  every(name: string, intervalMs: number, work: () => Promise<unknown>): void
}

export function createScheduler(logger: Logger, timers: Timers = systemTimers): Scheduler {
  const stops: (() => Promise<void>)[] = []
  return {
    every(name, intervalMs, work) {
      let running: Promise<void> = Promise.resolve()
      let stopped = false
      let cancel = () => {}
      const round = async () => {
        try {
          await work()
        } catch (error) {
          logger.warn({ job: name, reason: error instanceof Error ? error.message : 'unknown' }, 'a round of a job failed')
        }
        if (!stopped) cancel = timers.after(intervalMs, start)
      }
      const start = () => {
        running = round()
      }
      cancel = timers.after(intervalMs, start)
      stops.push(async () => {
        stopped = true
        cancel()
        await running
      })
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(stops.map((stop) => stop()))
    },
  }
}
