import type { Clock } from '@fiducia/engine'

/** A clock that a test or a story can move forward; it never goes back. */
export interface SteppingClock extends Clock {
  advance(milliseconds: number): void
}

/** Runs with the wall clock from `start` on, plus every advance. */
export function createSteppingClock(startMs: number, wall: Clock): SteppingClock {
  const origin = wall.now()
  let ahead = 0
  return {
    now: () => startMs + (wall.now() - origin) + ahead,
    advance(milliseconds) {
      ahead += milliseconds
    },
  }
}

export const wallClock: Clock = { now: () => Date.now() }
