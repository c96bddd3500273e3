import {
  aesGcmOpen,
  aesGcmSeal,
  concatBytes,
  decodeUtf8,
  encodeUtf8,
  formatCanonical,
  hkdf,
  InputError,
  parseBytes32,
  parseCanonicalString,
  shape,
} from '@fiducia/core'
import { decisionJson, parseDecisionRecord } from './decision-record.ts'
import { MAX_SEALED_COPY_BYTES, SEALED_COPY_BLOCK_BYTES } from './limits.ts'
import type { SealedContent } from './types.ts'

/**
 * The patient's copy of one event (PROTOCOL section 4): readable with K only, and padded so that its length says little.
 *
 *   rand32 ‖ AES-256-GCM(key = HKDF(K, D("seal") ‖ rand32), zero nonce, JCS{decision, disclosure, salt, salt2} ‖ spaces)
 *
 * Each copy has its own random value and with it its own key, so the nonce can be zero.
 */

const RANDOM_BYTES = 32
const NONCE = new Uint8Array(12)

const contentShape = shape.object({ decision: parseDecisionRecord, disclosure: shape.text(MAX_SEALED_COPY_BYTES), salt: parseBytes32, salt2: parseBytes32 })

const wrong = (message: string) => new InputError('PROOF_FORMAT', message)

const paddedLength = (length: number) => Math.ceil(length / SEALED_COPY_BLOCK_BYTES) * SEALED_COPY_BLOCK_BYTES

/** `rand32` is fresh for each copy. */
export function sealCopy(secret: Uint8Array, rand32: Uint8Array, content: SealedContent): Uint8Array {
  if (rand32.length !== RANDOM_BYTES) throw new InputError('BYTES_LENGTH', `expected ${RANDOM_BYTES} random bytes, found ${rand32.length}`)
  const { disclosure, salt, salt2 } = content
  const plain = encodeUtf8(formatCanonical({ decision: decisionJson(content.decision), disclosure, salt, salt2 }))
  const padding = new Uint8Array(paddedLength(plain.length) - plain.length).fill(0x20)
  return concatBytes(rand32, aesGcmSeal(hkdf(secret, 'seal', rand32), NONCE, concatBytes(plain, padding)))
}

/** Throws an `InputError` when the copy is of another K, was changed, or is padded in any other way. */
export function openSealedCopy(secret: Uint8Array, sealed: Uint8Array): SealedContent {
  if (sealed.length <= RANDOM_BYTES || sealed.length > MAX_SEALED_COPY_BYTES)
    throw wrong(`expected a sealed copy of up to ${MAX_SEALED_COPY_BYTES} bytes, found ${sealed.length}`)
  const plain = aesGcmOpen(hkdf(secret, 'seal', sealed.subarray(0, RANDOM_BYTES)), NONCE, sealed.subarray(RANDOM_BYTES))
  if (plain === undefined) throw wrong('the copy does not open with this key')
  const text = withoutPadding(decodeUtf8(plain))
  if (plain.length !== paddedLength(encodeUtf8(text).length)) throw wrong(`expected spaces up to a multiple of ${SEALED_COPY_BLOCK_BYTES} bytes`)
  return contentShape(parseCanonicalString(text), '')
}

/** Walked from the end: a pattern for the last spaces would begin anew at each space of the text. */
function withoutPadding(text: string): string {
  let end = text.length
  while (text.charCodeAt(end - 1) === 0x20) end -= 1
  return text.slice(0, end)
}
