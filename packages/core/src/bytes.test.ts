import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes, decodeBase64, decodeBase64Url, decodeHex, decodeU64, encodeBase64, encodeBase64Url, encodeHex, encodeU64, equalBytes } from './bytes.ts'
import { InputError } from './errors.ts'

const bytes = fc.uint8Array({ maxLength: 80 })
const pairs = [
  ['base64url', encodeBase64Url, decodeBase64Url, 'base64url'],
  ['base64', encodeBase64, decodeBase64, 'base64'],
  ['hex', encodeHex, decodeHex, 'hex'],
] as const

describe.each(pairs)('%s', (_name, encode, decode, platform) => {
  it('goes there and back, as the platform spells it', () => {
    fc.assert(
      fc.property(bytes, (one) => {
        expect(encode(one)).toBe(Buffer.from(one).toString(platform))
        expect(decode(encode(one))).toEqual(one)
      }),
    )
  })
  it('has one spelling: other text is refused, or is its own encoding', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), (text) => {
        try {
          expect(encode(decode(text))).toBe(text)
        } catch (error) {
          expect(error).toBeInstanceOf(InputError)
        }
      }),
    )
  })
})

it('numbers of eight bytes stay exact up to 2^53 - 1 and are refused above', () => {
  fc.assert(fc.property(fc.maxSafeNat(), (value) => void expect(decodeU64(encodeU64(value))).toBe(value)))
  expect(() => decodeU64(encodeU64(2n ** 53n))).toThrow(InputError)
})

it('equality is of all bytes and the length', () => {
  fc.assert(fc.property(bytes, bytes, (a, b) => void expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0)))
  expect(equalBytes(concatBytes(Uint8Array.of(1), Uint8Array.of(2)), Uint8Array.of(1, 2))).toBe(true)
})
