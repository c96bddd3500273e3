import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { NetworkId, OrganizationId } from '@fiducia/core'
import { type Genesis, type NetworkRules, parseGenesis } from '@fiducia/ledger'
import { networkFolder, type PlannedMember, writeNetwork } from '@fiducia/node'
import type { MemberPlan } from './plan.ts'

/** A network on this machine, every member hosted here over a silo of its own. Made once; a second start finds it and changes nothing. */
export interface LocalPlan {
  readonly dir: string
  readonly net: NetworkId
  readonly members: readonly MemberPlan[]
  readonly operator: OrganizationId
  readonly rules: NetworkRules
  /** Milliseconds: the genesis' time. */
  readonly now: number
  readonly random: (length: number) => Uint8Array
  /** First port to try for a node; 0 takes any. */
  readonly firstPort: number
}

export interface LocalFiles {
  readonly genesis: Genesis
  readonly genesisBytes: Uint8Array
  readonly configFile: (org: OrganizationId) => string
}

export async function prepareNetwork(plan: LocalPlan): Promise<LocalFiles> {
  const files = networkFolder(plan.dir)
  if (!existsSync(files.genesis)) {
    mkdirSync(plan.dir, { recursive: true })
    writeNetwork(plan.dir, { ...plan, members: await withAddresses(plan) }, plan)
  }
  const genesisBytes = new Uint8Array(readFileSync(files.genesis))
  return { genesis: parseGenesis(genesisBytes), genesisBytes, configFile: files.config }
}

async function withAddresses({ members, firstPort }: LocalPlan): Promise<readonly PlannedMember[]> {
  const planned: PlannedMember[] = []
  for (const [i, { org, name, group }] of members.entries()) {
    const [port, siloPort] = [await freePort(firstPort === 0 ? 0 : firstPort + i), await freePort(firstPort === 0 ? 0 : firstPort + 10 + i)]
    const listen = { host: '127.0.0.1', port }
    const silo = { base: `http://127.0.0.1:${siloPort}` }
    planned.push({ org, name, group, endpoint: `http://127.0.0.1:${port}`, witnessOnly: false, listen, silo, keyFiles: {} })
  }
  return planned
}

/** The port itself when it is free, otherwise any that is. */
export function freePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', () => (wanted === 0 ? reject(new Error('no free port on 127.0.0.1')) : freePort(0).then(resolve, reject)))
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}
