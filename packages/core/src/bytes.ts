import { InputError } from './errors.ts'

/** Strict byte and text encodings. Each decoder accepts exactly one spelling of each value, so that no changed bit of a proof survives. */

const encoder = new TextEncoder()
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const encodeUtf8 = (text: string): Uint8Array => encoder.encode(text)

/** Throws `JSON_NOT_UTF8` when the bytes are not UTF-8. A byte order mark is kept as a character. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes)
  } catch (cause) {
    throw new InputError('JSON_NOT_UTF8', 'expected UTF-8 text, found other bytes', { cause })
  }
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const joined = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}

/** Big-endian, 4 bytes. */
export function encodeU32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

/** Big-endian, 8 bytes. */
export function encodeU64(value: number | bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}

export function decodeU32(bytes: Uint8Array, offset = 0): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset)
}

/** Throws `BYTES_ENCODING` above 2^53-1, which no count or time of the protocol reaches. */
export function decodeU64(bytes: Uint8Array, offset = 0): number {
  const value = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(offset)
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new InputError('BYTES_ENCODING', `expected a number up to 2^53-1, found ${value}`)
  return Number(value)
}

export const encodeHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

export function decodeHex(text: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new InputError('BYTES_ENCODING', 'expected pairs of lower-case hex digits')
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const URL_SAFE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const valuesOf = (alphabet: string) => {
  const values = new Int8Array(128).fill(-1)
  for (let i = 0; i < alphabet.length; i += 1) values[alphabet.charCodeAt(i)] = i
  return values
}
const STANDARD_VALUES = valuesOf(STANDARD)
const URL_SAFE_VALUES = valuesOf(URL_SAFE)

function encodeSextets(bytes: Uint8Array, alphabet: string, padded: boolean): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text += alphabet.charAt(group >> 18) + alphabet.charAt((group >> 12) & 63)
    if (left > 1) text += alphabet.charAt((group >> 6) & 63)
    if (left > 2) text += alphabet.charAt(group & 63)
    if (padded && left < 3) text += left === 1 ? '==' : '='
  }
  return text
}

function decodeSextets(text: string, values: Int8Array, name: string): Uint8Array {
  if (text.length % 4 === 1) throw new InputError('BYTES_ENCODING', `expected ${name}, found a length of ${text.length}`)
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let at = 0
  let buffer = 0
  let bits = 0
  for (let i = 0; i < text.length; i += 1) {
    const value = values[text.charCodeAt(i)] ?? -1
    if (value < 0) throw new InputError('BYTES_ENCODING', `expected ${name}, found another character at ${i}`)
    buffer = ((buffer << 6) | value) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[at] = (buffer >> bits) & 0xff
      at += 1
    }
  }
  if ((buffer & ((1 << bits) - 1)) !== 0) throw new InputError('BYTES_ENCODING', `expected ${name}, found spare bits set at the end`)
  return bytes
}

/** RFC 4648 section 5 without padding: how every byte string stands in JSON. */
export const encodeBase64Url = (bytes: Uint8Array): string => encodeSextets(bytes, URL_SAFE, false)
export const decodeBase64Url = (text: string): Uint8Array => decodeSextets(text, URL_SAFE_VALUES, 'base64url without padding')

/** RFC 4648 section 4 with padding: how hashes and signatures stand in notes. */
export const encodeBase64 = (bytes: Uint8Array): string => encodeSextets(bytes, STANDARD, true)

export function decodeBase64(text: string): Uint8Array {
  const body = /^([A-Za-z0-9+/]*)(={0,2})$/.exec(text)
  if (body === null || text.length % 4 !== 0) throw new InputError('BYTES_ENCODING', 'expected padded base64')
  return decodeSextets(body[1] ?? '', STANDARD_VALUES, 'padded base64')
}
