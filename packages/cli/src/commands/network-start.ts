import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { shape } from '@fiducia/core'
import {
  createLogger,
  type FiduciaNode,
  isWitnessConfig,
  loadConfig,
  loadWitnessConfig,
  lockNetwork,
  networkFolder,
  type NodePorts,
  openNode,
  openWitnessNode,
  readNetwork,
} from '@fiducia/node'
import { READY_WAIT_MS } from '../limits.ts'
import { type Answer, UsageError } from '../output.ts'
import { folderOf } from '../read-input.ts'
import { untilStopped } from '../until-stopped.ts'
import { whyNotReady } from './network-ready.ts'

/**
 * `fiducia network start DIR`: the nodes of a folder, each in a process of its own (or all in this one), until Ctrl-C. A node
 * that ends is reported, and the others go on.
 */
export interface StartFlags {
  readonly oneProcess?: boolean
  readonly detach?: boolean
}

export interface RunningNode extends AsyncDisposable {
  readonly org: string
  /** Where it listens, from this machine. */
  readonly url: string
  /** How it ended, when it has. */
  readonly ended: string | undefined
  /** Resolves when it ends. */
  readonly end: Promise<void>
}

export async function start(dir: string, flags: StartFlags): Promise<Answer> {
  folderOf(dir, 'the folder of a network')
  const { genesis, hosted } = readNetwork(dir)
  if (hosted.length === 0) throw new UsageError('NETWORK_MISSING', `expected the configuration of a node below \`${path.join(dir, 'nodes')}\`, found none`, dir)
  if (flags.detach === true) return detached(dir, flags)
  await using cleanup = new AsyncDisposableStack()
  cleanup.use(lockNetwork(dir))
  const nodes: RunningNode[] = []
  cleanup.defer(() => stopAll(nodes))
  for (const org of hosted) nodes.push(await (flags.oneProcess === true ? openHere : spawnNode)(org, networkFolder(dir).config(org)))
  const stopped = untilStopped()
  void announce(genesis.net, nodes, stopped)
  await Promise.race([stopped, Promise.all(nodes.map(({ end }) => end))])
  const ended = nodes.map(({ org, ended: how }) => ({ org, ended: how ?? null }))
  return { exitCode: ended.some((one) => one.ended !== null) ? 1 : 0, json: { stopped: true, net: genesis.net, nodes: ended }, text: 'stopped' }
}

/** The operator first: the others can still cosign what it ordered last. */
async function stopAll([operator, ...others]: readonly RunningNode[]): Promise<void> {
  await operator?.[Symbol.asyncDispose]()
  await Promise.all(others.map((node) => node[Symbol.asyncDispose]()))
}

const say = (line: string) => void process.stderr.write(`fiducia: ${line}\n`)

/** Says who is ready and who is not, and why; to a starter that waits for it too. */
async function announce(net: string, nodes: readonly RunningNode[], stopped: Promise<void>): Promise<void> {
  let isStopped = false
  void stopped.then(() => (isStopped = true))
  for (const node of nodes) void node.end.then(() => isStopped || say(`${node.org} ended (${node.ended ?? 'without a reason'}); the others go on`))
  const problems = await untilReady(nodes, () => isStopped)
  if (isStopped) return
  for (const problem of problems) say(problem)
  say(
    problems.length === 0
      ? `network ${net} is ready: ${nodes.length} nodes`
      : `network ${net} runs, but ${problems.length} of ${nodes.length} nodes are not ready`,
  )
  process.send?.({ net, nodes: nodes.map(({ org, url }) => ({ org, url })), problems })
}

const LOOK_MS = 300

async function untilReady(nodes: readonly RunningNode[], isStopped: () => boolean): Promise<readonly string[]> {
  const until = performance.now() + READY_WAIT_MS
  for (;;) {
    const problems = (await Promise.all(nodes.map(whyNotReady))).filter((problem) => problem !== undefined)
    const isOver = isStopped() || performance.now() > until || nodes.every(({ ended }) => ended !== undefined)
    if (problems.length === 0 || isOver) return problems
    await setTimeout(LOOK_MS)
  }
}

const urlOf = ({ host, port }: { readonly host: string; readonly port: number }): string => {
  const local = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${local.includes(':') ? `[${local}]` : local}:${port}`
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'an error without words')

/** In this process. */
async function openHere(org: string, file: string): Promise<RunningNode> {
  const ports = { clock: { now: () => Date.now() }, logger: createLogger(org) }
  try {
    const node = isWitnessConfig(file) ? await openWitnessNode(loadWitnessConfig(file), ports) : await openWhole(file, ports)
    const close = async () => {
      await node.ledgerRound().catch(() => undefined)
      await node[Symbol.asyncDispose]()
    }
    return { org, url: node.url, ended: undefined, end: new Promise(() => {}), [Symbol.asyncDispose]: close }
  } catch (error) {
    return { org, url: '', ended: reasonOf(error), end: Promise.resolve(), [Symbol.asyncDispose]: () => Promise.resolve() }
  }
}

async function openWhole(file: string, ports: NodePorts): Promise<FiduciaNode> {
  const node = await openNode(loadConfig(file), ports)
  void node.join().catch(() => undefined)
  return node
}

/** The command itself, with the options of this process. */
const command = (...args: readonly string[]) => [...process.execArgv, path.join(import.meta.dirname, '..', 'main.ts'), ...args]

/** In a process of its own, which ends with this one. */
async function spawnNode(org: string, file: string): Promise<RunningNode> {
  const isWitness = isWitnessConfig(file)
  const { listen } = isWitness ? loadWitnessConfig(file) : loadConfig(file)
  // Its own group: Ctrl-C comes to the starter, which stops its nodes and waits for them.
  const child = spawn(process.execPath, command(isWitness ? 'witness' : 'serve', '--config', file), {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: true,
  })
  let ended: string | undefined
  const end = new Promise<void>((resolve) => {
    child.once('close', (code, signal) => {
      ended = code === null ? `killed by ${signal ?? 'a signal'}` : `exit code ${code}`
      resolve()
    })
  })
  prefixLines(org, child.stderr)
  return {
    org,
    url: urlOf(listen),
    get ended() {
      return ended
    },
    end,
    async [Symbol.asyncDispose]() {
      if (ended === undefined) child.kill('SIGTERM')
      await end
    },
  }
}

function prefixLines(org: string, stream: NodeJS.ReadableStream | null): void {
  let rest = ''
  stream?.on('data', (chunk: Buffer) => {
    const lines = `${rest}${chunk.toString()}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) process.stderr.write(`${org} | ${line}\n`)
  })
}

/** The starter itself goes on in the background; this one waits until it says who is ready. */
async function detached(dir: string, flags: StartFlags): Promise<Answer> {
  lockNetwork(dir)[Symbol.dispose]()
  const log = path.join(path.resolve(dir), 'network.log')
  const file = openSync(log, 'a', 0o600)
  const child = spawn(process.execPath, command('network', 'start', dir, ...(flags.oneProcess === true ? ['--one-process'] : [])), {
    stdio: ['ignore', 'ignore', file, 'ipc'],
    detached: true,
  })
  closeSync(file)
  const announced = await new Promise<ReturnType<typeof parseAnnounced> | undefined>((resolve) => {
    child.once('message', (message) => resolve(parseAnnounced(message, '')))
    child.once('exit', () => resolve(undefined))
  })
  if (announced === undefined) return { exitCode: 1, json: { started: false, log }, text: `the network has not started: ${log} says why` }
  child.disconnect()
  child.unref()
  const { net, nodes, problems } = announced
  const lines = [...problems, `network ${net} runs in process ${child.pid}; \`fiducia network stop ${dir}\` stops it, ${log} is its log`]
  return { exitCode: problems.length === 0 ? 0 : 1, json: { started: true, net, process: child.pid, nodes, problems, log }, text: lines.join('\n') }
}

const parseAnnounced = shape.object({
  net: shape.text(100),
  nodes: shape.array(shape.object({ org: shape.text(100), url: shape.text(300) }), 1_000),
  problems: shape.array(shape.text(2_000), 1_000),
})
