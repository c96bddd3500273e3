import { readFileSync } from 'node:fs'
import path from 'node:path'
import {
  InputError,
  KEY_TYPE_LOG,
  KEY_TYPE_WITNESS,
  type NetworkId,
  type OrganizationId,
  parseAccessLogOrigin,
  parseNetworkId,
  parseOrganizationId,
  parseVerifierKey,
  shape,
  type VerifierKey,
} from '@fiducia/core'
import { MIN_RETENTION_DAYS } from '@fiducia/proofs'
import { MAX_RETENTION_DAYS } from './limits.ts'
import type { OutsideWitness } from './peers/cosigning.ts'
import * as z from 'zod'
import { readSeed } from './network/key-files.ts'

/**
 * The configuration of one node: a JSON file; relative paths in it are relative to the file. Key files hold 32 bytes as hex; a key
 * may be `agent` instead, when an ssh-agent holds it. Keys that came later are found in the key folder or the agent.
 */
const HELD_BY_AGENT = 'agent'

const keyPlaces = {
  /** Where keys that come later are put and looked for; the folder of the node's key file by default. */
  folder: z.string().optional(),
  /** The agent's socket; that of the environment (`SSH_AUTH_SOCK`) where a key is `agent` and nothing stands here. */
  agent: z.string().optional(),
}

const memberShape = {
  net: z.string(),
  org: z.string(),
  listen: z.strictObject({ host: z.string().default('127.0.0.1'), port: z.int().min(0).max(65_535) }),
  data: z.string(),
  genesis: z.string(),
  /** C2SP witnesses and logs outside the network: who else cosigns this node's logs, and whose growth it cosigns. */
  outside: z
    .strictObject({ witnesses: z.array(z.strictObject({ vkey: z.string(), url: z.url() })).default([]), logs: z.array(z.string()).default([]) })
    .default({ witnesses: [], logs: [] }),
  /** Milliseconds between rounds of the background jobs; 0 leaves them to the caller. */
  jobsEveryMs: z.int().min(0).default(1_000),
  /** Hours between audits of the whole network; 0: none. */
  auditEveryHours: z.int().min(0).default(24),
}

const configSchema = z.strictObject({
  ...memberShape,
  keys: z.strictObject({ node: z.string(), log: z.string(), standbyLog: z.string(), witness: z.string(), ledger: z.string().optional(), ...keyPlaces }),
  silo: z.strictObject({ base: z.url(), bearer: z.string().optional() }),
  /** Seconds between seals of the access log, at least 10. */
  sealEverySeconds: z.int().min(10).default(10),
  /** Days for which contents of events and copies of receipts are kept; more where the organization's law says so. Less is refused: wallets count on it. */
  retainEventsDays: z.int().min(MIN_RETENTION_DAYS).max(MAX_RETENTION_DAYS).default(MIN_RETENTION_DAYS),
  /** Whether this node keeps the ciphertexts of wallets' seeds. */
  custodian: z.boolean().default(false),
})

/** That of a member that follows the ledger and witnesses, and holds no records. */
const witnessSchema = z.strictObject({
  ...memberShape,
  witnessOnly: z.literal(true),
  keys: z.strictObject({ node: z.string(), witness: z.string(), ...keyPlaces }),
})

/** What every kind of node has. */
export interface MemberConfig {
  readonly net: NetworkId
  readonly org: OrganizationId
  readonly listen: { readonly host: string; readonly port: number }
  readonly data: string
  readonly genesis: Uint8Array
  readonly keys: KeySources
  readonly outside: { readonly witnesses: readonly OutsideWitness[]; readonly logs: readonly VerifierKey[] }
  readonly jobsEveryMs: number
  readonly auditEveryHours: number
}

/** Where this node's keys are. */
export interface KeySources {
  /** Of the key files that the configuration names, by their names there. */
  readonly seeds: { readonly [name: string]: Uint8Array }
  readonly folder: string
  readonly agent: string | undefined
}

export interface NodeConfig extends MemberConfig {
  readonly silo: { readonly base: string; readonly bearer: string | undefined }
  readonly sealEverySeconds: number
  readonly retainEventsDays: number
  readonly custodian: boolean
}

export interface WitnessConfig extends MemberConfig {
  readonly witnessOnly: true
}

export class ConfigError extends Error {
  readonly code = 'CONFIG_INVALID'
}

/** Reads and checks everything at once; throws a `ConfigError` with one line for each problem. */
export function loadConfig(file: string): NodeConfig {
  const json = readJson(file)
  if (isWitnessOnly(json))
    throw new ConfigError(`${file}: expected the configuration of a whole node, found that of a witness: run it with \`fiducia witness\``)
  const { keys, silo, ...config } = parsed(configSchema, json, file)
  const read = createReader(file)
  const loaded = {
    ...memberOf(config, read),
    keys: keysOf(keys, read),
    silo: { base: new URL(silo.base).href.replace(/\/$/, ''), bearer: silo.bearer },
  }
  read.finish()
  return loaded
}

/** The same for a witness. */
export function loadWitnessConfig(file: string): WitnessConfig {
  const json = readJson(file)
  if (!isWitnessOnly(json)) throw new ConfigError(`${file}: expected \`"witnessOnly": true\`, found none: a whole node is run with \`fiducia serve\``)
  const { keys, ...config } = parsed(witnessSchema, json, file)
  const read = createReader(file)
  const loaded = { ...memberOf(config, read), keys: keysOf(keys, read) }
  read.finish()
  return loaded
}

interface KeyTexts extends Readonly<Partial<Record<'node' | 'log' | 'standbyLog' | 'witness' | 'ledger' | 'folder' | 'agent', string | undefined>>> {
  readonly node: string
}

function keysOf({ folder, agent, ...named }: KeyTexts, read: Reader): KeySources {
  const files = Object.entries(named).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== HELD_BY_AGENT)
  const needsAgent = agent !== undefined || Object.values(named).includes(HELD_BY_AGENT)
  return {
    seeds: Object.fromEntries(files.map(([name, file]) => [name, read.seed(name, file)])),
    folder: read.at(folder ?? (named.node === HELD_BY_AGENT ? 'keys' : path.dirname(named.node))),
    agent: needsAgent ? read.checked('keys.agent', undefined, () => agentSocket(agent, read)) : undefined,
  }
}

function agentSocket(agent: string | undefined, read: Reader): string {
  const socket = agent === undefined ? process.env['SSH_AUTH_SOCK'] : read.at(agent)
  if (socket === undefined || socket === '')
    throw new InputError('FILE_UNREADABLE', 'expected the socket of an agent, here or in SSH_AUTH_SOCK, as a key is held by one; found none')
  return socket
}

/** Whether the file is a witness's; throws when it cannot be read. */
export const isWitnessConfig = (file: string): boolean => isWitnessOnly(readJson(file))

const isWitnessOnly = (json: unknown): boolean => shape.isObject(json) && json['witnessOnly'] === true

function parsed<T>(schema: z.ZodType<T>, json: unknown, file: string): T {
  const result = schema.safeParse(json)
  if (!result.success) throw new ConfigError(result.error.issues.map((issue) => `${file}: ${issue.path.join('.') || 'the file'}: ${issue.message}`).join('\n'))
  return result.data
}

interface Reader {
  readonly at: (name: string) => string
  /** `otherwise` is never used: a problem ends in `finish`. */
  readonly checked: <T>(where: string, otherwise: T, read: () => T) => T
  readonly seed: (name: string, keyFile: string) => Uint8Array
  /** Throws when there was any problem. */
  readonly finish: () => void
}

const NOTHING = new Uint8Array()

function createReader(file: string): Reader {
  const problems: string[] = []
  const at = (name: string) => path.resolve(path.dirname(path.resolve(file)), name)
  const checked: Reader['checked'] = (where, otherwise, read) => {
    try {
      return read()
    } catch (error) {
      problems.push(`${file}: ${where}: ${error instanceof InputError ? error.message : 'expected a file that can be read'}`)
      return otherwise
    }
  }
  return {
    at,
    checked,
    seed: (name, keyFile) => checked(`keys.${name}`, NOTHING, () => readSeed(at(keyFile))),
    finish() {
      if (problems.length > 0) throw new ConfigError(problems.join('\n'))
    },
  }
}

type Texts = Readonly<Record<'net' | 'org' | 'data' | 'genesis', string>> & { readonly outside: z.infer<(typeof memberShape)['outside']> }

function memberOf<T extends Texts>({ net, org, data, genesis, outside, ...rest }: T, { at, checked }: Reader) {
  return {
    ...rest,
    net: checked('net', net as NetworkId, () => parseNetworkId(net)),
    org: checked('org', org as OrganizationId, () => parseOrganizationId(org)),
    data: at(data),
    genesis: checked('genesis', NOTHING, () => new Uint8Array(readFileSync(at(genesis)))),
    outside: {
      witnesses: outside.witnesses.flatMap(({ vkey, url }, i) =>
        checked(`outside.witnesses.${i}.vkey`, [], () => [{ key: readOutsideKey(vkey, KEY_TYPE_WITNESS), url: url.replace(/\/$/, '') }]),
      ),
      logs: outside.logs.flatMap((vkey, i) => checked(`outside.logs.${i}`, [], () => [readOutsideKey(vkey, KEY_TYPE_LOG)])),
    },
  }
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
