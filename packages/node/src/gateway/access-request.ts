import {
  decodeBase64Url,
  type JsonValue,
  type NetworkId,
  parseBytes32,
  parseCanonical,
  parseOrganizationId,
  parseSignedObject,
  type SignedObject,
  shape,
} from '@fiducia/core'
import type { RoleOpening } from '@fiducia/ledger'
import { NodeFailure } from '../failures.ts'

/**
 * What a requester asks: the authorization details (RFC 9396), whose hash the client assertion carries, and one FHIR
 * interaction. The details name the patient's link, the purpose, the practitioner with the opening of the attested role,
 * and how the requester's own single sign-on authenticated that person.
 */
export interface AuthorizationDetails {
  readonly purpose: string
  /** `system|value` */
  readonly practitioner: string
  /** Absent: the requester has no link, and is refused. */
  readonly link?: SignedObject
  readonly role?: { readonly opening: RoleOpening; readonly rand32: Uint8Array }
  /** The exact value that was hashed. */
  readonly json: JsonValue
}

export type Interaction =
  | { readonly kind: 'read'; readonly type: string; readonly id: string }
  | { readonly kind: 'search'; readonly type: string; readonly parameters: readonly (readonly [string, string])[] }

export interface AccessRequest {
  readonly assertion: string
  readonly details: AuthorizationDetails
  readonly interaction: Interaction
}

const MAX_DETAILS_BYTES = 16 * 1024
const shortText = shape.text(200)

const detailShape = shape.object(
  {
    type: shape.literal('fiducia'),
    purpose: shape.string(/^[A-Z][A-Z0-9_]{1,31}$/, 'a purpose of use'),
    practitioner: shape.string(/^[^|\s]{1,100}\|[^|\s]{1,100}$/, '`system|value`'),
  },
  {
    link: (value: unknown) => value,
    role: shape.object({ code: shortText, org: parseOrganizationId, practitioner: shortText, rand32: parseBytes32 }),
    acr: shortText,
    auth_time: shape.integer(),
  },
)

/** Throws `BODY_INVALID`. The value is base64url of canonical JSON: an array with one object of type `fiducia`. */
export function parseAuthorizationDetails(header: unknown, net: NetworkId): AuthorizationDetails {
  try {
    if (typeof header !== 'string') throw new Error('no authorization details')
    if (header.length > 2 * MAX_DETAILS_BYTES) throw new Error('too long')
    const json = parseCanonical(decodeBase64Url(header), { maxBytes: MAX_DETAILS_BYTES })
    const [detail] = shape.array(detailShape, 1, 1)(json, 'authorization_details')
    if (detail === undefined) throw new Error('no authorization details')
    const { purpose, practitioner, link, role } = detail
    return {
      purpose,
      practitioner,
      json,
      ...(link === undefined ? {} : { link: parseSignedObject(link, 'link', net) }),
      ...(role === undefined
        ? {}
        : { role: { opening: { code: role.code, org: role.org, practitioner: role.practitioner }, rand32: decodeBase64Url(role.rand32) } }),
    }
  } catch (cause) {
    throw new NodeFailure('BODY_INVALID', 'expected authorization details: one object of type `fiducia` as canonical JSON in base64url', { cause })
  }
}

/** The JSON of new details, members in the protocol's names. */
export interface NewDetails {
  readonly purpose: string
  readonly practitioner: string
  readonly link?: SignedObject
  readonly role?: { readonly opening: RoleOpening; readonly rand32: string }
  readonly acr: string
  /** Seconds. */
  readonly authTime: number
}

export function formatAuthorizationDetails(details: NewDetails): JsonValue {
  const { purpose, practitioner, link, role, acr, authTime } = details
  return [
    {
      type: 'fiducia',
      purpose,
      practitioner,
      acr,
      auth_time: authTime,
      ...(link === undefined ? {} : { link: { body: link.body, key: link.key, sig: link.sig } }),
      ...(role === undefined ? {} : { role: { code: role.opening.code, org: role.opening.org, practitioner: role.opening.practitioner, rand32: role.rand32 } }),
    },
  ]
}
