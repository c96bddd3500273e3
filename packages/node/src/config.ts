import { readFileSync } from 'node:fs'
import path from 'node:path'
import {
  decodeHex,
  InputError,
  KEY_TYPE_LOG,
  KEY_TYPE_WITNESS,
  type NetworkId,
  type OrganizationId,
  parseAccessLogOrigin,
  parseNetworkId,
  parseOrganizationId,
  parseVerifierKey,
  type VerifierKey,
} from '@fiducia/core'
import type { OutsideWitness } from './peers/cosigning.ts'
import * as z from 'zod'

/** The configuration of one node: a JSON file; relative paths in it are relative to the file. Key files hold 32 bytes as hex. */
const configSchema = z.strictObject({
  net: z.string(),
  org: z.string(),
  listen: z.strictObject({ host: z.string().default('127.0.0.1'), port: z.int().min(0).max(65_535) }),
  data: z.string(),
  genesis: z.string(),
  keys: z.strictObject({ node: z.string(), log: z.string(), standbyLog: z.string(), witness: z.string(), ledger: z.string().optional() }),
  silo: z.strictObject({ base: z.url(), bearer: z.string().optional() }),
  /** C2SP witnesses and logs outside the network: who else cosigns this node's logs, and whose growth it cosigns. */
  outside: z
    .strictObject({ witnesses: z.array(z.strictObject({ vkey: z.string(), url: z.url() })).default([]), logs: z.array(z.string()).default([]) })
    .default({ witnesses: [], logs: [] }),
  /** Milliseconds between rounds of the background jobs; 0 leaves them to the caller. */
  jobsEveryMs: z.int().min(0).default(1_000),
  /** Seconds between seals of the access log, at least 10. */
  sealEverySeconds: z.int().min(10).default(10),
  /** Hours between audits of the whole network; 0: none. */
  auditEveryHours: z.int().min(0).default(24),
})

export interface NodeConfig {
  readonly net: NetworkId
  readonly org: OrganizationId
  readonly listen: { readonly host: string; readonly port: number }
  readonly data: string
  readonly genesis: Uint8Array
  readonly seeds: {
    readonly node: Uint8Array
    readonly log: Uint8Array
    readonly standbyLog: Uint8Array
    readonly witness: Uint8Array
    readonly ledger: Uint8Array | undefined
  }
  readonly silo: { readonly base: string; readonly bearer: string | undefined }
  readonly outside: { readonly witnesses: readonly OutsideWitness[]; readonly logs: readonly VerifierKey[] }
  readonly jobsEveryMs: number
  readonly sealEverySeconds: number
  readonly auditEveryHours: number
}

export class ConfigError extends Error {
  readonly code = 'CONFIG_INVALID'
}

/** Reads and checks everything at once; throws a `ConfigError` with one line for each problem. */
export function loadConfig(file: string): NodeConfig {
  const folder = path.dirname(path.resolve(file))
  const parsed = configSchema.safeParse(readJson(file))
  if (!parsed.success) throw new ConfigError(parsed.error.issues.map((issue) => `${file}: ${issue.path.join('.') || 'the file'}: ${issue.message}`).join('\n'))
  const { keys, net, org, data, genesis, silo, outside, ...rest } = parsed.data
  const problems: string[] = []
  const at = (name: string) => path.resolve(folder, name)
  /** `otherwise` is never used: a problem ends in the error below. */
  const checked = <T>(where: string, otherwise: T, read: () => T): T => {
    try {
      return read()
    } catch (error) {
      problems.push(`${file}: ${where}: ${error instanceof InputError || error instanceof ConfigError ? error.message : 'expected a file that can be read'}`)
      return otherwise
    }
  }
  const nothing = new Uint8Array()
  const seed = (name: string, keyFile: string) => checked(`keys.${name}`, nothing, () => readSeed(at(keyFile)))
  const config = {
    ...rest,
    net: checked('net', net as NetworkId, () => parseNetworkId(net)),
    org: checked('org', org as OrganizationId, () => parseOrganizationId(org)),
    data: at(data),
    genesis: checked('genesis', nothing, () => new Uint8Array(readFileSync(at(genesis)))),
    seeds: {
      node: seed('node', keys.node),
      log: seed('log', keys.log),
      standbyLog: seed('standbyLog', keys.standbyLog),
      witness: seed('witness', keys.witness),
      ledger: keys.ledger === undefined ? undefined : seed('ledger', keys.ledger),
    },
    outside: {
      witnesses: outside.witnesses.flatMap(({ vkey, url }, i) =>
        checked(`outside.witnesses.${i}.vkey`, [], () => [{ key: readOutsideKey(vkey, KEY_TYPE_WITNESS), url: url.replace(/\/$/, '') }]),
      ),
      logs: outside.logs.flatMap((vkey, i) => checked(`outside.logs.${i}`, [], () => [readOutsideKey(vkey, KEY_TYPE_LOG)])),
    },
    silo: { base: new URL(silo.base).href.replace(/\/$/, ''), bearer: silo.bearer },
  }
  if (problems.length > 0) throw new ConfigError(problems.join('\n'))
  return config
}

/** Names of the network's own logs and witnesses are not for strangers. */
function readOutsideKey(text: string, type: VerifierKey['type']): VerifierKey {
  const key = parseVerifierKey(text)
  if (key.type !== type) throw new ConfigError(`expected the verifier key of a ${type === KEY_TYPE_LOG ? 'log' : 'witness'}, found another kind`)
  if (parseAccessLogOrigin(key.name) !== undefined || /\/(ledger|witness\/[^/]+)$/.test(key.name))
    throw new ConfigError(`expected a name outside the network, found \`${key.name}\``)
  return key
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new ConfigError(`${file}: expected a JSON file that can be read`, { cause })
  }
}

/** Never quotes the file: it should hold a secret. */
function readSeed(file: string): Uint8Array {
  const text = readFileSync(file, 'utf8').trim()
  if (!/^[0-9a-fA-F]{64}$/.test(text)) throw new ConfigError(`expected a key of 32 bytes as 64 hex digits, found ${text.length} characters of another kind`)
  return decodeHex(text.toLowerCase())
}
