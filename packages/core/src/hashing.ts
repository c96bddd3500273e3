import { sha256 } from '#crypto'
import { concatBytes, encodeUtf8 } from './bytes.ts'
import { InputError } from './errors.ts'
import { MAX_REUSED_INPUT } from './limits.ts'

export { sha256 } from '#crypto'

/**
 * Domain separation, PROTOCOL top: D(x) = "fiducia/" + x + "/v1\0" stands in front of everything that is hashed, so that
 * bytes of one kind can never be taken for another. The names are a closed list.
 */
export type Domain =
  | 'tx'
  | 'key'
  | 'sk'
  | 'app'
  | 'handle'
  | 'bind'
  | 'policy'
  | 'K'
  | 'tagkey'
  | 'chain'
  | 'control'
  | 'sealkey'
  | 'delegate'
  | 'recovery'
  | 'role'
  | 'tag'
  | 'event'
  | 'decision'
  | 'mirror'
  | 'mirrorcom'
  | 'redaction'
  | 'tag-map'
  | 'seal'
  | 'dispute'
  | 'logkey'
  | 'custody-key'
  | 'custody-seal'
  | 'subject'
  | 'statement'
  | 'panel'
  | 'sample'
  | 'study'
  | 'model'
  | 'result'
  | 'round'
  | 'transcript'
  | 'mask'
  | 'self-mask'
  | 'share'
  | 'share-key'
  | 'masked'
  | 'link'
  | 'ack'
  | 'request'
  | 'ballot'
  | 'survivors'
  | 'relaunch'
  | 'witnesses'
  | 'round-keys'
  | 'round-input'

const prefixes = new Map<Domain, Uint8Array>()

/** The bytes of D(x). */
export function domain(name: Domain): Uint8Array {
  const known = prefixes.get(name)
  if (known !== undefined) return known
  const made = encodeUtf8(`fiducia/${name}/v1\0`)
  prefixes.set(name, made)
  return made
}

/** One buffer for each length of short input: filled, hashed, and filled again by the next call. */
const inputs: Uint8Array[] = []

/** H(parts): what `sha256(concatBytes(…))` gives; trees hash millions of short inputs, and a new buffer costs more than the hash. */
export function sha256Of(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  if (length > MAX_REUSED_INPUT) return sha256(concatBytes(...parts))
  const input = (inputs[length] ??= new Uint8Array(length))
  let at = 0
  for (const part of parts) {
    input.set(part, at)
    at += part.length
  }
  return sha256(input)
}

/** H(D(name) ‖ parts). */
export const domainHash = (name: Domain, ...parts: readonly Uint8Array[]): Uint8Array => sha256Of(domain(name), ...parts)

const BLOCK = 64

/** HMAC-SHA-256 (RFC 2104) with a key of exactly 32 bytes: two plain hashes, which is faster than a streaming object. */
export function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  if (key.length !== 32) throw new InputError('BYTES_LENGTH', `expected an HMAC key of 32 bytes, found ${key.length}`)
  const inner = new Uint8Array(BLOCK).fill(0x36)
  const outer = new Uint8Array(BLOCK).fill(0x5c)
  for (let i = 0; i < 32; i += 1) {
    inner[i] = (inner[i] ?? 0) ^ (key[i] ?? 0)
    outer[i] = (outer[i] ?? 0) ^ (key[i] ?? 0)
  }
  return sha256Of(outer, sha256Of(inner, ...parts))
}

/** HMAC(key, D(name) ‖ parts). */
export const domainHmac = (key: Uint8Array, name: Domain, ...parts: readonly Uint8Array[]): Uint8Array => hmac(key, domain(name), ...parts)

/** HKDF-SHA-256 (RFC 5869), empty salt, 32 bytes out; info = D(name) ‖ parts. */
export function hkdf(secret: Uint8Array, name: Domain, ...parts: readonly Uint8Array[]): Uint8Array {
  const pseudoRandomKey = hmac(new Uint8Array(32), secret)
  return hmac(pseudoRandomKey, domain(name), ...parts, Uint8Array.of(1))
}
