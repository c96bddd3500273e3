import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OrganizationId } from '@fiducia/core'
import { type FiduciaNode, fsckNode, loadConfig, NodeFailure, openNode, type Received, silentLogger, startBuiltInSilo } from '@fiducia/node'
import { DEMO_MEMBERS, wallClock } from '@fiducia/testkit'
import { expect, inject, it, vi } from 'vitest'
import type { Stage } from '../src/story/stage.ts'
import { alder, birch, CARE_TEAM, cedar, CONDITIONS, createDice, dune, NOBODY, openAgreedRig } from './rig.ts'

/**
 * A holder that also orders the ledger runs as a process of its own and is killed under load, again and again; then whichever member
 * chance picks. After each kill its folder is sound, it starts again, what was acknowledged holds, and no receipt that was given is
 * contradicted.
 */
const ROUNDS = 6
const CLI = path.join(import.meta.dirname, '../../cli/src/main.ts')
const seed = inject('seed')

interface Served {
  readonly process: ChildProcess
  readonly ended: Promise<unknown>
  readonly words: () => string
}

function serve(dir: string, org: OrganizationId): Served {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, 'serve', '--config', configOf(dir, org)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let words = ''
  child.stderr?.on('data', (chunk: Buffer) => (words = `${words}${chunk.toString()}`.slice(-2_000)))
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal, words })))
  return { process: child, ended, words: () => words }
}

/** Until the node is ready: its cosigned head is fresh and its silo answers. */
async function untilReady(url: string, served: Served | undefined): Promise<void> {
  let last = ''
  for (let tries = 0; tries < 1200; tries += 1) {
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined)
    if (answer?.ok === true) return
    last = answer === undefined ? 'no answer' : await answer.text()
    await sleep(100)
  }
  throw new Error(`the node at ${url} did not become ready: ${last} ${served?.words() ?? ''}`)
}

const configOf = (dir: string, org: string) => path.join(dir, 'nodes', org, 'config.json')

interface Answered {
  readonly startedAt: number
  readonly status: number | string
}

/** Asks without a pause, several at a time, until it is stopped; what was answered is kept. */
function load(ask: () => Promise<Received>): { readonly answers: readonly Answered[]; stop(): Promise<void> } {
  const answers: Answered[] = []
  let isStopped = false
  const work = async () => {
    while (!isStopped) {
      const startedAt = Date.now()
      const status = await ask().then(
        (answer) => answer.status,
        (error: unknown) => (error instanceof NodeFailure ? error.code : String(error)),
      )
      answers.push({ startedAt, status })
      if (status !== 200) await sleep(5)
    }
  }
  const workers = [work(), work(), work(), work()]
  return {
    answers,
    async stop() {
      isStopped = true
      await Promise.all(workers)
    },
  }
}

interface Processes extends AsyncDisposable {
  readonly stage: Stage
  /** Birch's node, in this process. */
  readonly requester: FiduciaNode
  readonly dir: string
  /** Starts the member's node. */
  begin(org: OrganizationId): void
  /** The same, and waits until it is ready. */
  start(org: OrganizationId): Promise<void>
  end(org: OrganizationId, signal: 'SIGKILL' | 'SIGTERM'): Promise<void>
}

/** The network is made, and the patient agrees, in this process; then every node but Birch's gets a process of its own. */
async function openProcesses(): Promise<Processes> {
  const dir = mkdtempSync(path.join(tmpdir(), 'fiducia-kill-'))
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => rmSync(dir, { recursive: true, force: true }))
  const { stage, ...first } = await openAgreedRig({ dir, startMs: wallClock.now() })
  await first[Symbol.asyncDispose]()
  for (const { org } of DEMO_MEMBERS) {
    const port = Number(new URL(loadConfig(configOf(dir, org)).silo.base).port)
    cleanup.use(await startBuiltInSilo({ port, resources: stage.cast.resources(org) }))
  }
  const children = new Map([alder, cedar, dune].map((org) => [org, serve(dir, org)]))
  const urlOf = (org: OrganizationId) => stage.network.genesis.members[org]?.endpoint ?? ''
  const end: Processes['end'] = async (org, signal) => {
    children.get(org)?.process.kill(signal)
    await children.get(org)?.ended
  }
  cleanup.defer(async () => {
    for (const org of children.keys()) await end(org, 'SIGKILL')
  })
  const requester = cleanup.use(await openNode({ ...loadConfig(configOf(dir, birch)), jobsEveryMs: 200 }, { clock: wallClock, logger: silentLogger }))
  for (const [org, served] of children) await untilReady(urlOf(org), served)
  await requester.join()
  const owned = cleanup.move()
  return {
    stage,
    requester,
    dir,
    end,
    begin: (org) => void children.set(org, serve(dir, org)),
    async start(org) {
      const served = serve(dir, org)
      children.set(org, served)
      await untilReady(urlOf(org), served)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Birch's doctor asks Alder. */
function asker({ stage, requester }: Processes): () => Promise<Received> {
  const { clinician, links } = stage
  const role = { opening: clinician.opening, rand32: clinician.rand32 }
  const practitioner = { identifier: clinician.identifier, role, acr: 'urn:test', authTime: Math.floor(Date.now() / 1000) }
  return () => requester.services.exchange.ask({ holder: alder, link: links.get(alder), practitioner, purpose: 'TREAT', interaction: CONDITIONS })
}

/** A policy is acknowledged under load, the holder is killed, and what it promised holds when it is back. Gives the number of releases. */
async function round(processes: Processes, dice: () => number, restricts: boolean): Promise<number> {
  const { stage, requester, dir, end, start } = processes
  const ask = asker(processes)
  const statusOf = () =>
    ask().then(
      ({ status }) => status,
      () => 0,
    )
  const running = load(ask)
  await sleep(300 + dice() * 700)
  const { wire, committed } = await stage.patient.setPolicy(alder, restricts ? NOBODY : CARE_TEAM, [alder])
  const acknowledgedAt = Date.now()
  committed.catch(() => undefined)
  await sleep(dice() * 30)
  await end(alder, 'SIGKILL')
  await running.stop()
  const released = running.answers.filter(({ status }) => status === 200)
  if (restricts) expect(released.filter(({ startedAt }) => startedAt > acknowledgedAt)).toEqual([])

  expect(await fsckNode(loadConfig(configOf(dir, alder)).data)).toMatchObject({ ok: true, findings: [] })
  await start(alder)
  if (restricts) expect(await statusOf()).not.toBe(200)
  await requester.services.context.submit(wire)
  await requester.ledgerRound()
  if (restricts) expect(await statusOf()).not.toBe(200)
  else await vi.waitFor(async () => expect(await statusOf()).toBe(200), { timeout: 20_000, interval: 300 })
  return released.length
}

it('stays sound through kills under load', { timeout: 300_000 }, async () => {
  process.stderr.write(`seed ${seed}\n`)
  const dice = createDice(seed)
  await using processes = await openProcesses()
  let released = 0
  for (let i = 0; i < ROUNDS; i += 1) released += await round(processes, dice, i % 2 === 0)
  expect(released).toBeGreaterThan(20)

  await expectSound(processes, released)
})

/** How often some member, whichever it is, is killed while all of them work. */
const KILLS = 20
const MEMBERS = [alder, cedar, dune] as const

it('stays sound when any member is killed at any moment', { timeout: 300_000 }, async () => {
  process.stderr.write(`seed ${seed}\n`)
  const dice = createDice(seed)
  await using processes = await openProcesses()
  const running = load(asker(processes))
  for (let i = 0; i < KILLS; i += 1) {
    await sleep(dice() * 500)
    const org = MEMBERS[Math.floor(dice() * MEMBERS.length)] ?? alder
    await processes.end(org, 'SIGKILL')
    expect({ org, ...(await fsckNode(loadConfig(configOf(processes.dir, org)).data)) }).toMatchObject({ org, ok: true, findings: [] })
    // Every third one is killed again while it starts.
    if (dice() < 0.33) {
      processes.begin(org)
      await sleep(200 + dice() * 600)
      await processes.end(org, 'SIGKILL')
    }
    await processes.start(org)
  }
  await sleep(500)
  await running.stop()
  const released = running.answers.filter(({ status }) => status === 200).length
  expect(released).toBeGreaterThan(20)
  await expectSound(processes, released)
})

/** Every receipt is extended by what the holder published since and none is contradicted; the patient finds nothing wrong, nor does fsck anywhere. */
async function expectSound({ stage, requester, dir, end }: Processes, released: number): Promise<void> {
  const { context, disputes } = requester.services
  const open = () => context.database.all('SELECT leaf_hash FROM copy WHERE settled <> 1').length
  expect(context.database.all('SELECT leaf_hash FROM copy').length).toBeGreaterThanOrEqual(released)
  await vi.waitFor(
    async () => {
      expect(await disputes.run()).toEqual([])
      expect(open()).toBe(0)
    },
    { timeout: 60_000, interval: 1_000 },
  )
  const { log } = await stage.patient.checkEverything(alder, [stage.clinician.opening.code])
  expect(log.findings).toEqual([])
  for (const org of [alder, cedar, dune]) await end(org, 'SIGTERM')
  await requester[Symbol.asyncDispose]()
  for (const { org } of DEMO_MEMBERS) expect({ org, ...(await fsckNode(loadConfig(configOf(dir, org)).data)) }).toMatchObject({ org, ok: true, findings: [] })
}
