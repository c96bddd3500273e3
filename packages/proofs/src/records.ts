import {
  formatCanonical, type JsonValue, parseBytes32, parseHandle, parseOrganizationId, type Parser, parseStateProof, shape, type Handle, decodeU32, decodeU64, InputError,
} from '@fiducia/core'
import type { AccessLogRecord, Pending, RelationshipHead, RoleRecord, TrustRecord } from '@fiducia/ledger'
import type { ProvenHead } from './types.ts'

/** Records of the ledger's state as they stand in files: exactly their members. What they mean is the ledger's matter. */

const { object, array, integer, literal, map, nullable, text } = shape

const delegate = object({ pub: parseBytes32, rights: array(literal('set', 'restrict', 'link', 'read'), 4), expires: integer() })

const parsePending: Parser<Pending> = (value, at) => {
  if (value === null) return null
  if (shape.isObject(value) && value['kind'] === 'close') return object({ kind: literal('close'), at: integer() })(value, at)
  return object({ kind: literal('recover'), control: parseBytes32, seal: parseBytes32, at: integer() })(value, at)
}

export const parseRelationshipHead: Parser<RelationshipHead> = object({
  org: parseOrganizationId,
  status: literal('open', 'recovering', 'closed'),
  epoch: integer(),
  version: integer(),
  commitment: nullable(parseBytes32),
  expires: integer(),
  by: nullable(parseBytes32),
  base: nullable(integer()),
  control: parseBytes32,
  delegates: array(delegate, 4),
  recovery: object({ m: integer(1, 4), hashes: array(parseBytes32, 4) }),
  pending: parsePending,
  custody: literal('self', 'custodial'),
  chain: parseBytes32,
  seal: parseBytes32,
  bind: parseBytes32,
})

export const parseTrustRecord: Parser<TrustRecord> = object({
  k: integer(1),
  logs: array(text(400), 2000),
  groups: map(shape.string(/^[a-z0-9][a-z0-9.-]{0,39}$/, 'a group id'), array(text(400), 200, 1), 200),
  quorum: integer(),
})

export const parseRoleRecord: Parser<RoleRecord> = object({ version: integer(1), expires: integer(), withdrawn: shape.boolean })

export const parseAccessLogRecord: Parser<AccessLogRecord> = object({ size: integer(), root: parseBytes32, height: integer(), at: integer() })

export const parseProvenHead: Parser<ProvenHead> = object({ value: parseRelationshipHead, state: parseStateProof, block: text(100), proof: text(100_000) })

/** `head.json` of a bundle. */
export const parseNamedHead: Parser<{ readonly handle: Handle; readonly value: RelationshipHead }> = object({ handle: parseHandle, value: parseRelationshipHead })

/** The canonical text of a record, as it is hashed into the state tree. */
export const formatRecord = (record: object): string => formatCanonical(record as JsonValue)

/** The entry that closes a block, 57 bytes (PROTOCOL section 2). */
export interface BlockRecord {
  readonly height: number
  /** Milliseconds. */
  readonly time: number
  readonly stateRoot: Uint8Array
  readonly appVersion: number
  readonly transactions: number
}

const BLOCK_ENTRY_BYTES = 57
const BLOCK_ENTRY_KIND = 2

/** Throws `PROOF_FORMAT` for bytes that do not close a block. */
export function readBlockEntry(entry: Uint8Array): BlockRecord {
  if (entry.length !== BLOCK_ENTRY_BYTES || entry[0] !== BLOCK_ENTRY_KIND) {
    throw new InputError('PROOF_FORMAT', `expected an entry of ${BLOCK_ENTRY_BYTES} bytes that begins with ${BLOCK_ENTRY_KIND}, found ${entry.length} bytes`)
  }
  return { height: decodeU64(entry, 1), time: decodeU64(entry, 9), stateRoot: entry.slice(17, 49), appVersion: decodeU32(entry, 49), transactions: decodeU32(entry, 53) }
}
