import type { LoadProgress } from '@fiducia/node'

const SHOWN_AFTER_MS = 1000
const SHOWN_EVERY_MS = 250

const DONE = { read: 'rows read', compare: 'subjects compared' } as const

/** How far a load is, on a terminal once it takes longer than a second: rows, rows each second, time left. */
export class LoadProgressLine implements Disposable {
  #phase: LoadProgress['phase'] | undefined
  /** When the phase began, and what was done and which share then. */
  #start = { at: performance.now(), done: 0, share: 0 }
  #shown: number | undefined

  show({ phase, done, share }: LoadProgress): void {
    if (phase === 'resumed') {
      process.stderr.write(`fiducia: this load was interrupted; it goes on after ${done} rows\n`)
      return
    }
    const now = performance.now()
    if (phase !== this.#phase) {
      this.#phase = phase
      this.#start = { at: now, done, share }
    }
    if (!process.stderr.isTTY || now - this.#start.at < SHOWN_AFTER_MS || now - (this.#shown ?? 0) < SHOWN_EVERY_MS) return
    this.#shown = now
    const seconds = (now - this.#start.at) / 1000
    const rate = Math.round((done - this.#start.done) / seconds)
    const left = share > this.#start.share ? Math.ceil((seconds * (1 - share)) / (share - this.#start.share)) : undefined
    process.stderr.write(`\r\u001b[K${done} ${DONE[phase]}, ${rate}/s${left === undefined ? '' : `, ${left} s left`}`)
  }

  [Symbol.dispose](): void {
    if (this.#shown !== undefined) process.stderr.write('\r\u001b[K')
  }
}
