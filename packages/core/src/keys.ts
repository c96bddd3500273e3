import { isP384Point } from '#crypto'
import { decodeBase64Url, encodeBase64Url, encodeUtf8 } from './bytes.ts'
import { readRsaModulusBits } from './der.ts'
import { admitEd25519 } from './ed25519.ts'
import { InputError } from './errors.ts'
import { domainHash } from './hashing.ts'
import { type KeyId, type OrganizationId, parseOrganizationId, show } from './identifiers.ts'
import { MAX_ORIGIN_LENGTH, MAX_PUBLIC_KEY_TEXT } from './limits.ts'
import { integer, literal, object, type Parser, text } from './shape.ts'

/** Keys on the ledger, PROTOCOL section 1. */

export const KEY_ALGORITHMS = ['ed25519', 'es384', 'rs384'] as const
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number]

export const KEY_ROLES = ['node', 'ledger', 'log', 'witness', 'research', 'client'] as const
export type KeyRole = (typeof KEY_ROLES)[number]

/** The value at `key/<keyId>`. Heights: `from` and up, below `to`, below `compromisedFrom`. */
export interface KeyRecord {
  readonly org: OrganizationId
  readonly role: KeyRole
  readonly alg: KeyAlgorithm
  readonly pub: string
  readonly from: number
  readonly to?: number
  readonly compromisedFrom?: number
  /** For a log's key: the one origin that it signs. */
  readonly origin?: string
}

const RSA_MIN_BITS = 2048

/** keyId = H(D("key") ‖ alg ‖ 0x00 ‖ pub). */
export function keyIdOf(alg: KeyAlgorithm, publicKey: Uint8Array): KeyId {
  return encodeBase64Url(domainHash('key', encodeUtf8(alg), Uint8Array.of(0), publicKey)) as KeyId
}

export const ed25519KeyId = (publicKey: Uint8Array): KeyId => keyIdOf('ed25519', publicKey)

/** Throws `KEY_ADMISSION` unless the key may stand on the ledger under this algorithm. */
export function admitKey(alg: string, publicKey: Uint8Array): void {
  switch (alg) {
    case 'ed25519':
      return admitEd25519(publicKey)
    case 'es384':
      if (publicKey.length !== 97 || publicKey[0] !== 4) throw new InputError('KEY_ADMISSION', 'expected an uncompressed P-384 point of 97 bytes')
      if (!isP384Point(publicKey)) throw new InputError('KEY_ADMISSION', 'expected a point of P-384, found another')
      return
    case 'rs384': {
      const bits = readRsaModulusBits(publicKey)
      if (bits < RSA_MIN_BITS) throw new InputError('KEY_ADMISSION', `expected an RSA key of at least ${RSA_MIN_BITS} bits, found ${bits}`)
      return
    }
    default:
      throw new InputError('KEY_ADMISSION', `expected an algorithm of ${KEY_ALGORITHMS.join(', ')}, found ${show(alg)}`)
  }
}

const keyRecordShape: Parser<KeyRecord> = object(
  { org: parseOrganizationId, role: literal(...KEY_ROLES), alg: literal(...KEY_ALGORITHMS), pub: text(MAX_PUBLIC_KEY_TEXT), from: integer() },
  { to: integer(), compromisedFrom: integer(), origin: text(MAX_ORIGIN_LENGTH) },
)

/** The record of `keyId`; throws when the key is not admissible, the id is of another key, or the role may not use the algorithm. */
export function parseKeyRecord(value: unknown, keyId: KeyId): KeyRecord {
  const record = keyRecordShape(value, '')
  const publicKey = decodeBase64Url(record.pub)
  admitKey(record.alg, publicKey)
  if (record.alg !== 'ed25519' && record.role !== 'client') throw new InputError('KEY_ADMISSION', `only a client's key may be \`${record.alg}\``)
  if (keyIdOf(record.alg, publicKey) !== keyId) throw new InputError('KEY_ADMISSION', 'the key id is of another key')
  return record
}

/** Whether a signature anchored at this height counts (PROTOCOL section 1, Keys). */
export function isKeyValidAt(record: KeyRecord, height: number): boolean {
  return record.from <= height && (record.to === undefined || height < record.to) && (record.compromisedFrom === undefined || height < record.compromisedFrom)
}
