import type { Engine, Follower } from '@fiducia/engine'
import { rules } from '@fiducia/ledger'
import type { NodeContext } from '../node-context.ts'
import { collectCosignatures } from '../peers/cosigning.ts'
import type { CosignedHeads } from '../peers/cosigned-head.ts'
import { fetchText } from '../peers/transport.ts'

/**
 * Keeping the ledger's cosigned head fresh. The operator asks every witness to cosign its newest checkpoint, again as a
 * heartbeat every T/3; a follower catches up and takes the cosigned note over from the operator.
 */
export interface LedgerRounds {
  /** One round; the operator collects only when the head is new or a third of T old. */
  run(): Promise<void>
}

export function createOperatorRounds(context: NodeContext, engine: Engine, heads: CosignedHeads): LedgerRounds {
  function isDue(): boolean {
    const newest = heads.newest
    if (newest === undefined || newest.block.index !== engine.block().index) return true
    const age = Math.floor(context.clock.now() / 1000) - (newest.cosigned.earliest ?? 0)
    return age * 3 >= rules(engine.tip()).freshSeconds
  }
  return {
    async run() {
      if (!isDue()) return
      const size = engine.block().index + 1
      const { note, missing } = await collectCosignatures(context, {
        note: await engine.checkpoint(),
        consistency: (oldSize) => engine.log.consistency(oldSize, size),
      })
      if (missing.length > 0) context.logger.warn({ size, missing }, 'some witnesses did not cosign the ledger')
      heads.adopt(note)
    },
  }
}

export function createFollowerRounds(context: NodeContext, follower: Follower, heads: CosignedHeads, operator: string): LedgerRounds {
  return {
    async run() {
      await follower.follow()
      heads.adopt(await fetchText(context.transport, `${operator}/ledger/checkpoint`))
    },
  }
}
