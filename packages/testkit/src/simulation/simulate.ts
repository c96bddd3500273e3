import { rmSync } from 'node:fs'
import path from 'node:path'
import { ask, beginActing } from './actors.ts'
import { beginFaults } from './faults.ts'
import { checkAtEnd } from './healed.ts'
import type { Violation } from './judge.ts'
import { copyAsLeft, type Disk, takeOverDisk } from './disk.ts'
import { MEMBERS } from './cast.ts'
import { finish, type Planted, setStage, type Stage } from './stage.ts'
import { type Platform, takeOverPlatform } from './platform.ts'
import { makeTemplate, type Template } from './template.ts'
import { createWeather, type Weather } from './weather.ts'

/**
 * The network of four in one thread, out of a seed: the nodes are real, time, network and disks are virtual. A patient permits
 * and restricts, a doctor asks, members seal, cosign, publish and compare, all at once and under whatever the seed has in
 * store. Then the faults end, and everything must come to rest: see `judge.ts` for what must hold throughout, `healed.ts` for
 * what must hold at the end.
 */
export interface Run {
  readonly seed: string
  /** Over everything that happened: equal for two runs of one seed. */
  readonly digest: string
  readonly violations: readonly Violation[]
  /** Answers that were used. */
  readonly used: number
  /** Virtual milliseconds. */
  readonly lastedMs: number
  readonly events: number
  readonly coverage: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** The newest lines of what happened, or all of them. */
  readonly trace: readonly string[]
}

export interface RunOptions {
  readonly keepAll?: boolean
  readonly planted?: Planted
}

/** Runs one seed after the other; one simulator in a thread at a time, as it takes over the platform. */
export interface Simulator extends Disposable {
  run(seed: string, options?: RunOptions): Promise<Run>
}

const LAST_LINES = 60

/** `dir`: a folder of its own, best in memory; it is removed in the end. */
export async function openSimulator(dir: string): Promise<Simulator> {
  using owned = new DisposableStack()
  owned.defer(() => rmSync(dir, { recursive: true, force: true }))
  const platform = owned.use(takeOverPlatform())
  const disk = owned.use(takeOverDisk())
  const template = await makeTemplate(path.join(dir, 'template'), disk, platform)
  const kept = owned.move()
  let count = 0
  return {
    run: (seed, options = {}) => runSeed({ template, disk, platform, dir: path.join(dir, String(count++)) }, seed, options),
    [Symbol.dispose]: () => kept.dispose(),
  }
}

interface Place {
  readonly template: Template
  readonly disk: Disk
  readonly platform: Platform
  readonly dir: string
}

async function runSeed({ template, disk, platform, dir }: Place, seed: string, { keepAll = false, planted }: RunOptions): Promise<Run> {
  copyAsLeft(template.dir, dir)
  const { configs, at } = template
  const weatherOf = (stage: Stage) => createWeather(stage.dice.fork('weather'))
  const stage = setStage({ seed, dir, startMs: at, configs, disk, platform, keepAll, planted, from: template, jobsEveryMs: 5_000 })
  const surprise = (error: unknown) =>
    stage.judge.accuse('error', `a node would have ended: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  process.on('uncaughtException', surprise)
  process.on('unhandledRejection', surprise)
  try {
    await live(stage, weatherOf(stage))
  } catch (error) {
    stage.judge.accuse('error', error instanceof Error ? (error.stack ?? error.message) : String(error))
  } finally {
    for (const org of MEMBERS) disk.abandon(path.join(dir, org))
    await new Promise((resolve) => setImmediate(resolve))
    process.off('uncaughtException', surprise)
    process.off('unhandledRejection', surprise)
    rmSync(dir, { recursive: true, force: true })
  }
  const { world, judge, coverage } = stage
  return {
    seed,
    digest: world.trace.digest(),
    violations: judge.violations,
    used: judge.answersUsed.length,
    lastedMs: world.now() - at,
    events: world.moment,
    coverage: coverage.table,
    trace: world.trace.last(keepAll ? Number.MAX_SAFE_INTEGER : LAST_LINES),
  }
}

/** No question lasts longer: what does not answer is given up before. */
const QUESTION_MS = 60_000

async function live(stage: Stage, weather: Weather): Promise<void> {
  const { world, judge } = stage
  world.trace.note(`weather ${JSON.stringify(weather)}`)
  for (const org of MEMBERS) await stage.machine(org).start()
  const faults = beginFaults(stage, weather)
  const actors = beginActing(stage, weather)
  await world.until(() => judge.violations.length > 0, weather.lastsMs)
  if (judge.violations.length > 0) return
  actors.end()
  world.trace.note('faults end')
  await faults.end()
  // Time leaps later on, which would make a question that is under way last for minutes.
  await world.until(() => actors.isIdle, QUESTION_MS)
  await checkAtEnd(stage, (org) => ask(stage, org), { finish: (work) => finish(stage, work) })
}
