import { type Bytes32, decodeBase64Url, ed25519KeyId, encodeUtf8, type Handle, verifySignature } from '@fiducia/core'
import { decodeTransaction, effectiveHead, policyCommitment, type RelationshipHead, relationship, type Transaction } from '@fiducia/ledger'
import { MAX_PENDING_VERSIONS, MAX_POLICY_BYTES } from '../limits.ts'
import type { NodeContext } from '../node-context.ts'
import type { PolicyVersion } from './policy-files.ts'
import { readPolicyBody, readSetPolicy } from './read-policy.ts'

/**
 * What a holder demands of a policy before it acknowledges it (PROTOCOL section 3, Body and pending): signed by control or
 * a delegate with the right, above the version of its replica, still valid, opening its commitment, and readable. Anything
 * less would be a promise that the holder cannot keep.
 */
export interface HandedOver {
  /** The signed policy.set. */
  readonly wire: Uint8Array
  /** The exact text of the policy. */
  readonly body: string
  readonly salt: Uint8Array
}

export type PolicyJudgement = { readonly ok: true; readonly version: PolicyVersion } | { readonly ok: false; readonly problem: string }

const refuse = (problem: string): PolicyJudgement => ({ ok: false, problem })

export function judgePolicy(
  context: Pick<NodeContext, 'ledger' | 'clock' | 'net'>,
  handle: Handle,
  handedOver: HandedOver,
  pending: readonly PolicyVersion[],
): PolicyJudgement {
  const now = Math.max(context.clock.now(), context.ledger.tip().time)
  const raw = relationship(context.ledger.tip(), handle)
  const transaction = decode(handedOver.wire)
  if (raw === undefined) return refuse('expected a relationship that the ledger has')
  if (transaction === undefined) return refuse('expected a signed transaction')
  const head = effectiveHead(raw, now)
  const { version, commitment, handle: named } = readSetPolicy(transaction)
  if (transaction.type !== 'policy.set' || transaction.net !== context.net || named !== handle) return refuse('expected a policy.set for this relationship')
  if (transaction.validUntil < now) return refuse(`expected a transaction that is still valid, found one valid until ${transaction.validUntil}`)
  if (head.status !== 'open') return refuse('expected an open relationship')
  if (version <= head.version) return refuse(`expected a version above ${head.version}, found ${version}`)
  const by = signerOf(transaction, head, now)
  if (by === undefined) return refuse('expected the signature of control, or of a delegate who may set or restrict')
  if (encodeUtf8(handedOver.body).length > MAX_POLICY_BYTES) return refuse(`expected a policy of at most ${MAX_POLICY_BYTES} bytes`)
  if (policyCommitment(handedOver.body, handedOver.salt) !== commitment) return refuse('the policy and its salt do not open the commitment')
  if (readPolicyBody(handedOver.body) === undefined) return refuse('expected a policy that this version of the rules can read')
  const isKnown = pending.some((one) => one.commitment === commitment)
  if (!isKnown && pending.length >= MAX_PENDING_VERSIONS) return refuse(`expected at most ${MAX_PENDING_VERSIONS} pending versions; replace some`)
  const { wire, body, salt } = handedOver
  return { ok: true, version: { handle, version, commitment, by, byControl: by === head.control, wire, body, salt } }
}

function decode(wire: Uint8Array): Transaction | undefined {
  try {
    const transaction = decodeTransaction(wire)
    readSetPolicy(transaction)
    return transaction
  } catch {
    return undefined
  }
}

/** The control key, or a delegate's with the right, whose signature the transaction carries and which holds. */
function signerOf(transaction: Transaction, head: RelationshipHead, now: number): Bytes32 | undefined {
  const [signature] = transaction.signatures
  if (signature === undefined || transaction.signatures.length !== 1) return undefined
  const delegates = head.delegates.filter(({ expires, rights }) => now <= expires && (rights.includes('set') || rights.includes('restrict')))
  const signer = [head.control, ...delegates.map(({ pub }) => pub)].find((pub) => ed25519KeyId(decodeBase64Url(pub)) === signature.key)
  return signer !== undefined && verifySignature(decodeBase64Url(signer), transaction.signedBytes, signature.sig) ? signer : undefined
}
