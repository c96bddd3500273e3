import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { OrganizationId } from '@fiducia/core'
import { encodeGenesis, type Genesis, type GenesisMember, genesisTrust } from '@fiducia/ledger'
import { formatTrustPolicy, trustPolicyOf } from '@fiducia/proofs'
import { NetworkError } from './errors.ts'
import { keyNamesOf, type KeyName, type KeyTexts, makeKeys, publicKeyOf, roleOf } from './key-files.ts'
import { type HostedMember, isRemote, type NetworkPlan } from './plan.ts'

/**
 * A network on disk, the way nodes read it:
 *
 *   genesis.json                     the same for all
 *   trust.policy                     whom a reader believes, a C2SP tlog-policy
 *   nodes/ORG/config.json            one node, readable by the owner only
 *   nodes/ORG/keys/NAME.seed         32 bytes in hex, readable by the owner only
 */
export interface NetworkFolder {
  readonly dir: string
  readonly genesis: string
  readonly trust: string
  readonly nodes: string
  readonly node: (org: OrganizationId) => string
  readonly config: (org: OrganizationId) => string
}

export const networkFolder = (dir: string): NetworkFolder => {
  const nodes = path.join(dir, 'nodes')
  return {
    dir,
    genesis: path.join(dir, 'genesis.json'),
    trust: path.join(dir, 'trust.policy'),
    nodes,
    node: (org) => path.join(nodes, org),
    config: (org) => path.join(nodes, org, 'config.json'),
  }
}

export interface Making {
  /** Milliseconds: the genesis' time. */
  readonly now: number
  readonly random: (length: number) => Uint8Array
}

/** Makes the folder beside `dir` and puts it there whole. Throws `NETWORK_EXISTS` where there is anything already. */
export function createNetwork(dir: string, plan: NetworkPlan, making: Making): Genesis {
  return buildBeside(dir, (fresh) => writeNetwork(fresh, plan, making))
}

/** Runs `build` in a folder beside `dir`, which takes its place when all is there. */
export function buildBeside<T>(dir: string, build: (fresh: string) => T): T {
  requireNothing(dir)
  const fresh = `${path.resolve(dir)}.new`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true, mode: 0o700 })
  try {
    const built = build(fresh)
    if (existsSync(dir)) rmdirSync(dir)
    renameSync(fresh, dir)
    return built
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true })
    throw error
  }
}

function requireNothing(dir: string): void {
  if (!existsSync(dir)) return
  const names = readdirSync(dir)
  if (names.length === 0) return
  const found = names.includes('genesis.json') ? 'a network' : `\`${names[0]}\``
  throw new NetworkError('NETWORK_EXISTS', `expected a new or empty folder, found ${found} in \`${dir}\`; nothing was changed`)
}

/** Writes into an existing folder; the genesis goes last: without it there is no network. */
export function writeNetwork(dir: string, plan: NetworkPlan, { now, random }: Making): Genesis {
  const files = networkFolder(dir)
  const members: Record<string, GenesisMember> = {}
  for (const member of plan.members) {
    const names = keyNamesOf({ witnessOnly: member.witnessOnly, isOperator: member.org === plan.operator })
    const publicKeys = isRemote(member) ? member.publicKeys : writeNode(files, { plan, member, names, random })
    const { name, group, endpoint } = member
    members[member.org] = { name, group, endpoint, keys: names.map((key) => ({ role: roleOf(key), alg: 'ed25519' as const, pub: publicKeys[key] ?? '' })) }
  }
  const genesis: Genesis = { v: 1, net: plan.net, time: now, operator: plan.operator, members, rules: plan.rules }
  const bytes = encodeGenesis(genesis)
  writeFileSync(files.trust, formatTrustPolicy(trustPolicyOf(genesisTrust(genesis), plan.net)))
  writeFileSync(files.genesis, bytes)
  return genesis
}

interface NodeToWrite extends Pick<Making, 'random'> {
  readonly plan: NetworkPlan
  readonly member: HostedMember
  readonly names: readonly KeyName[]
}

/** Configuration and missing keys of one node; gives its public keys. */
function writeNode(files: NetworkFolder, { plan, member, names, random }: NodeToWrite): KeyTexts {
  const folder = files.node(member.org)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const missing = names.filter((name) => member.keyFiles[name] === undefined)
  const made = makeKeys(path.join(folder, 'keys'), missing, random)
  const config = {
    net: plan.net,
    org: member.org,
    ...(member.witnessOnly ? { witnessOnly: true } : {}),
    listen: member.listen,
    data: '.',
    genesis: '../../genesis.json',
    keys: Object.fromEntries(names.map((name) => [name, member.keyFiles[name] ?? `keys/${name}.seed`])),
    ...(member.silo === undefined ? {} : { silo: member.silo }),
  }
  writeFileSync(files.config(member.org), `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 })
  return Object.fromEntries(names.map((name) => [name, made[name] ?? publicKeyOf(member.keyFiles[name] ?? '')]))
}
