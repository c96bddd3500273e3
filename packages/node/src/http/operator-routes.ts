import type { FastifyRequest } from 'fastify'
import { decodeBase64Url } from '@fiducia/core'
import { validKeysOf } from '@fiducia/ledger'
import { MAX_SAMPLE, MAX_SAMPLE_DAYS } from '@fiducia/proofs'
import * as z from 'zod'
import { NodeFailure } from '../failures.ts'
import { checkWalletRequest, WALLET_REQUEST_HEADER } from '../relationships/wallet-request.ts'
import { asFiles, bundle, type Server } from './routes.ts'
import type { NodeServices } from './services.ts'

/** What the organization's own operator asks of its running node; each request is signed with one of its valid node keys. */
export function addOperatorRoutes(server: Server, services: NodeServices): void {
  addRotateRoute(server, services)
  addEvidenceRoute(server, services)
}

function addRotateRoute(server: Server, services: NodeServices): void {
  const rotated = z.object({ ended: z.string(), size: z.int(), next: z.string() })
  server.post(
    '/operator/access-log/rotate',
    { schema: { summary: 'seal the access log and go on under its standby (signed by a node key of this organization)', response: { 200: rotated } } },
    async (request) => {
      authenticate(services, request)
      const ended = await services.checkpoints.rotate()
      return { ended: ended.origin, size: ended.sealedSize, next: services.log.origin }
    },
  )
}

/** Lines of the sample have values of natural persons: for the operator, who gives them to an auditor, and for nobody else. */
function addEvidenceRoute(server: Server, services: NodeServices): void {
  const terms = z.object({ days: z.coerce.number().int().min(1).max(MAX_SAMPLE_DAYS), size: z.coerce.number().int().min(1).max(MAX_SAMPLE) })
  server.post(
    '/operator/directory/evidence',
    {
      schema: {
        summary: 'a sample of the own statements about providers, drawn by the newest cosigned block (signed by a node key of this organization)',
        querystring: terms,
        response: { 200: bundle },
      },
    },
    async (request) => {
      authenticate(services, request)
      return asFiles(await services.directoryEvidence.sample(request.query))
    },
  )
}

function authenticate({ context, tokens }: NodeServices, request: FastifyRequest): void {
  const state = context.ledger.tip()
  const keys = validKeysOf(state, context.org, 'node', state.height).map(({ record }) => decodeBase64Url(record.pub))
  const header = request.headers[WALLET_REQUEST_HEADER]
  const expected = { net: context.net, organization: context.org, method: request.method, path: request.url, clock: context.clock }
  for (const publicKey of keys) {
    try {
      checkWalletRequest(header, { ...expected, publicKey, isFirstUse: (id, expires) => tokens.use(id, expires, context.clock.now()) })
      return
    } catch (error) {
      if (!(error instanceof NodeFailure)) throw error
    }
  }
  throw new NodeFailure('OPERATOR_REQUEST_INVALID', 'expected a fresh request signed by a valid node key of this organization')
}
