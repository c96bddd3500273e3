import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeUtf8, encodeUtf8 } from './bytes.ts'
import { InputError } from './errors.ts'
import { MAX_DOCUMENT_BYTES } from './limits.ts'
import { encodeCanonical, formatCanonical, type JsonValue, parseCanonical, parseCanonicalString } from './json.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((one) => one !== '__proto__')
const value: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constant(null),
    fc.boolean(),
    fc.nat(),
    fc.maxSafeNat(),
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4 }),
  ),
})).value

const refused = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (error instanceof InputError) return error.code
    throw error
  }
  return 'accepted'
}
const parse = (document: string) => parseCanonical(encodeUtf8(document))

describe('canonical JSON', () => {
  it('gives back what it was given, byte for byte', () => {
    fc.assert(fc.property(value, (one) => void expect(encodeCanonical(parseCanonical(encodeCanonical(one)))).toEqual(encodeCanonical(one))))
  })

  it('has one spelling: members in any order of insertion give the same bytes', () => {
    fc.assert(
      fc.property(
        fc.dictionary(text, fc.nat()),
        (one) => void expect(formatCanonical(Object.fromEntries(Object.entries(one).reverse()))).toBe(formatCanonical(one)),
      ),
    )
  })

  it('answers mutated bytes with the same bytes again or an InputError, never anything else', () => {
    fc.assert(
      fc.property(value, fc.nat(), fc.integer({ min: 0, max: 255 }), (one, place, byte) => {
        const bytes = Uint8Array.from(encodeCanonical(one))
        bytes[place % bytes.length] = byte
        const answer = refused(() => expect(encodeCanonical(parseCanonical(bytes))).toEqual(bytes))
        expect(answer === 'accepted' || answer.startsWith('JSON_')).toBe(true)
      }),
    )
  })

  it('answers any bytes at all with an InputError or a value', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void refused(() => parseCanonical(bytes))))
  })

  it.each([
    ['{"a":1,"a":1}', 'JSON_DUPLICATE'],
    ['{"a":1.5}', 'JSON_NUMBER'],
    ['{"b":1,"a":2}', 'JSON_NOT_CANONICAL'],
    ['{"a": 1}', 'JSON_NOT_CANONICAL'],
    ['{"__proto__":{}}', 'JSON_NAME'],
    ['["\\ud800"]', 'JSON_SURROGATE'],
    [`${'['.repeat(17)}${']'.repeat(17)}`, 'JSON_DEPTH'],
    ['['.repeat(200_000), 'JSON_DEPTH'],
    ['{', 'JSON_SYNTAX'],
    ['\ufeff{}', 'JSON_NOT_UTF8'],
  ])('refuses %.40s as %s', (document, code) => expect(refused(() => parse(document))).toBe(code))

  it('says what was expected and never quotes the document', () => {
    const secret = 'Rosa Lindqvist'
    for (const document of [`{"name": "${secret}"}`, `{"${secret}":1.5}`, `{"${secret}"`]) {
      try {
        parse(document)
        expect.unreachable()
      } catch (error) {
        expect(String(error)).toMatch(/expected/)
        expect(String(error)).not.toContain(secret)
      }
    }
  })

  it('reads a string as long as a document may be', () => {
    expect(refused(() => parse(`"${'a'.repeat(MAX_DOCUMENT_BYTES - 2)}"`))).toBe('accepted')
    expect(refused(() => parse(`"${'a'.repeat(MAX_DOCUMENT_BYTES - 1)}"`))).toBe('JSON_SIZE')
  })

  it('walks over many escaped quotes once', () => {
    const quotes = '\\"'.repeat(1_000_000)
    expect(refused(() => parse(`["${quotes}"]`))).toBe('accepted')
    expect(refused(() => parse(`["${quotes}" ]`))).toBe('JSON_NOT_CANONICAL')
    expect(refused(() => parse(`["${quotes}`))).toBe('JSON_SYNTAX')
    expect(refused(() => parse(`{"${quotes}":1,"${quotes}":1}`))).toBe('JSON_DUPLICATE')
  })

  it('takes text as it is: half a character never becomes another one', () => {
    for (const text of ['"\ud800"', '{"\udc00":1}', '\ud800']) expect(refused(() => parseCanonicalString(text))).toBe('JSON_SURROGATE')
    expect(parseCanonicalString('"\ud83d\ude00"')).toBe('\u{1f600}')
    expect(refused(() => parseCanonicalString('"éé"', { maxBytes: 5 }))).toBe('JSON_SIZE')
    expect(refused(() => parseCanonicalString('"ééééé"', { maxBytes: 6 }))).toBe('JSON_SIZE')
  })

  it('has a size limit in bytes, not characters', () => {
    expect(refused(() => parseCanonical(encodeUtf8('"éé"'), { maxBytes: 5 }))).toBe('JSON_SIZE')
    expect(decodeUtf8(encodeCanonical(parseCanonical(encodeUtf8('"éé"'), { maxBytes: 6 })))).toBe('"éé"')
  })
})
