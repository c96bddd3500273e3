import {
  type Checkpoint,
  cosignNoteBy,
  equalBytes,
  formatSignatureLine,
  ledgerOrigin,
  parseAccessLogOrigin,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  type VerifierKey,
} from '@fiducia/core'
import type { Judgement } from '@fiducia/engine'
import { isLiveLogKey, trust } from '@fiducia/ledger'
import { judgeAddCheckpoint, type KnownCheckpoint, parseAddCheckpoint } from '@fiducia/proofs'
import type { Contradictions } from '../evidence/contradictions.ts'
import type { NodeContext } from '../node-context.ts'
import { createLocks } from '../relationships/locks.ts'
import { bytesColumn, integerColumn, textColumn } from '../store/columns.ts'
import type { Mirrors } from './mirrors.ts'

/**
 * This member's witness: `add-checkpoint` of C2SP tlog-witness for the ledger and for every member's access log. A
 * cosignature here says more than append-only growth (PROTOCOL section 2): on the ledger, that every entry was replayed
 * and the state is equal; on an access log, that the leaves are mirrored, no tag stands twice and the tag map follows.
 * The size and root that were cosigned last are durable before the cosignature leaves.
 */
export interface WitnessAnswer {
  readonly status: number
  readonly body: string
}

export interface Witness {
  addCheckpoint(body: Uint8Array): Promise<WitnessAnswer>
  /** The newest note of a log that this witness cosigned. */
  newestNote(origin: string): string | undefined
}

export interface WitnessPorts {
  /** Brings the replica up to the operator's tip. */
  readonly catchUp: () => Promise<void>
  readonly judgeLedgerCheckpoint: (note: string) => Judgement
  readonly mirrors: Mirrors
  readonly contradictions: Contradictions
  /** Keys of logs outside the network: their append-only growth is cosigned, and nothing else about them. */
  readonly outsideLogs: readonly VerifierKey[]
}

export function createWitness(context: NodeContext, ports: WitnessPorts): Witness {
  const locks = createLocks()

  const isOutside = (origin: string) => ports.outsideLogs.some(({ name }) => name === origin)

  /** Why this member will not cosign, undefined when it will. */
  async function refusalOf(origin: string, note: string): Promise<string | undefined> {
    if (isOutside(origin)) return undefined
    if (origin !== ledgerOrigin(context.net)) return refuseAccessLog(context, ports.mirrors, note)
    // What following finds wrong is in the judgement; an operator that does not answer may still be cosigned as far as it was replayed.
    await ports.catchUp().catch(() => undefined)
    const judgement = ports.judgeLedgerCheckpoint(note)
    return judgement.ok ? undefined : `${judgement.code}: ${judgement.message}`
  }

  /** A note that the log signed and that is not of the history which this member knows; a larger one contradicts nothing so far. */
  function contradicts({ origin, size, root }: Checkpoint): boolean {
    const known = lastWitnessed(context, origin)
    if (isOutside(origin)) return known !== undefined && known.size === size && !equalBytes(known.root, root)
    const { log } = context.ledger
    if (origin === log.origin) return size <= log.size() && !equalBytes(log.root(size), root)
    const mirror = ports.mirrors.of(origin)
    return size <= mirror.size && !equalBytes(mirror.root(size), root)
  }

  return {
    newestNote(origin) {
      const row = context.database.get('SELECT note FROM witnessed WHERE origin = ?', origin)
      return row === undefined ? undefined : textColumn(row, 'note')
    },
    async addCheckpoint(body) {
      const request = parseAddCheckpoint(body)
      const checkpoint = parseCheckpoint(parseNote(request.note).text)
      const { origin } = checkpoint
      // One checkpoint at a time for each origin, so that a race of two cannot get two cosignatures for one size.
      return locks.run(origin, async () => {
        const judged = judgeAddCheckpoint(lastWitnessed(context, origin), request, [...knownLogs(context), ...ports.outsideLogs])
        const isSigned = judged.status !== 404 && judged.status !== 403
        if (isSigned && contradicts(checkpoint)) ports.contradictions.keep(request.note)
        if (judged.status === 409) return { status: 409, body: `${judged.knownSize}\n` }
        if (judged.status !== 200) return { status: judged.status, body: `${judged.message}\n` }
        const refusal = await refusalOf(origin, request.note)
        return refusal === undefined ? { status: 200, body: await cosign(context, request.note) } : { status: 422, body: `${refusal}\n` }
      })
    },
  }
}

/** Logs are known from the trust record: the ledger, and each member's open and standby origin, while its key counts. */
function knownLogs({ ledger }: NodeContext): readonly VerifierKey[] {
  const state = ledger.tip()
  return trust(state)
    .logs.map(parseVerifierKey)
    .filter((key) => isLiveLogKey(state, key))
}

function lastWitnessed({ database }: NodeContext, origin: string): KnownCheckpoint | undefined {
  const row = database.get('SELECT size, root FROM witnessed WHERE origin = ?', origin)
  return row === undefined ? undefined : { size: integerColumn(row, 'size'), root: bytesColumn(row, 'root') }
}

async function refuseAccessLog(context: NodeContext, mirrors: Mirrors, note: string): Promise<string | undefined> {
  const { origin, size, root } = parseCheckpoint(parseNote(note).text)
  const name = parseAccessLogOrigin(origin)
  if (name === undefined) return 'not an access log'
  try {
    const mirror = await mirrors.follow(name, { size, root }, () => keepNote(context, note))
    if (!equalBytes(mirror.root(size), root)) return 'the mirrored leaves have another root'
    return mirror.sealedSize === size ? undefined : 'the last entry of a checkpoint is a seal'
  } catch (error) {
    return error instanceof Error ? error.message : 'the leaves could not be mirrored'
  }
}

/** A line for each own key that counts; what was cosigned is durable first. */
async function cosign(context: NodeContext, note: string): Promise<string> {
  keepNote(context, note)
  const { keys, clock } = context
  const { text } = parseNote(note)
  const time = Math.floor(clock.now() / 1000)
  const lines = await Promise.all(keys.witnesses.map(({ verifier, signer }) => cosignNoteBy(text, verifier, signer, time)))
  return lines.map(formatSignatureLine).join('')
}

/** An access log's note is kept with the leaves that it is of: after a crash a restored owner still finds both. */
function keepNote({ database }: NodeContext, note: string): void {
  const { origin, size, root } = parseCheckpoint(parseNote(note).text)
  database.run(
    'INSERT INTO witnessed (origin, size, root, note) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note',
    origin,
    size,
    root,
    note,
  )
}
