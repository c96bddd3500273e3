import { INPUT_ERRORS, InputError } from '@fiducia/core'
import { decideCase } from '@fiducia/fhir'
import * as z from 'zod'
import { NodeFailure } from '../failures.ts'
import type { Server } from './routes.ts'

/**
 * The decision as a service for other systems: a case document in, who may see what out. It is a pure function of what is
 * sent; nothing is looked up, kept or logged. The text is read by the same strict reader as the command line's, so that a
 * member that stands twice is refused here too; a refusal says where the case is wrong and never quotes from it.
 */
export async function addConsentRoutes(server: Server): Promise<void> {
  await server.register(async (scope) => {
    scope.removeContentTypeParser('application/json')
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body))
    const reason = z.object({
      code: z.string(),
      consent: z.string().optional(),
      rule: z.string().optional(),
      resources: z.array(z.string()).optional(),
      detail: z.string(),
    })
    const decision = z.object({
      decision: z.enum(['permit', 'deny']),
      reasons: z.array(reason),
      rules: z.string(),
      released: z.array(z.string()).optional(),
      withheld: z.array(z.object({ ref: z.string(), code: z.string() })).optional(),
    })
    const refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) })
    const schema = {
      summary: 'decide a case of consents, request and resources (docs/reference/consent.md); nothing is kept',
      response: { 200: decision, 400: refusal },
    }
    scope.post('/consent/decide', { schema }, async (request, reply) => {
      if (typeof request.body !== 'string') throw new NodeFailure('BODY_INVALID', 'expected a case as application/json')
      try {
        const { output } = decideCase(request.body)
        const { released, withheld } = output
        return {
          decision: output.decision,
          reasons: output.reasons.map(({ resources, ...one }) => (resources === undefined ? one : { ...one, resources: [...resources] })),
          rules: output.rules,
          ...(released === undefined ? {} : { released: [...released] }),
          ...(withheld === undefined ? {} : { withheld: withheld.map((one) => ({ ...one })) }),
        }
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        return reply.code(400).send({ error: { code: error.code, message: `${INPUT_ERRORS[error.code]}${placesOf(error)}` } })
      }
    })
  })
}

/** The places of all faults, as far as their names are those of a case; other names are the sender's. */
function placesOf(error: InputError): string {
  const places = new Set(faultsOf(error).flatMap(({ at }) => PLACE.exec(at ?? '')?.[0] ?? []))
  return places.size === 0 ? '' : `; wrong here: ${[...places].map((place) => `\`${place}\``).join(', ')}`
}

function faultsOf(error: InputError): readonly InputError[] {
  const causes: readonly unknown[] = Array.isArray(error.cause) ? error.cause : []
  return [error, ...causes.flatMap((cause) => (cause instanceof InputError ? faultsOf(cause) : []))]
}

const PLACE =
  /^(?:at|default|(?:consents|references|resources)(?:\[[0-9]+\])?|request(?:\.(?:actors|purpose|action|resourceTypes|careRelationship|breakGlass))?(?:\[[0-9]+\])?)/
