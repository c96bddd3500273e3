import path from 'node:path'
import type { TestProjectConfiguration } from 'vitest/config'
import { type RunnerTask, startVitest } from 'vitest/node'
import { root } from '../run.ts'
import type { Limit, Place, Rule } from './rule.ts'
import { ATTACKS, without } from './table.ts'

/**
 * Plays attacks against the code as it is, and against the code without a rule: the source text is changed on its way into
 * the test's process, and no file is touched. Each rule has a vitest project of its own, so one run tries them all.
 */

/** How an attack ended: it was held off, it succeeded, or the test broke before it could tell. */
export type Ended = { readonly as: 'held' | 'found' } | { readonly as: 'broken'; readonly why: string }

/** What an attack test says when the attack succeeded; any other failure is none. */
export const FOUND = 'attack found: '

export interface Plays {
  /** Against the code as it is, by configuration. */
  readonly whole: ReadonlyMap<string, Ended>
  /** Without the rule, by configuration. */
  readonly without: ReadonlyMap<string, Ended>
}

/** Plays all; what broke, once more: another process on this machine may have taken a port from a network that was restarted. */
export async function play(rules: readonly Rule[], limits: readonly Limit[]): Promise<Plays> {
  const first = await playAll(rules, limits)
  const isBroken = ({ configuration }: Rule | Limit) => [first.whole, first.without].some((ended) => ended.get(configuration)?.as === 'broken')
  const [brokenRules, brokenLimits] = [rules.filter(isBroken), limits.filter(isBroken)]
  if (brokenRules.length === 0 && brokenLimits.length === 0) return first
  return joined([first, await playAll(brokenRules, brokenLimits)])
}

/** Rules in one run of vitest: each is a whole module graph in its memory. */
const RULES_IN_RUN = 13

const joined = (plays: readonly Plays[]): Plays => ({
  whole: new Map(plays.flatMap(({ whole }) => [...whole])),
  without: new Map(plays.flatMap((one) => [...one.without])),
})

async function playAll(rules: readonly Rule[], limits: readonly Limit[]): Promise<Plays> {
  const runs = Array.from({ length: Math.max(1, Math.ceil(rules.length / RULES_IN_RUN)) }, (_, i) => rules.slice(i * RULES_IN_RUN, (i + 1) * RULES_IN_RUN))
  const plays: Plays[] = []
  for (const [i, run] of runs.entries()) plays.push(await playOnce(run, i === 0 ? limits : []))
  return joined(plays)
}

/** In one run of vitest. */
async function playOnce(rules: readonly Rule[], limits: readonly Limit[]): Promise<Plays> {
  const all = [...rules, ...limits]
  const vitest = await startVitest('test', [], {
    config: false,
    root,
    watch: false,
    reporters: [{}],
    maxWorkers: 2,
    projects: [asItIs(all), ...rules.map(withoutRule)],
  })
  const files = vitest.state.getFiles()
  const ended = (project: string, configuration: string) =>
    endOf(
      files.filter(({ projectName }) => projectName === project),
      configuration,
    )
  const plays: Plays = {
    whole: new Map(all.map(({ configuration }) => [configuration, ended(AS_IT_IS, configuration)])),
    without: new Map(rules.map(({ configuration }) => [configuration, ended(configuration, configuration)])),
  }
  await vitest.close()
  return plays
}

const AS_IT_IS = 'as it is'
/** No attack takes more than a few seconds; one that does hangs. */
const TIMEOUT_MS = 60_000

const projectOf = (name: string, tests: readonly string[], configurations: readonly string[]) => ({
  name,
  root,
  include: [...new Set(tests)].map((test) => `${ATTACKS}/${test}`),
  testNamePattern: new RegExp(`^(${configurations.join('|')}): `),
  testTimeout: TIMEOUT_MS,
  hookTimeout: TIMEOUT_MS,
  pool: 'threads' as const,
})

const asItIs = (all: readonly (Rule | Limit)[]): TestProjectConfiguration => ({
  test: projectOf(
    AS_IT_IS,
    all.map(({ test }) => test),
    all.map(({ configuration }) => configuration),
  ),
})

const withoutRule = ({ configuration, test, kept }: Rule): TestProjectConfiguration => ({
  plugins: [takeOut(kept)],
  test: projectOf(configuration, [test], [configuration]),
})

const takeOut = (places: readonly Place[]) => ({
  name: 'fiducia-without-a-rule',
  enforce: 'pre' as const,
  transform(code: string, id: string) {
    const here = places.filter(({ file }) => path.join(root, file) === id.split('?')[0])
    return here.length === 0 ? undefined : { code: here.reduce(without, code), map: null }
  },
})

const broken = (why: string): Ended => ({ as: 'broken', why })

function endOf(files: readonly RunnerTask[], configuration: string): Ended {
  const [fault] = files.flatMap(({ result }) => result?.errors ?? [])
  if (fault !== undefined) return broken(fault.message)
  const [only, ...others] = files.flatMap(testsOf).filter(({ mode, name }) => mode === 'run' && name.startsWith(`${configuration}: `))
  if (only === undefined || others.length > 0) return broken(`expected one test of this name, found ${only === undefined ? 0 : others.length + 1}`)
  if (only.result?.state === 'pass') return { as: 'held' }
  const [error, ...more] = only.result?.errors ?? []
  if (more.length === 0 && error?.name === 'AssertionError' && error.message.startsWith(FOUND)) return { as: 'found' }
  return broken(error?.message ?? `the test ended as ${only.result?.state}`)
}

const testsOf = (task: RunnerTask): readonly RunnerTask[] => ('tasks' in task ? task.tasks.flatMap(testsOf) : [task])
