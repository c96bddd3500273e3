import { equalBytes } from './bytes.ts'
import { InputError } from './errors.ts'

/**
 * Just enough DER (X.690) to read an RSA SubjectPublicKeyInfo (RFC 5280, RFC 8017) and to be sure that its bytes are the
 * one canonical spelling: definite, shortest lengths; positive integers without spare zero bytes; nothing left over.
 */

const RSA_ALGORITHM = Uint8Array.of(0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00)

interface Element {
  readonly content: Uint8Array
  readonly rest: Uint8Array
}

const refuse = (): never => {
  throw new InputError('KEY_ADMISSION', 'expected the canonical DER of an RSA SubjectPublicKeyInfo')
}

function readElement(bytes: Uint8Array, tag: number): Element {
  const first = bytes[1]
  if (bytes[0] !== tag || first === undefined) return refuse()
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  if (lengthBytes > 2 || first === 0x80) return refuse()
  const length = lengthBytes === 0 ? first : bytes.subarray(2, 2 + lengthBytes).reduce((sum, byte) => sum * 256 + byte, 0)
  if (lengthBytes > 0 && length < (lengthBytes === 1 ? 0x80 : 0x100)) return refuse()
  const start = 2 + lengthBytes
  if (bytes.length < start + length) return refuse()
  return { content: bytes.subarray(start, start + length), rest: bytes.subarray(start + length) }
}

function readPositiveInteger(bytes: Uint8Array): Element {
  const element = readElement(bytes, 0x02)
  const [first, second] = element.content
  if (first === undefined || first >= 0x80) return refuse()
  if (first === 0 && (second === undefined || second < 0x80)) return refuse()
  return element
}

function readWhole(bytes: Uint8Array, tag: number): Uint8Array {
  const { content, rest } = readElement(bytes, tag)
  return rest.length === 0 ? content : refuse()
}

/** The modulus length in bits. Throws `KEY_ADMISSION` for anything but one canonical RSA key with an odd exponent of at least 3. */
export function readRsaModulusBits(der: Uint8Array): number {
  const outer = readWhole(der, 0x30)
  if (!equalBytes(outer.subarray(0, RSA_ALGORITHM.length), RSA_ALGORITHM)) return refuse()
  const bitString = readWhole(outer.subarray(RSA_ALGORITHM.length), 0x03)
  if (bitString[0] !== 0) return refuse()
  const modulus = readPositiveInteger(readWhole(bitString.subarray(1), 0x30))
  const exponent = readPositiveInteger(modulus.rest)
  const last = exponent.content.at(-1) ?? 0
  if (exponent.rest.length !== 0 || last % 2 === 0 || (exponent.content.length === 1 && last < 3)) return refuse()
  const digits = modulus.content[0] === 0 ? modulus.content.subarray(1) : modulus.content
  return digits.length * 8 - Math.clz32(digits[0] ?? 0) + 24
}
