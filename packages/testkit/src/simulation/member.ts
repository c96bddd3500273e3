import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { OrganizationId } from '@fiducia/core'
import { type FiduciaNode, type NodeConfig, openNode, type Server, silentLogger } from '@fiducia/node'
import { copyAsLeft, type Disk } from './disk.ts'
import { endpointOf, type Host, type VirtualNetwork } from './network.ts'
import { createFaultyClock, createTimers, type FaultyClock, type World } from './world.ts'

/**
 * A member's machine: a folder, a clock, and at times a process in which the real node runs. A crash takes the process and
 * leaves the folder; the next start finds what was there at that moment. A folder may be put back from an older copy, as
 * somebody does who has lost a disk.
 */
export interface Machine {
  readonly org: OrganizationId
  readonly clock: FaultyClock
  /** Undefined while it does not run. */
  readonly node: FiduciaNode | undefined
  /** Where its files are now. */
  readonly folder: string
  /** A disk fault hit the process that runs: it may refuse everything until it is started again. */
  tainted: boolean
  /** What was put back so far. */
  restored: 'nothing' | 'database' | 'everything'
  /** Nothing is closed or flushed. */
  crash(why: string): void
  /** Does nothing while it runs. A start that fails is tried again. */
  start(): Promise<void>
  /** As an operator does it. */
  stop(): Promise<void>
  /** Keeps a copy of the folder as it is. */
  backUp(): void
  /** Crashes; what comes back is the copy: the database alone, or all of it. False without a copy. */
  restore(what: 'database' | 'everything'): boolean
}

export interface MachinePorts {
  readonly world: World
  readonly disk: Disk
  readonly network: VirtualNetwork
  readonly random: (length: number) => Uint8Array
  /** Comes between the node and those who call it. */
  readonly planted: ((org: OrganizationId, node: FiduciaNode, host: Host) => Host) | undefined
  /** Told about each start. */
  readonly onStart: (node: FiduciaNode, isAlive: () => boolean) => void
  readonly onStartFailed: (machine: Machine, error: unknown) => void
}

const TRY_AGAIN_MS = 5_000

export function createMachine(config: NodeConfig, home: string, ports: MachinePorts): Machine {
  const { world, disk, network } = ports
  const { org } = config
  const clock = createFaultyClock(world)
  let [generation, copies] = [0, 0]
  let folder = path.join(home, '0')
  let process: Process | undefined
  let backup: string | undefined
  let starting = false

  function end(): void {
    if (process !== undefined) process.isAlive = false
    process = undefined
    network.host(org, undefined)
  }

  /** What is left of a process can do no harm: the next one gets a folder of its own, with a copy of what was there. */
  function leaveFolder(): void {
    const left = folder
    generation += 1
    folder = path.join(home, String(generation))
    copyAsLeft(left, folder)
    disk.abandon(left)
    rmSync(left, { recursive: true, force: true })
  }

  async function open(): Promise<void> {
    const mine: Process = { isAlive: true, node: undefined }
    process = mine
    const isAlive = () => mine.isAlive
    let face: Server | undefined
    const node = await openNode(
      { ...config, data: folder },
      {
        clock,
        logger: silentLogger,
        random: ports.random,
        timers: createTimers(world, isAlive),
        transport: network.transport(org, isAlive),
        siloTransport: network.transport(org, isAlive),
        serve: (one) => {
          face = one
          return Promise.resolve(endpointOf(org))
        },
      },
    )
    if (!mine.isAlive) return
    mine.node = node
    if (face !== undefined) network.host(org, ports.planted === undefined ? hostOf(face) : ports.planted(org, node, hostOf(face)))
    world.trace.note(`${org} runs`)
    ports.onStart(node, isAlive)
    void node.join().catch(() => world.trace.note(`${org} could not join so far`))
  }

  const machine: Machine = {
    org,
    clock,
    tainted: false,
    restored: 'nothing',
    get node() {
      return process?.node
    },
    get folder() {
      return folder
    },
    crash(why) {
      if (process === undefined) return
      world.trace.note(`${org} ends: ${why}`)
      end()
      leaveFolder()
    },
    async start() {
      if (process !== undefined || starting) return
      starting = true
      machine.tainted = false
      try {
        await open()
      } catch (error) {
        // One that ended while it started is started again by whoever ended it.
        if (process === undefined) return
        end()
        leaveFolder()
        world.trace.note(`${org} does not start: ${error instanceof Error ? error.message : 'unknown'}`)
        ports.onStartFailed(machine, error)
        world.after(TRY_AGAIN_MS, () => world.holdFor(machine.start()))
      } finally {
        starting = false
      }
    },
    async stop() {
      await process?.node?.[Symbol.asyncDispose]()
      end()
    },
    backUp() {
      backup = path.join(home, `copy-${copies}`)
      copies += 1
      copyAsLeft(folder, backup)
      world.trace.note(`${org} is backed up`)
    },
    restore(what) {
      if (backup === undefined) return false
      machine.crash('its disk is lost')
      putBack(backup, folder, what)
      machine.restored = what
      world.trace.note(`${org} is put back: ${what}`)
      return true
    },
  }
  return machine
}

interface Process {
  isAlive: boolean
  node: FiduciaNode | undefined
}

/** Everything but the ledger of an operator: that is not put back from a copy, the members have it. */
function putBack(backup: string, folder: string, what: 'database' | 'everything'): void {
  if (what === 'everything') {
    rmSync(folder, { recursive: true, force: true })
    copyAsLeft(backup, folder)
    return
  }
  for (const ending of ['', '-wal']) {
    const name = `node.sqlite${ending}`
    rmSync(path.join(folder, name), { force: true })
    if (existsSync(path.join(backup, name))) copyAsLeft(path.join(backup, name), path.join(folder, name))
  }
}

/** Calls the node's HTTP face as the network would. */
const hostOf =
  (face: Server): Host =>
  async ({ method = 'GET', path: url, headers, body }) => {
    const payload = body === undefined ? {} : { payload: typeof body === 'string' ? body : Buffer.from(body) }
    const { statusCode, rawPayload } = await face.inject({ method, url, ...(headers === undefined ? {} : { headers: { ...headers } }), ...payload })
    return { status: statusCode, bytes: new Uint8Array(rawPayload) }
  }
