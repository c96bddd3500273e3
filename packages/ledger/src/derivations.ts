import {
  type Bytes32,
  domainHash,
  domainHmac,
  encodeBase64Url,
  encodeCanonical,
  encodeUtf8,
  type Handle,
  type JsonObject,
  type NetworkId,
  type OrganizationId,
  parseBytes32,
  parseHandle,
} from '@fiducia/core'
import type { RoleOpening } from './types.ts'

/** Names and commitments that both sides of the ledger derive for themselves (PROTOCOL section 3). Keys and random values are 32 bytes. */

const ZERO = Uint8Array.of(0)
const bytes32 = (bytes: Uint8Array): Bytes32 => parseBytes32(encodeBase64Url(bytes))

/** handle = H(D("handle") ‖ net ‖ 0x00 ‖ org ‖ 0x00 ‖ control ‖ rand32). */
export function handleOf(net: NetworkId, org: OrganizationId, control: Uint8Array, rand32: Uint8Array): Handle {
  return parseHandle(encodeBase64Url(domainHash('handle', encodeUtf8(net), ZERO, encodeUtf8(org), ZERO, control, rand32)))
}

/** What a head keeps of a recovery key until it is used: H(D("recovery") ‖ rand32 ‖ pub). */
export const recoveryHashOf = (rand32: Uint8Array, publicKey: Uint8Array): Bytes32 => bytes32(domainHash('recovery', rand32, publicKey))

/** H(D("role") ‖ rand32 ‖ JCS{code, org, practitioner}). */
export function roleIdOf(opening: RoleOpening, rand32: Uint8Array): Bytes32 {
  const { code, org, practitioner } = opening
  return bytes32(domainHash('role', rand32, encodeCanonical({ code, org, practitioner })))
}

/** HMAC(salt, D("policy") ‖ JCS policy); `policy` is the canonical text or its bytes. */
export const policyCommitment = (policy: string | Uint8Array, salt: Uint8Array): Bytes32 =>
  bytes32(domainHmac(salt, 'policy', typeof policy === 'string' ? encodeUtf8(policy) : policy))

/** What ties a relationship to a record at the holder without naming it: HMAC(salt, D("bind") ‖ JCS{method, record}). */
export function bindOf(salt: Uint8Array, binding: { readonly method: string; readonly record: string }): Bytes32 {
  const { method, record } = binding
  return bytes32(domainHmac(salt, 'bind', encodeCanonical({ method, record })))
}

/** Names one field of one statement that is contested: H(D("panel") ‖ JCS{field, index, root}). */
export const contestIdOf = (contested: { readonly root: Bytes32; readonly index: number; readonly field: string }): Bytes32 =>
  bytes32(domainHash('panel', encodeCanonical({ root: contested.root, index: contested.index, field: contested.field })))

/** The id of a dispute: H(D("dispute") ‖ JCS body). */
export const disputeIdOf = (body: JsonObject): Bytes32 => bytes32(domainHash('dispute', encodeCanonical(body)))
