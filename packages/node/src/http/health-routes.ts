import * as z from 'zod'
import type { Server } from './routes.ts'
import type { NodeServices, WitnessServices } from './services.ts'

const following = z.object({ ready: z.boolean(), height: z.int(), cosignedHeight: z.int(), fresh: z.boolean() })

function followingOf({ context, heads }: Pick<WitnessServices, 'context' | 'heads'>): z.infer<typeof following> {
  const fresh = heads.fresh(context.clock.now()) !== undefined
  return { ready: fresh, height: context.ledger.tip().height, cosignedHeight: heads.newest?.block.height ?? 0, fresh }
}

function addLiveRoute(server: Server): void {
  server.get('/health/live', { schema: { summary: 'the process answers', response: { 200: z.object({ status: z.literal('live') }) } } }, () => ({
    status: 'live' as const,
  }))
}

/** Those of a member that only witnesses. */
export function addWitnessHealthRoutes(server: Server, services: WitnessServices): void {
  addLiveRoute(server)
  const schema = { summary: 'a fresh cosigned checkpoint is at hand', response: { 200: following, 503: following } }
  server.get('/health/ready', { schema }, async (_request, reply) => {
    const followed = followingOf(services)
    return reply.code(followed.ready ? 200 : 503).send(followed)
  })
}

export function addHealthRoutes(server: Server, { context, heads, silo, log, logs }: NodeServices): void {
  addLiveRoute(server)
  const readiness = following.extend({
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
      const followed = followingOf({ context, heads })
      const siloReachable = await silo.isReachable()
      const ready = followed.fresh && siloReachable
      return reply.code(ready ? 200 : 503).send({
        ...followed,
        ready,
        siloReachable,
        accessLogSize: log.size,
        accessLog: log.origin,
        frozen: logs.all.flatMap(({ origin, frozenBecause }) => (frozenBecause === undefined ? [] : [{ origin, because: frozenBecause }])),
      })
    },
  )
}
