import {
  aesGcmOpen,
  aesGcmSeal,
  type Bytes32,
  concatBytes,
  decodeBase64Url,
  domainHash,
  encodeBase64Url,
  encodeUtf8,
  hkdf,
  type OrganizationId,
} from '@fiducia/core'
import { type RandomBytes, SHARE_BYTES } from './shamir.ts'

/** What one site holds of another's two secrets: a share of the seed of its self-mask, and of the key of its pairwise masks. */
export interface SharePair {
  readonly self: Uint8Array
  readonly mask: Uint8Array
}

export type ShareKind = keyof SharePair

/** From whom to whom, in which round, under which keys of all sites. */
export interface Envelope {
  readonly round: Bytes32
  readonly keys: Bytes32
  readonly from: OrganizationId
  readonly to: OrganizationId
}

const NONCE_BYTES = 12
const TAG_BYTES = 16
export const SEALED_BYTES = NONCE_BYTES + 2 * SHARE_BYTES + TAG_BYTES

/** nonce ‖ AES-256-GCM(self share ‖ mask share), under a key of this envelope alone. `secret`: the X25519 secret of both sites' seal keys. */
export function sealShares(envelope: Envelope, secret: Uint8Array, shares: SharePair, random: RandomBytes): string {
  const nonce = random(NONCE_BYTES)
  return encodeBase64Url(concatBytes(nonce, aesGcmSeal(envelopeKey(envelope, secret), nonce, concatBytes(shares.self, shares.mask))))
}

/** Undefined where a byte was changed, or the sender sealed for another round, other keys or another receiver. */
export function openShares(envelope: Envelope, secret: Uint8Array, sealed: string): SharePair | undefined {
  const bytes = decodeBase64Url(sealed)
  const plain = aesGcmOpen(envelopeKey(envelope, secret), bytes.subarray(0, NONCE_BYTES), bytes.subarray(NONCE_BYTES))
  return plain?.length === 2 * SHARE_BYTES ? { self: plain.subarray(0, SHARE_BYTES), mask: plain.subarray(SHARE_BYTES) } : undefined
}

const envelopeKey = ({ round, keys, from, to }: Envelope, secret: Uint8Array): Uint8Array =>
  hkdf(secret, 'share-key', decodeBase64Url(round), decodeBase64Url(keys), encodeUtf8(`${from}\0${to}`))

/**
 * What a share must fit when it is handed in: shows a changed share, and who changed it. A share is a random number of 256 bits to
 * whoever has fewer than the threshold, so its hash tells nothing.
 */
export function shareDigest(round: Bytes32, kind: ShareKind, from: OrganizationId, to: OrganizationId, share: Uint8Array): Bytes32 {
  return encodeBase64Url(domainHash('share', decodeBase64Url(round), encodeUtf8(`${kind}\0${from}\0${to}\0`), share)) as Bytes32
}

/** What the seed of a self-mask must fit once it is put together; the key of pairwise masks must fit its public key. */
export function seedDigest(round: Bytes32, org: OrganizationId, seed: Uint8Array): Bytes32 {
  return encodeBase64Url(domainHash('self-mask', decodeBase64Url(round), encodeUtf8(`${org}\0`), seed)) as Bytes32
}
