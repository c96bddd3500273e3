import { createPublicKey, type KeyObject, verify as verifyNative } from 'node:crypto'
import { concatBytes, isSignatureForm, sha256, verifySignature } from '@fiducia/core'
import type { VerifySignature } from '@fiducia/ledger'
import { MAX_KEY_OBJECTS, MAX_VERDICTS } from './limits.ts'

/**
 * Verdicts about signatures, reached on arrival in the thread pool and remembered until the block: the block then costs no
 * signature check on the main thread. A verdict is kept under all that it depends on (public key, signature, message), so
 * that a bad signature can never stand in for a good one.
 */
export interface Verdicts {
  /** The remembered verdict, or a fresh one. Never throws. */
  readonly verify: VerifySignature
  /** Reaches and remembers a verdict off the main thread. */
  learn(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>
}

// A DER prefix in front of 32 raw bytes makes the form that node:crypto takes (RFC 8410).
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex')

const nameOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

/** A map that forgets what was added first. */
function createBoundedMap<V>(max: number): { get(key: string): V | undefined; set(key: string, value: V): void } {
  const map = new Map<string, V>()
  return {
    get: (key) => map.get(key),
    set(key, value) {
      const oldest = map.size >= max ? map.keys().next().value : undefined
      if (oldest !== undefined) map.delete(oldest)
      map.set(key, value)
    },
  }
}

export function createVerdicts(): Verdicts {
  const verdicts = createBoundedMap<boolean>(MAX_VERDICTS)
  const keys = createBoundedMap<KeyObject>(MAX_KEY_OBJECTS)

  const keyObject = (publicKey: Uint8Array): KeyObject => {
    const name = nameOf(publicKey)
    const known = keys.get(name)
    if (known !== undefined) return known
    const made = createPublicKey({ key: Buffer.concat([ED25519_SPKI, publicKey]), format: 'der', type: 'spki' })
    keys.set(name, made)
    return made
  }

  const equation = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> =>
    new Promise((resolve) => {
      try {
        verifyNative(null, message, keyObject(publicKey), signature, (error, valid) => resolve(error === null && valid))
      } catch {
        resolve(false)
      }
    })

  const caseName = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => nameOf(sha256(concatBytes(publicKey, signature, message)))

  return {
    verify: (publicKey, message, signature) => verdicts.get(caseName(publicKey, message, signature)) ?? verifySignature(publicKey, message, signature),
    async learn(publicKey, message, signature) {
      const name = caseName(publicKey, message, signature)
      const known = verdicts.get(name)
      if (known !== undefined) return known
      const valid = isSignatureForm(publicKey, signature) && (await equation(publicKey, message, signature))
      verdicts.set(name, valid)
      return valid
    },
  }
}
