import { encodeUtf8, InputError, verifySignature } from '@fiducia/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodeSeed, openWire, publicKeyOf, setWire, START, wallet, net, alder } from '../test/world.ts'
import { VALID_UNTIL_WINDOW_MS } from './limits.ts'
import { judgeSignatures } from './signers.ts'
import { assembleTransaction, buildTransaction, decodeTransaction, judgeEnvelope, signTransactionPart, type TransactionPayload } from './transaction.ts'

const rosa = wallet('rosa')
const payload: TransactionPayload = { net, type: 'rel.open', body: rosa.openBody, validUntil: START + 300_000 }
const text = (wire: Uint8Array) => new TextDecoder().decode(wire)

describe('building', () => {
  it('gives the same wire whether parties sign together or apart, in any order', () => {
    const [holder, patient] = [nodeSeed(alder), rosa.control]
    const together = buildTransaction(payload, [holder, patient])
    expect(buildTransaction(payload, [patient, holder])).toEqual(together)
    expect(assembleTransaction(payload, [signTransactionPart(payload, patient), signTransactionPart(payload, holder)])).toEqual(together)
    const decoded = decodeTransaction(together)
    expect(judgeSignatures(decoded, [publicKeyOf('alder node 0'), publicKeyOf('rosa control 0')], verifySignature)).toBeUndefined()
    expect(judgeSignatures(decoded, [publicKeyOf('rosa control 0')], verifySignature)).toMatchObject({ code: 'TX_SIGNERS' })
    expect(judgeSignatures(decoded, [publicKeyOf('rosa control 0'), publicKeyOf('rosa control 0')], verifySignature)).toMatchObject({ code: 'TX_SIGNERS' })
    expect(judgeSignatures(decoded, [publicKeyOf('alder node 0'), publicKeyOf('rosa control 0')], () => false)).toMatchObject({ code: 'TX_SIGNATURE' })
  })
  it('refuses to assemble what nobody could decode', () => {
    expect(() => assembleTransaction(payload, [])).toThrow(InputError)
    expect(() => assembleTransaction(payload, [signTransactionPart(payload, rosa.control), signTransactionPart(payload, rosa.control)])).toThrow(InputError)
    expect(() => buildTransaction({ ...payload, body: { note: 'x'.repeat(61_440) } }, [rosa.control])).toThrow(InputError)
  })
})

describe('decoding', () => {
  const wire = openWire(rosa)
  const cases: readonly (readonly [string, string])[] = [
    ['a member too many', text(wire).replace('"v":1,', '"v":1,"w":1,')],
    ['spaces', text(wire).replace(',', ', ')],
    ['another version', text(wire).replace('"v":1,', '"v":2,')],
    ['an unknown type', text(wire).replace('rel.open', 'rel.opens')],
    ['a fraction', text(wire).replace(/"validUntil":\d+/, '"validUntil":1.5')],
    ['a duplicate member', text(wire).replace('{"payload":', '{"payload":1,"payload":')],
    ['a short signature', text(wire).replace(/"sig":"..../, '"sig":"')],
    ['a body that is an array', text(wire).replace(/"body":\{.*?\},"net"/, '"body":[],"net"')],
    ['a body that is too deep', text(wire).replace(/"body":\{/, `"body":{"a":${'['.repeat(20)}${']'.repeat(20)},`)],
    ['another network name', text(wire).replace('"net":"test"', '"net":"TEST"')],
    ['nothing', ''],
    ['a byte order mark', `\ufeff${text(wire)}`],
  ]
  it.each(cases)('refuses %s', (_, changed) => {
    expect(changed).not.toBe(text(wire))
    expect(() => decodeTransaction(encodeUtf8(changed))).toThrow(InputError)
  })
  it('never throws anything but an InputError, and only ever gives back the same bytes', () => {
    const mutated = fc.tuple(fc.nat(wire.length - 1), fc.integer({ min: 0, max: 255 })).map(([at, byte]) => wire.with(at, byte))
    const cut = fc.nat(wire.length).map((length) => wire.slice(0, length))
    fc.assert(
      fc.property(fc.oneof(mutated, cut, fc.uint8Array({ maxLength: 400 }), fc.json().map(encodeUtf8)), (bytes) => {
        try {
          expect(decodeTransaction(bytes).wire).toBe(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(InputError)
        }
      }),
      { numRuns: 3_000 },
    )
  })
})

it('is valid from ten minutes before validUntil to that very instant', () => {
  const decoded = decodeTransaction(setWire(rosa, 1))
  const at = (time: number) => judgeEnvelope(decoded, { net, time })?.code
  expect([at(decoded.validUntil), at(decoded.validUntil - VALID_UNTIL_WINDOW_MS)]).toEqual([undefined, undefined])
  expect([at(decoded.validUntil + 1), at(decoded.validUntil - VALID_UNTIL_WINDOW_MS - 1)]).toEqual(['TX_EXPIRED', 'TX_TOO_FAR_AHEAD'])
})
