import { aesCtrStream, type Bytes32, concatBytes, decodeBase64Url, encodeU64, encodeUtf8, hkdf, type OrganizationId } from '@fiducia/core'
import { limbsOfBytes, type Ring } from './ring.ts'

/**
 * Masks: the AES-256-CTR key stream of a key that exists for one round and one pair, read as numbers of the ring. The two sites of a
 * pair derive the same key; the one whose name comes first adds the mask, the other subtracts it, so that it is gone from
 * the sum of both. Each site adds a self-mask too, of a pair with itself.
 */
export interface MaskContext {
  readonly study: Bytes32
  readonly round: number
  readonly model: Bytes32
}

/** Key streams are made in parts that stay in a processor's cache, without as much memory again as the vector. Of smaller parts the ciphers, one for each, take as long as the streams. */
const PART_BYTES = 256 * 1024

/** HKDF(secret, D("mask") ‖ study ‖ u64 round ‖ model ‖ first ‖ 0 ‖ second), the names in order. `secret`: the pair's X25519 secret, or the seed of a self-mask. */
export function maskKey({ study, round, model }: MaskContext, secret: Uint8Array, one: OrganizationId, other: OrganizationId): Uint8Array {
  const pair = one < other ? `${one}\0${other}` : `${other}\0${one}`
  return hkdf(secret, 'mask', concatBytes(decodeBase64Url(study), encodeU64(round), decodeBase64Url(model), encodeUtf8(pair)))
}

/** Whether `me` adds the mask that it has with `other`. */
export const addsMask = (me: OrganizationId, other: OrganizationId): boolean => me <= other

/** Adds the key's mask to the whole vector, or subtracts it. */
export function applyMask(ring: Ring, vector: Uint32Array, key: Uint8Array, adds: boolean): void {
  const apply = adds ? ring.add : ring.subtract
  for (let at = 0; at < vector.byteLength; at += PART_BYTES) {
    const stream = aesCtrStream(key, at / 16, Math.min(PART_BYTES, vector.byteLength - at))
    apply(vector, limbsOfBytes(stream), at / 4)
  }
}
