import { encodeBase64Url, encodeCanonical, type NetworkId, type OrganizationId, signObject } from '@fiducia/core'

/** The header with which a wallet proves, for one request, that it holds the key that governs a relationship. */
export const WALLET_REQUEST_HEADER = 'fiducia-request'

export interface WalletRequest {
  readonly net: NetworkId
  /** The organization whose node is asked. */
  readonly to: OrganizationId
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Path and query as sent. */
  readonly path: string
  /** Milliseconds. */
  readonly at: number
  /** 32 random bytes: a request counts once. */
  readonly rand: Uint8Array
}

export function signWalletRequest({ net, to, method, path, at, rand }: WalletRequest, controlSeed: Uint8Array): string {
  const { body, key, sig } = signObject('request', { v: 1, net, type: 'request', to, method, path, at, rand: encodeBase64Url(rand) }, controlSeed)
  return encodeBase64Url(encodeCanonical({ body, key, sig }))
}
