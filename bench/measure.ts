import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/**
 * What the benchmarks share: medians, an open-loop load, a folder of their own, and the table they print. Every figure
 * stands beside its goal (DESIGN section 11) and beside the same work done without what is measured, in the same run:
 * absolute times belong to one machine and one hour, ratios travel better. Nothing here asserts anything about time.
 */
export interface Figure {
  readonly what: string
  readonly measured: string
  /** Empty for a figure that has none, such as the one that others are compared with. */
  readonly goal?: string
  /** What the figure is compared with, and the ratio to it. */
  readonly comparedWith?: string
}

const COLUMNS = ['figure', 'measured', 'goal', 'compared with'] as const

export function printTable(title: string, figures: readonly Figure[], notes: readonly string[] = []): void {
  const rows = figures.map(({ what, measured, goal = '', comparedWith = '' }) => [what, measured, goal, comparedWith])
  const widths = COLUMNS.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`
  const machine = `node ${process.versions.node}, ${os.availableParallelism()} cores (${os.cpus()[0]?.model ?? 'unknown'}), load ${(os.loadavg()[0] ?? 0).toFixed(1)}`
  process.stdout.write(`\n${[title, machine, '', line(COLUMNS), rule, ...rows.map(line), ...notes.map((note) => `\n${note}`)].join('\n')}\n`)
}

/** The value that a share of the samples does not exceed. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5)

/** Numbers below 1, the same every time (mulberry32). */
export function randomFrom(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Milliseconds that the work took. */
export async function timed(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/**
 * Microseconds for one call of each work, medians over rounds in which they take turns, so that a busy moment of the machine
 * meets all of them. What the calls give back is kept, so that none can be left out.
 */
export function microsecondsPerCall<Name extends string>(
  calls: number,
  rounds: number,
  works: Readonly<Record<Name, (call: number) => unknown>>,
): (name: Name) => number {
  const samples = new Map<string, number[]>()
  let kept: unknown
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, work] of Object.entries<(call: number) => unknown>(works)) {
      const start = performance.now()
      for (let call = 0; call < calls; call += 1) kept = work(call)
      samples.set(name, [...(samples.get(name) ?? []), ((performance.now() - start) * 1000) / calls])
    }
  }
  if (Number.isNaN(kept)) throw new Error('a benchmark gave no value')
  return (name) => median(samples.get(name) ?? [])
}

export interface Load {
  readonly perSecond: number
  readonly seconds: number
  /** Its time counts from the moment it was due, so that a queue that builds up is seen. */
  readonly work: (call: number) => Promise<unknown>
}

const TICK_MS = 5

/** Milliseconds of each call of an open-loop load: calls start when they are due, whatever became of the ones before. */
export async function underLoad({ perSecond, seconds, work }: Load): Promise<readonly number[]> {
  const [samples, calls]: [number[], Promise<void>[]] = [[], []]
  const total = perSecond * seconds
  const start = performance.now()
  const dueAt = (call: number) => start + (call * 1000) / perSecond
  for (let call = 0; call < total; ) {
    for (; call < total && dueAt(call) <= performance.now(); call += 1) {
      const due = dueAt(call)
      calls.push(work(call).then(() => void samples.push(performance.now() - due)))
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS))
  }
  await Promise.all(calls)
  return samples
}

/** Milliseconds until all calls have ended, with at most `width` of them under way. */
export async function inFlight(width: number, total: number, work: (call: number) => Promise<unknown>): Promise<number> {
  let next = 0
  const lane = async () => {
    while (next < total) await work(next++)
  }
  return timed(() => Promise.all(Array.from({ length: width }, lane)))
}

/** A new folder on the disk that holds the system's temporary files, gone when it is disposed of. */
export function benchFolder(): Disposable & { readonly dir: string } {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'fiducia-bench-'))
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) }
}

export const milliseconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} ms`
export const microseconds = (value: number): string => `${value.toFixed(2)} µs`
export const perSecond = (count: number, ms: number): string => `${Math.round((count * 1000) / ms).toLocaleString('en-US')}/s`
/** How many times `value` is `reference`. */
export const times = (value: number, reference: number): string => `${(value / reference).toFixed(value / reference < 0.1 ? 3 : 2)}×`
