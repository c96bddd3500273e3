import { decodeBase64Url } from './bytes.ts'
import { InputError } from './errors.ts'

/**
 * Identifiers, branded: parsed once at the edge, trusted afterwards. The brand exists for the compiler only; at run time
 * each is a plain string.
 */
declare const brand: unique symbol
export type Branded<Name extends string> = string & { readonly [brand]: Name }

/** A network, `[a-z0-9][a-z0-9.-]{0,39}`. */
export type NetworkId = Branded<'NetworkId'>
/** A member organization, same grammar. */
export type OrganizationId = Branded<'OrganizationId'>
/** A group of organizations under one corporate parent, same grammar. */
export type GroupId = Branded<'GroupId'>
/** 32 bytes as base64url: a hash, a salt, a public key, a random value. */
export type Bytes32 = Branded<'Bytes32'>
/** H(D("key") ‖ alg ‖ 0x00 ‖ pub). */
export type KeyId = Bytes32 & { readonly keyId: true }
/** A relationship's name on the ledger. */
export type Handle = Bytes32 & { readonly handle: true }
/** A log's name: `net/ledger` or `net/log/ORG/k`. */
export type Origin = Branded<'Origin'>

/** 32 bytes as base64url; text that is far longer is not decoded to be refused. */
const BYTES32_CHARACTERS = 43

const NAME = /^[a-z0-9][a-z0-9.-]{0,39}$/

function parseName(value: unknown, what: string, at: string | undefined): string {
  if (typeof value === 'string' && NAME.test(value)) return value
  throw new InputError(
    'IDENTIFIER_GRAMMAR',
    `expected ${what} of lower-case letters, digits, dots and hyphens, at most 40, found ${show(value)}`,
    at === undefined ? {} : { at },
  )
}

export const parseNetworkId = (value: unknown, at?: string): NetworkId => parseName(value, 'a network id', at) as NetworkId
export const parseOrganizationId = (value: unknown, at?: string): OrganizationId => parseName(value, 'an organization id', at) as OrganizationId
export const parseGroupId = (value: unknown, at?: string): GroupId => parseName(value, 'a group id', at) as GroupId

/** Throws unless the text is the one base64url spelling of 32 bytes. */
export function parseBytes32(value: unknown, at?: string): Bytes32 {
  const where = at === undefined ? {} : { at }
  if (typeof value !== 'string') throw new InputError('BYTES_ENCODING', `expected 32 bytes as base64url, found ${show(value)}`, where)
  if (value.length > 2 * BYTES32_CHARACTERS) throw new InputError('BYTES_LENGTH', `expected 32 bytes, found text of ${value.length} characters`, where)
  let length: number
  try {
    length = decodeBase64Url(value).length
  } catch (cause) {
    throw new InputError('BYTES_ENCODING', 'expected 32 bytes as base64url without padding', { ...where, cause })
  }
  if (length !== 32) throw new InputError('BYTES_LENGTH', `expected 32 bytes, found ${length}`, where)
  return value as Bytes32
}

export const parseKeyId = (value: unknown, at?: string): KeyId => parseBytes32(value, at) as KeyId
export const parseHandle = (value: unknown, at?: string): Handle => parseBytes32(value, at) as Handle

/** A count that may pass 2^53: digits without a leading zero. */
export function parseDecimalString(value: unknown, at?: string): bigint {
  if (typeof value === 'string' && value.length <= 40 && /^(?:0|[1-9][0-9]*)$/.test(value)) return BigInt(value)
  throw new InputError('IDENTIFIER_GRAMMAR', `expected a decimal string, found ${show(value)}`, at === undefined ? {} : { at })
}

export const ledgerOrigin = (net: NetworkId): Origin => `${net}/ledger` as Origin
export const accessLogOrigin = (net: NetworkId, org: OrganizationId, k: number): Origin => `${net}/log/${org}/${k}` as Origin
export const witnessName = (net: NetworkId, org: OrganizationId): string => `${net}/witness/${org}`

export interface AccessLogName {
  readonly net: NetworkId
  readonly org: OrganizationId
  readonly k: number
}

/** The parts of `net/log/ORG/k`, or undefined for any other text; k has no leading zero and is at least 1. */
export function parseAccessLogOrigin(origin: string): AccessLogName | undefined {
  const parts = /^([a-z0-9][a-z0-9.-]{0,39})\/log\/([a-z0-9][a-z0-9.-]{0,39})\/([1-9][0-9]{0,14})$/.exec(origin)
  if (parts === null) return undefined
  return { net: parts[1] as NetworkId, org: parts[2] as OrganizationId, k: Number(parts[3]) }
}

/** How a value is shown in a message: short text in backticks, otherwise its type. Only for values that are no personal data. */
export function show(value: unknown): string {
  if (typeof value === 'string') return value.length <= 48 ? `\`${value}\`` : `text of ${value.length} characters`
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'undefined') return 'nothing'
  return typeof value === 'number' || typeof value === 'boolean' ? `\`${value}\`` : `an ${typeof value}`
}
