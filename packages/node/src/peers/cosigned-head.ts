import { equalBytes, ledgerOrigin } from '@fiducia/core'
import { type BlockEntry, type Clock, type Ledger, systemTimers, type Timers } from '@fiducia/engine'
import { rules, trust } from '@fiducia/ledger'
import { type CosignedCheckpoint, freshWindow, selectCosignatures, type TrustPolicy, trustPolicyOf, verifyCosigned } from '@fiducia/proofs'
import { textColumn } from '../store/columns.ts'
import type { NodeContext } from '../node-context.ts'

/**
 * The newest ledger checkpoint that a quorum of groups cosigned and that this replica agrees with. Everything a node grants
 * rests on it being fresh (PROTOCOL section 2, Freshness): without, it denies.
 */
export interface CosignedHead {
  /** Strict note: the log's line, then one cosignature for each group of the quorum. */
  readonly note: string
  /** The note with every line that it carried. */
  readonly whole: string
  readonly block: BlockEntry
  readonly cosigned: CosignedCheckpoint
}

export interface CosignedHeads {
  /** Takes a note over if it holds, is equal to the own replica, and is newer. Returns whether it did. */
  adopt(note: string): boolean
  /** The newest, fresh or not. */
  readonly newest: CosignedHead | undefined
  /** The newest if a quorum of its cosignatures is fresh at `nowMs`. */
  fresh(nowMs: number): CosignedHead | undefined
  /**
   * How far the own clock is ahead of the quorum's, milliseconds, negative behind it, 0 where nobody can tell: measured when a new
   * cosignature came in, and told from then on by a timer that no change of the clock moves. What a cosignature may be old when
   * it comes in is no error of the clock.
   */
  clockOffMs(): number
}

export const trustPolicyOfLedger = (ledger: Ledger): TrustPolicy => trustPolicyOf(trust(ledger.tip()), ledger.net)

/** Milliseconds: no later than the own clock, nor than a clock of the quorum that cosigned last; 0 before the first time. */
export function agreedTime({ newest }: Pick<CosignedHeads, 'newest'>, clock: Clock): number {
  const { cosigned, block } = newest ?? {}
  const agreed = cosigned?.earliest === undefined ? (block?.time ?? 0) : cosigned.earliest * 1000
  return Math.min(clock.now(), agreed)
}

export function createCosignedHeads(context: Pick<NodeContext, 'net' | 'ledger' | 'database' | 'clock'>, timers: Timers = systemTimers): CosignedHeads {
  const { net, ledger, database, clock } = context
  let measured: { readonly quorumMs: number; readonly elapsed: number } | undefined
  const origin = ledgerOrigin(net)
  let newest = load()

  function load(): CosignedHead | undefined {
    const row = database.get('SELECT note FROM cosigned_note WHERE origin = ?', origin)
    return row === undefined ? undefined : judge(textColumn(row, 'note'))
  }

  /**
   * Undefined unless a quorum cosigned it and the own replica has the same root at a block end. A cosignature of the future
   * is as if it were not there: else one witness that dates its own a year ahead would stand in every quorum and make it stale.
   */
  function judge(note: string): CosignedHead | undefined {
    try {
      const policy = trustPolicyOfLedger(ledger)
      const strict = selectCosignatures(note, policy, { origin, window: { from: 0, until: freshWindow(Math.floor(clock.now() / 1000), 0).until } })
      const cosigned = verifyCosigned(strict, policy, { origin, strict: true })
      const block = ledger.blockAtSize(cosigned.checkpoint.size)
      if (block === undefined || !equalBytes(ledger.log.root(cosigned.checkpoint.size), cosigned.checkpoint.root)) return undefined
      return { note: strict, whole: note, block, cosigned }
    } catch {
      return undefined
    }
  }

  return {
    get newest() {
      return newest
    },
    adopt(note) {
      const head = judge(note)
      if (head === undefined) return false
      const known = newest?.cosigned
      if (known !== undefined && head.cosigned.checkpoint.size < known.checkpoint.size) return false
      if (known !== undefined && head.cosigned.checkpoint.size === known.checkpoint.size && (head.cosigned.earliest ?? 0) <= (known.earliest ?? 0)) return false
      database.run(
        'INSERT INTO cosigned_note (origin, size, note) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET size = excluded.size, note = excluded.note',
        origin,
        head.cosigned.checkpoint.size,
        note,
      )
      newest = head
      const { latest = 0 } = head.cosigned
      if (latest > (known?.latest ?? 0)) measured = { quorumMs: latest * 1000, elapsed: timers.elapsed() }
      return true
    },
    clockOffMs() {
      // Before the first new one only this is certain: nobody cosigned in the future.
      if (measured === undefined) return Math.min(0, clock.now() - (newest?.cosigned.latest ?? 0) * 1000)
      const off = clock.now() - (measured.quorumMs + timers.elapsed() - measured.elapsed)
      const heartbeatMs = (rules(ledger.tip()).freshSeconds * 1000) / 3
      return off < 0 ? off : Math.max(0, off - heartbeatMs)
    },
    fresh(nowMs) {
      if (newest === undefined) return undefined
      const window = freshWindow(Math.floor(nowMs / 1000), rules(ledger.tip()).freshSeconds)
      const { earliest, latest } = newest.cosigned
      // A network of one group has no cosignatures, and nobody else who could be behind.
      if (earliest === undefined || latest === undefined) return newest.cosigned.unwitnessed ? newest : undefined
      return earliest >= window.from && latest <= window.until ? newest : undefined
    },
  }
}
