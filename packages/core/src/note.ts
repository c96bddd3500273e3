import { decodeBase64, encodeBase64, concatBytes, decodeU64, encodeU64, encodeUtf8, equalBytes } from './bytes.ts'
import { sign, verifySignature } from './ed25519.ts'
import { InputError } from './errors.ts'
import { sha256 } from './hashing.ts'
import { show } from './identifiers.ts'
import { MAX_NOTE_BYTES, MAX_NOTE_SIGNATURES, MAX_VERIFIER_KEY_TEXT } from './limits.ts'

/**
 * Signed notes (C2SP signed-note), checkpoints (tlog-checkpoint) and cosignatures (tlog-cosignature): the text formats in
 * which logs and witnesses speak. They live here because the ledger's own rules read them (`access.checkpoint`).
 *
 *   origin \n size \n base64(root) \n          the checkpoint
 *   \n                                         an empty line
 *   — NAME base64(key hash ‖ signature) \n     one line for each signature
 *
 * A log's key (type 0x01) signs the text. A witness's key (type 0x04) signs "cosignature/v1\ntime T\n" and the text, and
 * its line carries T (u64 seconds) before the signature.
 */

export const KEY_TYPE_LOG = 0x01
export const KEY_TYPE_WITNESS = 0x04

/** `NAME+hash+base64(type ‖ pub)`: how a key is written in policies, trust records and files. */
export interface VerifierKey {
  readonly name: string
  readonly type: typeof KEY_TYPE_LOG | typeof KEY_TYPE_WITNESS
  readonly publicKey: Uint8Array
  /** First four bytes of H(name ‖ \n ‖ type ‖ pub). */
  readonly hash: Uint8Array
}

export interface NoteSignature {
  readonly name: string
  readonly keyHash: Uint8Array
  /** After the key hash: 64 bytes of a log, 8 + 64 bytes of a witness. */
  readonly signature: Uint8Array
}

export interface Note {
  /** With its final newline. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
}

const noteError = (message: string) => new InputError('NOTE_FORMAT', message)
const KEY_NAME = /^[^\s\u0085+]+$/u

/** What golang.org/x/mod/sumdb/note refuses in a note: characters below the space other than its newlines. */
function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code < 0x20 && code !== 0x0a) return true
  }
  return false
}

export function makeVerifierKey(name: string, type: VerifierKey['type'], publicKey: Uint8Array): VerifierKey {
  if (!KEY_NAME.test(name) || !name.isWellFormed() || hasControl(name))
    throw noteError(`expected a key name without spaces and plus signs, found ${show(name)}`)
  const hash = sha256(concatBytes(encodeUtf8(`${name}\n`), Uint8Array.of(type), publicKey)).slice(0, 4)
  return { name, type, publicKey, hash }
}

export function formatVerifierKey(key: VerifierKey): string {
  const hash = Array.from(key.hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${key.name}+${hash}+${encodeBase64(concatBytes(Uint8Array.of(key.type), key.publicKey))}`
}

export function parseVerifierKey(text: string): VerifierKey {
  const parts = text.length > MAX_VERIFIER_KEY_TEXT ? null : /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(text)
  if (parts === null) throw noteError(`expected a verifier key NAME+HASH+KEY, found ${show(text)}`)
  const bytes = decodeBase64(parts[3] ?? '')
  const type = bytes[0]
  if (bytes.length !== 33 || (type !== KEY_TYPE_LOG && type !== KEY_TYPE_WITNESS)) throw noteError('expected a verifier key of type 1 or 4 with 32 bytes')
  const key = makeVerifierKey(parts[1] ?? '', type, bytes.slice(1))
  if (formatVerifierKey(key) !== text) throw noteError('the hash in the verifier key is of another key')
  return key
}

/** Text and signature lines apart. Throws `NOTE_FORMAT`; says nothing about whether a signature holds. */
export function parseNote(note: string): Note {
  if (note.length > MAX_NOTE_BYTES || encodeUtf8(note).length > MAX_NOTE_BYTES) throw noteError(`expected a note of at most ${MAX_NOTE_BYTES} bytes`)
  if (!note.isWellFormed() || hasControl(note)) throw noteError('expected whole characters and no control characters but newlines')
  const split = note.lastIndexOf('\n\n')
  if (split < 0 || !note.endsWith('\n')) throw noteError('expected text, an empty line and signature lines, each with a newline')
  const text = note.slice(0, split + 1)
  const lines = note
    .slice(split + 2)
    .split('\n')
    .slice(0, -1)
  if (lines.length === 0 || lines.length > MAX_NOTE_SIGNATURES) throw noteError(`expected 1 to ${MAX_NOTE_SIGNATURES} signature lines, found ${lines.length}`)
  return { text, signatures: lines.map(parseSignatureLine) }
}

function parseSignatureLine(line: string): NoteSignature {
  const parts = /^— ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line)
  if (parts === null || !KEY_NAME.test(parts[1] ?? '')) throw noteError('expected a signature line `— NAME BASE64`')
  const bytes = decodeBase64(parts[2] ?? '')
  if (bytes.length < 5) throw noteError('expected a key hash and a signature')
  return { name: parts[1] ?? '', keyHash: bytes.slice(0, 4), signature: bytes.slice(4) }
}

export const formatSignatureLine = (signature: NoteSignature): string =>
  `— ${signature.name} ${encodeBase64(concatBytes(signature.keyHash, signature.signature))}\n`

export const formatNote = (note: Note): string => `${note.text}\n${note.signatures.map(formatSignatureLine).join('')}`

export const formatCheckpoint = (checkpoint: Checkpoint): string => `${checkpoint.origin}\n${checkpoint.size}\n${encodeBase64(checkpoint.root)}\n`

/** Exactly three lines, no extension lines; the one spelling of size and root. */
export function parseCheckpoint(text: string): Checkpoint {
  const parts = /^([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n$/u.exec(text)
  if (parts === null) throw noteError('expected a checkpoint of three lines: origin, size, root')
  const size = Number(parts[2])
  if (!Number.isSafeInteger(size)) throw noteError('expected a size below 2^53')
  return { origin: parts[1] ?? '', size, root: decodeBase64(parts[3] ?? '') }
}

/** What a witness signs; `time` in seconds. */
export const cosignedText = (time: number, text: string) => encodeUtf8(`cosignature/v1\ntime ${time}\n${text}`)

export function signNote(text: string, key: VerifierKey, seed: Uint8Array): NoteSignature {
  return { name: key.name, keyHash: key.hash, signature: sign(seed, encodeUtf8(text)) }
}

/** `time` in seconds. */
export function cosignNote(text: string, key: VerifierKey, seed: Uint8Array, time: number): NoteSignature {
  return { name: key.name, keyHash: key.hash, signature: concatBytes(encodeU64(time), sign(seed, cosignedText(time, text))) }
}

export const isSignatureBy = (signature: NoteSignature, key: VerifierKey): boolean => signature.name === key.name && equalBytes(signature.keyHash, key.hash)

/** True when the line is this log's key's and holds. */
export function verifyNoteSignature(text: string, signature: NoteSignature, key: VerifierKey): boolean {
  return key.type === KEY_TYPE_LOG && isSignatureBy(signature, key) && verifySignature(key.publicKey, encodeUtf8(text), signature.signature)
}

/** The cosignature's time in seconds, or undefined when the line is not this witness's or does not hold. */
export function verifyCosignature(text: string, signature: NoteSignature, key: VerifierKey): number | undefined {
  if (key.type !== KEY_TYPE_WITNESS || !isSignatureBy(signature, key) || signature.signature.length !== 72) return undefined
  const time = readTime(signature.signature)
  if (time === undefined) return undefined
  return verifySignature(key.publicKey, cosignedText(time, text), signature.signature.subarray(8)) ? time : undefined
}

/** No witness has a time of 2^53 seconds or more. */
function readTime(signature: Uint8Array): number | undefined {
  const [first = 0, second = 0] = signature
  return first > 0 || second >= 0x20 ? undefined : decodeU64(signature.subarray(0, 8))
}
