import swagger from '@fastify/swagger'
import Fastify, { type FastifyReply } from 'fastify'
import { jsonSchemaTransform, serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { INPUT_ERRORS, InputError } from '@fiducia/core'
import type { Logger } from 'pino'
import { NODE_FAILURES, NodeFailure } from '../failures.ts'
import { MAX_REQUEST_BYTES } from '../limits.ts'
import { addConsentRoutes } from './consent-routes.ts'
import { addCustodyRoutes } from './custody-routes.ts'
import { addDirectoryRoutes } from './directory-routes.ts'
import { addGatewayRoutes } from './gateway-routes.ts'
import { addHealthRoutes, addWitnessHealthRoutes } from './health-routes.ts'
import { addLedgerRoutes } from './ledger-routes.ts'
import { addLogRoutes, addWitnessRoutes } from './log-routes.ts'
import { addOperatorRoutes } from './operator-routes.ts'
import { addPageRoutes } from './page-routes.ts'
import { addPatientRoutes } from './patient-routes.ts'
import type { Server } from './routes.ts'
import type { NodeServices, WitnessServices } from './services.ts'

/**
 * The node's HTTP face. Each route has a schema, so `GET /openapi.json` describes all of them and a response carries only
 * what its schema declares. Errors are `{error: {code, message}}` (OperationOutcomes below /fhir); a message never quotes
 * what a patient, a silo or a wallet sent.
 */
export const createServer = (services: NodeServices, logger: Logger): Promise<Server> =>
  serverWith({ title: `Fiducia node of ${services.context.org}`, logger }, async (routes) => {
    addHealthRoutes(routes, services)
    addLedgerRoutes(routes, services)
    addLogRoutes(routes, services)
    addWitnessRoutes(routes, services)
    addPatientRoutes(routes, services)
    addGatewayRoutes(routes, services)
    addDirectoryRoutes(routes, services)
    addOperatorRoutes(routes, services)
    if (services.custody !== undefined) addCustodyRoutes(routes, services, services.custody)
    addPageRoutes(routes)
    await addConsentRoutes(routes)
  })

/** The face of a member that only witnesses: nothing about patients, no gateway, no log of its own. */
export const createWitnessServer = (services: WitnessServices, logger: Logger): Promise<Server> =>
  serverWith({ title: `Fiducia witness of ${services.context.org}`, logger }, async (routes) => {
    addWitnessHealthRoutes(routes, services)
    addLedgerRoutes(routes, services)
    addWitnessRoutes(routes, services)
    addPageRoutes(routes)
  })

interface Face {
  readonly title: string
  readonly logger: Logger
}

async function serverWith({ title, logger }: Face, addRoutes: (routes: Server) => Promise<void>): Promise<Server> {
  const server = Fastify({
    bodyLimit: MAX_REQUEST_BYTES,
    logger: false,
    routerOptions: { maxParamLength: 512 },
    // A path that is none: before any route, so the handler below never sees it.
    frameworkErrors: (_error, _request, reply) => void sendFailure(reply, { status: 400, code: 'BODY_INVALID', message: NODE_FAILURES.BODY_INVALID[1] }),
  }).withTypeProvider<ZodTypeProvider>()
  server.setValidatorCompiler(validatorCompiler)
  server.setSerializerCompiler(serializerCompiler)
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title,
        version: '0.1.0',
        description: 'Access under the patient’s own consent, with proofs that anybody can check.',
      },
    },
    transform: jsonSchemaTransform,
  })
  server.addContentTypeParser(['application/octet-stream', 'text/plain'], { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  server.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff')
  })
  server.setErrorHandler((error, request, reply) => {
    const failure = failureOf(error)
    if (failure.status >= 500) logger.warn({ route: request.routeOptions.url, code: failure.code, where: placeOf(error) }, 'a request failed')
    return sendFailure(reply, failure)
  })
  server.setNotFoundHandler((_request, reply) => sendFailure(reply, { status: 404, code: 'NOT_FOUND', message: 'no such route; GET /openapi.json lists all' }))

  await server.register(async (scope) => {
    const routes = scope.withTypeProvider<ZodTypeProvider>()
    await addRoutes(routes)
    routes.get('/openapi.json', { schema: { hide: true } }, () => server.swagger())
  })
  return server
}

interface Failure {
  readonly status: number
  readonly code: string
  readonly message: string
}

/** As text of its own, not by the route's schema, which says what an answer looks like that is no error. */
function sendFailure(reply: FastifyReply, { status, code, message }: Failure): FastifyReply {
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ error: { code, message } }))
}

function failureOf(error: unknown): Failure {
  if (error instanceof NodeFailure) return error
  // The error's own words quote what was found.
  if (error instanceof InputError) return { status: 400, code: error.code, message: INPUT_ERRORS[error.code] }
  const status = isValidation(error) ? 400 : statusOf(error)
  if (status < 500) return { status, code: 'BODY_INVALID', message: NODE_FAILURES.BODY_INVALID[1] }
  return { status, code: 'INTERNAL', message: 'the node could not answer; its log says more' }
}

/** Where in the code it happened; the message of a foreign error could quote data. */
const placeOf = (error: unknown): string | undefined => (error instanceof Error ? error.stack?.split('\n')[1]?.trim() : undefined)

const isValidation = (error: unknown): boolean => typeof error === 'object' && error !== null && 'validation' in error

function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500
}
