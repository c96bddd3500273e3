import { type Bytes32, encodeBase64Url, type Handle, type JsonObject, type SignedObject, shape } from '@fiducia/core'
import type { TransactionPayload, TransactionSignature } from '@fiducia/ledger'
import type { BundleFiles } from '@fiducia/proofs'
import {
  type CopyAnswer,
  type CustodyAnswer,
  type LoggedEvent,
  type OpenAnswer,
  parseBeginAnswer,
  parseBundle,
  parseCopies,
  parseCustody,
  parseCustodyVersion,
  parseErased,
  parseEvents,
  parseLinkAnswer,
  parseOpenAnswer,
  parsePolicyAnswer,
  parseRecord,
  parseSubmitAnswer,
  type PolicyAnswer,
  type SubmitAnswer,
} from './node-answers.ts'
import { WALLET_REQUEST_HEADER, type WalletRequest } from './wallet-request.ts'

/**
 * A member's node over HTTP, as a patient's wallet uses it. Only `fetch` is needed; what comes back is data that the caller
 * checks (`verifyBundle`, `checkLog`, `openHolderCopy`), never a verdict that is believed.
 */
export interface NodeClientOptions {
  /** The node's base URL, without a final slash. */
  readonly base: string
  readonly fetch: Fetch
}

/** The part of the platform's `fetch` that is needed. */
export type Fetch = (url: string, init: FetchInit) => Promise<{ readonly status: number; json(): Promise<unknown> }>

export interface FetchInit {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: string | Uint8Array<ArrayBuffer>
}

/** Signs one request with the key that governs a relationship: `signWalletRequest`, bound to wallet and organization. */
export type Signer = (target: Pick<WalletRequest, 'method' | 'path'>) => string

export class NodeClientError extends Error {
  readonly code: string
  readonly status: number

  constructor(status: number, code: string, message: string) {
    super(message)
    this.name = 'NodeClientError'
    this.status = status
    this.code = code
  }
}

export interface NodeClient {
  beginOpening(code: string): Promise<{ readonly bind: Bytes32 }>
  open(code: string, payload: TransactionPayload, signature: TransactionSignature, k: Uint8Array): Promise<OpenAnswer>
  /** In force at the holder once this resolves. */
  setPolicy(handle: Handle, policy: { readonly wire: Uint8Array; readonly body: string; readonly salt: Uint8Array }): Promise<PolicyAnswer>
  submit(wire: Uint8Array): Promise<SubmitAnswer>
  events(handle: Handle, sign: Signer): Promise<readonly LoggedEvent[]>
  accessBundle(handle: Handle, n: number, sign: Signer): Promise<BundleFiles>
  completenessBundle(handle: Handle, sign: Signer): Promise<BundleFiles>
  headBundle(handle: Handle, sign: Signer): Promise<BundleFiles>
  record(handle: Handle, sign: Signer): Promise<readonly JsonObject[]>
  /** Gives the hash under which the link's copies are asked for. */
  addLink(link: SignedObject): Promise<string>
  /** Erases what a holder keeps of a closed relationship; the number of events. */
  erase(handle: Handle, sign: Signer): Promise<number>
  /** Erases what a requester keeps under a link; the number of copies. */
  eraseCopies(linkHash: string, sign: Signer): Promise<number>
  /** Of a key custodian; use it through `createCustody`. `path` names the id, its key, and what is signed besides. */
  putCustody(path: string, ciphertext: Uint8Array, sign: Signer): Promise<number>
  custody(path: string, sign: Signer): Promise<CustodyAnswer>
  eraseCustody(path: string, sign: Signer): Promise<number>
  /** Receipts that the requester got under a link, encrypted to the relationship's seal key. */
  copies(linkHash: string, sign: Signer): Promise<readonly CopyAnswer[]>
}

interface Content {
  readonly json?: unknown
  readonly bytes?: Uint8Array
  readonly sign?: Signer
}

export function createNodeClient({ base, fetch }: NodeClientOptions): NodeClient {
  async function send(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, { json, bytes, sign }: Content = {}): Promise<unknown> {
    const headers: Record<string, string> = { accept: 'application/json' }
    if (json !== undefined) headers['content-type'] = 'application/json'
    if (bytes !== undefined) headers['content-type'] = 'application/octet-stream'
    if (sign !== undefined) headers[WALLET_REQUEST_HEADER] = sign({ method, path })
    const response = await fetch(`${base}${path}`, { method, headers, ...bodyOf(json, bytes) })
    const answer = await response.json()
    if (response.status !== 200) throw errorOf(response.status, answer)
    return answer
  }
  const bundle = async (path: string, sign: Signer) => parseBundle(await send('GET', path, { sign }))

  return {
    beginOpening: async (code) => parseBeginAnswer(await send('POST', '/relationships/begin', { json: { code } }), ''),
    async open(code, { net, type, body, validUntil }, signature, k) {
      const json = { code, payload: { v: 1, net, type, body, validUntil }, signature, k: encodeBase64Url(k) }
      return parseOpenAnswer(await send('POST', '/relationships', { json }), '')
    },
    async setPolicy(handle, { wire, body, salt }) {
      const json = { wire: encodeBase64Url(wire), body, salt: encodeBase64Url(salt) }
      return parsePolicyAnswer(await send('PUT', `/relationships/${handle}/policy`, { json }), '')
    },
    submit: async (wire) => parseSubmitAnswer(await send('POST', '/ledger/transactions', { bytes: wire }), ''),
    events: async (handle, sign) => parseEvents(await send('GET', `/relationships/${handle}/events`, { sign })),
    accessBundle: (handle, n, sign) => bundle(`/relationships/${handle}/events/${n}`, sign),
    completenessBundle: (handle, sign) => bundle(`/relationships/${handle}/completeness`, sign),
    headBundle: (handle, sign) => bundle(`/relationships/${handle}/head`, sign),
    record: async (handle, sign) => parseRecord(await send('GET', `/relationships/${handle}/record`, { sign })),
    addLink: async ({ body, key, sig }) => parseLinkAnswer(await send('POST', '/links', { json: { body, key, sig } }), '').hash,
    erase: async (handle, sign) => parseErased(await send('DELETE', `/relationships/${handle}`, { sign })),
    eraseCopies: async (linkHash, sign) => parseErased(await send('DELETE', `/links/${linkHash}`, { sign })),
    putCustody: async (path, ciphertext, sign) => parseCustodyVersion(await send('PUT', path, { bytes: ciphertext, sign })),
    custody: async (path, sign) => parseCustody(await send('GET', path, { sign }), ''),
    eraseCustody: async (path, sign) => parseErased(await send('DELETE', path, { sign })),
    copies: async (linkHash, sign) => parseCopies(await send('GET', `/links/${linkHash}/copies`, { sign })),
  }
}

function bodyOf(json: unknown, bytes: Uint8Array | undefined): Pick<FetchInit, 'body'> {
  if (bytes !== undefined) return { body: new Uint8Array(bytes) }
  return json === undefined ? {} : { body: JSON.stringify(json) }
}

function errorOf(status: number, answer: unknown): NodeClientError {
  const error = shape.isObject(answer) ? answer['error'] : undefined
  const { code, message } = shape.isObject(error) ? error : {}
  return new NodeClientError(
    status,
    typeof code === 'string' ? code : 'UNKNOWN',
    typeof message === 'string' ? message : `the node answered with status ${status}`,
  )
}
