import { decodeBase64Url, encodeBase64Url, type Handle, type JsonObject, type NetworkId, type OrganizationId, type SignedObject } from '@fiducia/core'
import type { TransactionPayload, TransactionSignature } from '@fiducia/ledger'
import type { BundleFiles } from '@fiducia/proofs'
import { signWalletRequest, WALLET_REQUEST_HEADER } from './wallet-request.ts'

/**
 * A member's node over HTTP, as a patient's wallet uses it. Only `fetch` is needed; what comes back is data that the caller
 * checks (`verifyBundle`, `openSealedCopy`), never a verdict that is believed.
 */
export interface NodeClientOptions {
  readonly base: string
  readonly net: NetworkId
  readonly org: OrganizationId
  readonly fetch: Fetch
  readonly now: () => number
  readonly random: (length: number) => Uint8Array
}

/** The part of the platform's `fetch` that is needed. */
export type Fetch = (url: string, init: { readonly method: string; readonly headers: Record<string, string>; readonly body?: string | Uint8Array<ArrayBuffer> }) => Promise<{ readonly status: number; json(): Promise<unknown> }>

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

export interface LoggedEvent {
  readonly origin: string
  readonly k: number
  readonly n: number
  readonly index: number
  readonly leaf: Uint8Array
  readonly sealed: Uint8Array
}

export interface SubmitAnswer {
  readonly height: number
  readonly accepted: boolean
  readonly code?: string
  readonly message?: string
}

export interface NodeClient {
  beginOpening(code: string): Promise<{ readonly bind: string }>
  open(code: string, payload: TransactionPayload, signature: TransactionSignature, k: Uint8Array): Promise<{ readonly handle: string; readonly height: number }>
  /** In force at the holder once this resolves; the acknowledgment is signed by its node key. */
  setPolicy(handle: Handle, policy: { readonly wire: Uint8Array; readonly body: string; readonly salt: Uint8Array }): Promise<{ readonly ack: SignedObject; readonly pending: readonly string[] }>
  submit(wire: Uint8Array): Promise<SubmitAnswer>
  events(handle: Handle, controlSeed: Uint8Array): Promise<readonly LoggedEvent[]>
  accessBundle(handle: Handle, n: number, controlSeed: Uint8Array): Promise<BundleFiles>
  completenessBundle(handle: Handle, controlSeed: Uint8Array): Promise<BundleFiles>
  headBundle(handle: Handle, controlSeed: Uint8Array): Promise<BundleFiles>
  record(handle: Handle, controlSeed: Uint8Array): Promise<readonly JsonObject[]>
  addLink(link: SignedObject): Promise<string>
  /** Receipts that the requester got under a link, encrypted to the relationship's seal key. */
  copies(linkHash: string, controlSeed: Uint8Array): Promise<readonly { readonly leafHash: string; readonly sealed: Uint8Array }[]>
}

export function createNodeClient(options: NodeClientOptions): NodeClient {
  const { base, net, org } = options

  async function send(method: 'GET' | 'POST' | 'PUT', path: string, content: { readonly json?: unknown; readonly bytes?: Uint8Array; readonly controlSeed?: Uint8Array } = {}): Promise<unknown> {
    const headers: Record<string, string> = { accept: 'application/json' }
    if (content.json !== undefined) headers['content-type'] = 'application/json'
    if (content.bytes !== undefined) headers['content-type'] = 'application/octet-stream'
    if (content.controlSeed !== undefined) headers[WALLET_REQUEST_HEADER] = signWalletRequest({ net, to: org, method, path, at: options.now(), rand: options.random(32) }, content.controlSeed)
    const body = content.json === undefined ? content.bytes : JSON.stringify(content.json)
    const response = await options.fetch(`${base}${path}`, { method, headers, ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }) })
    const answer: unknown = await response.json()
    if (response.status !== 200) throw errorOf(response.status, answer)
    return answer
  }

  async function bundle(path: string, controlSeed: Uint8Array): Promise<BundleFiles> {
    const { files } = (await send('GET', path, { controlSeed })) as { readonly files: Readonly<Record<string, string>> }
    return new Map(Object.entries(files).map(([name, content]) => [name, decodeBase64Url(content)]))
  }

  return {
    beginOpening: async (code) => (await send('POST', '/relationships/begin', { json: { code } })) as { readonly bind: string },
    async open(code, payload, signature, k) {
      const signed = { v: 1, net: payload.net, type: payload.type, body: payload.body, validUntil: payload.validUntil }
      return (await send('POST', '/relationships', { json: { code, payload: signed, signature, k: encodeBase64Url(k) } })) as { readonly handle: string; readonly height: number }
    },
    async setPolicy(handle, { wire, body, salt }) {
      const json = { wire: encodeBase64Url(wire), body, salt: encodeBase64Url(salt) }
      return (await send('PUT', `/relationships/${handle}/policy`, { json })) as { readonly ack: SignedObject; readonly pending: readonly string[] }
    },
    submit: async (wire) => (await send('POST', '/ledger/transactions', { bytes: wire })) as SubmitAnswer,
    async events(handle, controlSeed) {
      const { events } = (await send('GET', `/relationships/${handle}/events`, { controlSeed })) as { readonly events: readonly (Omit<LoggedEvent, 'leaf' | 'sealed'> & { readonly leaf: string; readonly sealed: string })[] }
      return events.map((event) => ({ ...event, leaf: decodeBase64Url(event.leaf), sealed: decodeBase64Url(event.sealed) }))
    },
    accessBundle: (handle, n, controlSeed) => bundle(`/relationships/${handle}/events/${n}`, controlSeed),
    completenessBundle: (handle, controlSeed) => bundle(`/relationships/${handle}/completeness`, controlSeed),
    headBundle: (handle, controlSeed) => bundle(`/relationships/${handle}/head`, controlSeed),
    record: async (handle, controlSeed) => ((await send('GET', `/relationships/${handle}/record`, { controlSeed })) as { readonly resources: readonly JsonObject[] }).resources,
    addLink: async ({ body, key, sig }) => ((await send('POST', '/links', { json: { body, key, sig } })) as { readonly hash: string }).hash,
    async copies(linkHash, controlSeed) {
      const { copies } = (await send('GET', `/links/${linkHash}/copies`, { controlSeed })) as { readonly copies: readonly { readonly leafHash: string; readonly sealed: string }[] }
      return copies.map(({ leafHash, sealed }) => ({ leafHash, sealed: decodeBase64Url(sealed) }))
    },
  }
}

function errorOf(status: number, answer: unknown): NodeClientError {
  const error = typeof answer === 'object' && answer !== null && 'error' in answer ? answer.error : undefined
  const { code, message } = (typeof error === 'object' && error !== null ? error : {}) as { readonly code?: unknown; readonly message?: unknown }
  return new NodeClientError(status, String(code ?? 'UNKNOWN'), String(message ?? `the node answered with status ${status}`))
}
