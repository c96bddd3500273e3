import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { decodeBase64Url, ed25519KeyId, encodeHex, encodeUtf8, KEY_ROLES, type KeyId, type KeyRole, seedSigner, type Signer } from '@fiducia/core'
import { makeFolderDurably, writeDurably } from '@fiducia/engine'
import * as z from 'zod'
import type { MemberConfig } from '../config.ts'
import { addKeyWire, retireKeyWire } from './changes.ts'
import { type Desk, type ListedKey, nodeSigner, openDesk, type OperatorPorts, ownKeys, payloadOf, signRequest, submit } from './desk.ts'
import { KeyError } from './errors.ts'

/**
 * What an operator does with the keys of an organization whose node runs: look at them, add, rotate, retire. The secrets are where
 * the node has them; the changes go to the ledger through the node, which takes new keys into use as soon as they stand there.
 */
export interface KeyOperator {
  list(): Promise<readonly ListedKey[]>
  add(role: KeyRole, publicKey?: string): Promise<Changed>
  /** A new key, in use; then the old ones of this role are retired. For a log: it ends, and its standby goes on. */
  rotate(role: KeyRole, publicKey?: string): Promise<readonly Changed[]>
  retire(key: KeyId, compromised?: Compromised): Promise<Changed>
}

/** From a height on, or after a time (milliseconds) up to which everything still counts. */
export type Compromised = { readonly height: number } | { readonly before: number }

export interface Changed {
  readonly change: 'added' | 'retired'
  readonly role: KeyRole
  readonly key: KeyId
  readonly height: number
  readonly compromisedFrom?: number
  /** Where a new key was put; undefined for one that an agent holds. */
  readonly file?: string
}

/** Throws `KEY_REFUSED`, `KEY_MISSING`, `NODE_SILENT`, or what the agent failed with. */
export async function openKeyOperator(config: MemberConfig, ports: OperatorPorts): Promise<KeyOperator> {
  const desk = await openDesk(config, ports)
  return {
    list: () => ownKeys(desk),
    add: (role, publicKey) => add(desk, role, publicKey),
    rotate: (role, publicKey) => (role === 'log' ? rotateLog(desk, publicKey) : rotate(desk, role, publicKey)),
    retire: (key, compromised) => retire(desk, key, compromised),
  }
}

export const isKeyRole = (text: string): text is KeyRole => (KEY_ROLES as readonly string[]).includes(text)

// ---- changes ------------------------------------------------------------------------------------------------------------

const ATTEMPTS = 6

/** Gives the height. A trust record changes once in a block: a change that came second is sent again. */
async function change(desk: Desk, wireOf: () => Promise<Uint8Array>): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await submit(desk, await wireOf())
    if ('height' in result) return result.height
    if (result.code !== 'TRUST_TWICE' || attempt === ATTEMPTS) throw new KeyError('KEY_REFUSED', `the ledger refused: ${result.code}, ${result.message}`)
  }
}

async function add(desk: Desk, role: KeyRole, publicKey: string | undefined): Promise<Changed> {
  const { signer, file } = publicKey === undefined ? await makeKey(desk, role) : { signer: keyAtHand(desk, publicKey), file: undefined }
  const node = await nodeSigner(desk)
  const height = await change(desk, () => addKeyWire(payloadOf(desk), { role, signer }, node))
  return { change: 'added', role, key: signer.keyId, height, ...(file === undefined ? {} : { file }) }
}

/** In the key folder, durable before anybody hears of it. */
async function makeKey({ config, random, ring }: Desk, role: KeyRole): Promise<{ readonly signer: Signer; readonly file: string }> {
  const seed = random(32)
  const signer = seedSigner(seed)
  const file = path.join(config.keys.folder, `${role}-${signer.keyId.slice(0, 8)}.seed`)
  makeFolderDurably(config.keys.folder)
  writeDurably(file, encodeUtf8(`${encodeHex(seed)}\n`))
  await ring.reload()
  return { signer, file }
}

function keyAtHand({ config, ring }: Desk, publicKey: string): Signer {
  const signer = ring.find(ed25519KeyId(decodeBase64Url(publicKey)))
  if (signer === undefined) throw new KeyError('KEY_MISSING', `expected the key \`${publicKey}\` in \`${config.keys.folder}\` or the agent, found none`)
  return signer
}

async function retire(desk: Desk, key: KeyId, compromised?: Compromised): Promise<Changed> {
  const known = (await ownKeys(desk)).find((one) => one.key === key)
  if (known === undefined) throw new KeyError('KEY_MISSING', `expected a key of \`${desk.config.org}\` on the ledger, found none with this id`)
  const compromisedFrom = compromised === undefined ? undefined : Math.max(known.from, await heightOf(desk, compromised))
  const node = await nodeSigner(desk, key)
  const height = await change(desk, () => retireKeyWire(payloadOf(desk), { key, compromisedFrom }, node))
  return { change: 'retired', role: known.role, key, height, ...(compromisedFrom === undefined ? {} : { compromisedFrom }) }
}

/** The block after the last one before the time: everything up to that one still counts. */
async function heightOf({ node }: Desk, compromised: Compromised): Promise<number> {
  if ('height' in compromised) return compromised.height
  const { height } = await node.read(`/ledger/block?time=${compromised.before}`, z.object({ height: z.int() }))
  return height + 1
}

// ---- rotation -----------------------------------------------------------------------------------------------------------

async function rotate(desk: Desk, role: KeyRole, publicKey: string | undefined): Promise<readonly Changed[]> {
  const old = (await ownKeys(desk)).filter((one) => one.role === role && one.valid)
  const { k } = await stateRecord(desk, 'trust', z.object({ k: z.int() }))
  const changes = [await add(desk, role, publicKey)]
  if (role === 'witness' || role === 'ledger') await untilProven(desk, k + 1)
  for (const { key } of old) changes.push(await retire(desk, key))
  return changes
}

async function stateRecord<T>({ node }: Desk, key: string, schema: z.ZodType<T>): Promise<T> {
  const { value } = await node.read(`/ledger/state?key=${encodeURIComponent(key)}`, z.object({ value: z.string().nullable() }))
  return schema.parse(value === null ? undefined : JSON.parse(value))
}

/** How long a change is waited for until the others have taken notice of it, milliseconds. */
const WAIT_MS = 90_000
const LOOK_MS = 500

async function untilTrue(look: () => Promise<boolean>, otherwise: string): Promise<void> {
  for (let waited = 0; waited <= WAIT_MS; waited += LOOK_MS) {
    if (await look()) return
    await setTimeout(LOOK_MS)
  }
  throw new KeyError('KEY_REFUSED', otherwise)
}

const trustSchema = z.object({ steps: z.array(z.object({ record: z.object({ k: z.int() }) })) })

/** Until trust record k is proved: the witnesses before it have cosigned it, so none of them is needed any more. */
const untilProven = ({ node }: Desk, k: number): Promise<void> =>
  untilTrue(
    async () => (await node.read('/ledger/trust', trustSchema)).steps.some(({ record }) => record.k >= k),
    'the new key stands on the ledger, but no quorum has cosigned that so far: retire the old one later with `fiducia keys retire`',
  )

const ROTATE_LOG = '/operator/access-log/rotate'

/** The log's last checkpoint goes on the ledger first: it takes none by a retired key. */
async function rotateLog(desk: Desk, publicKey: string | undefined): Promise<readonly Changed[]> {
  const headers = await signRequest(desk, ROTATE_LOG)
  const { ended, size } = await desk.node.read(ROTATE_LOG, z.object({ ended: z.string(), size: z.int() }), { method: 'POST', headers })
  const added = publicKey === undefined ? [] : [await add(desk, 'log', publicKey)]
  await untilTrue(
    async () => (await stateRecord(desk, `alog/${ended}`, z.object({ size: z.int() }))).size >= size,
    `\`${ended}\` has ended, but its last checkpoint is not on the ledger so far: retire its key later with \`fiducia keys retire\``,
  )
  const old = (await ownKeys(desk)).find(({ origin, valid }) => origin === ended && valid)
  return old === undefined ? added : [...added, await retire(desk, old.key)]
}
