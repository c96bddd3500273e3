import {
  decodeBase64Url,
  isKeyValidAt,
  type KeyRecord,
  type NetworkId,
  type OrganizationId,
  parseBytes32,
  parseHandle,
  shape,
  type SignedObject,
  verifySignedObject,
} from '@fiducia/core'

/**
 * A holder's acknowledgment `{handle, version, commitment, height}` (PROTOCOL section 3): from then on it applies that version. It
 * holds if the node key that signed it was valid at that height; one that was compromised by then says nothing.
 */
export type AckVerdict =
  | { readonly ok: true; readonly height: number }
  | { readonly ok: false; readonly code: 'ACK_SHAPE' | 'ACK_OTHER' | 'ACK_KEY' | 'ACK_SIGNATURE' }

export interface ExpectedAck {
  readonly net: NetworkId
  readonly holder: OrganizationId
  readonly handle: string
  readonly version: number
  readonly commitment: string
  /** The record of the key that the acknowledgment names, from the ledger. */
  readonly key: KeyRecord | undefined
}

const parseAckBody = shape.object({
  v: shape.literal(1),
  net: shape.text(40),
  type: shape.literal('ack'),
  handle: parseHandle,
  version: shape.integer(1),
  commitment: parseBytes32,
  height: shape.integer(),
})

export function checkAck(ack: SignedObject, expected: ExpectedAck): AckVerdict {
  const no = (code: Extract<AckVerdict, { ok: false }>['code']): AckVerdict => ({ ok: false, code })
  const body = readBody(ack)
  if (body === undefined) return no('ACK_SHAPE')
  const { net, holder, key } = expected
  const isAbout = body.net === net && body.handle === expected.handle && body.version === expected.version && body.commitment === expected.commitment
  if (!isAbout) return no('ACK_OTHER')
  if (key === undefined || key.role !== 'node' || key.org !== holder || !isKeyValidAt(key, body.height)) return no('ACK_KEY')
  return verifySignedObject(ack, 'ack', decodeBase64Url(key.pub)) ? { ok: true, height: body.height } : no('ACK_SIGNATURE')
}

function readBody({ body }: SignedObject): ReturnType<typeof parseAckBody> | undefined {
  try {
    return parseAckBody(body, 'ack')
  } catch {
    return undefined
  }
}
