import { admitEd25519, decodeBase64Url, ed25519KeyId, encodeHex, type OrganizationId } from '@fiducia/core'
import { MAX_ADMITTED_KEYS } from './limits.ts'
import { keyRecord, validKey } from './modules/membership/queries.ts'
import { type Refusal, refuse } from './refusals.ts'
import type { Transaction, VerifySignature } from './types.ts'
import { type Judging, refuseInput } from './transition.ts'

/** Who signed. A type names its signers by public key; the signatures must be exactly theirs, and each must hold. */

/** The signature of the key with this id stands on the transaction. Says nothing about whether it holds. */
export const isSignedBy = (transaction: Transaction, publicKey: Uint8Array): boolean => {
  const id = ed25519KeyId(publicKey)
  return transaction.signatures.some(({ key }) => key === id)
}

/** `undefined` when the signatures are exactly those of these distinct keys and all hold. */
export function judgeSignatures(transaction: Transaction, publicKeys: readonly Uint8Array[], verify: VerifySignature): Refusal | undefined {
  const expected = new Map(publicKeys.map((publicKey) => [ed25519KeyId(publicKey), publicKey]))
  const { signatures } = transaction
  if (expected.size !== publicKeys.length) return refuse('TX_SIGNERS', 'the signers that the type requires must have different keys')
  if (signatures.length !== expected.size || !signatures.every(({ key }) => expected.has(key))) {
    return refuse('TX_SIGNERS', `expected ${expected.size} signatures by the keys that the type requires, found ${signatures.length}`)
  }
  for (const { key, sig } of signatures) {
    const publicKey = expected.get(key)
    if (publicKey === undefined || !verify(publicKey, transaction.signedBytes, sig))
      return refuse('TX_SIGNATURE', `the signature by key \`${key}\` does not verify`)
  }
  return undefined
}

export const requireSigners = ({ transaction, verify }: Judging, ...publicKeys: readonly Uint8Array[]): Refusal | undefined =>
  judgeSignatures(transaction, publicKeys, verify)

export interface NodeSigner {
  readonly org: OrganizationId
  readonly publicKey: Uint8Array
}

/** The first signature by a valid node key (of `org`, or of any organization), or undefined. */
export function nodeSigner({ state, height, transaction }: Judging, org?: OrganizationId): NodeSigner | undefined {
  for (const { key } of transaction.signatures) {
    const record = validKey(keyRecord(state, key), 'node', height)
    if (record !== undefined && (org === undefined || record.org === org)) return { org: record.org, publicKey: decodeBase64Url(record.pub) }
  }
  return undefined
}

export const noNodeKey = (org?: OrganizationId): Refusal =>
  refuse('TX_NODE_KEY', org === undefined ? 'expected a signature by a node key of an organization' : `expected a signature by a node key of \`${org}\``)

/** Keys that were found admissible: the test costs a millisecond and is asked on arrival and again in the block. */
const admissible = new Set<string>()

function admitOnce(publicKey: Uint8Array): void {
  const name = encodeHex(publicKey)
  if (admissible.has(name)) return
  admitEd25519(publicKey)
  if (admissible.size >= MAX_ADMITTED_KEYS) admissible.clear()
  admissible.add(name)
}

/** A refusal unless each key may stand on the ledger. */
export function requireAdmissible(...publicKeys: readonly Uint8Array[]): Refusal | undefined {
  return refuseInput('KEY_INADMISSIBLE', () => publicKeys.forEach(admitOnce))
}
