import { decodeUtf8, encodeUtf8 } from './bytes.ts'
import { InputError } from './errors.ts'
import { withoutStrings } from './json-tokens.ts'
import { MAX_DOCUMENT_BYTES, MAX_JSON_DEPTH } from './limits.ts'

/**
 * Canonical JSON (RFC 8785), as strict as PROTOCOL section 1 asks: the bytes received must equal their own canonical
 * form. Members stand in the order of their UTF-16 code units, numbers are integers from 0 to 2^53-1, strings carry the
 * shortest escapes, nothing stands between tokens. Whoever parses bytes with `parseCanonical` knows that re-encoding
 * the value gives the same bytes, which is what makes it safe to hash and sign parsed values.
 */

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [name: string]: JsonValue
}

export interface JsonLimits {
  readonly maxBytes?: number
  readonly maxDepth?: number
}

/** The canonical text of a value. Throws `JSON_NUMBER`, `JSON_SURROGATE` or `JSON_NAME` for what the protocol cannot carry. */
export function formatCanonical(value: JsonValue): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return formatNumber(value)
  if (typeof value === 'string') return formatString(value)
  if (Array.isArray(value)) return `[${value.map(formatCanonical).join(',')}]`
  return formatObject(value as JsonObject)
}

export const encodeCanonical = (value: JsonValue): Uint8Array => encodeUtf8(formatCanonical(value))

function formatNumber(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0 || Object.is(value, -0)) {
    throw new InputError('JSON_NUMBER', `expected an integer from 0 to 2^53-1, found ${Object.is(value, -0) ? '-0' : value}`)
  }
  return String(value)
}

function formatString(text: string): string {
  if (!text.isWellFormed()) throw new InputError('JSON_SURROGATE', 'expected whole characters, found half of a surrogate pair')
  return JSON.stringify(text)
}

function formatObject(value: JsonObject): string {
  const names = Object.keys(value).sort()
  const members = names.map((name) => {
    const member = value[name]
    if (name === '__proto__') throw new InputError('JSON_NAME', 'a member may not be named `__proto__`')
    if (member === undefined) throw new InputError('JSON_SYNTAX', `member \`${name}\` has no value`)
    return `${formatString(name)}:${formatCanonical(member)}`
  })
  return `{${members.join(',')}}`
}

/**
 * The value of canonical bytes. The same bytes come back from `encodeCanonical`.
 * Throws an `InputError` with one of the `JSON_` codes; the message never quotes the document.
 */
export function parseCanonical(bytes: Uint8Array, limits: JsonLimits = {}): JsonValue {
  const maxBytes = limits.maxBytes ?? MAX_DOCUMENT_BYTES
  if (bytes.length > maxBytes) throw new InputError('JSON_SIZE', `expected at most ${maxBytes} bytes, found ${bytes.length}`)
  const text = decodeUtf8(bytes)
  if (text.charCodeAt(0) === 0xfeff) throw new InputError('JSON_NOT_UTF8', 'expected JSON, found a byte order mark')
  return parseCanonicalText(text, limits.maxDepth ?? MAX_JSON_DEPTH)
}

function parseCanonicalText(text: string, maxDepth: number): JsonValue {
  const bare = withoutStrings(text)
  checkDepth(bare, maxDepth)
  let value: JsonValue
  try {
    value = JSON.parse(text) as JsonValue
  } catch (cause) {
    throw new InputError('JSON_SYNTAX', 'expected JSON, found other text', { cause })
  }
  checkNumbers(bare)
  if (formatCanonical(value) !== text) throw new InputError(...whyNotCanonical(bare, value))
  return value
}

/** Runs before the recursive parser, so that a hostile document cannot exhaust the stack; `bare` is the text without its strings. */
function checkDepth(bare: string, maxDepth: number): void {
  let depth = 0
  for (let i = 0; i < bare.length; i += 1) {
    const c = bare.charCodeAt(i)
    if (c === 0x5b || c === 0x7b) {
      depth += 1
      if (depth > maxDepth) throw new InputError('JSON_DEPTH', `expected at most ${maxDepth} levels of objects and arrays, found more`)
    } else if (c === 0x5d || c === 0x7d) depth -= 1
  }
}

/** 1.0 and 1e3 parse to integers, so the spelling is looked at. */
function checkNumbers(bare: string): void {
  for (const [number] of bare.matchAll(/-?[0-9][0-9.eE+-]*/g)) {
    if (!/^(?:0|[1-9][0-9]*)$/.test(number) || !Number.isSafeInteger(Number(number))) {
      throw new InputError('JSON_NUMBER', 'expected an integer from 0 to 2^53-1, found another number')
    }
  }
}

function whyNotCanonical(bare: string, value: JsonValue): ['JSON_DUPLICATE' | 'JSON_NOT_CANONICAL', string] {
  const named = bare.split(':').length - 1
  if (named > countMembers(value)) return ['JSON_DUPLICATE', 'expected each member once, found one twice']
  return ['JSON_NOT_CANONICAL', 'expected the canonical form of RFC 8785, found another spelling of the same value']
}

function countMembers(value: JsonValue): number {
  if (value === null || typeof value !== 'object') return 0
  const members: readonly JsonValue[] = Array.isArray(value) ? value : Object.values(value)
  return members.reduce<number>((sum, member) => sum + countMembers(member), Array.isArray(value) ? 0 : members.length)
}

/** Canonical text from text, for documents that arrive inside another one (a disclosure inside a receipt). The size is that of its bytes. */
export function parseCanonicalString(text: string, limits: JsonLimits = {}): JsonValue {
  const maxBytes = limits.maxBytes ?? MAX_DOCUMENT_BYTES
  if (text.length > maxBytes) throw new InputError('JSON_SIZE', `expected at most ${maxBytes} bytes, found more`)
  // Bytes cannot hold half a character: it would become another one on the way.
  if (!text.isWellFormed()) throw new InputError('JSON_SURROGATE', 'expected whole characters, found half of a surrogate pair')
  return parseCanonical(encodeUtf8(text), limits)
}
