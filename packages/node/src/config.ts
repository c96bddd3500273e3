import { readFileSync } from 'node:fs'
import path from 'node:path'
import { decodeHex, type NetworkId, type OrganizationId, parseNetworkId, parseOrganizationId } from '@fiducia/core'
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
  /** Milliseconds between rounds of the background jobs; 0 leaves them to the caller. */
  jobsEveryMs: z.int().min(0).default(1_000),
  /** Seconds between seals of the access log, at least 10. */
  sealEverySeconds: z.int().min(10).default(10),
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
  readonly jobsEveryMs: number
  readonly sealEverySeconds: number
}

export class ConfigError extends Error {
  readonly code = 'CONFIG_INVALID'
}

/** Reads and checks everything at once; throws a `ConfigError` with one line for each problem. */
export function loadConfig(file: string): NodeConfig {
  const folder = path.dirname(path.resolve(file))
  const parsed = configSchema.safeParse(readJson(file))
  if (!parsed.success) throw new ConfigError(parsed.error.issues.map((issue) => `${file}: ${issue.path.join('.') || 'the file'}: ${issue.message}`).join('\n'))
  const { keys, net, org, data, genesis, silo, ...rest } = parsed.data
  const at = (name: string) => path.resolve(folder, name)
  return {
    ...rest,
    net: parseNetworkId(net, 'net'),
    org: parseOrganizationId(org, 'org'),
    data: at(data),
    genesis: new Uint8Array(readFileSync(at(genesis))),
    seeds: {
      node: readSeed(at(keys.node)),
      log: readSeed(at(keys.log)),
      standbyLog: readSeed(at(keys.standbyLog)),
      witness: readSeed(at(keys.witness)),
      ledger: keys.ledger === undefined ? undefined : readSeed(at(keys.ledger)),
    },
    silo: { base: silo.base.replace(/\/$/, ''), bearer: silo.bearer },
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new ConfigError(`${file}: expected a JSON file that can be read`, { cause })
  }
}

function readSeed(file: string): Uint8Array {
  const seed = decodeHex(readFileSync(file, 'utf8').trim())
  if (seed.length !== 32) throw new ConfigError(`${file}: expected a key of 32 bytes as hex, found ${seed.length} bytes`)
  return seed
}
