import { ed25519 } from '@noble/curves/ed25519.js'
import { p384 } from '@noble/curves/nist.js'

/** Curve membership, needed only when a key is admitted: portable code on every platform, so that every platform agrees. */

/** True when the 32 bytes decode (strictly, RFC 8032 section 5.1.3) to a point of the prime-order subgroup. */
export function isPrimeOrderPoint(publicKey: Uint8Array): boolean {
  try {
    const point = ed25519.Point.fromBytes(publicKey, false)
    return point.isTorsionFree() && !point.is0()
  } catch {
    return false
  }
}

/** True when the 97 bytes are an uncompressed point of P-384 (SEC 1 section 2.3.3). */
export function isP384Point(bytes: Uint8Array): boolean {
  try {
    p384.Point.fromBytes(bytes).assertValidity()
    return bytes.length === 97
  } catch {
    return false
  }
}
