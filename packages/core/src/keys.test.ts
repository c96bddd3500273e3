import { describe, expect, it } from 'vitest'
import { encodeBase64Url } from './bytes.ts'
import { ed25519PublicKey } from './ed25519.ts'
import { InputError } from './errors.ts'
import { ed25519KeyId, parseKeyRecord } from './keys.ts'

const publicKey = ed25519PublicKey(new Uint8Array(32).fill(7))
const keyId = ed25519KeyId(publicKey)
const record = { org: 'alder', role: 'log', alg: 'ed25519', pub: encodeBase64Url(publicKey), from: 0, origin: 'demo/log/alder/1' }

describe('a key record', () => {
  it('is read as it stands', () => expect(parseKeyRecord(record, keyId)).toEqual(record))

  it.each([
    ['a key that is no text', { pub: { toString: 1, valueOf: 1 } }],
    ['a key in a list', { pub: [record.pub] }],
    ['an origin that is no text', { origin: { toString: 1, valueOf: 1 } }],
    ['a key of another id', { pub: encodeBase64Url(ed25519PublicKey(new Uint8Array(32).fill(8))) }],
  ])('is refused with %s', (_, change) => expect(() => parseKeyRecord({ ...record, ...change }, keyId)).toThrow(InputError))
})
