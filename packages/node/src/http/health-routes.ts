import * as z from 'zod'
import type { Server } from './routes.ts'
import type { NodeServices } from './services.ts'

export function addHealthRoutes(server: Server, { context, heads, silo, log, logs }: NodeServices): void {
  server.get('/health/live', { schema: { summary: 'the process answers', response: { 200: z.object({ status: z.literal('live') }) } } }, () => ({
    status: 'live' as const,
  }))

  const readiness = z.object({
    ready: z.boolean(),
    height: z.int(),
    cosignedHeight: z.int(),
    fresh: z.boolean(),
    siloReachable: z.boolean(),
    accessLogSize: z.int(),
    accessLog: z.string(),
    /** Own logs that were frozen, and why. */
    frozen: z.array(z.object({ origin: z.string(), because: z.string() })),
  })
  server.get(
    '/health/ready',
    { schema: { summary: 'a fresh cosigned checkpoint is at hand and the silo answers', response: { 200: readiness, 503: readiness } } },
    async (_request, reply) => {
      const fresh = heads.fresh(context.clock.now()) !== undefined
      const siloReachable = await silo.isReachable()
      const ready = fresh && siloReachable
      return reply.code(ready ? 200 : 503).send({
        ready,
        height: context.ledger.tip().height,
        cosignedHeight: heads.newest?.block.height ?? 0,
        fresh,
        siloReachable,
        accessLogSize: log.size,
        accessLog: log.origin,
        frozen: logs.all.flatMap(({ origin, frozenBecause }) => (frozenBecause === undefined ? [] : [{ origin, because: frozenBecause }])),
      })
    },
  )
}
