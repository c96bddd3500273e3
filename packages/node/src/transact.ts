import type { JsonObject } from '@fiducia/core'
import type { Inclusion } from '@fiducia/engine'
import { assembleTransaction, signTransactionPartBy, type TransactionType } from '@fiducia/ledger'
import { TRANSACTION_VALID_MS } from './limits.ts'
import type { NodeContext } from './node-context.ts'

/** A transaction that this node signs alone; resolves once it is durable in a block or refused. */
export async function transact(
  context: Pick<NodeContext, 'net' | 'keys' | 'clock' | 'ledger' | 'submit'>,
  type: TransactionType,
  body: JsonObject,
): Promise<Inclusion> {
  const validUntil = Math.max(context.clock.now(), context.ledger.tip().time) + TRANSACTION_VALID_MS
  const payload = { net: context.net, type, body, validUntil }
  return context.submit(assembleTransaction(payload, [await signTransactionPartBy(payload, context.keys.node)]))
}
