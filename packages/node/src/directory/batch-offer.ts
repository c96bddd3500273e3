import { batch, batchStatus } from '@fiducia/ledger'
import { BATCHES_PER_ROUND, MAX_CLOCK_OFF_MS } from '../limits.ts'
import type { NodeContext } from '../node-context.ts'
import { transact } from '../transact.ts'
import type { BatchStore, OwnBatch } from './batch-exchange.ts'

/**
 * Own batches on their way to the ledger. One that can never count, because no quorum held it in time or because somebody saw its root and
 * was faster, is given up, and what still stands of it goes into a new one (`restate.ts`).
 */
export async function offerOwn(context: NodeContext, store: BatchStore): Promise<void> {
  giveUpLapsed(context, store)
  for (const own of store.unpublished().slice(0, BATCHES_PER_ROUND)) await offer(context, store, own)
}

function giveUpLapsed({ ledger, clock, org }: NodeContext, store: BatchStore): void {
  // By the clock of whoever makes the next block, too.
  const time = clock.now() - MAX_CLOCK_OFF_MS
  for (const root of store.uncounted()) {
    const own = batch(ledger.tip(), root)
    if (own?.org === org && batchStatus(own, time) === 'lapsed') store.restate(root)
  }
}

async function offer(context: NodeContext, store: BatchStore, { root, count }: OwnBatch): Promise<void> {
  const { result } = await transact(context, 'batch.offer', { root, count })
  // Also where an earlier answer was lost.
  if (result.accepted || batch(context.ledger.tip(), root)?.org === context.org) return store.markPublished(root)
  context.logger.warn({ root, code: result.code }, 'the ledger refused a batch')
  if (result.code === 'BATCH_EXISTS') store.restate(root)
}
