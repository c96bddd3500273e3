import { type Policy, parsePolicy } from '@fiducia/consent'
import { type Bytes32, type Handle, parseBytes32, parseCanonicalString, parseHandle, shape } from '@fiducia/core'
import { decodeTransaction, type Transaction } from '@fiducia/ledger'

/** Reading what a wallet signed: the transaction's body, and the policy behind its commitment. */
export interface SetPolicyBody {
  readonly handle: Handle
  readonly version: number
  readonly commitment: Bytes32
  readonly expires: number
}

const setShape: (value: unknown, at: string) => SetPolicyBody = shape.object({
  handle: parseHandle,
  version: shape.integer(1),
  commitment: parseBytes32,
  expires: shape.integer(),
})

export const readSetPolicy = (transaction: Transaction): SetPolicyBody => setShape(transaction.body, 'body')

export const readSetPolicyWire = (wire: Uint8Array): SetPolicyBody => readSetPolicy(decodeTransaction(wire))

/** Undefined for a body that this version of the rules cannot read. */
export function readPolicyBody(body: string): Policy | undefined {
  try {
    return parsePolicy(parseCanonicalString(body))
  } catch {
    return undefined
  }
}
