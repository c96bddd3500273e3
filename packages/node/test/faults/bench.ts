import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { CompactRange, decodeHex, encodeHex } from '@fiducia/core'
import { durableOf, ENDED, type Fault, type FaultOptions, type Run, runUnderFault, type Step } from './file-layer.ts'
import type { JudgeRequest, Verdict } from './judge-process.ts'
import { WORKLOADS, type WorkloadName } from './process.ts'
import { folderOf, type Said, type Standing } from './workload.ts'

/** One row tried: a workload under one fault at one step, judged by what it said, by fsck, and by what stands when it is opened again. */
export interface Trial {
  readonly workload: WorkloadName
  readonly fault: Fault
  readonly step: Step
  readonly seed: number
}

export interface Outcome {
  /** `ends` by the fault; `goes on` with every acknowledgment; else the codes with which it refused (`no start: CODE` when as a whole). */
  readonly during: readonly string[]
  /** Everything that must never be: empty when the row holds. */
  readonly wrong: readonly string[]
}

/** A load of this name opens, signs what stands, and closes. */
const ONLY_OPEN = -1

/** The load after a restart has other names than the one before. */
const AFTER_RESTART = 100

/** No sync has to wait for a disk there. */
const MEMORY = '/dev/shm'

export interface Bench extends AsyncDisposable {
  /** All steps of a workload, without a fault. */
  steps(workload: WorkloadName): Promise<readonly Step[]>
  try(trial: Trial): Promise<Outcome>
}

export async function openBench(library: string): Promise<Bench> {
  const dir = mkdtempSync(path.join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'fiducia-bench-'))
  const judge = startJudge()
  const prepared = new Map<WorkloadName, Promise<string>>()
  let runs = 0

  async function prepare(workload: WorkloadName): Promise<string> {
    const folder = path.join(dir, workload)
    const place = folderOf(folder)
    mkdirSync(place.data, { recursive: true })
    mkdirSync(place.scratch)
    await (await WORKLOADS[workload]()).prepare(place)
    return folder
  }

  async function copyOf(workload: WorkloadName): Promise<string> {
    const known = prepared.get(workload) ?? prepare(workload)
    prepared.set(workload, known)
    const folder = path.join(dir, `run-${(runs += 1)}`)
    cpSync(await known, folder, { recursive: true })
    return folder
  }

  function run(workload: WorkloadName, folder: string, options: Pick<FaultOptions, 'fault' | 'adopt'> = {}, from = 0): Promise<Run> {
    const program = [path.join(import.meta.dirname, 'process.ts'), workload, folder, String(from)]
    return runUnderFault(library, { program, dir: folderOf(folder).data, trace: path.join(folder, `trace-${from}`), ...options })
  }

  return {
    async steps(workload) {
      const folder = await copyOf(workload)
      const { steps, status, said, stderr } = await run(workload, folder)
      rmSync(folder, { recursive: true })
      if (status !== 0) throw new Error(`\`${workload}\` does not run without a fault: ${JSON.stringify(said.at(-1))} ${stderr}`)
      return steps
    },
    async try({ workload, fault, step, seed }) {
      const folder = await copyOf(workload)
      const crashed = await run(workload, folder, { fault: { kind: fault, step: step.number, seed } })
      // Killed, started again over what the system still holds in memory, used for one thing, and then the power goes.
      const again = fault === 'crash-then-power' ? await run(workload, folder, { adopt: durableOf(folderOf(folder).data) }, ONLY_OPEN) : undefined
      const during = again === undefined ? crashed : { ...crashed, said: [...crashed.said, ...shownBy(again)] }
      const verdict = await judge.ask({ workload, folder, from: AFTER_RESTART })
      if (process.env['FIDUCIA_KEEP'] === undefined) rmSync(folder, { recursive: true })
      return { during: whatHappened(during), wrong: whatIsWrong(workload, during, verdict) }
    },
    async [Symbol.asyncDispose]() {
      await judge.end()
      if (process.env['FIDUCIA_KEEP'] === undefined) rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** What stood when the process opened counts as acknowledged: it may have been shown to somebody. */
const shownBy = ({ said }: Run): readonly Said[] =>
  said.flatMap((one): readonly Said[] => (one.kind === 'open' ? one.standing.ids.map((id) => ({ kind: 'ack', id })) : [one]))

function whatHappened({ status, said, injected, stderr }: Run): readonly string[] {
  if (!injected) return ['never injected']
  if (status === ENDED) return ['ends']
  const refusals = said.flatMap((one) => (one.kind === 'refused' ? [one.code] : one.kind === 'stopped' ? [`no start: ${one.code}`] : []))
  const isOrderly = status === 0 || (status === 1 && said.at(-1)?.kind === 'stopped')
  const happened = [...refusals, ...(isOrderly ? [] : [`status ${status} ${stderr.slice(0, 300)}`])]
  return happened.length === 0 ? ['goes on'] : [...new Set(happened)].sort()
}

/** Before the first start has come to its end, fsck names what is not there so far. */
const MISSING = /^(FILE|GENESIS) /

/** The invariants, from what was said alone. */
function whatIsWrong(workload: WorkloadName, { said }: Run, { found, said: after, foundAfter }: Verdict): readonly string[] {
  const isUnfinished = workload === 'first-start' && !said.some((one) => one.kind === 'open')
  const standing = after.find((one) => one.kind === 'open')?.standing
  return [
    ...found.filter((finding) => !(isUnfinished && MISSING.test(finding))).map((finding) => `fsck: ${finding}`),
    ...foundAfter.map((finding) => `fsck after the restart: ${finding}`),
    ...after.flatMap((one) => (one.kind === 'refused' || one.kind === 'stopped' ? [`after the restart: ${one.kind} ${one.code}: ${one.message}`] : [])),
    ...(standing === undefined ? [] : lost(said, standing)),
    ...signedTwice([...said, ...after]),
    ...(standing?.leaves === undefined ? [] : notExtended(said, standing.leaves)),
  ]
}

const lost = (said: readonly Said[], { ids }: Standing): readonly string[] => {
  const there = new Set(ids)
  const twice = ids.length === there.size ? [] : ['a name stands twice after the restart']
  return [...twice, ...said.flatMap((one) => (one.kind === 'ack' && !there.has(one.id) ? [`acknowledged and lost: ${one.id}`] : []))]
}

function signedTwice(said: readonly Said[]): readonly string[] {
  const roots = new Map<string, string>()
  return said.flatMap((one) => {
    if (one.kind !== 'note') return []
    const name = `${one.origin} at size ${one.size}`
    const known = roots.get(name) ?? one.root
    roots.set(name, known)
    return known === one.root ? [] : [`two roots are signed for ${name}`]
  })
}

/** Roots are computed here, from the leaves alone. */
function notExtended(said: readonly Said[], leaves: readonly string[]): readonly string[] {
  return said.flatMap((one) => {
    if (one.kind !== 'note') return []
    const range = new CompactRange()
    for (const leaf of leaves.slice(0, one.size)) range.append(decodeHex(leaf))
    return range.size === one.size && encodeHex(range.root()) === one.root ? [] : [`the note of ${one.origin} for size ${one.size} is not extended`]
  })
}

interface Judge {
  ask(request: JudgeRequest): Promise<Verdict>
  end(): Promise<void>
}

/** One process at a time; its answers come in the order of the questions. A judge that ends is a verdict of its own. */
function startJudge(): Judge {
  const children = [spawnJudge(), spawnJudge()]
  let next = 0
  return {
    ask: (request) => (children[(next += 1) % children.length] ?? spawnJudge()).ask(request),
    async end() {
      await Promise.all(children.map((child) => child.end()))
    },
  }
}

function spawnJudge(): Judge {
  const waiting: ((verdict: Verdict) => void)[] = []
  let child: ChildProcess | undefined
  function start(): ChildProcess {
    const started = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', path.join(import.meta.dirname, 'judge-process.ts')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    if (started.stdout !== null) createInterface({ input: started.stdout }).on('line', (line) => waiting.shift()?.(JSON.parse(line) as Verdict))
    started.once('close', () => {
      if (child === started) child = undefined
      for (const answer of waiting.splice(0)) answer({ found: ['the judge ended'], said: [], foundAfter: [] })
    })
    return started
  }
  return {
    ask: (request) =>
      new Promise((resolve) => {
        child ??= start()
        waiting.push(resolve)
        child.stdin?.write(`${JSON.stringify(request)}\n`)
      }),
    async end() {
      child?.stdin?.end()
    },
  }
}
