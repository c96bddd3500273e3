import { decodeBase64Url, encodeBase64Url, equalBytes, parseBytes32, sha256, type SignedObject } from '@fiducia/core'
import type { FastifyRequest } from 'fastify'
import * as z from 'zod'
import { type Custody, custodyRefused } from '../custody/custody.ts'
import { createRateLimit } from '../custody/rate-limit.ts'
import { NodeFailure } from '../failures.ts'
import { CUSTODY_REQUESTS_PER_MINUTE, MAX_CUSTODY_BYTES } from '../limits.ts'
import { checkWalletRequest, WALLET_REQUEST_HEADER } from '../relationships/wallet-request.ts'
import { bytesOf, hashOfRequest, type Server } from './routes.ts'
import type { NodeServices } from './services.ts'

/**
 * The key custodian's routes. An id is the key id of a key that the wallet has for this custodian alone; each request carries the
 * public key and is signed by it over its whole path: version and hash of what is stored stand there too. A request for an id
 * under which nothing is, is refused as one with a wrong signature is.
 */
export function addCustodyRoutes(server: Server, services: NodeServices, custody: Custody): void {
  const requests = createRateLimit({ clock: services.context.clock, most: CUSTODY_REQUESTS_PER_MINUTE, perMs: 60_000 })
  const bytes = z
    .string()
    .length(43)
    .regex(/^[A-Za-z0-9_-]*$/)
  const params = z.object({ id: bytes })
  const key = z.object({ key: bytes })
  const stored = key.extend({ version: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER), hash: bytes })

  function signed(request: FastifyRequest, id: string, publicKey: string): SignedObject {
    if (!requests.take(request.ip)) throw new NodeFailure('RATE_LIMITED', `expected at most ${CUSTODY_REQUESTS_PER_MINUTE} requests within a minute`)
    const { context, tokens } = services
    const given = checkedOrRefused(() =>
      checkWalletRequest(request.headers[WALLET_REQUEST_HEADER], {
        net: context.net,
        organization: context.org,
        method: request.method,
        path: request.url,
        publicKey: decodeBase64Url(publicKey),
        clock: context.clock,
        isFirstUse: (rand, expires) => tokens.use(rand, expires, context.clock.now()),
      }),
    )
    if (String(given.key) !== id) throw custodyRefused()
    return given
  }

  const store = {
    summary: 'keep a ciphertext of a wallet’s seed; versions only grow',
    params,
    querystring: stored,
    response: { 200: z.object({ version: z.int() }) },
  }
  server.put('/custody/:id', { schema: store }, (request) => {
    const { key: publicKey, version, hash } = request.query
    signed(request, request.params.id, publicKey)
    const ciphertext = bytesOf(request.body)
    if (ciphertext.length > MAX_CUSTODY_BYTES || !equalBytes(sha256(ciphertext), decodeBase64Url(hash)))
      throw new NodeFailure('BODY_INVALID', `expected at most ${MAX_CUSTODY_BYTES} bytes with the hash that was signed`)
    custody.put(parseBytes32(request.params.id), { version, ciphertext })
    return { version }
  })

  const fetched = z.object({ version: z.int(), ciphertext: z.string() })
  const fetch = { summary: 'the ciphertext that is kept under an id', params, querystring: key, response: { 200: fetched } }
  server.get('/custody/:id', { schema: fetch }, (request) => {
    signed(request, request.params.id, request.query.key)
    const kept = custody.find(parseBytes32(request.params.id))
    if (kept === undefined) throw custodyRefused()
    return { version: kept.version, ciphertext: encodeBase64Url(kept.ciphertext) }
  })

  const erase = { summary: 'erase it, for good', params, querystring: key, response: { 200: z.object({ erased: z.int() }) } }
  server.delete('/custody/:id', { schema: erase }, async (request) => {
    const given = signed(request, request.params.id, request.query.key)
    if (!(await custody.erase(parseBytes32(request.params.id), hashOfRequest(given)))) throw custodyRefused()
    return { erased: 1 }
  })
}

/** A key that cannot be one is refused as a wrong one is. */
function checkedOrRefused(check: () => SignedObject): SignedObject {
  try {
    return check()
  } catch (cause) {
    throw custodyRefused(cause)
  }
}
