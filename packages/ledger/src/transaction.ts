import {
  type Bytes32,
  concatBytes,
  decodeBase64Url,
  domain,
  ed25519KeyId,
  ed25519PublicKey,
  encodeBase64Url,
  encodeCanonical,
  InputError,
  type JsonObject,
  type KeyId,
  MAX_TRANSACTION_BYTES,
  type NetworkId,
  parseBytes32,
  parseCanonical,
  parseKeyId,
  parseNetworkId,
  sha256,
  shape,
  sign,
  type Signer,
} from '@fiducia/core'
import { MAX_SIGNATURES, VALID_UNTIL_WINDOW_MS } from './limits.ts'
import { type Refusal, refuse } from './refusals.ts'
import { TRANSACTION_TYPES, type Transaction, type TransactionType } from './types.ts'

/**
 * Transactions on the wire (PROTOCOL section 1).
 *
 *   payload      {v: 1, net, type, body, validUntil}
 *   signed bytes D("tx") ‖ JCS(payload);  id = H(signed bytes)
 *   wire         JCS of {payload, signatures: [{key, sig}]}, at most 60 KiB
 *
 * Signatures stand in strictly ascending order of the text of their key ids, so that a payload with a signer set has one
 * wire form only. Whether the set is the one that the type requires, and whether each signature holds, is judged when the
 * transaction is applied: the keys are found in the state.
 */

export interface TransactionPayload {
  readonly net: NetworkId
  readonly type: TransactionType
  readonly body: JsonObject
  /** Milliseconds; block time <= validUntil <= block time + 600,000. */
  readonly validUntil: number
}

export interface TransactionSignature {
  readonly key: KeyId
  /** base64url of 64 bytes. */
  readonly sig: string
}

const parseSignatureBytes: shape.Parser<Uint8Array> = (value, at) => {
  const bytes = decodeBase64Url(shape.text(86)(value, at))
  if (bytes.length !== 64) throw new InputError('BYTES_LENGTH', `expected a signature of 64 bytes, found ${bytes.length}`, { at })
  return bytes
}

const parseBody: shape.Parser<JsonObject> = (value, at) => {
  if (!shape.isObject(value)) throw new InputError('SHAPE', 'expected an object', { at })
  return value as JsonObject
}

const parseEnvelope = shape.object({
  payload: shape.object({ v: shape.literal(1), net: parseNetworkId, type: shape.literal(...TRANSACTION_TYPES), body: parseBody, validUntil: shape.integer() }),
  signatures: shape.array(shape.object({ key: parseKeyId, sig: parseSignatureBytes }), MAX_SIGNATURES, 1),
})

/** Throws an `InputError` unless the bytes are one whole transaction in its only form; judges neither body nor signatures. */
export function decodeTransaction(wire: Uint8Array): Transaction {
  const { payload, signatures } = parseEnvelope(parseCanonical(wire, { maxBytes: MAX_TRANSACTION_BYTES }), '')
  for (let i = 1; i < signatures.length; i += 1) {
    if ((signatures[i - 1]?.key ?? '') >= (signatures[i]?.key ?? '')) {
      throw new InputError('SHAPE', 'expected signatures in strictly ascending order of their key ids', { at: 'signatures' })
    }
  }
  const { net, type, body, validUntil } = payload
  const signedBytes = transactionSignedBytes(payload)
  return { id: transactionIdOf(signedBytes), type, net, validUntil, body, signatures, signedBytes, wire }
}

const transactionIdOf = (signedBytes: Uint8Array): Bytes32 => parseBytes32(encodeBase64Url(sha256(signedBytes)))

const payloadJson = ({ net, type, body, validUntil }: TransactionPayload): JsonObject => ({ v: 1, net, type, body, validUntil })

/** What every signer of the payload signs. */
export const transactionSignedBytes = (payload: TransactionPayload): Uint8Array => concatBytes(domain('tx'), encodeCanonical(payloadJson(payload)))

/** One signer's part; parties that sign the same payload apart hand these to `assembleTransaction`. */
export function signTransactionPart(payload: TransactionPayload, seed: Uint8Array): TransactionSignature {
  return { key: ed25519KeyId(ed25519PublicKey(seed)), sig: encodeBase64Url(sign(seed, transactionSignedBytes(payload))) }
}

/** The same of a signer whose secret may be elsewhere. */
export const signTransactionPartBy = async (payload: TransactionPayload, signer: Signer): Promise<TransactionSignature> => ({
  key: signer.keyId,
  sig: encodeBase64Url(await signer.sign(transactionSignedBytes(payload))),
})

/** The wire bytes; sorts the signatures. Throws an `InputError` when the parts do not make one transaction. */
export function assembleTransaction(payload: TransactionPayload, signatures: readonly TransactionSignature[]): Uint8Array {
  const sorted = signatures.map(({ key, sig }) => ({ key, sig })).sort((a, b) => (a.key < b.key ? -1 : 1))
  const wire = encodeCanonical({ payload: payloadJson(payload), signatures: sorted })
  decodeTransaction(wire)
  return wire
}

/** The wire bytes of a payload that whoever holds these 32-byte seeds signs alone. */
export function buildTransaction(payload: TransactionPayload, seeds: readonly Uint8Array[]): Uint8Array {
  return assembleTransaction(
    payload,
    seeds.map((seed) => signTransactionPart(payload, seed)),
  )
}

/** Network and time window; both ends of the window belong to it. */
export function judgeEnvelope(transaction: Transaction, context: { readonly net: NetworkId; readonly time: number }): Refusal | undefined {
  const { net, validUntil } = transaction
  if (net !== context.net) return refuse('TX_NETWORK', `expected a transaction for network \`${context.net}\`, found one for \`${net}\``)
  if (context.time > validUntil) return refuse('TX_EXPIRED', `valid until ${validUntil}, the block is at ${context.time}`)
  if (validUntil > context.time + VALID_UNTIL_WINDOW_MS)
    return refuse('TX_TOO_FAR_AHEAD', `valid until ${validUntil}, at most ${context.time + VALID_UNTIL_WINDOW_MS} allowed`)
  return undefined
}
