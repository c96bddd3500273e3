import {
  type Bytes32,
  encodeCanonical,
  type Handle,
  type JsonValue,
  type NetworkId,
  type OrganizationId,
  parseBytes32,
  parseCanonical,
  parseHandle,
  parseNetworkId,
  parseOrganizationId,
  type Parser,
  parseSignedObject,
  shape,
  type SignedObject,
} from '@fiducia/core'
import { MAX_RELATIONSHIPS, MAX_REMEMBERED } from './limits.ts'

/** What a wallet keeps: plain data in canonical JSON. The seed is in it, so it is stored wrapped, by whoever stores it. */
export interface WalletState {
  readonly v: 1
  readonly net: NetworkId
  readonly seed: Bytes32
  readonly relationships: readonly WalletRelationship[]
}

export interface WalletRelationship {
  readonly handle: Handle
  readonly org: OrganizationId
  /** The random value of rel.open, from which all keys follow. */
  readonly rand32: Bytes32
  readonly custody: 'self' | 'custodial'
  /** The epoch that introduced the current control and seal keys. */
  readonly keyEpoch: number
  /** Of the head. */
  readonly epoch: number
  /** Of the newest policy signed; 0 before the first. */
  readonly version: number
  readonly closed: boolean
  readonly policies: readonly RememberedPolicy[]
  readonly links: readonly RememberedLink[]
}

export interface RememberedPolicy {
  readonly version: number
  /** Exact canonical text. */
  readonly body: string
  readonly salt: Bytes32
  readonly commitment: Bytes32
  readonly expires: number
}

export interface RememberedLink {
  readonly requester: OrganizationId
  readonly expires: number
  readonly link: SignedObject
}

const { array, boolean, integer, literal, object, text } = shape

const policyShape = object({ version: integer(1), body: text(1024 * 1024), salt: parseBytes32, commitment: parseBytes32, expires: integer() })

const relationshipShape = (net: NetworkId): Parser<WalletRelationship> =>
  object({
    handle: parseHandle,
    org: parseOrganizationId,
    rand32: parseBytes32,
    custody: literal('self', 'custodial'),
    keyEpoch: integer(),
    epoch: integer(),
    version: integer(),
    closed: boolean,
    policies: array(policyShape, MAX_REMEMBERED),
    links: array(object({ requester: parseOrganizationId, expires: integer(), link: (value) => parseSignedObject(value, 'link', net) }), MAX_REMEMBERED),
  })

/** Throws an `InputError` for bytes that are not a wallet's state. */
export function parseWallet(bytes: Uint8Array): WalletState {
  const outer = object({ v: literal(1), net: parseNetworkId, seed: parseBytes32, relationships: (value) => value })(parseCanonical(bytes), '')
  return { ...outer, relationships: array(relationshipShape(outer.net), MAX_RELATIONSHIPS)(outer.relationships, 'relationships') }
}

export const encodeWallet = (wallet: WalletState): Uint8Array => encodeCanonical(wallet as unknown as JsonValue)
