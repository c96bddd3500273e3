import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { decodeHex, ed25519PublicKey, encodeBase64Url, encodeHex, InputError, type KeyRole } from '@fiducia/core'
import { NetworkError } from './errors.ts'

/**
 * A member's key files: `keys/NAME.seed`, 32 bytes in hex, readable by the owner only. The order is that of the genesis:
 * the first log key is the first access log's, the second its standby's.
 */
const ROLES = { node: 'node', log: 'log', standbyLog: 'log', witness: 'witness', ledger: 'ledger' } as const satisfies Readonly<Record<string, KeyRole>>

export type KeyName = keyof typeof ROLES
/** Public keys, or paths of files, by name. */
export type KeyTexts = { readonly [Name in KeyName]?: string | undefined }

export const roleOf = (name: KeyName): KeyRole => ROLES[name]

export interface MemberKind {
  readonly witnessOnly: boolean
  readonly isOperator: boolean
}

/** Which keys a member has. */
export const keyNamesOf = ({ witnessOnly, isOperator }: MemberKind): readonly KeyName[] => [
  'node',
  ...(witnessOnly ? [] : (['log', 'standbyLog'] as const)),
  'witness',
  ...(isOperator ? (['ledger'] as const) : []),
]

/** Makes the keys and their folder, and gives the public ones in base64url. */
export function makeKeys(folder: string, names: readonly KeyName[], random: (length: number) => Uint8Array): KeyTexts {
  const taken = names.find((name) => existsSync(path.join(folder, `${name}.seed`)))
  if (taken !== undefined)
    throw new NetworkError('KEYS_EXIST', `expected a folder without keys, found \`${path.join(folder, `${taken}.seed`)}\`; nothing was changed`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return Object.fromEntries(names.map((name) => [name, writeSeed(path.join(folder, `${name}.seed`), random(32))]))
}

function writeSeed(file: string, seed: Uint8Array): string {
  writeFileSync(file, `${encodeHex(seed)}\n`, { mode: 0o600, flag: 'wx' })
  return encodeBase64Url(ed25519PublicKey(seed))
}

/** The seed in a key file. Throws an `InputError` that never quotes the file: it should hold a secret. */
export function readSeed(file: string): Uint8Array {
  const text = readFileSync(file, 'utf8').trim()
  if (!/^[0-9a-fA-F]{64}$/.test(text))
    throw new InputError('BYTES_LENGTH', `expected a key of 32 bytes as 64 hex digits, found ${text.length} characters of another kind`)
  return decodeHex(text.toLowerCase())
}

/** The public key of a key file, in base64url. */
export const publicKeyOf = (file: string): string => encodeBase64Url(ed25519PublicKey(readSeed(file)))
