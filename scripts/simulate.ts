import { existsSync, mkdtempSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { openSimulator, type Run } from '../packages/testkit/src/index.ts'

/**
 * `npm run simulate -- --seeds 2000`: the network of four on virtual time, network and disks, once for each seed (see
 * docs/guide/simulate.md). A seed that breaks a promise is printed with its last events and the command that replays it.
 * Exit 0: none did; 1: one did; 2: bad use.
 */
const USAGE = `npm run simulate -- [--seeds N] [--first SEED] [--workers N] [--json]
npm run simulate -- --seed SEED [--trace] [--json]
`
const MAX_SEEDS = 1_000_000
const MAX_WORKERS = 64

interface Use {
  readonly first: number
  readonly count: number
  readonly workers: number
  readonly trace: boolean
  readonly json: boolean
}

/** What a worker is asked for; it answers with a `Run`. */
interface Task {
  readonly seed: number
  readonly trace: boolean
}

function wholeNumber(name: string, text: string | undefined, otherwise: number, most: number): number {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (!/^\d+$/.test(text) || value > most) throw new Error(`--${name}: expected a whole number up to ${most}, found \`${text}\``)
  return value
}

function readUse(given: readonly string[]): Use {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const { values } = parseArgs({ args: [...given], options: { seeds: text, first: text, seed: text, workers: text, trace: flag, json: flag } })
  const { trace = false, json = false } = values
  if (values.seed !== undefined && (values.seeds ?? values.first) !== undefined) throw new Error('expected --seed, or --seeds with --first, found both')
  if (trace && values.seed === undefined) throw new Error('--trace: expected the one --seed whose events shall be shown')
  const first = wholeNumber('first', values.first, 1, Number.MAX_SAFE_INTEGER)
  const workers = wholeNumber('workers', values.workers, Math.min(4, os.availableParallelism()), MAX_WORKERS)
  if (values.seed !== undefined) return { first: wholeNumber('seed', values.seed, 1, Number.MAX_SAFE_INTEGER), count: 1, workers: 1, trace, json }
  const count = wholeNumber('seeds', values.seeds, 100, MAX_SEEDS)
  if (count === 0 || workers === 0) throw new Error('expected at least one seed and one worker')
  return { first, count, workers: Math.min(workers, count), trace, json }
}

// ---- a worker ----------------------------------------------------------------------------------------------------------

/** A file system in memory where there is one. */
const memory = existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir()

async function work(): Promise<void> {
  const simulator = await openSimulator(mkdtempSync(path.join(memory, 'fiducia-simulation-')))
  parentPort?.on('message', (task: Task | 'end') => {
    if (task === 'end') {
      simulator[Symbol.dispose]()
      parentPort?.close()
    } else void simulator.run(String(task.seed), { keepAll: task.trace }).then((run) => parentPort?.postMessage(run, []))
  })
  parentPort?.postMessage('ready', [])
}

// ---- the command -------------------------------------------------------------------------------------------------------

/** All runs, in the order of their seeds. */
async function runAll({ first, count, workers, trace }: Use, onRun: (run: Run) => void): Promise<readonly Run[]> {
  const runs: Run[] = []
  let next = first
  const serve = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url))
      worker.once('error', reject)
      worker.once('exit', () => resolve())
      worker.on('message', (said: Run | 'ready') => {
        if (said !== 'ready') {
          runs.push(said)
          onRun(said)
        }
        const task: Task | 'end' = next < first + count ? { seed: next++, trace } : 'end'
        worker.postMessage(task, [])
      })
    })
  await Promise.all(Array.from({ length: workers }, serve))
  return runs.sort((a, b) => Number(a.seed) - Number(b.seed))
}

function describeFailure({ seed, violations, trace }: Run): string {
  const broken = violations.map(({ rule, detail }) => `  ${rule}: ${detail}`)
  return [
    `seed ${seed} broke a promise`,
    ...broken,
    '  the last events:',
    ...trace.slice(-40).map((line) => `    ${line}`),
    `  replay: npm run simulate -- --seed ${seed} --trace`,
    '',
  ].join('\n')
}

type Table = ReadonlyMap<string, ReadonlyMap<string, number>>

function addUp(runs: readonly Run[]): Table {
  const sum = new Map<string, Map<string, number>>()
  for (const { coverage } of runs)
    for (const [fault, steps] of coverage) {
      const row = sum.get(fault) ?? new Map<string, number>()
      for (const [step, count] of steps) row.set(step, (row.get(step) ?? 0) + count)
      sum.set(fault, row)
    }
  return sum
}

function describeCoverage(table: Table): string {
  const rows = [...table].sort(([a], [b]) => a.localeCompare(b))
  return rows
    .map(
      ([fault, steps]) =>
        `${fault}\n${[...steps]
          .sort(([, a], [, b]) => b - a)
          .map(([step, count]) => `  ${String(count).padStart(8)}  ${step}\n`)
          .join('')}`,
    )
    .join('')
}

async function main(given: readonly string[]): Promise<number> {
  let use: Use
  try {
    use = readUse(given)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : 'bad use'}\n${USAGE}`)
    return 2
  }
  const began = performance.now()
  let done = 0
  const runs = await runAll(use, (run) => {
    done += 1
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${use.count} `)
    if (run.violations.length > 0 && !use.json && !use.trace) process.stdout.write(`${process.stderr.isTTY ? '\n' : ''}${describeFailure(run)}`)
  })
  if (process.stderr.isTTY) process.stderr.write('\r')
  const seconds = (performance.now() - began) / 1000
  print(use, runs, seconds)
  return runs.every(({ violations }) => violations.length === 0) ? 0 : 1
}

function print(use: Use, runs: readonly Run[], seconds: number): void {
  const coverage = addUp(runs)
  const failed = runs.filter(({ violations }) => violations.length > 0)
  const sum = (of: (run: Run) => number) => runs.reduce((total, run) => total + of(run), 0)
  const figures = {
    runs: runs.length,
    failed: failed.length,
    events: sum(({ events }) => events),
    used: sum(({ used }) => used),
    virtualHours: sum(({ lastedMs }) => lastedMs) / 3_600_000,
    seconds,
  }
  if (use.json) {
    const table = Object.fromEntries([...coverage].map(([fault, steps]) => [fault, Object.fromEntries(steps)]))
    const digests = runs.map(({ seed, digest, violations, trace }) => ({ seed, digest, violations, ...(violations.length > 0 || use.trace ? { trace } : {}) }))
    process.stdout.write(`${JSON.stringify({ ...figures, coverage: table, seeds: digests })}\n`)
    return
  }
  const [only] = runs
  if (use.trace && only !== undefined) process.stdout.write(`${only.trace.join('\n')}\n`)
  if (use.count > 1) process.stdout.write(`${describeCoverage(coverage)}\n`)
  if (use.count === 1 && only !== undefined)
    process.stdout.write(`seed ${only.seed}: digest ${only.digest}${only.violations.map(({ rule, detail }) => `\n  ${rule}: ${detail}`).join('')}\n`)
  const { events, used, virtualHours } = figures
  process.stdout.write(
    `${runs.length} runs in ${seconds.toFixed(1)} s (${(runs.length / seconds).toFixed(1)} a second): ${events} events, ${used} answers used, ${virtualHours.toFixed(1)} virtual hours; ${failed.length} broke a promise\n`,
  )
}

if (isMainThread) process.exitCode = await main(process.argv.slice(2))
else await work()
