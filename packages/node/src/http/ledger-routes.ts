import { encodeBase64Url, parseOrganizationId } from '@fiducia/core'
import type { BlockEntry, Ledger } from '@fiducia/engine'
import { appHashOf, contests, keyRecord } from '@fiducia/ledger'
import * as z from 'zod'
import { servedSteps } from '../evidence/trust-chain.ts'
import { NodeFailure } from '../failures.ts'
import { bytesOf, type Server } from './routes.ts'
import type { WitnessServices } from './services.ts'

/** The ledger for everybody: genesis, tiles, checkpoints, any state with its proof; and the way in for transactions. */
export function addLedgerRoutes(server: Server, services: WitnessServices): void {
  addLogOfLedgerRoutes(server, services)
  addStateRoutes(server, services)
  addTrustRoute(server, services)
  addKeyRoutes(server, services)
  addContestRoute(server, services)
  addTransactionRoute(server, services)
}

function addLogOfLedgerRoutes(server: Server, { context, heads, genesis, ledgerTip }: WitnessServices): void {
  server.get('/ledger/genesis', { schema: { summary: 'the file that started the network' } }, (_request, reply) =>
    reply.type('application/json').send(Buffer.from(genesis)),
  )
  server.get('/ledger/tip', { schema: { summary: 'the newest checkpoint that the operator signed (signed note)' } }, async (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send(await ledgerTip()),
  )
  server.get('/ledger/checkpoint', { schema: { summary: 'the newest checkpoint that a quorum cosigned (signed note)' } }, (_request, reply) => {
    if (heads.newest === undefined) throw new NodeFailure('NOT_FOUND', 'no quorum has cosigned a checkpoint so far')
    return reply.type('text/plain; charset=utf-8').send(heads.newest.note)
  })
  server.get(
    '/ledger/cosigned',
    { schema: { summary: 'the same with every cosignature that came in, not those of a quorum alone (signed note)' } },
    (_request, reply) => {
      if (heads.newest === undefined) throw new NodeFailure('NOT_FOUND', 'no quorum has cosigned a checkpoint so far')
      return reply.type('text/plain; charset=utf-8').send(heads.newest.whole)
    },
  )
  server.get('/ledger/tile/*', { schema: { summary: 'a tile of the ledger (C2SP tlog-tiles)', params: z.object({ '*': z.string() }) } }, (request, reply) => {
    const tile = context.ledger.log.tile(request.params['*'])
    if (tile === undefined) throw new NodeFailure('NOT_FOUND', 'no such tile')
    return reply.type('application/octet-stream').send(Buffer.from(tile))
  })
}

function addStateRoutes(server: Server, { context, heads, handOn }: WitnessServices): void {
  const { ledger } = context
  const status = z.object({
    net: z.string(),
    org: z.string(),
    height: z.int(),
    size: z.int(),
    appHash: z.string(),
    stateRoot: z.string(),
    cosignedHeight: z.int(),
    expiredUnincluded: z.int(),
  })
  server.get(
    '/ledger/status',
    { schema: { summary: 'how far this replica is, and how many transactions that it passed on were dropped for good', response: { 200: status } } },
    () => ({
      net: context.net,
      org: context.org,
      height: ledger.tip().height,
      ...sizeAndHash(ledger),
      stateRoot: encodeBase64Url(ledger.tip().tree.root),
      cosignedHeight: heads.newest?.block.height ?? 0,
      expiredUnincluded: handOn.expiredUnincluded(),
    }),
  )

  const proven = z.object({
    key: z.string(),
    value: z.string().nullable(),
    proof: z.object({ siblings: z.array(z.string()), terminal: z.object({ kh: z.string(), valueHash: z.string() }).nullable() }),
    block: z.string(),
    checkpoint: z.string(),
  })
  server.get(
    '/ledger/state',
    {
      schema: {
        summary: 'a state record, or its absence, proved under the cosigned checkpoint',
        querystring: z.object({ key: z.string().max(300) }),
        response: { 200: proven },
      },
    },
    (request) => {
      const head = heads.newest
      const state = head === undefined ? undefined : ledger.stateAt(head.block.height)
      if (head === undefined || state === undefined) throw new NodeFailure('NODE_BEHIND', 'no quorum has cosigned a checkpoint so far')
      const { key } = request.query
      const { siblings, terminal } = state.tree.prove(key)
      return {
        key,
        value: state.tree.get(key) ?? null,
        proof: { siblings: [...siblings], terminal: terminal === null ? null : { ...terminal } },
        block: encodeBase64Url(head.block.entry),
        checkpoint: head.note,
      }
    },
  )
}

function addKeyRoutes(server: Server, { context: { ledger } }: WitnessServices): void {
  const keys = z.object({ height: z.int(), keys: z.array(z.object({ key: z.string(), record: z.record(z.string(), z.unknown()) })) })
  server.get(
    '/ledger/keys/:org',
    { schema: { summary: 'every key that a member ever had', params: z.object({ org: z.string() }), response: { 200: keys } } },
    (request) => {
      const state = ledger.tip()
      const ids = state.index.keys.get(parseOrganizationId(request.params.org)) ?? []
      return { height: state.height, keys: ids.map((key) => ({ key, record: { ...keyRecord(state, key) } })) }
    },
  )
  const block = z.object({ height: z.int(), time: z.int() })
  server.get(
    '/ledger/block',
    {
      schema: {
        summary: 'the last block at or before a time (milliseconds)',
        querystring: z.object({ time: z.coerce.number().int().min(0) }),
        response: { 200: block },
      },
    },
    (request) => {
      const { height, time } = lastBlockAt(ledger, request.query.time)
      return { height, time }
    },
  )
}

/** Block times never fall, so halving finds it. */
function lastBlockAt(ledger: Ledger, time: number): BlockEntry {
  let [low, high] = [0, ledger.tip().height]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (ledger.block(middle).time <= time) low = middle
    else high = middle - 1
  }
  return ledger.block(low)
}

function addContestRoute(server: Server, { context: { ledger } }: WitnessServices): void {
  const listed = z.object({ contests: z.array(z.object({ id: z.string(), record: z.record(z.string(), z.unknown()) })) })
  server.get('/ledger/contests', { schema: { summary: 'every contest about a statement of a member', response: { 200: listed } } }, () => ({
    contests: contests(ledger.tip()).map(({ id, ...record }) => ({ id, record })),
  }))
}

function addTrustRoute(server: Server, { chain }: WitnessServices): void {
  const proof = z.object({ siblings: z.array(z.string()), terminal: z.object({ kh: z.string(), valueHash: z.string() }).nullable() })
  const record = z.object({ k: z.int(), logs: z.array(z.string()), groups: z.record(z.string(), z.array(z.string())), quorum: z.int() })
  const steps = z.array(z.object({ record, proven: z.object({ state: proof, block: z.string(), proof: z.string() }) }))
  server.get(
    '/ledger/trust',
    { schema: { summary: 'every trust record after the first, each proved under the witnesses of the one before', response: { 200: z.object({ steps }) } } },
    () => ({
      steps: servedSteps(chain).map(({ record: { k, logs, groups, quorum }, proven: { state, block, proof: text } }) => ({
        record: { k, logs: [...logs], groups: Object.fromEntries(Object.entries(groups).map(([group, keys]) => [group, [...keys]])), quorum },
        proven: { state: { siblings: [...state.siblings], terminal: state.terminal === null ? null : { ...state.terminal } }, block, proof: text },
      })),
    }),
  )
}

/** Both of the same moment. */
function sizeAndHash({ log }: Ledger): { readonly size: number; readonly appHash: string } {
  const size = log.size()
  return { size, appHash: encodeBase64Url(appHashOf(size, log.root(size))) }
}

function addTransactionRoute(server: Server, { handOn }: WitnessServices): void {
  const result = z.object({ height: z.int(), accepted: z.boolean(), id: z.string().optional(), code: z.string().optional(), message: z.string().optional() })
  server.post(
    '/ledger/transactions',
    { schema: { summary: 'a signed transaction as its wire bytes; answers once it is durable in a block, or refused', response: { 200: result } } },
    async (request) => {
      const wire = bytesOf(request.body)
      const { height, result: outcome } = await handOn.take(wire, request.headers['fiducia-handed-on'] === '1')
      return outcome.accepted ? { height, accepted: true, id: outcome.id } : { height, accepted: false, code: outcome.code, message: outcome.message }
    },
  )
}
