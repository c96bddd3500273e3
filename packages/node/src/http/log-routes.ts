import { accessLogOrigin, parseOrganizationId } from '@fiducia/core'
import { accessLog } from '@fiducia/ledger'
import { encodeEntryBundle, parseTilePath, readTile, TILE_WIDTH } from '@fiducia/proofs'
import * as z from 'zod'
import { notesSchema } from '../access-log/start-check.ts'
import { NodeFailure } from '../failures.ts'
import { bytesOf, type Server } from './routes.ts'
import type { NodeServices, WitnessServices } from './services.ts'

const k = z.coerce.number().int().min(1)

/** The own access log for everybody, at sealed sizes only. */
export function addLogRoutes(server: Server, { context, logs, checkpoints }: NodeServices): void {
  server.get(
    '/log/:k/checkpoint',
    { schema: { summary: 'the newest sealed checkpoint with its cosignatures (signed note)', params: z.object({ k }) } },
    (request, reply) => {
      const sealed = checkpoints.newestOf(accessLogOrigin(context.net, context.org, request.params.k))
      if (sealed === undefined) throw new NodeFailure('NOT_FOUND', 'no sealed checkpoint so far')
      return reply.type('text/plain; charset=utf-8').send(sealed.note)
    },
  )
  server.get(
    '/log/:k/tile/*',
    { schema: { summary: 'a tile of the access log (C2SP tlog-tiles), up to the last seal', params: z.object({ k, '*': z.string() }) } },
    (request, reply) => {
      const log = logs.all.find((one) => one.k === request.params.k)
      const tile =
        log !== undefined && isSealed(request.params['*'], log.sealedSize)
          ? readTile(request.params['*'], log.hashes, (from, to) => log.entries(from, to))
          : undefined
      if (tile === undefined) throw new NodeFailure('NOT_FOUND', 'no such tile')
      return reply.type('application/octet-stream').send(Buffer.from(tile))
    },
  )
}

/** This member's witness for every log. */
export function addWitnessRoutes(server: Server, { context, mirrors, contradictions, witness, kept }: WitnessServices): void {
  const named = z.object({ org: z.string(), k })
  server.get(
    '/witness/notes/:org/:k',
    { schema: { summary: 'the newest notes of a member’s access log that this one holds', params: named, response: { 200: notesSchema } } },
    (request) => {
      const origin = accessLogOrigin(context.net, parseOrganizationId(request.params.org), request.params.k)
      const witnessed = witness.newestNote(origin)
      return { notes: [...(witnessed === undefined ? [] : [witnessed]), ...kept.openNotesOf(origin), ...contradictions.of(origin)] }
    },
  )
  server.get(
    '/witness/contradictions',
    { schema: { summary: 'notes that a log signed and that contradict what this member replayed or mirrored', response: { 200: notesSchema } } },
    () => ({ notes: [...contradictions.of()] }),
  )
  server.get(
    '/witness/log/:org/:k/tile/*',
    { schema: { summary: 'entries of a member’s access log as this one mirrors them, up to the last seal', params: named.extend({ '*': z.string() }) } },
    (request, reply) => {
      const origin = accessLogOrigin(context.net, parseOrganizationId(request.params.org), request.params.k)
      const { level, n, width } = parseTilePath(request.params['*'])
      const to = n * TILE_WIDTH + width
      const isKnown = accessLog(context.ledger.tip(), origin) !== undefined
      if (level !== 'entries' || !isKnown || to > mirrors.of(origin).sealedSize) throw new NodeFailure('NOT_FOUND', 'no such tile')
      return reply.type('application/octet-stream').send(Buffer.from(encodeEntryBundle(mirrors.entries(origin, n * TILE_WIDTH, to))))
    },
  )
  server.post(
    '/witness/add-checkpoint',
    {
      schema: {
        summary: 'C2SP tlog-witness: a cosignature for a checkpoint that holds',
        response: { 200: z.string(), 400: z.string(), 403: z.string(), 404: z.string(), 409: z.string(), 422: z.string() },
      },
    },
    async (request, reply) => {
      const { status, body } = await witness.addCheckpoint(bytesOf(request.body))
      return reply
        .code(knownStatus(status))
        .type(status === 409 ? 'text/x.tlog.size' : 'text/plain; charset=utf-8')
        .send(body)
    },
  )
}

/** A tile that shows nothing beyond the last seal. */
function isSealed(path: string, sealedSize: number): boolean {
  const { level, n, width } = parseTilePath(path)
  const leavesPerItem = level === 'entries' ? 1 : 256 ** level
  return (n * 256 + width) * leavesPerItem <= sealedSize
}

const STATUSES = [200, 400, 403, 404, 409, 422] as const
const knownStatus = (status: number) => STATUSES.find((one) => one === status) ?? 422
