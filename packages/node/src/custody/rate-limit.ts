import type { Clock } from '@fiducia/engine'
import { MAX_RATE_NAMES } from '../limits.ts'

/** At most so many of something within a time, for each name; counted in memory, from one full window to the next. */
export interface RateLimit {
  /** False when there were too many. */
  take(name: string): boolean
}

export function createRateLimit({ clock, most, perMs }: { readonly clock: Clock; readonly most: number; readonly perMs: number }): RateLimit {
  let window = -1
  const counts = new Map<string, number>()
  return {
    take(name) {
      const now = Math.floor(clock.now() / perMs)
      if (now !== window) counts.clear()
      window = now
      const count = counts.get(name) ?? 0
      if (count >= most || (count === 0 && counts.size >= MAX_RATE_NAMES)) return false
      counts.set(name, count + 1)
      return true
    },
  }
}
