import {
  type Bytes32,
  concatBytes,
  decodeBase64Url,
  decodeU32,
  encodeCanonical,
  encodeU32,
  InputError,
  type JsonObject,
  type OrganizationId,
  type Parser,
  parseBytes32,
  parseCanonical,
  parseOrganizationId,
  parseSignedObject,
  type SignedObject,
  type SignedObjectKind,
  shape,
} from '@fiducia/core'
import { ResearchError } from '../errors.ts'
import { MAX_ROUND_MESSAGE, MAX_SITES } from '../limits.ts'
import { bytesOfLimbs, limbsOfBytes } from './ring.ts'
import type { Round, RoundTerms } from './round.ts'
import { SEALED_BYTES } from './sealed-shares.ts'
import { SHARE_BYTES } from './shamir.ts'

/**
 * The messages of a round, in the order in which they are sent. All but `masked` are canonical JSON; `masked` is u32 length of its
 * signed object ‖ that ‖ the vector's limbs, and begins with a zero byte, which no JSON does. Byte strings stand as base64url, as everywhere.
 */
export type SiteMessage = KeysMessage | SharesMessage | MaskedMessage | AnswerMessage
export type CoordinatorMessage = AllKeysMessage | DeliveryMessage | UnmaskMessage

/** A site's keys for one round. */
export type KeysMessage = { readonly type: 'keys'; readonly signed: SignedObject }
/** The keys of all sites that sent some, sorted by organization: the same list to each. */
export type AllKeysMessage = { readonly type: 'all-keys'; readonly round: Bytes32; readonly keys: readonly SignedObject[] }
/** Shares of both secrets of a site, for each site whose keys it saw, itself included. */
export type SharesMessage = { readonly type: 'shares'; readonly round: Bytes32; readonly shares: readonly ShareFor[] }
/** What all sites sealed for one. */
export type DeliveryMessage = { readonly type: 'delivery'; readonly round: Bytes32; readonly shares: readonly ShareFrom[] }
export type MaskedMessage = { readonly type: 'masked'; readonly signed: SignedObject; readonly vector: Uint32Array }
/** Asks for shares of the survivors' self-masks, and of the keys of those who dropped out. */
export type UnmaskMessage = {
  readonly type: 'unmask'
  readonly round: Bytes32
  readonly survivors: readonly OrganizationId[]
  readonly dropouts: readonly OrganizationId[]
}
export type AnswerMessage = { readonly type: 'answer'; readonly round: Bytes32; readonly self: readonly ShareOf[]; readonly mask: readonly ShareOf[] }

type SealedShare = { readonly sealed: string; readonly self: Bytes32; readonly mask: Bytes32 }
/** Sealed, with the digests of both shares. */
export type ShareFor = { readonly to: OrganizationId } & SealedShare
export type ShareFrom = { readonly from: OrganizationId } & SealedShare
/** A share of this organization's secret. */
export type ShareOf = { readonly org: OrganizationId; readonly share: string }

/** What a site signs of its keys: X25519 keys for masks and for sealed shares, and the digest of the seed of its self-mask. */
export type RoundKeys = { readonly org: OrganizationId; readonly round: Bytes32; readonly mask: Bytes32; readonly seal: Bytes32; readonly self: Bytes32 }
/** What a site signs of its masked vector. */
export type RoundInput = { readonly org: OrganizationId; readonly round: Bytes32; readonly transcript: Bytes32; readonly commitment: Bytes32 }

type Body<Kind extends SignedObjectKind> = Kind extends 'round-keys' ? RoundKeys : RoundInput
type RoundKind = 'round-keys' | 'round-input'

const org: Parser<OrganizationId> = parseOrganizationId
const hash: Parser<Bytes32> = parseBytes32
const bytes =
  (length: number): Parser<string> =>
  (value, at) => {
    const text = shape.text(Math.ceil((length * 4) / 3))(value, at)
    if (decodeBase64Url(text).length === length) return text
    throw new InputError('BYTES_LENGTH', `expected ${length} bytes`, { at })
  }

const any: Parser<unknown> = (value) => value
const signedHead = { v: shape.literal(1), net: any, type: any }
const bodies = {
  'round-keys': shape.object({ ...signedHead, org, round: hash, mask: hash, seal: hash, self: hash }),
  'round-input': shape.object({ ...signedHead, org, round: hash, transcript: hash, commitment: hash }),
}

const sealedShare = { sealed: bytes(SEALED_BYTES), self: hash, mask: hash }
const shareOf = shape.object({ org, share: bytes(SHARE_BYTES) })
const list = <T>(item: Parser<T>) => shape.array(item, MAX_SITES)
const messages = {
  keys: shape.object({ type: shape.literal('keys'), signed: any }),
  'all-keys': shape.object({ type: shape.literal('all-keys'), round: hash, keys: list(any) }),
  shares: shape.object({ type: shape.literal('shares'), round: hash, shares: list(shape.object({ to: org, ...sealedShare })) }),
  delivery: shape.object({ type: shape.literal('delivery'), round: hash, shares: list(shape.object({ from: org, ...sealedShare })) }),
  unmask: shape.object({ type: shape.literal('unmask'), round: hash, survivors: list(org), dropouts: list(org) }),
  answer: shape.object({ type: shape.literal('answer'), round: hash, self: list(shareOf), mask: list(shareOf) }),
}

/** The body to sign: `v`, `net` and `type` in front of what the site says. */
export const bodyToSign = (round: RoundTerms, kind: RoundKind, body: RoundKeys | RoundInput): JsonObject => ({ v: 1, net: round.net, type: kind, ...body })

/** The id of the round that a message says it is of. */
export const roundOf = (message: SiteMessage) => ('signed' in message ? message.signed.body['round'] : message.round)

/** Whose signature it is stays open. Throws `STUDY_ROUND` for another round. */
export function parseBody<Kind extends RoundKind>(round: Round, kind: Kind, signed: SignedObject): Body<Kind> {
  return asRefusal(() => {
    const { v: _v, net: _net, type: _type, ...body } = bodies[kind](parseSignedObject(signed, kind, round.net).body, 'body')
    if (body.round === round.id) return body as Body<Kind>
    throw new ResearchError('STUDY_ROUND', `\`${body.org}\` signed for another round, roster or model`)
  })
}

export function encodeMessage(message: SiteMessage | CoordinatorMessage): Uint8Array {
  if (message.type !== 'masked') return encodeCanonical(message as JsonObject)
  const signed = encodeCanonical({ ...message.signed })
  return concatBytes(encodeU32(signed.length), signed, bytesOfLimbs(message.vector))
}

/** A site's message, from anybody; whose it is, and of which round, is for the coordinator to see. Throws `STUDY_ROUND`. */
export function parseSiteMessage(round: Round, message: Uint8Array): SiteMessage {
  return asRefusal(() => {
    if (message[0] === 0) return parseMasked(round, message)
    const document = documentOf(message)
    switch (typeOf(document)) {
      case 'keys':
        return { type: 'keys', signed: signedObject(round, 'round-keys', messages.keys(document, '').signed) }
      case 'shares':
        return messages.shares(document, '')
      case 'answer':
        return messages.answer(document, '')
      default:
        throw new ResearchError('STUDY_ROUND', 'expected a message of a site, found another')
    }
  })
}

/** A coordinator's message, from anybody. Throws `STUDY_ROUND`. */
export function parseCoordinatorMessage(round: Round, message: Uint8Array): CoordinatorMessage {
  return asRefusal(() => {
    const document = documentOf(message)
    switch (typeOf(document)) {
      case 'all-keys': {
        const { keys, ...rest } = messages['all-keys'](document, '')
        return { ...rest, keys: keys.map((one) => signedObject(round, 'round-keys', one)) }
      }
      case 'delivery':
        return messages.delivery(document, '')
      case 'unmask':
        return messages.unmask(document, '')
      default:
        throw new ResearchError('STUDY_ROUND', 'expected a message of a coordinator, found another')
    }
  })
}

const typeOf = (document: unknown): unknown => (shape.isObject(document) ? document['type'] : undefined)

const documentOf = (text: Uint8Array) => parseCanonical(text, { maxBytes: MAX_ROUND_MESSAGE })

function signedObject(round: Round, kind: RoundKind, value: unknown): SignedObject {
  const signed = parseSignedObject(value, kind, round.net)
  bodies[kind](signed.body, 'body')
  return signed
}

function parseMasked(round: Round, message: Uint8Array): MaskedMessage {
  const vectorBytes = round.length * round.numbers.limbs * 4
  const headBytes = message.length < 4 ? 0 : decodeU32(message)
  if (headBytes > MAX_ROUND_MESSAGE || message.length !== 4 + headBytes + vectorBytes) {
    throw new ResearchError('STUDY_ROUND', `expected a vector of ${vectorBytes} bytes, found another length`)
  }
  const signed = signedObject(round, 'round-input', documentOf(message.subarray(4, 4 + headBytes)))
  return { type: 'masked', signed, vector: limbsOfBytes(message.subarray(4 + headBytes)) }
}

/** Whatever a parser finds is a message that is not what the protocol says. */
function asRefusal<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof InputError) throw new ResearchError('STUDY_ROUND', error.message)
    throw error
  }
}
