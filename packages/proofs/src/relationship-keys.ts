import { type Bytes32, domainHash, ed25519PublicKey, encodeU64, hkdf, x25519PublicKey } from '@fiducia/core'
import { formatBytes32 } from './leaf.ts'

/**
 * The keys of one relationship (PROTOCOL section 3). All of them come from the wallet's seed and the relationship's random
 * value, so a seed is the only thing to keep; K alone goes to the holder, from which tags and sealed copies come.
 *
 *   seed ─┬─ K ─┬─ tagkey ── chain       K and chain never change
 *         │     └─ sealed copies
 *         ├─ control of epoch e          signs for the patient
 *         └─ seal of epoch e             reads the requesters' copies
 */

/** K, shared with the holder. `rand32` is the one in rel.open throughout. */
export const relationshipSecret = (seed: Uint8Array, rand32: Uint8Array): Uint8Array => hkdf(seed, 'K', rand32)

export const tagKeyOf = (secret: Uint8Array): Uint8Array => hkdf(secret, 'tagkey')

/** What the head says about the tag key, so that a completeness bundle can show which one is meant. */
export const chainOf = (tagkey: Uint8Array): Bytes32 => formatBytes32(domainHash('chain', tagkey))

export interface KeyPair {
  /** A 32-byte seed (Ed25519) or scalar (X25519). */
  readonly secret: Uint8Array
  readonly pub: Bytes32
}

/** The control key that the given epoch introduced. */
export function controlKey(seed: Uint8Array, rand32: Uint8Array, epoch: number): KeyPair {
  const secret = hkdf(seed, 'control', rand32, encodeU64(epoch))
  return { secret, pub: formatBytes32(ed25519PublicKey(secret)) }
}

/** The key to which requesters seal their copies of receipts. */
export function sealKey(seed: Uint8Array, rand32: Uint8Array, epoch: number): KeyPair {
  const secret = hkdf(seed, 'sealkey', rand32, encodeU64(epoch))
  return { secret, pub: formatBytes32(x25519PublicKey(secret)) }
}

/** A delegate's key for one relationship, from the delegate's own seed; `handle` is its 32 bytes. */
export function delegateKey(seed: Uint8Array, handle: Uint8Array): KeyPair {
  const secret = hkdf(seed, 'delegate', handle)
  return { secret, pub: formatBytes32(ed25519PublicKey(secret)) }
}
