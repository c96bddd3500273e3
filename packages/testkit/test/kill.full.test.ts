import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OrganizationId } from '@fiducia/core'
import { fsckNode, loadConfig, NodeFailure, openNode, type Received, silentLogger, startBuiltInSilo } from '@fiducia/node'
import { DEMO_MEMBERS, wallClock } from '@fiducia/testkit'
import { expect, it, vi } from 'vitest'
import { alder, birch, CARE_TEAM, cedar, CONDITIONS, createDice, dune, NOBODY, openAgreedRig } from './rig.ts'

/**
 * A holder that also orders the ledger runs as a process of its own and is killed under load, again and again. After each
 * kill its folder is sound, it starts again, what was acknowledged holds, and no receipt that was given is contradicted.
 */
const ROUNDS = 6
const CLI = path.join(import.meta.dirname, '../../cli/src/main.ts')
const seed = Number(process.env['FIDUCIA_SEED'] ?? Date.now() % 1_000_000)

interface Served {
  readonly process: ChildProcess
  readonly ended: Promise<unknown>
  readonly words: () => string
}

function serve(dir: string, org: OrganizationId): Served {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, 'serve', '--config', path.join(dir, 'nodes', org, 'config.json')], {
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
  for (let tries = 0; tries < 300; tries += 1) {
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined)
    if (answer?.ok === true) return
    last = answer === undefined ? 'no answer' : await answer.text()
    await sleep(100)
  }
  throw new Error(`the node at ${url} did not become ready: ${last} ${served?.words() ?? ''}`)
}

const dataOf = (dir: string, org: string) => loadConfig(path.join(dir, 'nodes', org, 'config.json')).data

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

it('stays sound through kills under load', { timeout: 300_000 }, async () => {
  process.stderr.write(`seed ${seed}\n`)
  const dice = createDice(seed)
  const dir = mkdtempSync(path.join(tmpdir(), 'fiducia-kill-'))
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => rmSync(dir, { recursive: true, force: true }))
  // The network is made, and the patient agrees, in this process; then each node gets one of its own.
  const { stage, ...first } = await openAgreedRig({ dir, startMs: wallClock.now() })
  const { patient, clinician, links, cast, network } = stage
  await first[Symbol.asyncDispose]()

  for (const { org } of DEMO_MEMBERS) {
    const port = Number(new URL(loadConfig(path.join(dir, 'nodes', org, 'config.json')).silo.base).port)
    cleanup.use(await startBuiltInSilo({ port, resources: cast.resources(org) }))
  }
  const children = new Map([alder, cedar, dune].map((org) => [org, serve(dir, org)]))
  const end = async (org: OrganizationId, signal: 'SIGKILL' | 'SIGTERM') => {
    children.get(org)?.process.kill(signal)
    await children.get(org)?.ended
  }
  cleanup.defer(async () => {
    for (const org of children.keys()) await end(org, 'SIGKILL')
  })
  const requester = cleanup.use(
    await openNode({ ...loadConfig(path.join(dir, 'nodes', birch, 'config.json')), jobsEveryMs: 200 }, { clock: wallClock, logger: silentLogger }),
  )
  const urlOf = (org: OrganizationId) => network.genesis.members[org]?.endpoint ?? ''
  for (const [org, served] of children) await untilReady(urlOf(org), served)
  await requester.join()
  const { exchange, context, disputes } = requester.services
  const practitioner = {
    identifier: clinician.identifier,
    role: { opening: clinician.opening, rand32: clinician.rand32 },
    acr: 'urn:test',
    authTime: Math.floor(Date.now() / 1000),
  }
  const ask = () => exchange.ask({ holder: alder, link: links.get(alder), practitioner, purpose: 'TREAT', interaction: CONDITIONS })
  const statusOf = () =>
    ask().then(
      ({ status }) => status,
      () => 0,
    )

  let released = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const restricts = round % 2 === 0
    const running = load(ask)
    await sleep(300 + dice() * 700)
    const { wire, committed } = await patient.setPolicy(alder, restricts ? NOBODY : CARE_TEAM, [alder])
    const acknowledgedAt = Date.now()
    committed.catch(() => undefined)
    await sleep(dice() * 30)
    await end(alder, 'SIGKILL')
    await running.stop()
    released += running.answers.filter(({ status }) => status === 200).length
    if (restricts) expect(running.answers.filter(({ startedAt, status }) => status === 200 && startedAt > acknowledgedAt)).toEqual([])

    expect(await fsckNode(dataOf(dir, alder))).toMatchObject({ ok: true, findings: [] })
    children.set(alder, serve(dir, alder))
    await untilReady(urlOf(alder), children.get(alder))
    if (restricts) expect(await statusOf()).not.toBe(200)
    await context.submit(wire)
    await requester.ledgerRound()
    if (restricts) expect(await statusOf()).not.toBe(200)
    else await vi.waitFor(async () => expect(await statusOf()).toBe(200), { timeout: 20_000, interval: 300 })
  }
  expect(released).toBeGreaterThan(20)

  // Every receipt is extended by what the holder published since; none is contradicted.
  const open = () => context.database.all('SELECT leaf_hash FROM copy WHERE settled <> 1').length
  expect(context.database.all('SELECT leaf_hash FROM copy').length).toBeGreaterThanOrEqual(released)
  await vi.waitFor(
    async () => {
      expect(await disputes.run()).toEqual([])
      expect(open()).toBe(0)
    },
    { timeout: 60_000, interval: 1_000 },
  )
  const { log } = await patient.checkEverything(alder, [clinician.opening.code])
  expect(log.findings).toEqual([])
  for (const org of [alder, cedar, dune]) await end(org, 'SIGTERM')
  await requester[Symbol.asyncDispose]()
  for (const { org } of DEMO_MEMBERS) expect({ org, ...(await fsckNode(dataOf(dir, org))) }).toMatchObject({ org, ok: true, findings: [] })
})
