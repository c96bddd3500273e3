import { decodeBase64Url, encodeBase64Url, equalBytes, type JsonObject, leafHash } from '@fiducia/core'
import { accessLog, openDisputes } from '@fiducia/ledger'
import { parseReceipt, parseTlogProof, slotOf } from '@fiducia/proofs'
import type { AccessLog } from '../access-log/access-log.ts'
import type { OwnLogs } from '../access-log/own-logs.ts'
import { UNSEALED_SLOTS } from '../limits.ts'
import type { NodeContext } from '../node-context.ts'
import type { Mirrors } from '../peers/mirrors.ts'
import type { Contradiction, KeptReceipts } from '../requester/kept-receipts.ts'
import { transact } from '../transact.ts'

/**
 * Holding each other to what was shown: a receipt that the holder's public log does not extend is disputed on the ledger;
 * a dispute of the own log is answered with the path that shows that it does (PROTOCOL section 4).
 */
export interface Disputes {
  /** Compares, files and answers; gives the contradictions that were found now. */
  run(): Promise<readonly Contradiction[]>
}

export function createDisputes(context: NodeContext, ports: { readonly kept: KeptReceipts; readonly mirrors: Mirrors; readonly logs: OwnLogs }): Disputes {
  const { ledger, clock } = context

  /** The root that the holder's sealed, mirrored log has at a size; undefined while it is not that far. */
  function publicRoot(origin: string, size: number): Uint8Array | undefined {
    const mirror = ports.mirrors.of(origin)
    return size <= mirror.sealedSize ? mirror.root(size) : undefined
  }

  function disputeOf({ receipt, origin }: Contradiction): JsonObject {
    const { leaf, proof } = parseReceipt(receipt)
    const { note, index, path } = parseTlogProof(proof)
    return { origin, note, index, leafHash: encodeBase64Url(leafHash(decodeBase64Url(leaf))), path: path.map(encodeBase64Url) }
  }

  /** Of a log that is frozen too: what it gave away before can still be shown to be extended. */
  async function answerOwn(log: AccessLog): Promise<void> {
    const record = accessLog(ledger.tip(), log.origin)
    const mine = openDisputes(ledger.tip()).filter(({ origin }) => origin === log.origin)
    for (const { id, size, root } of mine) {
      const stillExtends = record !== undefined && record.size >= size && equalBytes(log.hashes.root(size), decodeBase64Url(root))
      if (stillExtends) await transact(context, 'access.answer', { dispute: id, consistency: log.hashes.consistency(size, record.size).map(encodeBase64Url) })
    }
  }

  return {
    async run() {
      const contradictions = ports.kept.settle(publicRoot, slotOf(clock.now() / 1000) - UNSEALED_SLOTS)
      for (const contradiction of contradictions) {
        const { result } = await transact(context, 'access.dispute', disputeOf(contradiction))
        context.logger.warn({ origin: contradiction.origin, size: contradiction.size, filed: result.accepted }, 'a public access log does not extend a receipt')
        if (result.accepted || result.code === 'DISPUTE_EXISTS') ports.kept.markDisputed(contradiction)
      }
      for (const log of ports.logs.all) await answerOwn(log)
      return contradictions
    },
  }
}
