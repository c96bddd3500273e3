import type { OutgoingHttpHeaders } from 'node:http'
import * as z from 'zod'
import { NodeFailure } from '../failures.ts'
import { type Interaction, parseAuthorizationDetails } from '../gateway/access-request.ts'
import { checkAssertion } from '../peers/assertion.ts'
import { DETAILS_HEADER, FIDUCIA_MEDIA_TYPE } from '../requester/exchange.ts'
import type { Server } from './routes.ts'
import type { NodeServices } from './services.ts'

/** The FHIR gateway for other members: one read, one search, always with authorization details and always through the log. */
export function addGatewayRoutes(server: Server, services: NodeServices): void {
  const { context, release, tokens } = services

  async function answer(headers: OutgoingHttpHeaders | NodeJS.Dict<string | string[]>, interaction: Interaction) {
    const details = parseAuthorizationDetails(headers[DETAILS_HEADER], context.net)
    const bearer = String(headers['authorization'] ?? '').replace(/^Bearer /, '')
    const now = context.clock.now()
    const assertion = await checkAssertion(bearer, { state: context.ledger.tip(), audience: context.endpoint, details: details.json, now })
    if (!tokens.useBeforeEntry(assertion.tokenId, assertion.expires, now))
      throw new NodeFailure('ASSERTION_INVALID', 'expected an assertion that was not used before')
    return release({ assertion: bearer, details, interaction }, assertion)
  }

  const fhirType = z.string().regex(/^[A-Z][A-Za-z]{1,63}$/)
  const wrapped = z.object({ body: z.string(), receipt: z.string().optional() })
  const responses = { 200: wrapped, 403: wrapped, 404: wrapped, 502: wrapped }

  server.get('/fhir/metadata', { schema: { summary: 'FHIR capability statement' } }, (_request, reply) =>
    reply
      .type('application/fhir+json')
      .send({ resourceType: 'CapabilityStatement', status: 'active', kind: 'instance', fhirVersion: '4.0.1', format: ['json'], rest: [{ mode: 'server' }] }),
  )
  server.get(
    '/fhir/:type/:id',
    {
      schema: {
        summary: 'FHIR read under the patient’s consent',
        params: z.object({ type: fhirType, id: z.string().regex(/^[A-Za-z0-9.-]{1,64}$/) }),
        response: responses,
      },
    },
    async (request, reply) => {
      const { status, body, receipt } = await answer(request.headers, { kind: 'read', type: request.params.type, id: request.params.id })
      return reply
        .code(status)
        .type(FIDUCIA_MEDIA_TYPE)
        .send(receipt === undefined ? { body } : { body, receipt })
    },
  )
  server.get(
    '/fhir/:type',
    { schema: { summary: 'FHIR search under the patient’s consent', params: z.object({ type: fhirType }), response: responses } },
    async (request, reply) => {
      const query = new URL(request.url, context.endpoint).searchParams
      const { status, body, receipt } = await answer(request.headers, { kind: 'search', type: request.params.type, parameters: [...query] })
      return reply
        .code(status)
        .type(FIDUCIA_MEDIA_TYPE)
        .send(receipt === undefined ? { body } : { body, receipt })
    },
  )
}
