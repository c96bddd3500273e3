import type { Logger } from 'pino'

/** Background work, one round at a time for each job; a round that fails is logged and tried again at the next turn. */
export interface Scheduler extends AsyncDisposable {
  every(name: string, intervalMs: number, work: () => Promise<unknown>): void
}

export function createScheduler(logger: Logger): Scheduler {
  const stops: (() => Promise<void>)[] = []
  return {
    every(name, intervalMs, work) {
      let running: Promise<void> = Promise.resolve()
      let stopped = false
      let timer: NodeJS.Timeout | undefined
      const round = async () => {
        try {
          await work()
        } catch (error) {
          logger.warn({ job: name, reason: error instanceof Error ? error.message : 'unknown' }, 'a round of a job failed')
        }
        if (!stopped) timer = setTimeout(start, intervalMs)
      }
      const start = () => {
        running = round()
      }
      timer = setTimeout(start, intervalMs)
      stops.push(async () => {
        stopped = true
        clearTimeout(timer)
        await running
      })
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(stops.map((stop) => stop()))
    },
  }
}
