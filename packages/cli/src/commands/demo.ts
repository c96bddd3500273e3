import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { DEMO_MEMBERS, freePort, type Network, openTheater, runStory, runStoryApart, servePage, type Story, type StoryStep, wallClock } from '@fiducia/testkit'
import { type Answer, UsageError } from '../output.ts'
import { folderOf } from '../read-input.ts'
import { untilStopped } from '../until-stopped.ts'

/**
 * `fiducia demo`: with --once the headline story on a fresh network that is stopped afterwards; without, a network that
 * stays (the story is told on it at its first start) and a page that shows it.
 */
export interface DemoFlags {
  readonly once?: boolean
  readonly out?: string
  readonly records?: string
  readonly port?: string
  readonly json?: boolean
}

const DEFAULT_FOLDER = '.demo'
const DEFAULT_PAGE_PORT = 7400
const FIRST_NODE_PORT = 7411
const JOBS_EVERY_MS = 1_000

export async function runDemo(flags: DemoFlags): Promise<Answer> {
  if (flags.records !== undefined) folderOf(flags.records, 'a folder with R4 Bundles')
  if (flags.out !== undefined && existsSync(flags.out)) folderOf(flags.out, 'a folder for the network and its proofs')
  if (flags.port !== undefined) portOf(flags.port)
  return flags.once === true ? tellOnce(flags) : live(flags)
}

function printStep(step: StoryStep, number: number): void {
  process.stderr.write(
    `\n${number}. ${step.detail}\n   ${step.ok ? 'ok' : 'FAILED'}, ${step.ms} ms${step.proof === undefined ? '' : `, proof: ${step.proof}`}\n`,
  )
}

async function tellOnce(flags: DemoFlags): Promise<Answer> {
  const dir = flags.out === undefined ? mkdtempSync(path.join(os.tmpdir(), 'fiducia-demo-')) : emptyFolder(flags.out)
  let told = 0
  const { ok, steps } = await runStory({
    dir,
    ...(flags.records === undefined ? {} : { records: flags.records }),
    onStep: (step) => printStep(step, ++told),
  })
  const lines = [
    `${steps.filter((step) => step.ok).length} of ${steps.length} steps went as they should. Everything is in ${dir}`,
    `Check a proof yourself: npx fiducia verify ${path.join(dir, 'proofs', '05-released')} --trust ${path.join(dir, 'trust.policy')}`,
  ]
  return { exitCode: ok ? 0 : 1, json: { ok, steps, out: dir }, text: `\n${lines.join('\n')}` }
}

function emptyFolder(name: string): string {
  const dir = path.resolve(name)
  mkdirSync(dir, { recursive: true })
  if (readdirSync(dir).length > 0) throw new UsageError('FOLDER_NOT_EMPTY', `expected a new or empty folder, found files in \`${name}\``, name)
  return dir
}

async function live(flags: DemoFlags): Promise<Answer> {
  const dir = path.resolve(flags.out ?? DEFAULT_FOLDER)
  const say = (line: string) => process.stderr.write(`${line}\n`)
  const isNew = !existsSync(dir) || readdirSync(dir).length === 0
  const story = isNew ? await tellFirst(dir, flags, say) : readStory(dir)
  const options = { dir, jobsEveryMs: JOBS_EVERY_MS, firstPort: FIRST_NODE_PORT, ...(flags.records === undefined ? {} : { records: flags.records }) }
  await using theater = await openTheater(options, wallClock.now())
  const { network } = theater
  await using page = await servePage({ network, story, dir, port: await freePort(flags.port === undefined ? DEFAULT_PAGE_PORT : portOf(flags.port)) })
  say('\nFour organizations, one network, on this machine. All people are synthetic.')
  for (const { org, name } of DEMO_MEMBERS) say(`  ${name.padEnd(24)} ${network.node(org).url}`)
  say(`\nOpen ${page.url}   (Ctrl-C stops; the data stays in ${path.relative(process.cwd(), dir) || '.'})\n`)
  reportLive(network, say)
  await untilStopped()
  say('stopping …')
  return { exitCode: 0, json: { ok: story.ok, out: dir }, text: 'stopped' }
}

/** Told beside its place and moved there whole, so that an interrupted story is told again and never taken for one. */
async function tellFirst(dir: string, flags: DemoFlags, say: (line: string) => void): Promise<Story> {
  say('A new network of four organizations; its story:')
  const draft = `${dir}.new`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { recursive: true })
  let told = 0
  const options = { dir: draft, firstPort: FIRST_NODE_PORT, ...(flags.records === undefined ? {} : { records: flags.records }) }
  const story = await runStoryApart(options, (step) => printStep(step, ++told))
  if (!story.ok) throw new UsageError('STORY_FAILED', `the story did not go as it should; what it left is in ${draft}`)
  if (existsSync(dir)) rmdirSync(dir)
  renameSync(draft, dir)
  return story
}

/** What was told to its end and went well; an interrupted `--once` leaves a folder without it. */
function readStory(dir: string): Story {
  try {
    const story = JSON.parse(readFileSync(path.join(dir, 'story.json'), 'utf8')) as Story
    if (story.ok && Array.isArray(story.steps)) return story
  } catch {
    // Said below: what is there is no whole story.
  }
  throw new UsageError('FOLDER_NOT_EMPTY', `expected no folder or one with a whole story in it, found another at \`${dir}\``, dir)
}

function portOf(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new UsageError('BAD_USE', `expected a port from 0 to 65535, found \`${text}\``, '--port')
  return port
}

/** A short account of what happens: one line for each block. */
function reportLive(network: Network, say: (line: string) => void): void {
  const { ledger } = network.node(network.genesis.operator).services.context
  ledger.onBlock(({ height, index }) => say(`block ${height}: the ledger has ${index + 1} entries; the members replay it and cosign`))
}
