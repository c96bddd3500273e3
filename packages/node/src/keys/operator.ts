import { setTimeout } from 'node:timers/promises'
import path from 'node:path'
import {
  decodeBase64Url,
  ed25519KeyId,
  encodeBase64Url,
  encodeCanonical,
  encodeHex,
  encodeUtf8,
  isKeyValidAt,
  KEY_ROLES,
  type KeyId,
  type KeyRecord,
  type KeyRole,
  parseKeyId,
  parseKeyRecord,
  seedSigner,
  type Signer,
  signObjectBy,
} from '@fiducia/core'
import { makeFolderDurably, writeDurably } from '@fiducia/engine'
import * as z from 'zod'
import type { MemberConfig } from '../config.ts'
import { TRANSACTION_VALID_MS } from '../limits.ts'
import { type Answer, textOf, type Transport } from '../peers/transport.ts'
import { WALLET_REQUEST_HEADER } from '../relationships/wallet-request.ts'
import { addKeyWire, retireKeyWire } from './changes.ts'
import { KeyError } from './errors.ts'
import { openKeyring } from './keyring.ts'

/**
 * What an operator does with the keys of an organization whose node runs: look at them, add, rotate, retire. The secrets are where
 * the node has them; the changes go to the ledger through the node, which takes new keys into use as soon as they stand there.
 */
export interface KeyOperator {
  list(): Promise<readonly ListedKey[]>
  add(role: KeyRole, publicKey?: string): Promise<Changed>
  /** A new key, in use; then the old ones of this role are retired. For a log: it ends, and its standby goes on. */
  rotate(role: KeyRole, publicKey?: string): Promise<readonly Changed[]>
  /** `compromised`: a height, or milliseconds before which nothing had happened so far as one knows. */
  retire(key: KeyId, compromised?: { readonly height: number } | { readonly before: number }): Promise<Changed>
}

export interface ListedKey extends KeyRecord {
  readonly key: KeyId
  readonly valid: boolean
  /** This configuration's folder or agent has it. */
  readonly atHand: boolean
}

export interface Changed {
  readonly change: 'added' | 'retired'
  readonly role: KeyRole
  readonly key: KeyId
  readonly height: number
  readonly compromisedFrom?: number
  /** Where a new key was put; undefined for one that an agent holds. */
  readonly file?: string
}

export interface OperatorPorts {
  readonly transport: Transport
  readonly now: () => number
  readonly random: (length: number) => Uint8Array
}

/** How long a change is waited for until the witnesses have cosigned it, milliseconds. */
const PROVEN_WAIT_MS = 90_000
const LOOK_MS = 500

const keysSchema = z.object({ height: z.int(), keys: z.array(z.object({ key: z.string(), record: z.unknown() })) })
const resultSchema = z.object({ height: z.int(), accepted: z.boolean(), code: z.string().optional(), message: z.string().optional() })
const trustSchema = z.object({ steps: z.array(z.object({ record: z.object({ k: z.int() }) })) })
const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

/** Throws `KEY_REFUSED`, `KEY_MISSING`, `NODE_SILENT`, or what the agent failed with. */
export async function openKeyOperator(config: MemberConfig, ports: OperatorPorts): Promise<KeyOperator> {
  const ring = await openKeyring(config.keys)
  const base = `http://${config.listen.host === '0.0.0.0' ? '127.0.0.1' : config.listen.host}:${config.listen.port}`

  async function ask(where: string, message?: Parameters<Transport>[1]): Promise<Answer> {
    try {
      return await ports.transport(`${base}${where}`, message)
    } catch (cause) {
      throw new KeyError('NODE_SILENT', `expected the node of \`${config.org}\` at \`${base}\` to answer: start it, then do this again`, { cause })
    }
  }

  async function read<T>(where: string, schema: z.ZodType<T>, message?: Parameters<Transport>[1]): Promise<T> {
    const answer = await ask(where, message)
    const json: unknown = JSON.parse(textOf(answer))
    const failed = errorSchema.safeParse(json)
    if (failed.success) throw new KeyError('KEY_REFUSED', `the node refused: ${failed.data.error.code}, ${failed.data.error.message}`)
    return schema.parse(json)
  }

  async function list(): Promise<readonly ListedKey[]> {
    const { height, keys } = await read(`/ledger/keys/${config.org}`, keysSchema)
    return keys.map(({ key, record }) => {
      const parsed = parseKeyRecord(record, parseKeyId(key))
      return { key: parseKeyId(key), ...parsed, valid: isKeyValidAt(parsed, height), atHand: ring.find(parseKeyId(key)) !== undefined }
    })
  }

  /** The newest valid node key that is at hand signs every change. */
  async function nodeSigner(): Promise<Signer> {
    const mine = (await list()).filter(({ role, valid, atHand }) => role === 'node' && valid && atHand).toSorted((a, b) => b.from - a.from)
    const signer = mine[0] === undefined ? undefined : ring.find(mine[0].key)
    if (signer === undefined)
      throw new KeyError('KEY_MISSING', `expected a valid node key of \`${config.org}\` in \`${config.keys.folder}\` or the agent, found none`)
    return signer
  }

  const payload = () => ({ net: config.net, validUntil: ports.now() + TRANSACTION_VALID_MS })

  /** A trust record changes once in a block: a change that came second is sent again. */
  async function submit(wireOf: () => Promise<Uint8Array>): Promise<number> {
    for (let again = 0; ; again += 1) {
      const answer = await read('/ledger/transactions', resultSchema, {
        method: 'POST',
        body: await wireOf(),
        headers: { 'content-type': 'application/octet-stream' },
      })
      if (answer.accepted) return answer.height
      if (answer.code !== 'TRUST_TWICE' || again === 5) throw new KeyError('KEY_REFUSED', `the ledger refused: ${answer.code}, ${answer.message}`)
    }
  }

  /** A key that the agent holds already, or a new one in the folder. */
  async function newSigner(role: KeyRole, publicKey: string | undefined): Promise<{ readonly signer: Signer; readonly file?: string }> {
    if (publicKey !== undefined) {
      const signer = ring.find(ed25519KeyId(decodeBase64Url(publicKey)))
      if (signer === undefined) throw new KeyError('KEY_MISSING', `expected the key \`${publicKey}\` in \`${config.keys.folder}\` or the agent, found none`)
      return { signer }
    }
    const seed = ports.random(32)
    const signer = seedSigner(seed)
    makeFolderDurably(config.keys.folder)
    const file = path.join(config.keys.folder, `${role}-${signer.keyId.slice(0, 8)}.seed`)
    writeDurably(file, encodeUtf8(`${encodeHex(seed)}\n`))
    await ring.reload()
    return { signer, file }
  }

  async function add(role: KeyRole, publicKey?: string): Promise<Changed> {
    const { signer, file } = await newSigner(role, publicKey)
    const node = await nodeSigner()
    const height = await submit(() => addKeyWire(payload(), { role, signer }, node))
    return { change: 'added', role, key: signer.keyId, height, ...(file === undefined ? {} : { file }) }
  }

  async function retire(key: KeyId, compromised?: { readonly height: number } | { readonly before: number }): Promise<Changed> {
    const known = (await list()).find((one) => one.key === key)
    if (known === undefined) throw new KeyError('KEY_MISSING', `expected a key of \`${config.org}\` on the ledger, found none with this id`)
    const compromisedFrom = compromised === undefined ? undefined : Math.max(known.from, await heightOf(compromised))
    const others = (await list()).filter((one) => one.role === 'node' && one.valid && one.atHand && one.key !== key)
    const node = ring.find(others[0]?.key ?? key) ?? (await nodeSigner())
    const height = await submit(() => retireKeyWire(payload(), { key, compromisedFrom }, node))
    return { change: 'retired', role: known.role, key, height, ...(compromisedFrom === undefined ? {} : { compromisedFrom }) }
  }

  /** The first block after the time, so that everything up to it still counts. */
  async function heightOf(compromised: { readonly height: number } | { readonly before: number }): Promise<number> {
    if ('height' in compromised) return compromised.height
    const { height } = await read(`/ledger/block?time=${compromised.before}`, z.object({ height: z.int() }))
    return height + 1
  }

  /** Until the newest trust record is proved: the witnesses before it have cosigned it, so none of them is needed any more. */
  async function untilProven(k: number): Promise<void> {
    for (let waited = 0; waited <= PROVEN_WAIT_MS; waited += LOOK_MS) {
      const { steps } = await read('/ledger/trust', trustSchema)
      if (steps.some(({ record }) => record.k >= k)) return
      await setTimeout(LOOK_MS)
    }
    throw new KeyError(
      'KEY_REFUSED',
      'the new key stands on the ledger, but no quorum has cosigned that so far: retire the old one later with `fiducia keys retire`',
    )
  }

  const newestTrust = async (): Promise<number> => {
    const { value } = await read('/ledger/state?key=trust', z.object({ value: z.string().nullable() }))
    return z.object({ k: z.int() }).parse(JSON.parse(value ?? '{}')).k
  }

  async function rotateLog(publicKey: string | undefined): Promise<readonly Changed[]> {
    const { ended, size } = await read('/operator/access-log/rotate', z.object({ ended: z.string(), size: z.int() }), {
      method: 'POST',
      headers: { [WALLET_REQUEST_HEADER]: await signRequest('/operator/access-log/rotate') },
    })
    const added = publicKey === undefined ? [] : [await add('log', publicKey)]
    await untilOnLedger(ended, size)
    const old = (await list()).find(({ origin, valid }) => origin === ended && valid)
    return old === undefined ? added : [...added, await retire(old.key)]
  }

  /** Until the ledger has the log's last checkpoint: it takes none by a retired key. */
  async function untilOnLedger(origin: string, size: number): Promise<void> {
    for (let waited = 0; waited <= PROVEN_WAIT_MS; waited += LOOK_MS) {
      const { value } = await read(`/ledger/state?key=${encodeURIComponent(`alog/${origin}`)}`, z.object({ value: z.string().nullable() }))
      if (z.object({ size: z.int() }).parse(JSON.parse(value ?? '{"size":-1}')).size >= size) return
      await setTimeout(LOOK_MS)
    }
    throw new KeyError(
      'KEY_REFUSED',
      `\`${origin}\` has ended, but its last checkpoint is not on the ledger so far: retire its key later with \`fiducia keys retire\``,
    )
  }

  async function signRequest(where: string): Promise<string> {
    const body = {
      v: 1,
      net: config.net,
      type: 'request',
      to: config.org,
      method: 'POST',
      path: where,
      at: ports.now(),
      rand: encodeBase64Url(ports.random(32)),
    }
    const { key, sig } = await signObjectBy('request', body, await nodeSigner())
    return encodeBase64Url(encodeCanonical({ body, key, sig }))
  }

  return {
    list,
    add,
    retire,
    async rotate(role, publicKey) {
      if (role === 'log') return rotateLog(publicKey)
      const old = (await list()).filter((one) => one.role === role && one.valid)
      const before = await newestTrust()
      const changes = [await add(role, publicKey)]
      if (role === 'witness' || role === 'ledger') await untilProven(before + 1)
      for (const { key } of old) changes.push(await retire(key))
      return changes
    },
  }
}

export const isKeyRole = (text: string): text is KeyRole => (KEY_ROLES as readonly string[]).includes(text)
