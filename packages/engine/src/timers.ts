/** Waiting, as an argument like the clock: the system's timers, or those of a simulation. */
export interface Timers {
  /** Milliseconds from any start; they never go back, whatever is done to the clock. */
  elapsed(): number
  /** Runs the work once, not before the delay is over; 0 is a later turn of the event loop. Gives the way to cancel it. */
  after(delayMs: number, work: () => void): () => void
}

export const systemTimers: Timers = {
  elapsed: () => performance.now(),
  after(delayMs, work) {
    if (delayMs <= 0) {
      const turn = setImmediate(work)
      return () => clearImmediate(turn)
    }
    const timer = setTimeout(work, delayMs)
    return () => clearTimeout(timer)
  },
}
