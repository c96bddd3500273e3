import {
  decodeBase64Url,
  encodeBase64Url,
  type Handle,
  parseBytes32,
  parseHandle,
  parseKeyId,
  parseNetworkId,
  type SignedObject,
  signObjectBy,
} from '@fiducia/core'
import { relationship, TRANSACTION_TYPES } from '@fiducia/ledger'
import type { FastifyRequest } from 'fastify'
import * as z from 'zod'
import { NodeFailure } from '../failures.ts'
import type { HeldRelationship } from '../relationships/holder.ts'
import { checkWalletRequest, WALLET_REQUEST_HEADER } from '../relationships/wallet-request.ts'
import { asFiles, bundle, hashOfRequest, type Server } from './routes.ts'
import type { NodeServices } from './services.ts'

/** What a patient's wallet does at a holder (open, set a policy, see every look, take proofs) and at a requester (leave a link, take copies). */
export function addPatientRoutes(server: Server, services: NodeServices): void {
  addOpeningRoutes(server, services)
  addPolicyRoute(server, services)
  addEvidenceRoutes(server, services)
  addLinkRoutes(server, services)
  addErasureRoutes(server, services)
}

/** Signed like every request of a wallet; the hash of that signature stands under the redaction leaf. */
function addErasureRoutes(server: Server, services: NodeServices): void {
  const erased = z.object({ erased: z.int() })
  const relationshipSchema = {
    summary: 'erase what this holder keeps of a closed relationship: keys, events, copies, policies',
    params: handleParams,
    response: { 200: erased },
  }
  server.delete('/relationships/:handle', { schema: relationshipSchema }, async (request) => {
    const handle = parseHandle(request.params.handle)
    const signed = signedRequest(services, request, handle)
    return { erased: await services.erasure.eraseRelationship(handle, hashOfRequest(signed)) }
  })
  const linkSchema = {
    summary: 'erase the receipts that came under a link, and the link',
    params: z.object({ hash: bytes.length(43) }),
    response: { 200: erased },
  }
  server.delete('/links/:hash', { schema: linkSchema }, async (request) => {
    const found = services.links.find(request.params.hash)
    if (found === undefined) throw new NodeFailure('WALLET_REQUEST_INVALID', 'expected a link that was left here')
    const signed = signedRequest(services, request, parseHandle(found.body['handle']))
    return { erased: await services.erasure.eraseLink(parseBytes32(request.params.hash), hashOfRequest(signed)) }
  })
}

const bytes = z.string().regex(/^[A-Za-z0-9_-]*$/)
const handleParams = z.object({ handle: bytes.length(43) })

/** The relationship, if the request is signed by the key that governs it now. */
function authenticate(services: NodeServices, request: FastifyRequest, handle: Handle): Handle {
  signedRequest(services, request, handle)
  return handle
}

function signedRequest({ context, tokens }: NodeServices, request: FastifyRequest, handle: Handle): SignedObject {
  const head = relationship(context.ledger.tip(), handle)
  if (head === undefined) throw new NodeFailure('WALLET_REQUEST_INVALID', 'expected a relationship that the ledger has')
  return checkWalletRequest(request.headers[WALLET_REQUEST_HEADER], {
    net: context.net,
    organization: context.org,
    method: request.method,
    path: request.url,
    publicKey: decodeBase64Url(head.control),
    clock: context.clock,
    isFirstUse: (id, expires) => tokens.use(id, expires, context.clock.now()),
  })
}

function held({ holder }: NodeServices, handle: Handle): HeldRelationship {
  const found = holder.find(handle)
  if (found === undefined) throw new NodeFailure('RELATIONSHIP_UNKNOWN', 'this organization holds no such relationship')
  return found
}

function addOpeningRoutes(server: Server, { holder }: NodeServices): void {
  const begin = {
    summary: 'with a code from the desk: the commitment that goes into rel.open',
    body: z.strictObject({ code: bytes }),
    response: { 200: z.object({ bind: bytes }) },
  }
  server.post('/relationships/begin', { schema: begin }, (request) => holder.beginOpening(request.body.code))

  const payload = z.strictObject({
    v: z.literal(1),
    net: z.string(),
    type: z.enum(TRANSACTION_TYPES),
    body: z.record(z.string(), z.json()),
    validUntil: z.int(),
  })
  const opening = z.strictObject({ code: bytes, payload, signature: z.strictObject({ key: bytes, sig: bytes }), k: bytes.length(43) })
  const open = { summary: 'open a relationship; both sides sign rel.open', body: opening, response: { 200: z.object({ handle: z.string(), height: z.int() }) } }
  server.post('/relationships', { schema: open }, (request) => {
    const { code, payload: signed, signature, k } = request.body
    const { net, type, body, validUntil } = signed
    const controlSignature = { key: parseKeyId(signature.key), sig: signature.sig }
    return holder.open(code, { payload: { net: parseNetworkId(net), type, body, validUntil }, controlSignature, k: decodeBase64Url(k) })
  })
}

function addPolicyRoute(server: Server, services: NodeServices): void {
  const body = z.strictObject({ wire: bytes, body: z.string(), salt: bytes.length(43) })
  const ack = z.object({ body: z.record(z.string(), z.unknown()), key: z.string(), sig: z.string() })
  const schema = {
    summary: 'hand over a signed policy; in force from the answer on, before any block',
    params: handleParams,
    body,
    response: { 200: z.object({ ack, pending: z.array(z.string()) }) },
  }
  server.put('/relationships/:handle/policy', { schema }, async (request) => {
    const { handle } = held(services, parseHandle(request.params.handle))
    const { wire, body: policy, salt } = request.body
    const answer = await services.locks.run(handle, () =>
      services.policies.accept(handle, { wire: decodeBase64Url(wire), body: policy, salt: decodeBase64Url(salt) }),
    )
    const { body: signed, key, sig } = await signObjectBy('ack', answer.ack, services.context.keys.node)
    return { ack: { body: { ...signed }, key, sig }, pending: [...answer.pending] }
  })
}

function addEvidenceRoutes(server: Server, services: NodeServices): void {
  const { evidence } = services
  const signed = (request: FastifyRequest<{ Params: { handle: string } }>) => authenticate(services, request, parseHandle(request.params.handle))

  const event = z.object({ origin: z.string(), k: z.int(), n: z.int(), index: z.int(), leaf: bytes, sealed: bytes })
  const events = {
    summary: 'every event of the relationship, sealed for the wallet',
    params: handleParams,
    response: { 200: z.object({ events: z.array(event) }) },
  }
  server.get('/relationships/:handle/events', { schema: events }, (request) => ({
    events: evidence.events(signed(request)).map((one) => ({ ...one, leaf: encodeBase64Url(one.leaf), sealed: encodeBase64Url(one.sealed) })),
  }))

  const complete = { summary: 'a bundle that proves the list complete', params: handleParams, response: { 200: bundle } }
  server.get('/relationships/:handle/completeness', { schema: complete }, (request) => asFiles(evidence.completeness(held(services, signed(request)))))

  const head = { summary: 'a bundle that proves the policy head', params: handleParams, response: { 200: bundle } }
  server.get('/relationships/:handle/head', { schema: head }, (request) => asFiles(evidence.consentState(signed(request))))

  const access = {
    summary: 'a bundle that proves one event: number n under log k, by default the one that is written',
    params: handleParams.extend({ n: z.coerce.number().int().min(0) }),
    querystring: z.object({ k: z.coerce.number().int().min(1).optional() }),
    response: { 200: bundle },
  }
  server.get('/relationships/:handle/events/:n', { schema: access }, async (request) =>
    asFiles(await evidence.access(signed(request), request.params.n, request.query.k)),
  )

  const record = {
    summary: 'the patient’s own record here, whole',
    params: handleParams,
    response: { 200: z.object({ resources: z.array(z.record(z.string(), z.unknown())) }) },
  }
  server.get('/relationships/:handle/record', { schema: record }, async (request) => ({
    resources: [...(await evidence.record(held(services, signed(request))))],
  }))
}

function addLinkRoutes(server: Server, services: NodeServices): void {
  const link = z.strictObject({ body: z.record(z.string(), z.json()), key: z.string(), sig: z.string() })
  const leave = {
    summary: 'leave a link: where a record is, and that the patient is in this organization’s care',
    body: link,
    response: { 200: z.object({ hash: z.string() }) },
  }
  server.post('/links', { schema: leave }, (request) => ({ hash: services.links.add(request.body) }))

  const copy = z.object({ leafHash: z.string(), sealed: z.string() })
  const copies = {
    summary: 'sealed copies of every receipt that came under a link',
    params: z.object({ hash: bytes.length(43) }),
    response: { 200: z.object({ copies: z.array(copy) }) },
  }
  server.get('/links/:hash/copies', { schema: copies }, (request) => {
    const found = services.links.find(request.params.hash)
    if (found === undefined) throw new NodeFailure('WALLET_REQUEST_INVALID', 'expected a link that was left here')
    authenticate(services, request, parseHandle(found.body['handle']))
    return { copies: [...services.kept.copiesOf(request.params.hash)] }
  })
}
