import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { freePort } from '@fiducia/testkit'
import { benchFolder, median, printTable, times } from './measure.ts'

/**
 * `npm start` until its page answers, and the memory of all its processes then: the first time, when the network is made
 * and its story told, and every later time. Compared with a Node that does nothing, and with a bare Fastify that answers.
 * Memory is what /proc says; elsewhere than on Linux it is not measured.
 */
const RUNS = 3
const ROOT = path.join(import.meta.dirname, '..')
const POLL_MS = 20
const GIVE_UP_MS = 60_000

interface Started {
  readonly seconds: number
  readonly megabytes: number
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))

async function untilAnswers(url: string, child: ChildProcess): Promise<void> {
  for (const start = performance.now(); performance.now() - start < GIVE_UP_MS; await sleep(POLL_MS)) {
    if (child.exitCode !== null) throw new Error(`the process ended with ${child.exitCode}`)
    const answered = await fetch(url).then(
      (response) => response.ok,
      () => false,
    )
    if (answered) return
  }
  throw new Error(`\`${url}\` did not answer within ${GIVE_UP_MS} ms`)
}

/** Resident memory of a process and of all that it started, megabytes of 10^6 bytes. */
function residentMegabytes(pid: number): number {
  const statusOf = (one: string) => readFileSync(`/proc/${one}/status`, 'utf8')
  const field = (status: string, name: string) => Number(new RegExp(`^${name}:\\s+([0-9]+)`, 'm').exec(status)?.[1] ?? 0)
  const processes = readdirSync('/proc').flatMap((name) => {
    try {
      return /^[0-9]+$/.test(name) ? [{ pid: Number(name), status: statusOf(name) }] : []
    } catch {
      return []
    }
  })
  const below = (parent: number): number =>
    processes.filter(({ status }) => field(status, 'PPid') === parent).reduce((sum, { pid: child, status }) => sum + field(status, 'VmRSS') + below(child), 0)
  const own = processes.find((one) => one.pid === pid)
  return ((own === undefined ? 0 : field(own.status, 'VmRSS') + below(pid)) * 1024) / 1e6
}

async function start(command: readonly [string, ...string[]], url: string): Promise<Started> {
  const [file, ...args] = command
  const begin = performance.now()
  const child = spawn(file, args, { cwd: ROOT, stdio: 'ignore', env: { ...process.env, NO_COLOR: '1' } })
  const ended = new Promise((resolve) => child.on('close', resolve))
  try {
    await untilAnswers(url, child)
    const seconds = (performance.now() - begin) / 1000
    return { seconds, megabytes: process.platform === 'linux' ? residentMegabytes(child.pid ?? 0) : Number.NaN }
  } finally {
    child.kill('SIGINT')
    await ended
  }
}

async function startDemo(dir: string): Promise<Started> {
  const port = await freePort(0)
  return start(['npm', 'start', '--', '--out', dir, '--port', String(port)], `http://127.0.0.1:${port}/`)
}

async function startFastify(): Promise<Started> {
  const port = await freePort(0)
  const program = `import Fastify from 'fastify'; const s = Fastify(); s.get('/', () => 'ok'); await s.listen({ port: ${port}, host: '127.0.0.1' })`
  return start([process.execPath, '--input-type=module', '-e', program], `http://127.0.0.1:${port}/`)
}

async function startNothing(): Promise<number> {
  const begin = performance.now()
  await new Promise((resolve) => spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }).on('close', resolve))
  return (performance.now() - begin) / 1000
}

const [first, later, fastify, nothing]: [Started[], Started[], Started[], number[]] = [[], [], [], []]
for (let run = 0; run < RUNS; run += 1) {
  using folder = benchFolder()
  const dir = path.join(folder.dir, 'demo')
  first.push(await startDemo(dir))
  later.push(await startDemo(dir))
  fastify.push(await startFastify())
  nothing.push(await startNothing())
}
const seconds = (list: readonly Started[]) => median(list.map((one) => one.seconds))
const megabytes = (list: readonly Started[]) => median(list.map((one) => one.megabytes))
const [bare, empty] = [seconds(fastify), median(nothing)]

printTable(`start: \`npm start\` after install until its page answers, medians of ${RUNS}`, [
  {
    what: 'first start: network made, story told',
    measured: `${seconds(first).toFixed(2)} s`,
    goal: '<= 10 s',
    comparedWith: `bare Fastify, ${bare.toFixed(2)} s: ${times(seconds(first), bare)}`,
  },
  {
    what: 'later starts',
    measured: `${seconds(later).toFixed(2)} s`,
    goal: '<= 10 s',
    comparedWith: `node -e 0, ${empty.toFixed(2)} s: ${times(seconds(later), empty)}`,
  },
  {
    what: 'memory after the first, npm included',
    measured: `${megabytes(first).toFixed(0)} MB`,
    goal: '<= 400 MB',
    comparedWith: `bare Fastify, ${megabytes(fastify).toFixed(0)} MB: ${times(megabytes(first), megabytes(fastify))}`,
  },
  {
    what: 'memory after a later start',
    measured: `${megabytes(later).toFixed(0)} MB`,
    goal: '<= 400 MB',
    comparedWith: `bare Fastify: ${times(megabytes(later), megabytes(fastify))}`,
  },
])
