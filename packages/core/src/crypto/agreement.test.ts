import { describe, expect, it } from 'vitest'
import { concatBytes, decodeHex, encodeHex } from '../bytes.ts'
import * as browser from './browser.ts'
import * as node from './node.ts'

const platforms = [
  ['node', node],
  ['browser', browser],
] as const

describe.each(platforms)('key agreement and key streams, %s', (_name, crypto) => {
  const [alice, secret] = [new Uint8Array(32).fill(7), new Uint8Array(32).fill(8)]

  it('gives both sides the same secret', () => {
    const [a, b] = [crypto.x25519PublicKey(alice), crypto.x25519PublicKey(secret)]
    expect(crypto.x25519Shared(alice, b)).toEqual(crypto.x25519Shared(secret, a))
  })
  it('multiplies as RFC 7748 section 5.2 says', () => {
    const scalar = decodeHex('a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4')
    const point = decodeHex('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c')
    expect(encodeHex(crypto.x25519Shared(scalar, point) ?? new Uint8Array())).toBe('c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552')
  })
  it.each(['00'.repeat(32), `01${'00'.repeat(31)}`, `ec${'ff'.repeat(30)}7f`])('refuses the small point %s', (point) =>
    expect(crypto.x25519Shared(secret, decodeHex(point))).toBeUndefined(),
  )
  it('refuses a key of another length', () => expect(crypto.x25519Shared(secret, new Uint8Array(31))).toBeUndefined())

  // The value is what `openssl enc -aes-256-ctr` makes of a block of zeros with a zero counter.
  it('begins with the encrypted zero block', () => {
    const key = decodeHex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f')
    expect(encodeHex(crypto.aesCtrStream(key, 0, 16))).toBe('f29000b62a499fd0a9f39a6add2e7780')
  })
  it('goes on where another part ended', () => {
    const whole = crypto.aesCtrStream(secret, 0, 100)
    expect(concatBytes(crypto.aesCtrStream(secret, 0, 32), crypto.aesCtrStream(secret, 2, 68))).toEqual(whole)
  })
})

it('is the same on both platforms', () => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i * 7)
  expect(browser.aesCtrStream(key, 2 ** 33, 50)).toEqual(node.aesCtrStream(key, 2 ** 33, 50))
})
