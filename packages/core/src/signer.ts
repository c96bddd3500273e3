import { concatBytes, encodeBase64Url, encodeU64, encodeUtf8 } from './bytes.ts'
import { ed25519PublicKey, sign } from './ed25519.ts'
import type { KeyId } from './identifiers.ts'
import type { JsonObject } from './json.ts'
import { ed25519KeyId } from './keys.ts'
import { cosignedText, type NoteSignature, type VerifierKey } from './note.ts'
import { type SignedObject, type SignedObjectKind, signedBytes } from './signed-object.ts'

/**
 * Who signs: one Ed25519 key, wherever its secret is. A seed in a file signs in this process; an agent or a token signs on
 * request and never gives the secret away, so signing may take time, and may fail.
 */
export interface Signer {
  readonly keyId: KeyId
  readonly publicKey: Uint8Array
  /** The 64-byte signature of RFC 8032. */
  sign(message: Uint8Array): Promise<Uint8Array>
}

/** The key of a 32-byte seed. */
export function seedSigner(seed: Uint8Array): Signer {
  const publicKey = ed25519PublicKey(seed)
  return { keyId: ed25519KeyId(publicKey), publicKey, sign: (message) => Promise.resolve(sign(seed, message)) }
}

/** A log's line under a note's text. */
export const signNoteBy = async (text: string, key: VerifierKey, signer: Signer): Promise<NoteSignature> => ({
  name: key.name,
  keyHash: key.hash,
  signature: await signer.sign(encodeUtf8(text)),
})

/** A witness's line; `time` in seconds. */
export const cosignNoteBy = async (text: string, key: VerifierKey, signer: Signer, time: number): Promise<NoteSignature> => ({
  name: key.name,
  keyHash: key.hash,
  signature: concatBytes(encodeU64(time), await signer.sign(cosignedText(time, text))),
})

/** `body` must carry `v`, `net` and `type` (= kind). */
export const signObjectBy = async (kind: SignedObjectKind, body: JsonObject, signer: Signer): Promise<SignedObject> => ({
  body,
  key: signer.keyId,
  sig: encodeBase64Url(await signer.sign(signedBytes(kind, body))),
})
