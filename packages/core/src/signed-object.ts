import { concatBytes, decodeBase64Url, encodeBase64Url } from './bytes.ts'
import { ed25519PublicKey, sign, verifySignature } from './ed25519.ts'
import { InputError } from './errors.ts'
import { domain } from './hashing.ts'
import { type KeyId, type NetworkId, parseBytes32 } from './identifiers.ts'
import { encodeCanonical, type JsonObject, parseCanonical } from './json.ts'
import { ed25519KeyId } from './keys.ts'
import { isObject, object, text } from './shape.ts'

/** Signed objects that never stand on the ledger as transactions: `{body, key, sig}` over D(kind) ‖ JCS(body), PROTOCOL section 1. */

export const SIGNED_OBJECT_KINDS = ['link', 'ack', 'request', 'ballot', 'survivors', 'relaunch', 'witnesses', 'sample', 'round-keys', 'round-input'] as const
export type SignedObjectKind = (typeof SIGNED_OBJECT_KINDS)[number]

export interface SignedObject {
  readonly body: JsonObject
  readonly key: KeyId
  readonly sig: string
}

/** D(kind) ‖ JCS(body): what is signed. */
export const signedBytes = (kind: SignedObjectKind, body: JsonObject) => concatBytes(domain(kind), encodeCanonical(body))

/** `body` must carry `v`, `net` and `type` (= kind). */
export function signObject(kind: SignedObjectKind, body: JsonObject, seed: Uint8Array): SignedObject {
  return { body, key: ed25519KeyId(ed25519PublicKey(seed)), sig: encodeBase64Url(sign(seed, signedBytes(kind, body))) }
}

const shape = object({ body: (value) => value, key: parseBytes32, sig: text(86) })

/** The object, its shape and its v, net, type checked; whose key it is stays open: `verifySignedObject`. */
export function parseSignedObject(value: unknown, kind: SignedObjectKind, net: NetworkId): SignedObject {
  if (!SIGNED_OBJECT_KINDS.includes(kind)) throw new InputError('SHAPE', 'unknown kind of signed object')
  const { body, key, sig } = shape(value, '')
  if (!isObject(body) || body['v'] !== 1 || body['net'] !== net || body['type'] !== kind) {
    throw new InputError('SHAPE', `expected version 1 of a \`${kind}\` for network \`${net}\``, { at: 'body' })
  }
  if (decodeBase64Url(sig).length !== 64) throw new InputError('BYTES_LENGTH', 'expected a signature of 64 bytes', { at: 'sig' })
  return { body: body as JsonObject, key: key as KeyId, sig }
}

export function parseSignedObjectBytes(bytes: Uint8Array, kind: SignedObjectKind, net: NetworkId): SignedObject {
  return parseSignedObject(parseCanonical(bytes), kind, net)
}

/** True when this public key is the one named and the signature is its. */
export function verifySignedObject(signed: SignedObject, kind: SignedObjectKind, publicKey: Uint8Array): boolean {
  if (ed25519KeyId(publicKey) !== signed.key) return false
  return verifySignature(publicKey, signedBytes(kind, signed.body), decodeBase64Url(signed.sig))
}
