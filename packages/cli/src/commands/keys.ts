import { parseKeyId } from '@fiducia/core'
import {
  type Changed,
  httpTransport,
  isKeyRole,
  isWitnessConfig,
  type KeyOperator,
  type ListedKey,
  loadConfig,
  loadWitnessConfig,
  openKeyOperator,
} from '@fiducia/node'
import { type Answer, UsageError } from '../output.ts'
import { tableOf } from '../table.ts'

/** `fiducia keys list | add | rotate | retire --config FILE`: an organization's keys on the ledger, changed while its node runs. */
export interface KeysFlags {
  readonly config: string
}

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))

const operatorOf = (config: string): Promise<KeyOperator> =>
  openKeyOperator(isWitnessConfig(config) ? loadWitnessConfig(config) : loadConfig(config), { transport: httpTransport, now: () => Date.now(), random })

export async function listKeys({ config }: KeysFlags): Promise<Answer> {
  const keys = await (await operatorOf(config)).list()
  const rows = [['role', 'key', 'counts', 'here', ''], ...keys.map(rowOf)]
  return { exitCode: 0, json: { keys }, text: tableOf(rows).join('\n') }
}

const rowOf = ({ role, key, from, to, compromisedFrom, origin, valid, atHand }: ListedKey): readonly string[] => [
  role,
  key,
  to === undefined ? `from height ${from}` : `from height ${from} to before ${to}`,
  valid ? (atHand ? 'yes' : 'NO') : '-',
  [origin, compromisedFrom === undefined ? undefined : `stolen from height ${compromisedFrom} on`].filter((text) => text !== undefined).join(', '),
]

export async function addKey({ config, role, public: publicKey }: KeysFlags & { readonly role: string; readonly public?: string }): Promise<Answer> {
  return changed([await (await operatorOf(config)).add(roleOf(role), publicKey)])
}

export async function rotateKey({ config, role, public: publicKey }: KeysFlags & { readonly role: string; readonly public?: string }): Promise<Answer> {
  return changed(await (await operatorOf(config)).rotate(roleOf(role), publicKey))
}

export async function retireKey({ config, key, compromisedFrom }: KeysFlags & { readonly key: string; readonly compromisedFrom?: string }): Promise<Answer> {
  const since = compromisedFrom === undefined ? undefined : instantOf(compromisedFrom)
  return changed([await (await operatorOf(config)).retire(parseKeyId(key, '--key'), since)])
}

function roleOf(text: string) {
  if (!isKeyRole(text)) throw new UsageError('BAD_USE', `expected --role node, witness, ledger, log, client or research, found \`${text}\``)
  return text
}

/** A height, or a time in ISO 8601. */
function instantOf(text: string): { readonly height: number } | { readonly before: number } {
  if (/^\d{1,15}$/.test(text)) return { height: Number(text) }
  const before = Date.parse(text)
  if (Number.isNaN(before))
    throw new UsageError('BAD_USE', `expected --compromised-from with a height or a time such as 2026-11-22T10:00:00Z, found \`${text}\``)
  return { before }
}

function changed(changes: readonly Changed[]): Answer {
  const lines = changes.map(
    ({ change, role, key, height, compromisedFrom, file }) =>
      `${change} ${role} key ${key} at height ${height}` +
      (compromisedFrom === undefined ? '' : `, stolen from height ${compromisedFrom} on`) +
      (file === undefined ? '' : `\n  its secret: ${file}`),
  )
  return { exitCode: 0, json: { changes }, text: lines.join('\n') }
}
