import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { loadConfig, openNode, silentLogger } from '@fiducia/node'
import { ALDER, wallClock } from '@fiducia/testkit'
import { benchFolder, inFlight, median, milliseconds, printTable, timed, times } from './measure.ts'
import { startTwoNodes, type TwoNodes } from './two-nodes.ts'

/**
 * What a holder's process needs when its access log has a million entries, sealed every 10,000, each with what is kept beside a
 * small event: resident after its start, and after exchanges under load. Compared with the same node with an empty log.
 */
const ENTRIES = 1_000_000
const BATCH = 10_000
const CONTENT = JSON.stringify({ event: 'x'.repeat(400) })
const PER_SECOND = 50
const SECONDS = 5

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

/** In the node's own folder, by the node's own log. */
async function fill(dir: string): Promise<void> {
  const config = { ...loadConfig(path.join(dir, 'nodes', ALDER.org, 'config.json')), jobsEveryMs: 0 }
  await using node = await openNode(config, { clock: wallClock, logger: silentLogger, transport: () => Promise.reject(new Error('nobody is asked')) })
  const { log } = node.services
  // Nobody else runs: the members are asked when the node is started for good.
  log.hold(undefined)
  for (let written = 0; written < ENTRIES; written += BATCH) {
    await inFlight(512, BATCH, () => log.append({ tag: random(32), com: random(32), content: CONTENT }))
    await log.seal()
  }
}

interface Measured {
  readonly started: number
  readonly loaded: number
  readonly exchange: number
}

async function measure(nodes: TwoNodes): Promise<Measured> {
  const started = await nodes.residentBytes()
  const samples = await nodes.exchange(PER_SECOND, SECONDS)
  return { started, loaded: await nodes.residentBytes(), exchange: median(samples) }
}

async function run(between?: (dir: string) => Promise<void>): Promise<Measured & { readonly startMs: number }> {
  using folder = benchFolder()
  let nodes: TwoNodes | undefined
  const startMs = await timed(async () => {
    nodes = await startTwoNodes(folder.dir, between)
  })
  if (nodes === undefined) throw new Error('the nodes did not start')
  await using running = nodes
  return { ...(await measure(running)), startMs }
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`

const empty = await run()
const full = await run(fill)
printTable(`a holder with ${ENTRIES.toLocaleString('en-US')} entries in its access log`, [
  {
    what: 'resident after its start',
    measured: megabytes(full.started),
    goal: '<= 1,074 MB',
    comparedWith: `an empty log, ${megabytes(empty.started)}: ${times(full.started, empty.started)}`,
  },
  {
    what: `resident after ${SECONDS} s of ${PER_SECOND} exchanges/s`,
    measured: megabytes(full.loaded),
    goal: '<= 1,074 MB',
    comparedWith: `an empty log, ${megabytes(empty.loaded)}: ${times(full.loaded, empty.loaded)}`,
  },
  {
    what: 'an exchange then, p50',
    measured: milliseconds(full.exchange),
    comparedWith: `an empty log, ${milliseconds(empty.exchange)}: ${times(full.exchange, empty.exchange)}`,
  },
])
