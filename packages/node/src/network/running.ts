import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type OrganizationId, parseOrganizationId } from '@fiducia/core'
import { EngineError, lockDirectory } from '@fiducia/engine'
import { type Genesis, parseGenesis } from '@fiducia/ledger'
import { NetworkError } from './errors.ts'
import { networkFolder } from './folder.ts'

/**
 * Who runs the network of a folder: the process that holds the operating system's lock on it, whose id stands in `lock.pid`.
 * A process that died holds no lock, and another one that got its id does neither.
 */
export function lockNetwork(dir: string): Disposable {
  try {
    return lockDirectory(dir)
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'ENGINE_LOCKED') throw error
    throw new NetworkError('NETWORK_RUNNING', `expected a network that does not run, found \`${dir}\` in use: \`fiducia network stop ${dir}\` stops it`, {
      cause: error,
    })
  }
}

const STOP_LOOK_MS = 100

/** Asks the process that runs the network to stop, and resolves when it has. Throws `NETWORK_STOPPED` where none runs it. */
export async function stopNetwork(dir: string, waitMs: number): Promise<void> {
  if (!isRunning(dir)) throw new NetworkError('NETWORK_STOPPED', `expected a network that runs, found that no process runs \`${dir}\``)
  process.kill(Number(readFileSync(path.join(dir, 'lock.pid'), 'utf8')), 'SIGTERM')
  for (let waited = 0; isRunning(dir); waited += STOP_LOOK_MS) {
    if (waited >= waitMs) throw new NetworkError('NETWORK_RUNNING', `expected the network to stop within ${waitMs} ms, found it running`)
    await setTimeout(STOP_LOOK_MS)
  }
}

export function isRunning(dir: string): boolean {
  try {
    lockNetwork(dir)[Symbol.dispose]()
    return false
  } catch (error) {
    if (error instanceof NetworkError) return true
    throw error
  }
}

export interface NetworkOnDisk {
  readonly genesis: Genesis
  readonly genesisBytes: Uint8Array
  /** Members whose node is in the folder, the operator first. */
  readonly hosted: readonly OrganizationId[]
}

/** Throws `NETWORK_MISSING` where the folder holds none. */
export function readNetwork(dir: string): NetworkOnDisk {
  const files = networkFolder(dir)
  if (!existsSync(files.genesis)) throw new NetworkError('NETWORK_MISSING', `expected the folder of a network, found no genesis.json in \`${dir}\``)
  const genesisBytes = new Uint8Array(readFileSync(files.genesis))
  const genesis = parseGenesis(genesisBytes)
  const names = existsSync(files.nodes) ? readdirSync(files.nodes).filter((name) => existsSync(path.join(files.nodes, name, 'config.json'))) : []
  const hosted = names.toSorted((a, b) => Number(b === genesis.operator) - Number(a === genesis.operator) || (a < b ? -1 : 1))
  return { genesis, genesisBytes, hosted: hosted.map((name) => parseOrganizationId(name)) }
}
