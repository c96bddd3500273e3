import { decodeBase64Url, type NetworkId, parseSignedObjectBytes, shape, type SignedObject, verifySignedObject } from '@fiducia/core'
import type { Clock } from '@fiducia/engine'
import { NodeFailure } from '../failures.ts'
import { WALLET_REQUEST_SKEW_MS } from '../limits.ts'

/**
 * A wallet proves with each request that it holds the key which governs a relationship: a signed object of kind `request`
 * in the header `fiducia-request`, over network, organization, method, path, time and a random value.
 */
export const WALLET_REQUEST_HEADER = 'fiducia-request'

const bodyShape = shape.object({
  v: shape.literal(1),
  net: shape.text(40),
  type: shape.literal('request'),
  to: shape.text(40),
  method: shape.literal('GET', 'POST', 'PUT', 'DELETE'),
  path: shape.text(512),
  at: shape.integer(),
  rand: shape.text(43),
})

export interface ExpectedRequest {
  readonly net: NetworkId
  readonly organization: string
  readonly method: string
  readonly path: string
  readonly publicKey: Uint8Array
  readonly clock: Clock
  /** False when the random value was seen before; remembers it. */
  readonly isFirstUse: (id: string, expires: number) => boolean
}

/** The signed object. Throws `WALLET_REQUEST_INVALID`. */
export function checkWalletRequest(header: unknown, expected: ExpectedRequest): SignedObject {
  try {
    if (typeof header !== 'string') throw new Error('no header')
    const signed = parseSignedObjectBytes(decodeBase64Url(header), 'request', expected.net)
    const body = bodyShape(signed.body, '')
    if (body.to !== expected.organization || body.method !== expected.method || body.path !== expected.path) throw new Error('for another place')
    if (Math.abs(body.at - expected.clock.now()) > WALLET_REQUEST_SKEW_MS) throw new Error('too old or too early')
    if (!verifySignedObject(signed, 'request', expected.publicKey)) throw new Error('another key')
    if (!expected.isFirstUse(`wallet ${body.rand}`, body.at + WALLET_REQUEST_SKEW_MS)) throw new Error('used before')
    return signed
  } catch (cause) {
    throw new NodeFailure('WALLET_REQUEST_INVALID', 'expected a fresh request signed by the key that governs this relationship', { cause })
  }
}
