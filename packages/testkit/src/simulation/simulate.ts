import { rmSync } from 'node:fs'
import path from 'node:path'
import type { OrganizationId } from '@fiducia/core'
import { NodeFailure } from '@fiducia/node'
import { beginFaults } from './faults.ts'
import { checkAtEnd } from './healed.ts'
import type { Violation } from './judge.ts'
import type { Disk } from './disk.ts'
import type { Platform } from './platform.ts'
import { CLOSED, finish, HOLDERS, MEMBERS, OPEN, type Planted, REQUESTER, ROLE, setStage, type Stage, type Template } from './stage.ts'
import { copyAsLeft, takeOverDisk } from './disk.ts'
import { takeOverPlatform } from './platform.ts'
import { makeTemplate } from './stage.ts'
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
  await checkAtEnd(stage, (org) => ask(stage, org), { finish: (work) => finish(stage, work) })
}

/** The patient and the doctor, each at several things at once. */
function beginActing(stage: Stage, weather: Weather): { end(): void } {
  const { world, wallet, coverage } = stage
  const dice = stage.dice.fork('actors')
  let isOver = false
  const again = (meanMs: number, work: () => void): void => {
    if (meanMs === 0) return
    world.after(2 * meanMs * dice.next(), () => {
      if (isOver) return
      work()
      again(meanMs, work)
    })
  }
  again(weather.every.ask, () => void ask(stage, dice.pick(HOLDERS)))
  again(weather.every.policy, () => {
    const org = dice.pick(HOLDERS)
    const policy = dice.chance(0.5) ? CLOSED : OPEN
    coverage.count('wish', policy === CLOSED ? 'restrict' : 'permit')
    wallet.wish(org, policy)
    void wallet.round(org)
    // At the moment of a restriction somebody asks: before, while and after it takes effect.
    if (dice.chance(0.5)) for (let i = dice.integer(1, 3); i > 0; i -= 1) world.after(dice.next() * 200, () => void ask(stage, org))
  })
  // A wallet goes on until all stands, also after the faults.
  const rounds = (): void =>
    void world.after(dice.integer(1_000, 5_000), () => {
      for (const org of HOLDERS) void wallet.round(org)
      rounds()
    })
  rounds()
  return {
    end() {
      isOver = true
    },
  }
}

/** Refusals and failures that have a name: they deny, which is always safe. */
const EXPECTED = /^(?:PEER_FAILED|RECEIPT_REFUSED|LOG_FROZEN|STORE_FAILED|OVERLOADED)$/

/** Birch's doctor asks; what comes is used. Gives the status, undefined where nothing came that may be used. */
async function ask({ machine, judge, links, world, coverage }: Stage, holder: OrganizationId): Promise<number | undefined> {
  const node = machine(REQUESTER).node
  if (node === undefined) return undefined
  const practitioner = { identifier: ROLE.opening.practitioner, role: ROLE, acr: 'urn:fiducia:acr:two-factor', authTime: 1_768_467_600 }
  const interaction = { kind: 'search' as const, type: 'Condition', parameters: [] }
  try {
    const answer = await node.services.exchange.ask({ holder, link: links.get(holder), practitioner, purpose: 'TREAT', interaction })
    world.trace.note(`used: ${holder} ${answer.status}`)
    coverage.count('asked', String(answer.status))
    if (answer.receipt !== undefined) judge.used(holder, answer.receipt)
    return answer.status
  } catch (error) {
    const code = error instanceof NodeFailure ? error.code : undefined
    world.trace.note(`not used: ${holder} ${code ?? String(error)}`)
    coverage.count('asked', code ?? 'error')
    const isEnded = machine(REQUESTER).node !== node
    if (!isEnded && (code === undefined || !EXPECTED.test(code)))
      judge.accuse('error', `a question ended with ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    return undefined
  }
}
