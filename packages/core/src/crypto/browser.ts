import { ctr, gcm } from '@noble/ciphers/aes.js'
import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { sha256 as nobleSha256, sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, encodeU64, equalBytes } from '../bytes.ts'

/** The primitives in a browser: noble. Same exports as `node.ts`. */

export { isPrimeOrderPoint, isP384Point } from './points.ts'

export const sha256 = (bytes: Uint8Array): Uint8Array => nobleSha256(bytes)
export const ed25519PublicKey = (seed: Uint8Array): Uint8Array => ed25519.getPublicKey(seed)
export const ed25519Sign = (seed: Uint8Array, message: Uint8Array): Uint8Array => ed25519.sign(message, seed)
export const x25519PublicKey = (secret: Uint8Array): Uint8Array => x25519.getPublicKey(secret)

export function x25519Shared(secret: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
  try {
    return x25519.getSharedSecret(secret, publicKey)
  } catch {
    return undefined
  }
}

export const aesCtrStream = (key: Uint8Array, block: number, length: number): Uint8Array =>
  ctr(key, concatBytes(new Uint8Array(8), encodeU64(block))).encrypt(new Uint8Array(length))

const littleEndian = (bytes: Uint8Array): bigint => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)

/** S*B - k*A compared with the bytes of R: the cofactorless equation, which libraries here do not offer by themselves. */
export function ed25519Equation(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    const order = ed25519.Point.Fn.ORDER
    const r = signature.subarray(0, 32)
    const s = littleEndian(signature.subarray(32, 64))
    const k = littleEndian(sha512(concatBytes(r, publicKey, message))) % order
    const a = ed25519.Point.fromBytes(publicKey, false)
    const base = s % order === 0n ? ed25519.Point.ZERO : ed25519.Point.BASE.multiplyUnsafe(s % order)
    const expected = base.subtract(k === 0n ? ed25519.Point.ZERO : a.multiplyUnsafe(k))
    return equalBytes(expected.toBytes(), r)
  } catch {
    return false
  }
}

export const aesGcmSeal = (key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array => gcm(key, nonce).encrypt(plain)

export function aesGcmOpen(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  try {
    return gcm(key, nonce).decrypt(sealed)
  } catch {
    return undefined
  }
}
