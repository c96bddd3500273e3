import {
  cosignNote, equalBytes, formatSignatureLine, ledgerOrigin, parseAccessLogOrigin, parseCheckpoint, parseNote, parseVerifierKey, type AccessLogName, type VerifierKey,
} from '@fiducia/core'
import type { Judgement } from '@fiducia/engine'
import { member, trust } from '@fiducia/ledger'
import { decodeEntryBundle, judgeAddCheckpoint, parseAddCheckpoint, TILE_WIDTH, tilePath } from '@fiducia/proofs'
import { createMirror, type Mirror } from '../access-log/mirror.ts'
import { createLocks } from '../relationships/locks.ts'
import { bytesColumn, integerColumn } from '../store/columns.ts'
import type { NodeContext } from '../node-context.ts'
import { fetchBytes } from './transport.ts'

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
  /** The newest note of an origin that this witness cosigned. */
  newestNote(origin: string): string | undefined
  /** This member's mirror of an access log, as far as it has got. */
  mirror(origin: string): Mirror
  mirroredLeaf(origin: string, index: number): Uint8Array | undefined
}

export interface WitnessPorts {
  /** Brings the replica up to the operator's tip. */
  readonly catchUp: () => Promise<void>
  readonly judgeLedgerCheckpoint: (note: string) => Judgement
}

export function createWitness(context: NodeContext, ports: WitnessPorts): Witness {
  const { database, net } = context
  const locks = createLocks()
  const mirrors = new Map<string, Mirror>()

  async function addCheckpoint(body: Uint8Array): Promise<WitnessAnswer> {
    const request = parseAddCheckpoint(body)
    const { origin } = parseCheckpoint(parseNote(request.note).text)
    // One checkpoint at a time for each origin, so that a race of two cannot get two cosignatures for one size.
    return locks.run(origin, async () => {
      const judged = judgeAddCheckpoint(lastWitnessed(origin), request, logKeys())
      if (judged.status === 409) return { status: 409, body: `${judged.knownSize}\n` }
      if (judged.status !== 200) return { status: judged.status, body: `${judged.message}\n` }
      const refusal = origin === ledgerOrigin(net) ? await refuseLedger(request.note) : await refuseAccessLog(origin, request.note)
      if (refusal !== undefined) return { status: 422, body: `${refusal}\n` }
      return { status: 200, body: cosign(origin, request.note) }
    })
  }

  /** Logs are known from the trust record: the ledger, and each member's open and standby origin. */
  function logKeys(): readonly VerifierKey[] {
    return trust(context.ledger.tip()).logs.map(parseVerifierKey)
  }

  function lastWitnessed(origin: string): { readonly size: number; readonly root: Uint8Array } | undefined {
    const row = database.get('SELECT size, root FROM witnessed WHERE origin = ?', origin)
    return row === undefined ? undefined : { size: integerColumn(row, 'size'), root: bytesColumn(row, 'root') }
  }

  function cosign(origin: string, note: string): string {
    const { text } = parseNote(note)
    const { size, root } = parseCheckpoint(text)
    database.run(
      'INSERT INTO witnessed (origin, size, root, note) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note',
      origin,
      size,
      root,
      note,
    )
    const { verifier, seed } = context.witnessKey
    return formatSignatureLine(cosignNote(text, verifier, seed, Math.floor(context.clock.now() / 1000)))
  }

  async function refuseLedger(note: string): Promise<string | undefined> {
    await ports.catchUp()
    const judgement = ports.judgeLedgerCheckpoint(note)
    return judgement.ok ? undefined : `${judgement.code}: ${judgement.message}`
  }

  async function refuseAccessLog(origin: string, note: string): Promise<string | undefined> {
    const { size, root } = parseCheckpoint(parseNote(note).text)
    const name = parseAccessLogOrigin(origin)
    if (name === undefined) return 'not an access log'
    const follower = mirrorOf(origin)
    try {
      await mirrorLeaves(origin, name, follower, size)
    } catch (error) {
      return error instanceof Error ? error.message : 'the leaves could not be mirrored'
    }
    if (!equalBytes(follower.root(size), root)) return 'the mirrored leaves have another root'
    return follower.sealedSize === size ? undefined : 'the last entry of a checkpoint is a seal'
  }

  function mirrorOf(origin: string): Mirror {
    const known = mirrors.get(origin)
    if (known !== undefined) return known
    const follower = createMirror()
    for (const row of database.all('SELECT bytes FROM leaf WHERE origin = ? ORDER BY idx', origin)) follower.append(bytesColumn(row, 'bytes'))
    mirrors.set(origin, follower)
    return follower
  }

  /** Fetches, checks and keeps the leaves up to `size`; a leaf that breaks a rule throws and is not kept. */
  async function mirrorLeaves(origin: string, name: AccessLogName, follower: Mirror, size: number): Promise<void> {
    const holder = member(context.ledger.tip(), name.org)
    if (holder === undefined) throw new Error('the log belongs to no member')
    if (name.org === context.org) {
      // The own log: its leaves are in the same table already, written by the log itself.
      for (const row of database.all('SELECT bytes FROM leaf WHERE origin = ? AND idx >= ? AND idx < ? ORDER BY idx', origin, follower.size, size)) follower.append(bytesColumn(row, 'bytes'))
      return
    }
    while (follower.size < size) {
      const n = Math.floor(follower.size / TILE_WIDTH)
      const width = Math.min(TILE_WIDTH, size - n * TILE_WIDTH)
      const bundle = await fetchBytes(context.transport, `${holder.endpoint}/log/${name.k}/tile/${tilePath({ level: 'entries', n, width })}`)
      if (bundle === undefined) throw new Error('the log does not serve the entries of its checkpoint')
      const leaves = decodeEntryBundle(bundle, width).slice(follower.size - n * TILE_WIDTH)
      database.transaction(() => {
        for (const leaf of leaves) {
          const index = follower.size
          follower.append(leaf)
          database.run('INSERT INTO leaf (origin, idx, bytes) VALUES (?, ?, ?)', origin, index, leaf)
        }
      })
    }
  }

  return {
    addCheckpoint,
    newestNote(origin) {
      const row = database.get('SELECT note FROM witnessed WHERE origin = ?', origin)
      return typeof row?.['note'] === 'string' ? row['note'] : undefined
    },
    mirror: mirrorOf,
    mirroredLeaf(origin, index) {
      const row = database.get('SELECT bytes FROM leaf WHERE origin = ? AND idx = ?', origin, index)
      return row === undefined ? undefined : bytesColumn(row, 'bytes')
    },
  }
}

