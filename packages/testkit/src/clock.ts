import { type Clock, systemTimers, type Timers } from '@fiducia/engine'

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

/** Where a step of the clock stands for time that has passed. */
export const timersOf = (clock: Clock): Timers => ({ ...systemTimers, elapsed: () => clock.now() })

export const wallClock: Clock = { now: () => Date.now() }
