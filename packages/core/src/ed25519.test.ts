import { describe, expect, it } from 'vitest'
import { decodeHex, encodeUtf8 } from './bytes.ts'
import * as browser from './crypto/browser.ts'
import * as node from './crypto/node.ts'
import { admitEd25519, selfTest, sign, verifySignature } from './ed25519.ts'
import { InputError } from './errors.ts'
import { domainHash, hkdf, hmac, sha256 } from './hashing.ts'

const seed = sha256(encodeUtf8('seed'))
const message = encodeUtf8('message')

describe('Ed25519', () => {
  it('signs, verifies, and admits its own keys', () => {
    const publicKey = node.ed25519PublicKey(seed)
    expect(() => admitEd25519(publicKey)).not.toThrow()
    expect(verifySignature(publicKey, message, sign(seed, message))).toBe(true)
    expect(verifySignature(publicKey, encodeUtf8('massage'), sign(seed, message))).toBe(false)
  })
  it('refuses every single changed bit of a signature', () => {
    const publicKey = node.ed25519PublicKey(seed)
    const signature = sign(seed, message)
    for (let bit = 0; bit < 512; bit += 1) {
      const changed = Uint8Array.from(signature, (byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
      expect(verifySignature(publicKey, message, changed)).toBe(false)
    }
  })
  it('admits no key of small or mixed order, and none that is not canonical', () => {
    const refused = [
      `01${'00'.repeat(31)}`,
      '00'.repeat(32),
      `ec${'ff'.repeat(30)}7f`,
      `ee${'ff'.repeat(30)}7f`,
      `01${'00'.repeat(30)}80`,
      '36539bec02bb5a33552d0920f93ff1c22191470cb1748ce16298485786f637b7',
      '02',
    ]
    for (const key of refused) expect(() => admitEd25519(decodeHex(key))).toThrow(InputError)
  })
  it('passes its own self-test here', () => expect(selfTest()).toEqual([]))
})

describe('the browser’s primitives', () => {
  it('give the same bytes as the server’s', () => {
    const [key, nonce] = [sha256(encodeUtf8('key')), new Uint8Array(12)]
    expect(browser.sha256(message)).toEqual(node.sha256(message))
    expect(browser.ed25519PublicKey(seed)).toEqual(node.ed25519PublicKey(seed))
    expect(browser.ed25519Sign(seed, message)).toEqual(node.ed25519Sign(seed, message))
    expect(browser.x25519PublicKey(seed)).toEqual(node.x25519PublicKey(seed))
    expect(browser.aesGcmSeal(key, nonce, message)).toEqual(node.aesGcmSeal(key, nonce, message))
    expect(browser.aesGcmOpen(key, nonce, node.aesGcmSeal(key, nonce, message))).toEqual(message)
    expect([browser, node].map(({ aesGcmOpen }) => aesGcmOpen(key, nonce, new Uint8Array(20)))).toEqual([undefined, undefined])
  })
})

it('hashes are separated by their domains', () => {
  expect(domainHash('tx', message)).not.toEqual(domainHash('key', message))
  expect(() => hmac(new Uint8Array(31), message)).toThrow(InputError)
  expect(hkdf(seed, 'tagkey')).toHaveLength(32)
})
