import { createPublicKey, type KeyObject } from 'node:crypto'
import {
  type Bytes32,
  decodeBase64Url,
  encodeBase64Url,
  encodeCanonical,
  encodeUtf8,
  isKeyValidAt,
  type JsonValue,
  type KeyId,
  type OrganizationId,
  parseBytes32,
  parseKeyId,
  parseOrganizationId,
  sha256,
  type Signer,
} from '@fiducia/core'
import { keyRecord, type LedgerState } from '@fiducia/ledger'
import { decodeProtectedHeader, jwtVerify } from 'jose'
import { NodeFailure } from '../failures.ts'
import { ASSERTION_SECONDS, ASSERTION_TOLERANCE_SECONDS } from '../limits.ts'

/**
 * Who asks: a client assertion (RFC 7523, EdDSA of RFC 8037) signed by the requester's node key, which stands on the
 * ledger. Its claim `fiducia_authz` is the hash of the authorization details, so that the requester cannot deny what it
 * asked for and the holder cannot invent it (PROTOCOL section 4).
 */

export interface Assertion {
  readonly organization: OrganizationId
  readonly keyId: KeyId
  readonly authzHash: Bytes32
  readonly tokenId: string
  /** Milliseconds: after this instant it is refused, so that its token need not be remembered any longer. */
  readonly expires: number
  /** H(the assertion's text): goes into the decision record. */
  readonly digest: Bytes32
}

/** authzHash = H(JCS of authorization_details). */
export const hashAuthorizationDetails = (details: JsonValue): Bytes32 => encodeBase64Url(sha256(encodeCanonical(details))) as Bytes32

const jwk = (publicKey: Uint8Array) => ({ kty: 'OKP', crv: 'Ed25519', x: encodeBase64Url(publicKey) })

const publicKeyOf = (publicKey: Uint8Array): KeyObject => createPublicKey({ key: jwk(publicKey), format: 'jwk' })

export interface NewAssertion {
  readonly organization: OrganizationId
  readonly signer: Signer
  /** The holder's base URL. */
  readonly audience: string
  readonly details: JsonValue
  readonly tokenId: string
  /** Milliseconds. */
  readonly now: number
}

/** In compact form (RFC 7515), put together here because the secret may be where no library reaches. */
export async function signAssertion({ organization, signer, audience, details, tokenId, now }: NewAssertion): Promise<string> {
  const iat = Math.floor(now / 1000)
  const header = { alg: 'EdDSA', kid: signer.keyId, typ: 'JWT' }
  const claims = {
    fiducia_authz: hashAuthorizationDetails(details),
    iss: organization,
    sub: organization,
    aud: audience,
    jti: tokenId,
    iat,
    exp: iat + ASSERTION_SECONDS,
  }
  const signed = [header, claims].map((part) => encodeBase64Url(encodeUtf8(JSON.stringify(part)))).join('.')
  return `${signed}.${encodeBase64Url(await signer.sign(encodeUtf8(signed)))}`
}

export interface AssertionContext {
  readonly state: LedgerState
  readonly audience: string
  readonly details: JsonValue
  /** Milliseconds. */
  readonly now: number
}

/** Throws `ASSERTION_INVALID`; whether the token was used before is the caller's to check, durably. */
export async function checkAssertion(text: string, context: AssertionContext): Promise<Assertion> {
  try {
    const keyId = parseKeyId(decodeProtectedHeader(text).kid)
    const record = keyRecord(context.state, keyId)
    if (record === undefined || record.role !== 'node' || !isKeyValidAt(record, context.state.height))
      throw new Error('the key is no valid node key of a member')
    const { payload } = await jwtVerify(text, publicKeyOf(decodeBase64Url(record.pub)), {
      algorithms: ['EdDSA'],
      audience: context.audience,
      issuer: record.org,
      subject: record.org,
      currentDate: new Date(context.now),
      clockTolerance: ASSERTION_TOLERANCE_SECONDS,
      maxTokenAge: ASSERTION_SECONDS,
      requiredClaims: ['exp', 'iat', 'jti', 'fiducia_authz'],
    })
    const authzHash = parseBytes32(payload['fiducia_authz'], 'fiducia_authz')
    if (authzHash !== hashAuthorizationDetails(context.details)) throw new Error('fiducia_authz is not the hash of the authorization details')
    const digest = encodeBase64Url(sha256(new TextEncoder().encode(text))) as Bytes32
    return {
      organization: parseOrganizationId(record.org),
      keyId,
      authzHash,
      tokenId: `${record.org} ${payload.jti}`,
      expires: ((payload.exp ?? 0) + ASSERTION_TOLERANCE_SECONDS) * 1000,
      digest,
    }
  } catch (cause) {
    throw new NodeFailure('ASSERTION_INVALID', 'expected a client assertion signed by a member’s node key for this node, within five minutes', { cause })
  }
}
