import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { ed25519PublicKey, encodeBase64Url, encodeHex, type KeyRole, type NetworkId, type OrganizationId } from '@fiducia/core'
import { encodeGenesis, type Genesis, type GenesisMember, type NetworkRules, parseGenesis } from '@fiducia/ledger'
import type { MemberPlan } from './plan.ts'

/**
 * A network on disk, as `openNode` reads it:
 *
 *   genesis.json                     the same for all
 *   nodes/ORG/config.json            one node
 *   nodes/ORG/keys/ROLE.seed         32 bytes as hex, readable by the owner only
 *
 * Made once; a second start finds it and changes nothing.
 */
export interface NetworkPlan {
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

export interface NetworkFiles {
  readonly genesis: Genesis
  readonly genesisBytes: Uint8Array
  readonly configFile: (org: OrganizationId) => string
}

const KEY_FILES = [
  ['node', 'node'],
  ['log', 'log'],
  ['standbyLog', 'log'],
  ['witness', 'witness'],
] as const satisfies readonly (readonly [string, KeyRole])[]

export async function prepareNetwork(plan: NetworkPlan): Promise<NetworkFiles> {
  const genesisFile = path.join(plan.dir, 'genesis.json')
  const configFile = (org: OrganizationId) => path.join(plan.dir, 'nodes', org, 'config.json')
  if (!existsSync(genesisFile)) await createNetwork(plan, genesisFile, configFile)
  const genesisBytes = new Uint8Array(readFileSync(genesisFile))
  return { genesis: parseGenesis(genesisBytes), genesisBytes, configFile }
}

async function createNetwork(plan: NetworkPlan, genesisFile: string, configFile: NetworkFiles['configFile']): Promise<void> {
  const members: Record<string, GenesisMember> = {}
  for (const [i, member] of plan.members.entries()) {
    const folder = path.dirname(configFile(member.org))
    const isOperator = member.org === plan.operator
    mkdirSync(path.join(folder, 'keys'), { recursive: true, mode: 0o700 })
    const [port, siloPort] = [await freePort(plan.firstPort === 0 ? 0 : plan.firstPort + i), await freePort(plan.firstPort === 0 ? 0 : plan.firstPort + 10 + i)]
    const names = [...KEY_FILES, ...(isOperator ? [['ledger', 'ledger'] as const] : [])]
    const keys = names.map(([name, role]) => ({
      role,
      alg: 'ed25519' as const,
      pub: encodeBase64Url(writeSeed(path.join(folder, 'keys', `${name}.seed`), plan.random(32))),
    }))
    members[member.org] = { name: member.name, group: member.group, endpoint: `http://127.0.0.1:${port}`, keys }
    writeJson(configFile(member.org), {
      net: plan.net,
      org: member.org,
      listen: { host: '127.0.0.1', port },
      data: '.',
      genesis: '../../genesis.json',
      keys: Object.fromEntries(names.map(([name]) => [name, `keys/${name}.seed`])),
      silo: { base: `http://127.0.0.1:${siloPort}` },
    })
  }
  // The genesis goes last: without it the whole network is made anew.
  writeFileSync(genesisFile, encodeGenesis({ v: 1, net: plan.net, time: plan.now, operator: plan.operator, members, rules: plan.rules }))
}

/** Gives the public key. */
function writeSeed(file: string, seed: Uint8Array): Uint8Array {
  writeFileSync(file, `${encodeHex(seed)}\n`, { mode: 0o600 })
  return ed25519PublicKey(seed)
}

const writeJson = (file: string, value: unknown) => writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`)

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
