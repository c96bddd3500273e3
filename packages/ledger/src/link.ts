import {
  type Bytes32,
  decodeBase64Url,
  ed25519KeyId,
  encodeBase64Url,
  encodeCanonical,
  type Handle,
  InputError,
  type NetworkId,
  type OrganizationId,
  parseBytes32,
  parseCanonicalString,
  parseHandle,
  parseNetworkId,
  parseOrganizationId,
  parseSignedObject,
  sha256,
  shape,
  type SignedObject,
  signObject,
  verifySignedObject,
} from '@fiducia/core'
import { MAX_LINK_MS } from './limits.ts'
import { effectiveHead } from './modules/policy/queries.ts'
import type { RelationshipHead } from './types.ts'

/**
 * Links (PROTOCOL section 3): the patient's signed statement to a requester that their record is at this holder under this
 * handle, and that they are in the requester's care. They live off the ledger and are judged against a head.
 */

export interface Link {
  readonly net: NetworkId
  readonly holder: OrganizationId
  readonly handle: Handle
  readonly requester: OrganizationId
  /** Milliseconds; still valid at this instant. */
  readonly expires: number
  readonly rand: Bytes32
}

const parseLinkBody = shape.object({
  v: shape.literal(1),
  net: parseNetworkId,
  type: shape.literal('link'),
  holder: parseOrganizationId,
  handle: parseHandle,
  requester: parseOrganizationId,
  expires: shape.integer(),
  rand: parseBytes32,
})

export function signLink(link: Link, seed: Uint8Array): SignedObject {
  const { net, holder, handle, requester, expires, rand } = link
  return signObject('link', { v: 1, net, type: 'link', holder, handle, requester, expires, rand }, seed)
}

/** What a policy body lists in `unlinked`: H(JCS of the signed link). */
export const linkHashOf = ({ body, key, sig }: SignedObject): Bytes32 => parseBytes32(encodeBase64Url(sha256(encodeCanonical({ body, key, sig }))))

/** The signed link and its body; says nothing about whether it holds. Throws an `InputError`. */
export function parseLink(link: unknown, net: NetworkId): { readonly signed: SignedObject; readonly link: Link } {
  const signed = parseSignedObject(typeof link === 'string' ? parseCanonicalString(link) : link, 'link', net)
  const { v: _v, type: _type, ...body } = parseLinkBody(signed.body, 'body')
  return { signed, link: body }
}

export const LINK_FAULTS = {
  LINK_FORMAT: 'the text is no signed link of this network',
  LINK_EXPIRED: 'the link has expired',
  LINK_TOO_LONG: 'the link lasts longer than 730 days from now',
  LINK_HOLDER: 'the link is with another holder',
  LINK_REQUESTER: "the link is another requester's",
  LINK_HANDLE: 'the link is for another relationship',
  LINK_SIGNER: 'the link is signed neither by the control key of the head nor by a delegate with right link',
  LINK_SIGNATURE: 'the signature of the link does not verify',
  LINK_WITHDRAWN: 'the policy lists the link as unlinked',
} as const
export type LinkFaultCode = keyof typeof LINK_FAULTS

export type LinkVerdict =
  | { readonly ok: true; readonly link: Link; readonly hash: Bytes32 }
  | { readonly ok: false; readonly code: LinkFaultCode; readonly message: string }

export interface LinkContext {
  readonly net: NetworkId
  /** The raw record; what counts at the instant is worked out here. */
  readonly head: RelationshipHead
  readonly handle: Handle
  readonly holder: OrganizationId
  readonly requester: OrganizationId
  /** Milliseconds. */
  readonly instant: number
  /** Link hashes that the policy bodies withdraw. */
  readonly unlinked?: readonly Bytes32[]
}

const fault = (code: LinkFaultCode): LinkVerdict => ({ ok: false, code, message: LINK_FAULTS[code] })

/** Judges a link (its text or parsed JSON) for one request. Never throws on its input. */
export function checkLink(text: unknown, context: LinkContext): LinkVerdict {
  try {
    const { signed, link } = parseLink(text, context.net)
    return judgeLink(signed, link, context)
  } catch (error) {
    if (error instanceof InputError) return { ok: false, code: 'LINK_FORMAT', message: error.message }
    throw error
  }
}

function judgeLink(signed: SignedObject, link: Link, context: LinkContext): LinkVerdict {
  const { instant } = context
  if (link.holder !== context.holder || context.head.org !== context.holder) return fault('LINK_HOLDER')
  if (link.requester !== context.requester) return fault('LINK_REQUESTER')
  if (link.handle !== context.handle) return fault('LINK_HANDLE')
  if (instant > link.expires) return fault('LINK_EXPIRED')
  if (link.expires > instant + MAX_LINK_MS) return fault('LINK_TOO_LONG')
  const head = effectiveHead(context.head, instant)
  const delegates = head.delegates.filter(({ rights, expires }) => rights.includes('link') && instant <= expires)
  const signer = [head.control, ...delegates.map(({ pub }) => pub)]
    .map((pub) => decodeBase64Url(pub))
    .find((publicKey) => ed25519KeyId(publicKey) === signed.key)
  if (signer === undefined) return fault('LINK_SIGNER')
  if (!verifySignedObject(signed, 'link', signer)) return fault('LINK_SIGNATURE')
  const hash = linkHashOf(signed)
  return context.unlinked?.includes(hash) ? fault('LINK_WITHDRAWN') : { ok: true, link, hash }
}
