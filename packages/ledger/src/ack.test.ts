import { ed25519KeyId, encodeBase64Url, type KeyRecord, signObject } from '@fiducia/core'
import { expect, it } from 'vitest'
import { alder, birch, bytes32, net, publicKeyOf, publicOf, seedOf } from '../test/world.ts'
import { checkAck } from './ack.ts'

const handle = bytes32('handle')
const commitment = bytes32('policy')
const key: KeyRecord = { org: alder, role: 'node', alg: 'ed25519', pub: publicOf('node'), from: 3, to: 20 }
const ack = (height: number, more = {}) => signObject('ack', { v: 1, net, type: 'ack', handle, version: 2, commitment, height, ...more }, seedOf('node'))
const check = (signed: ReturnType<typeof ack>, changed = {}) => checkAck(signed, { net, holder: alder, handle, version: 2, commitment, key, ...changed })

it('holds while the key that signed it counted', () => {
  for (const height of [3, 10, 19]) expect(check(ack(height))).toEqual({ ok: true, height })
  for (const height of [2, 20, 21]) expect(check(ack(height))).toEqual({ ok: false, code: 'ACK_KEY' })
})

it('says nothing from the height on at which the key was stolen', () => {
  const stolen = { ...key, compromisedFrom: 10 }
  expect(check(ack(9), { key: stolen })).toMatchObject({ ok: true })
  for (const height of [10, 19]) expect(check(ack(height), { key: stolen })).toEqual({ ok: false, code: 'ACK_KEY' })
})

it.each([
  ['of another version', ack(5), { version: 3 }, 'ACK_OTHER'],
  ['of another policy', ack(5), { commitment: bytes32('other') }, 'ACK_OTHER'],
  ['of another relationship', ack(5), { handle: bytes32('other') }, 'ACK_OTHER'],
  ['by another organization', ack(5), { holder: birch }, 'ACK_KEY'],
  ['by a key of another role', ack(5), { key: { ...key, role: 'witness' } }, 'ACK_KEY'],
  ['by a key that the ledger has not', ack(5), { key: undefined }, 'ACK_KEY'],
  ['by another key', ack(5), { key: { ...key, pub: publicOf('other') } }, 'ACK_SIGNATURE'],
  ['that was changed', { ...ack(5), body: { ...ack(5).body, height: 6 } }, {}, 'ACK_SIGNATURE'],
  ['with a member too many', ack(5, { extra: 1 }), {}, 'ACK_SHAPE'],
])('is refused: one %s', (_, signed, changed, code) => {
  expect(check(signed, changed)).toEqual({ ok: false, code })
  expect(signed.key).toBe(ed25519KeyId(publicKeyOf('node')))
  expect(encodeBase64Url(publicKeyOf('node'))).toBe(key.pub)
})
