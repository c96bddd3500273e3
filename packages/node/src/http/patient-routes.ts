import { decodeBase64Url, encodeBase64Url, type Handle, parseHandle, parseKeyId, parseNetworkId } from '@fiducia/core'
import { relationship, TRANSACTION_TYPES } from '@fiducia/ledger'
import type { FastifyRequest } from 'fastify'
import * as z from 'zod'
import { NodeFailure } from '../failures.ts'
import { checkWalletRequest, WALLET_REQUEST_HEADER } from '../relationships/wallet-request.ts'
import type { Server } from './server.ts'
import type { NodeServices } from './services.ts'

/** What a patient's wallet does at a holder (open, set a policy, see every look, take proofs) and at a requester (leave a link, take copies). */
export function addPatientRoutes(server: Server, services: NodeServices): void {
  const { context, holder, policies, locks, links, exchange, evidence, tokens } = services

  /** The relationship of the path, if the request is signed by the key that governs it now. */
  function authenticate(request: FastifyRequest, handle: Handle): Handle {
    const head = relationship(context.ledger.tip(), handle)
    if (head === undefined) throw new NodeFailure('WALLET_REQUEST_INVALID', 'expected a relationship that the ledger has')
    checkWalletRequest(request.headers[WALLET_REQUEST_HEADER], {
      net: context.net,
      organization: context.org,
      method: request.method,
      path: request.url,
      publicKey: decodeBase64Url(head.control),
      clock: context.clock,
      isFirstUse: (id, expires) => tokens.use(id, expires, context.clock.now()),
    })
    return handle
  }

  const held = (handle: Handle) => {
    const found = holder.find(handle)
    if (found === undefined) throw new NodeFailure('RELATIONSHIP_UNKNOWN', 'this organization holds no such relationship')
    return found
  }

  const bytes = z.string().regex(/^[A-Za-z0-9_-]*$/)
  const params = z.object({ handle: bytes.length(43) })
  const bundle = z.object({ files: z.record(z.string(), bytes) })
  const asFiles = (files: ReadonlyMap<string, Uint8Array>) => ({ files: Object.fromEntries([...files].map(([name, content]) => [name, encodeBase64Url(content)])) })

  server.post('/relationships/begin', { schema: { summary: 'with a code from the desk: the commitment that goes into rel.open', body: z.strictObject({ code: bytes }), response: { 200: z.object({ bind: bytes }) } } }, (request) =>
    holder.beginOpening(request.body.code),
  )

  const payload = z.strictObject({ v: z.literal(1), net: z.string(), type: z.enum(TRANSACTION_TYPES), body: z.record(z.string(), z.json()), validUntil: z.int() })
  const opening = z.strictObject({ code: bytes, payload, signature: z.strictObject({ key: bytes, sig: bytes }), k: bytes.length(43) })
  server.post('/relationships', { schema: { summary: 'open a relationship; both sides sign rel.open', body: opening, response: { 200: z.object({ handle: z.string(), height: z.int() }) } } }, (request) => {
    const { code, payload: signed, signature, k } = request.body
    const { net, type, body, validUntil } = signed
    return holder.open(code, { payload: { net: parseNetworkId(net), type, body, validUntil }, controlSignature: { key: parseKeyId(signature.key), sig: signature.sig }, k: decodeBase64Url(k) })
  })

  const policy = z.strictObject({ wire: bytes, body: z.string(), salt: bytes.length(43) })
  const acknowledgment = z.object({ ack: z.object({ body: z.record(z.string(), z.unknown()), key: z.string(), sig: z.string() }), pending: z.array(z.string()) })
  server.put('/relationships/:handle/policy', { schema: { summary: 'hand over a signed policy; in force from the answer on, before any block', params, body: policy, response: { 200: acknowledgment } } }, async (request) => {
    const { handle } = held(parseHandle(request.params.handle))
    const { wire, body, salt } = request.body
    const { ack, pending } = await locks.run(handle, () => policies.accept(handle, { wire: decodeBase64Url(wire), body, salt: decodeBase64Url(salt) }))
    return { ack: { body: { ...ack.body }, key: ack.key, sig: ack.sig }, pending: [...pending] }
  })

  const event = z.object({ origin: z.string(), k: z.int(), n: z.int(), index: z.int(), leaf: bytes, sealed: bytes })
  server.get('/relationships/:handle/events', { schema: { summary: 'every event of the relationship, sealed for the wallet', params, response: { 200: z.object({ events: z.array(event) }) } } }, (request) => ({
    events: [...evidence.events(authenticate(request, parseHandle(request.params.handle)))].map((one) => ({ ...one, leaf: encodeBase64Url(one.leaf), sealed: encodeBase64Url(one.sealed) })),
  }))
  server.get('/relationships/:handle/completeness', { schema: { summary: 'a bundle that proves the list complete', params, response: { 200: bundle } } }, (request) => asFiles(evidence.completeness(authenticate(request, parseHandle(request.params.handle)))))
  server.get('/relationships/:handle/head', { schema: { summary: 'a bundle that proves the policy head', params, response: { 200: bundle } } }, (request) => asFiles(evidence.consentState(authenticate(request, parseHandle(request.params.handle)))))
  server.get('/relationships/:handle/events/:n', { schema: { summary: 'a bundle that proves one event', params: params.extend({ n: z.coerce.number().int().min(0) }), response: { 200: bundle } } }, async (request) =>
    asFiles(await evidence.access(authenticate(request, parseHandle(request.params.handle)), request.params.n)),
  )
  server.get('/relationships/:handle/record', { schema: { summary: 'the patient’s own record here, whole', params, response: { 200: z.object({ resources: z.array(z.record(z.string(), z.unknown())) }) } } }, async (request) => {
    const handle = authenticate(request, parseHandle(request.params.handle))
    return { resources: [...(await evidence.record(held(handle)))] }
  })

  const link = z.strictObject({ body: z.record(z.string(), z.json()), key: z.string(), sig: z.string() })
  server.post('/links', { schema: { summary: 'leave a link: where a record is, and that the patient is in this organization’s care', body: link, response: { 200: z.object({ hash: z.string() }) } } }, (request) => ({ hash: links.add(request.body) }))
  const copy = z.object({ leafHash: z.string(), sealed: z.string() })
  server.get('/links/:hash/copies', { schema: { summary: 'sealed copies of every receipt that came under a link', params: z.object({ hash: bytes.length(43) }), response: { 200: z.object({ copies: z.array(copy) }) } } }, (request) => {
    const found = links.find(request.params.hash)
    if (found === undefined) throw new NodeFailure('WALLET_REQUEST_INVALID', 'expected a link that was left here')
    authenticate(request, parseHandle(found.body['handle']))
    return { copies: [...exchange.copiesOf(request.params.hash)] }
  })
}
