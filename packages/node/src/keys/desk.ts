import {
  encodeBase64Url,
  encodeCanonical,
  isKeyValidAt,
  type KeyId,
  type KeyRecord,
  parseKeyId,
  parseKeyRecord,
  type Signer,
  signObjectBy,
} from '@fiducia/core'
import * as z from 'zod'
import type { MemberConfig } from '../config.ts'
import { TRANSACTION_VALID_MS } from '../limits.ts'
import type { Transport } from '../peers/transport.ts'
import { WALLET_REQUEST_HEADER } from '../relationships/wallet-request.ts'
import { KeyError } from './errors.ts'
import { type Keyring, openKeyring } from './keyring.ts'
import { type OwnNode, reachOwnNode } from './own-node.ts'

/** Where an operator's commands work: the organization's running node, and the keys with which requests to it are signed. */
export interface Desk extends OperatorPorts {
  readonly config: MemberConfig
  readonly ring: Keyring
  readonly node: OwnNode
}

export interface OperatorPorts {
  readonly transport: Transport
  readonly now: () => number
  readonly random: (length: number) => Uint8Array
}

/** Throws what the agent failed with. */
export const openDesk = async (config: MemberConfig, ports: OperatorPorts): Promise<Desk> => ({
  ...ports,
  config,
  ring: await openKeyring(config.keys),
  node: reachOwnNode(config, ports.transport),
})

export interface ListedKey extends KeyRecord {
  readonly key: KeyId
  readonly valid: boolean
  /** This configuration's folder or agent has it. */
  readonly atHand: boolean
}

const keysSchema = z.object({ height: z.int(), keys: z.array(z.object({ key: z.string(), record: z.unknown() })) })

/** Every key that the organization ever had, as its node's ledger says. */
export async function ownKeys({ config, ring, node }: Desk): Promise<readonly ListedKey[]> {
  const { height, keys } = await node.read(`/ledger/keys/${config.org}`, keysSchema)
  return keys.map(({ key: text, record }) => {
    const key = parseKeyId(text)
    const parsed = parseKeyRecord(record, key)
    return { key, ...parsed, valid: isKeyValidAt(parsed, height), atHand: ring.find(key) !== undefined }
  })
}

/** The newest valid node key that is at hand, another than `but` where there is one. Throws `KEY_MISSING`. */
export async function nodeSigner(desk: Desk, but?: KeyId): Promise<Signer> {
  const { config, ring } = desk
  const mine = (await ownKeys(desk)).filter(({ role, valid, atHand }) => role === 'node' && valid && atHand).toSorted((a, b) => b.from - a.from)
  const chosen = mine.find(({ key }) => key !== but) ?? mine[0]
  const signer = chosen === undefined ? undefined : ring.find(chosen.key)
  if (signer === undefined)
    throw new KeyError('KEY_MISSING', `expected a valid node key of \`${config.org}\` in \`${config.keys.folder}\` or the agent, found none`)
  return signer
}

/** The header of a POST to this path, with its query, of the own node. */
export async function signRequest(desk: Desk, where: string): Promise<Readonly<Record<string, string>>> {
  const { config, now, random } = desk
  const body = { v: 1, net: config.net, type: 'request', to: config.org, method: 'POST', path: where, at: now(), rand: encodeBase64Url(random(32)) }
  const { key, sig } = await signObjectBy('request', body, await nodeSigner(desk))
  return { [WALLET_REQUEST_HEADER]: encodeBase64Url(encodeCanonical({ body, key, sig })) }
}

/** What every transaction has, signed now. */
export const payloadOf = ({ config, now }: Desk) => ({ net: config.net, validUntil: now() + TRANSACTION_VALID_MS })

const resultSchema = z.object({ height: z.int(), accepted: z.boolean(), code: z.string().optional(), message: z.string().optional() })

/** Puts a transaction on the ledger through the own node; gives its height, or why the ledger refused it. */
export async function submit({ node }: Desk, wire: Uint8Array): Promise<{ readonly height: number } | { readonly code: string; readonly message: string }> {
  const headers = { 'content-type': 'application/octet-stream' }
  const { accepted, height, code = '', message = '' } = await node.read('/ledger/transactions', resultSchema, { method: 'POST', body: wire, headers })
  return accepted ? { height } : { code, message }
}
