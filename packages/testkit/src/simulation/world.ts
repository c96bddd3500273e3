import { createHash } from 'node:crypto'
import type { Clock, Timers } from '@fiducia/engine'

/**
 * Virtual time. All that is going to happen stands in one queue, in the order of its moment and, within a moment, of its
 * entry. The world takes the first, sets the time to it, runs it, and lets the code that it woke run until nothing is left
 * to run; only then comes the next. Nothing reads the wall clock and no thread is waited for, so that what happens is a
 * function of what was put in: the same seed gives the same events, and the same digest over them.
 */
export interface World {
  /** Milliseconds, what a perfect clock would show. */
  now(): number
  /** Which event it is. */
  readonly moment: number
  after(delayMs: number, work: () => void): () => void
  readonly trace: Trace
  /** Lets things happen until the condition holds (looked at after each event) or so much time has passed. Gives whether it held. */
  until(condition: () => boolean, limitMs: number): Promise<boolean>
  /** So much time passes at once: whatever was due in between happens after it. */
  pass(milliseconds: number): void
  /** The next event waits until the promise is settled: for work that needs no event itself. */
  holdFor(work: Promise<unknown>): void
}

/** What happened, line by line; the digest is over all of it. */
export interface Trace {
  note(line: string): void
  readonly length: number
  digest(): string
  /** The newest lines, or all of them where they are kept. */
  last(count: number): readonly string[]
}

const KEPT_LINES = 400

export function createTrace(now: () => number, { keepAll }: { readonly keepAll: boolean }): Trace {
  const hash = createHash('sha256')
  let lines: string[] = []
  let length = 0
  return {
    note(what) {
      const line = `${now()} ${what}`
      hash.update(`${line}\n`)
      lines.push(line)
      length += 1
      if (!keepAll && lines.length > 2 * KEPT_LINES) lines = lines.slice(-KEPT_LINES)
    },
    get length() {
      return length
    },
    digest: () => hash.copy().digest('hex').slice(0, 16),
    last: (count) => lines.slice(-count),
  }
}

interface Event {
  readonly at: number
  readonly order: number
  /** Undefined once it is cancelled. */
  work: (() => void) | undefined
}

const isBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

/** A binary heap, the earliest event first. */
class Queue {
  readonly #events: Event[] = []

  put(event: Event): void {
    const events = this.#events
    let at = events.push(event) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!this.#swapUnlessOrdered(above, at)) return
      at = above
    }
  }

  take(): Event | undefined {
    const events = this.#events
    const [first] = events
    const last = events.pop()
    if (first === undefined || last === undefined || events.length === 0) return first
    events[0] = last
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2]
      const [a, b] = [events[left], events[right]]
      if (a === undefined) return first
      const below = b !== undefined && isBefore(b, a) ? right : left
      if (!this.#swapUnlessOrdered(at, below)) return first
      at = below
    }
  }

  #swapUnlessOrdered(above: number, below: number): boolean {
    const [a, b] = [this.#events[above], this.#events[below]]
    if (a === undefined || b === undefined || isBefore(a, b)) return false
    this.#events[above] = b
    this.#events[below] = a
    return true
  }
}

/**
 * Turns of the event loop in which the code that an event woke comes to rest: a request through the HTTP face takes three.
 * What would need more goes on beside the next events, in the same order each time.
 */
const TURNS = 5

async function comeToRest(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

export function createWorld(startMs: number, options: { readonly keepAll: boolean }): World {
  const queue = new Queue()
  let now = startMs
  let order = 0
  let moment = 0
  let held: Promise<unknown>[] = []
  const trace = createTrace(() => Math.floor(now) - startMs, options)

  async function happen(event: Event): Promise<void> {
    if (event.work === undefined) return
    now = Math.max(now, event.at)
    moment += 1
    event.work()
    await comeToRest()
    while (held.length > 0) {
      await Promise.allSettled(held.splice(0))
      await comeToRest()
    }
  }

  return {
    now: () => Math.floor(now),
    get moment() {
      return moment
    },
    trace,
    after(delayMs, work) {
      const event: Event = { at: now + Math.max(0, delayMs), order, work }
      order += 1
      queue.put(event)
      return () => {
        event.work = undefined
      }
    },
    pass(milliseconds) {
      now += milliseconds
    },
    holdFor: (work) => void held.push(work),
    async until(condition, limitMs) {
      const limit = now + limitMs
      await comeToRest()
      while (!condition()) {
        const event = queue.take()
        if (event === undefined) return false
        if (event.at > limit) {
          queue.put(event)
          now = limit
          return condition()
        }
        await happen(event)
      }
      return true
    },
  }
}

/** A clock that is off by so much, may jump, and runs too fast or too slow. */
export interface FaultyClock extends Clock {
  step(milliseconds: number): void
  /** Milliseconds too many for each that passes. */
  drift(rate: number): void
  /** As a time service does it: at once, and the drift is gone. */
  correct(): void
  /** The largest distance from the world's time that it ever had, milliseconds. */
  readonly worst: number
}

export function createFaultyClock(world: Pick<World, 'now'>): FaultyClock {
  let [offset, rate, since] = [0, 0, world.now()]
  let worst = 0
  const off = () => offset + rate * (world.now() - since)
  const set = (next: number, nextRate: number) => {
    worst = Math.max(worst, Math.abs(off()), Math.abs(next))
    ;[offset, rate, since] = [next, nextRate, world.now()]
  }
  return {
    now: () => Math.floor(world.now() + off()),
    step: (milliseconds) => set(off() + milliseconds, rate),
    drift: (next) => set(off(), next),
    correct: () => set(0, 0),
    get worst() {
      return Math.max(worst, Math.abs(off()))
    },
  }
}

/** The timers of one process: none of them rings any more once it has ended. */
export function createTimers(world: World, isAlive: () => boolean): Timers {
  const start = world.now()
  return {
    elapsed: () => world.now() - start,
    after: (delayMs, work) =>
      world.after(delayMs, () => {
        if (isAlive()) work()
      }),
  }
}
