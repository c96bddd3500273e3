import { parseBytes32 } from '@fiducia/core'
import { MAX_BATCH_STATEMENTS } from '@fiducia/ledger'
import * as z from 'zod'
import { batchDetails } from '../directory/batch-fetch.ts'
import { NodeFailure } from '../failures.ts'
import { checkAssertion } from '../peers/assertion.ts'
import type { Server } from './routes.ts'
import type { NodeServices } from './services.ts'

/** Lines of batches for other members, and for nobody else: they name natural persons. */
export function addDirectoryRoutes(server: Server, { context, batches, tokens }: NodeServices): void {
  server.get(
    '/directory/batches/:root',
    {
      schema: {
        summary: 'statements of a batch from a place on, a line of canonical JSON each; for members, with a client assertion',
        params: z.object({ root: z.string().max(64) }),
        querystring: z.object({ from: z.coerce.number().int().min(0).max(MAX_BATCH_STATEMENTS) }),
      },
    },
    async (request, reply) => {
      const [root, { from }] = [parseBytes32(request.params.root), request.query]
      const bearer = (request.headers['authorization'] ?? '').replace(/^Bearer /, '')
      const now = context.clock.now()
      const assertion = await checkAssertion(bearer, { state: context.ledger.tip(), audience: context.endpoint, details: batchDetails(root, from), now })
      if (!tokens.use(assertion.tokenId, assertion.expires, now)) throw new NodeFailure('ASSERTION_INVALID', 'expected an assertion that was not used before')
      const page = batches.page(root, from)
      if (page === undefined) throw new NodeFailure('NOT_FOUND', 'no such batch here')
      return reply.type('application/x-ndjson').send(Buffer.from(page))
    },
  )
}
