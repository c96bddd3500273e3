import { existsSync } from 'node:fs'
import path from 'node:path'
import { parseOrganizationId } from '@fiducia/core'
import {
  createNetwork,
  groupsOf,
  isRemote,
  keyNamesOf,
  makeKeys,
  networkFolder,
  type NetworkPlan,
  parseManifest,
  quorumOf,
  type PlannedMember,
  warningsOf,
} from '@fiducia/node'
import { type Answer, UsageError } from '../output.ts'
import { folderOf, readTextInput } from '../read-input.ts'
import { tableOf } from '../table.ts'

/** `fiducia network create MANIFEST --out DIR` and `fiducia network keys ORG --out DIR`. */
const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))

export function create(manifest: string, out: string): Promise<Answer> {
  const plan = parseManifest(readTextInput(manifest, 'a manifest'), manifest)
  if (existsSync(out)) folderOf(out, 'a new or empty folder for the network')
  createNetwork(out, plan, { now: Date.now(), random })
  const warnings = warningsOf(plan)
  for (const warning of warnings) process.stderr.write(`fiducia: ${plan.net}: ${warning}\n`)
  const files = networkFolder(path.resolve(out))
  const members = plan.members.map((member) => ({
    org: member.org,
    name: member.name,
    group: member.group,
    endpoint: member.endpoint,
    witnessOnly: member.witnessOnly,
    config: isRemote(member) ? null : files.config(member.org),
  }))
  const json = {
    net: plan.net,
    operator: plan.operator,
    out: files.dir,
    genesis: files.genesis,
    groups: groupsOf(plan),
    quorum: quorumOf(plan),
    members,
    warnings,
  }
  return Promise.resolve({ exitCode: 0, json, text: describe(plan, out) })
}

function describe({ net, operator, members }: NetworkPlan, out: string): string {
  const role = (member: PlannedMember) => [
    ...(member.org === operator ? ['orders the ledger'] : []),
    ...(member.witnessOnly ? ['witness only'] : []),
    ...(isRemote(member) ? ['its configuration is its own'] : []),
  ]
  const rows = members.map((member) => [`  ${member.org}`, member.endpoint, member.group, role(member).join(', ')])
  return [`network ${net} is in ${out}`, ...tableOf(rows), `Start it: fiducia network start ${out}`].join('\n')
}

export interface KeysFlags {
  readonly out: string
  readonly operator?: boolean
  readonly witnessOnly?: boolean
}

export function keys(name: string, { out, operator = false, witnessOnly = false }: KeysFlags): Promise<Answer> {
  const org = parseOrganizationId(name)
  if (operator && witnessOnly) throw new UsageError('BAD_USE', 'expected --operator or --witness-only, found both: a witness orders no ledger')
  if (existsSync(out)) folderOf(out, 'a folder for the keys')
  const publicKeys = makeKeys(path.resolve(out), keyNamesOf({ witnessOnly, isOperator: operator }), random)
  const json = { org, ...(witnessOnly ? { witnessOnly } : {}), publicKeys }
  return Promise.resolve({ exitCode: 0, json, text: JSON.stringify(json, null, 2) })
}
