import { encodeUtf8, formatCanonical, type JsonValue } from '@fiducia/core'
import * as fc from 'fast-check'

/**
 * Hostile input for any parser: text of every sort, and good samples with one change. Bytes are text here, one character each
 * (`toBinary`), so that the same changes serve both.
 */

export const toBinary = (bytes: Uint8Array): string => {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
export const fromBinary = (text: string): Uint8Array => Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i) & 0xff)

const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`
const LEVELS = [2, 14, 15, 16, 17, 63, 64, 65, 99, 100, 101, 5000]

const NUMBERS = [
  '-0',
  '-1',
  '00',
  '01',
  '0.0',
  '1e3',
  '1E400',
  '1e-400',
  '4294967296',
  '9007199254740991',
  '9007199254740992',
  '18446744073709551616',
  '9'.repeat(400),
]
const STRINGS = [
  '\0',
  '\u0085',
  '\ufeff',
  '\r\n',
  '\\ud800',
  '\ud800',
  '\udc00x',
  '\\u0000',
  '__proto__',
  'constructor',
  'toString',
  '=',
  'A===',
  'AB==',
  '+/',
  '-_',
  '\u202e',
  '..',
  'é',
  '\u{1f600}',
  '\x80',
  '\xed\xa0\x80',
  '\xff\xfe',
]
const PIECES = [
  ...NUMBERS,
  ...STRINGS,
  ...LEVELS.map(nested),
  '"__proto__":{},',
  '"a":1,"a":1,',
  '{"toString":1,"valueOf":1}',
  'null',
  'true',
  '[]',
  '{}',
  '""',
  ' ',
  '\n',
  '\n\n',
  '"',
  '\\',
  '\\"',
]

const VALUES: readonly JsonValue[] = [
  null,
  true,
  false,
  0,
  1,
  2 ** 32,
  Number.MAX_SAFE_INTEGER,
  '',
  'a',
  '\0',
  'A'.repeat(43),
  '__proto__',
  'T'.repeat(50),
  [],
  [[]],
  {},
  { toString: 1, valueOf: 1 },
  { length: 3, 0: 'a' },
  ['a', 'a'],
]
const value: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.constantFrom(...VALUES),
  fc.jsonValue({ maxDepth: 3 }).map((any): JsonValue => JSON.parse(JSON.stringify(any))),
)

/** The JSON with the value at one of its places changed; places are counted depth first. */
function changedAt(json: JsonValue, place: number, change: (old: JsonValue) => JsonValue): JsonValue {
  let left = place
  const walk = (node: JsonValue): JsonValue => {
    left -= 1
    if (left < 0 && left > -2) return change(node)
    if (Array.isArray(node)) return node.map(walk)
    if (typeof node === 'object' && node !== null) return Object.fromEntries(Object.entries(node).map(([name, member]) => [name, walk(member)]))
    return node
  }
  return walk(json)
}

export function placesOf(json: JsonValue): number {
  if (json === null || typeof json !== 'object') return 1
  return Object.values(json).reduce<number>((sum, member: JsonValue) => sum + placesOf(member), 1)
}

export function jsonOf(text: string): JsonValue | undefined {
  try {
    const json: JsonValue = JSON.parse(text)
    return json
  } catch {
    return undefined
  }
}

function spell(json: JsonValue): string {
  try {
    return formatCanonical(json)
  } catch {
    return JSON.stringify(json)
  }
}

/** One change to the values of a document, spelled canonically again: gets past the JSON into the shapes. */
function jsonChange(json: JsonValue): fc.Arbitrary<string> {
  const changes: fc.Arbitrary<(old: JsonValue) => JsonValue> = fc.oneof(
    value.map((next) => () => next),
    fc.tuple(fc.constantFrom('extra', '__proto__', 'a', 'handle', ''), value).map(([name, member]) => (old: JsonValue) => {
      if (Array.isArray(old)) return [...old, member]
      return typeof old === 'object' && old !== null ? { ...old, [name]: member } : member
    }),
    fc.nat(20).map((at) => (old: JsonValue) => {
      if (Array.isArray(old)) return old.toSpliced(at % Math.max(1, old.length), 1)
      if (typeof old !== 'object' || old === null) return typeof old === 'string' ? old.slice(at) : [old]
      return Object.fromEntries(Object.entries(old).filter((_, i) => i !== at % Object.keys(old).length))
    }),
    fc.nat(20).map((at) => (old: JsonValue) => (Array.isArray(old) && old.length > 0 ? [...old, old[at % old.length] ?? null] : old)),
    fc.constantFrom(-1, 1, 2 ** 40).map((by) => (old: JsonValue) => (typeof old === 'number' ? Math.max(0, old + by) : old)),
  )
  return fc.tuple(fc.nat(placesOf(json) - 1), changes).map(([place, change]) => spell(changedAt(json, place, change)))
}

function textChange(good: string, other: string, binary: boolean): fc.Arbitrary<string> {
  const at = fc.nat(good.length)
  const piece = fc.constantFrom(...PIECES).map((text) => (binary ? toBinary(encodeUtf8(text)) : text))
  const numbers = [...good.matchAll(/[0-9]+/g)].slice(0, 500)
  return fc.oneof(
    fc.tuple(at, fc.nat(7)).map(([i, bit]) => good.slice(0, i) + String.fromCharCode(good.charCodeAt(i) ^ (1 << bit)) + good.slice(i + 1)),
    at.map((i) => good.slice(0, i)),
    at.map((i) => good.slice(i)),
    fc.tuple(at, at, at).map(([i, j, k]) => good.slice(0, k) + good.slice(Math.min(i, j), Math.max(i, j)) + good.slice(k)),
    fc.tuple(at, at).map(([i, j]) => good.slice(0, Math.min(i, j)) + good.slice(Math.max(i, j))),
    fc.tuple(at, fc.nat(other.length)).map(([i, j]) => good.slice(0, i) + other.slice(j)),
    fc.tuple(at, fc.nat(3), piece).map(([i, removed, added]) => good.slice(0, i) + added + good.slice(i + removed)),
    fc.tuple(at, fc.nat(2), fc.string({ unit: 'binary', maxLength: 3 })).map(([i, removed, added]) => good.slice(0, i) + added + good.slice(i + removed)),
    fc.tuple(fc.nat(Math.max(0, numbers.length - 1)), fc.constantFrom(...NUMBERS)).map(([i, number]) => {
      const match = numbers[i]
      return match === undefined ? number : good.slice(0, match.index) + number + good.slice(match.index + match[0].length)
    }),
  )
}

/** Generated text, and every sort of change of these samples. */
export function hostileInput(good: readonly string[], binary: boolean): fc.Arbitrary<string> {
  const samples = good.map((text) => {
    const json = jsonOf(text)
    const changes = fc.nat(good.length - 1).chain((i) => textChange(text, good[i] ?? '', binary))
    return json === undefined || typeof json !== 'object' ? changes : fc.oneof(changes, jsonChange(json))
  })
  const anything = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.json(), fc.constantFrom(...PIECES))
  const input = fc.oneof({ arbitrary: anything, weight: 1 }, { arbitrary: fc.nat(good.length - 1).chain((i) => samples[i] ?? anything), weight: 6 })
  return binary ? input.map((text) => toBinary(fromBinary(text))) : input
}
