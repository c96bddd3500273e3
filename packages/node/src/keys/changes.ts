import { encodeBase64Url, type JsonObject, type KeyId, type KeyRole, type Signer } from '@fiducia/core'
import type { Inclusion } from '@fiducia/engine'
import { assembleTransaction, signTransactionPartBy, type TransactionPayload } from '@fiducia/ledger'
import { TRANSACTION_VALID_MS } from '../limits.ts'
import type { NodeContext } from '../node-context.ts'

/** Changes of an organization's keys on the ledger; the transactions are the same whether a node or an operator's command makes them. */

/** The wire bytes of a `key.add`: a node key says whose the new key is, and the new key that it is at hand. */
export async function addKeyWire(
  payload: Omit<TransactionPayload, 'type' | 'body'>,
  key: { readonly role: KeyRole; readonly signer: Signer },
  node: Signer,
): Promise<Uint8Array> {
  const body: JsonObject = { role: key.role, alg: 'ed25519', pub: encodeBase64Url(key.signer.publicKey) }
  const whole: TransactionPayload = { ...payload, type: 'key.add', body }
  return assembleTransaction(whole, [await signTransactionPartBy(whole, node), await signTransactionPartBy(whole, key.signer)])
}

/** The wire bytes of a `key.retire`; `compromisedFrom` is a height. */
export async function retireKeyWire(
  payload: Omit<TransactionPayload, 'type' | 'body'>,
  retired: { readonly key: KeyId; readonly compromisedFrom?: number | undefined },
  node: Signer,
): Promise<Uint8Array> {
  const { key, compromisedFrom } = retired
  const whole: TransactionPayload = { ...payload, type: 'key.retire', body: compromisedFrom === undefined ? { key } : { key, compromisedFrom } }
  return assembleTransaction(whole, [await signTransactionPartBy(whole, node)])
}

/** Registers a key that this node has at hand. */
export async function registerKey(context: NodeContext, role: KeyRole, signer: Signer): Promise<Inclusion> {
  const { net, keys, clock, ledger } = context
  const validUntil = Math.max(clock.now(), ledger.tip().time) + TRANSACTION_VALID_MS
  return context.submit(await addKeyWire({ net, validUntil }, { role, signer }, keys.node))
}
