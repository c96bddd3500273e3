import {
  decodeBase64Url,
  encodeCanonical,
  encodeUtf8,
  equalBytes,
  type Handle,
  InputError,
  type JsonValue,
  ledgerOrigin,
  type NetworkId,
  type OrganizationId,
  parseAccessLogOrigin,
  sha256,
  type VerifierKey,
  verifyStateProof,
} from '@fiducia/core'
import { checkLink, decodeBlockEntry, effectiveHead, relationshipKey, type RelationshipHead } from '@fiducia/ledger'
import { slotWindow, verifyCosigned } from './cosigned.ts'
import { readDisclosure } from './disclosure.ts'
import type { Finding, ReceiptFault } from './findings.ts'
import { decodeLeaf, formatBytes32, hashOfLeaf, slotOf } from './leaf.ts'
import { SLOT_TOLERANCE } from './limits.ts'
import { openExtra, parseReceipt } from './receipt.ts'
import { formatRecord } from './records.ts'
import { eventCom } from './tags.ts'
import { parseTlogProof, type TlogProof, verifyLogProof, verifyTlogInclusion } from './tlog-proof.ts'
import type { TrustPolicy } from './trust-policy.ts'
import type { AccessLeaf, DisclosureFacts, ProvenHead, Receipt } from './types.ts'

/**
 * What a requester demands of a receipt before it uses a byte of the answer (PROTOCOL section 4, Receipt):
 *
 *   the leaf is in the holder's log, and commits to this disclosure
 *   the disclosure is of this body, this requester, practitioner, purpose and request, in this minute, and is new
 *   the link holds; the head is the ledger's current one by a fresh quorum, equal to the own replica, and not closed
 *
 * Break-glass waives the head's freshness, and by identifier the link; an answer that releases nothing then has no head.
 */
export interface ReceiptContext {
  readonly net: NetworkId
  readonly holder: OrganizationId
  /** The own organization. */
  readonly requester: OrganizationId
  /** `system|value` */
  readonly practitioner: string
  readonly purpose: string
  /** What was sent; its hash must be in the disclosure. */
  readonly authorizationDetails: JsonValue
  /** The signed link that the request went by, or null in break-glass by identifier. */
  readonly link: JsonValue
  readonly breakGlass: boolean
  /** The own clock, milliseconds. */
  readonly now: number
  /** T of the network's rules, seconds. */
  readonly freshSeconds: number
  /** The registered keys of the holder's logs. */
  readonly holderLogs: readonly VerifierKey[]
  readonly trust: TrustPolicy
  /** The own replica's root at a size, undefined where it has not reached it. */
  readonly replicaRoot: (size: number) => Uint8Array | undefined
  /** Whether this leaf (by the hash of its 72 bytes) came with an earlier answer in these three slots. */
  readonly seen: (leafHash: Uint8Array) => boolean
}

export interface AcceptedReceipt {
  readonly receipt: Receipt
  readonly facts: DisclosureFacts
  readonly leaf: AccessLeaf
  readonly leafBytes: Uint8Array
  /** Plain SHA-256 of the 72 bytes. */
  readonly leafHash: Uint8Array
  /** The holder's log and the note that the requester now holds of it. */
  readonly origin: string
  readonly note: string
  readonly handle: Handle | undefined
}

export type ReceiptVerdict =
  | { readonly ok: true; readonly accepted: AcceptedReceipt }
  | { readonly ok: false; readonly findings: readonly Finding<ReceiptFault>[] }

interface ReadReceipt {
  readonly receipt: Receipt
  readonly facts: DisclosureFacts
  readonly leaf: AccessLeaf
  readonly leafBytes: Uint8Array
  readonly proof: TlogProof
  readonly head: ReadHead | null
}

interface ReadHead {
  readonly proven: ProvenHead
  readonly block: Uint8Array
  readonly proof: TlogProof
}

type Findings = readonly Finding<ReceiptFault>[]
const finding = (code: ReceiptFault, message: string): Findings => [{ code, message }]
const unless = (holds: boolean, code: ReceiptFault, message: string): Findings => (holds ? [] : finding(code, message))

/** The findings of work that throws an `InputError` when it finds something. */
function guarded(code: ReceiptFault, work: () => void): Findings {
  try {
    work()
    return []
  } catch (error) {
    if (error instanceof InputError) return finding(code, error.message)
    throw error
  }
}

/** Everything that is wrong, or the receipt taken apart. Never throws, whatever the text. */
export function checkReceipt(text: string, body: string, context: ReceiptContext): ReceiptVerdict {
  let read: ReadReceipt
  try {
    read = readReceipt(text)
  } catch (error) {
    if (error instanceof InputError) return { ok: false, findings: finding('RECEIPT_FORMAT', error.message) }
    throw error
  }
  const findings = [
    ...checkLeaf(read, context),
    ...checkDisclosure(read, body, context),
    ...checkRight(read, context),
    ...(read.head === null ? [] : checkHead(read, read.head, context)),
  ]
  return findings.length > 0 ? { ok: false, findings } : { ok: true, accepted: acceptedOf(read) }
}

function readReceipt(text: string): ReadReceipt {
  const receipt = parseReceipt(text)
  const leafBytes = decodeBase64Url(receipt.leaf)
  const head = receipt.head === null ? null : { proven: receipt.head, block: decodeBase64Url(receipt.head.block), proof: parseTlogProof(receipt.head.proof) }
  return { receipt, leafBytes, head, leaf: decodeLeaf(leafBytes), proof: parseTlogProof(receipt.proof), facts: readDisclosure(receipt.disclosure) }
}

function acceptedOf({ receipt, facts, leaf, leafBytes, proof }: ReadReceipt): AcceptedReceipt {
  const checkpoint = verifyTlogInclusion(proof, leafBytes)
  return { receipt, facts, leaf, leafBytes, leafHash: hashOfLeaf(leafBytes), origin: checkpoint.origin, note: proof.note, handle: facts.handle }
}

/** The leaf: an entry, in a log of the holder, committed to this disclosure, of this minute and new. */
function checkLeaf({ leaf, leafBytes, proof, receipt }: ReadReceipt, context: ReceiptContext): Findings {
  const ownSlot = slotOf(context.now / 1000)
  const opened = openExtra(proof.extra)
  return [
    ...unless(leaf.kind === 'entry', 'LEAF_KIND', 'expected an entry, found a seal'),
    ...guarded('LOG_UNPROVEN', () => verifyLogProof(proof, leafBytes, context.holderLogs)),
    ...unless(isLogOf(context, proof), 'LOG_FOREIGN', `expected an access log of \`${context.holder}\``),
    ...unless(opened !== undefined, 'EXTRA_MISSING', `expected 64 bytes of extra, found ${proof.extra?.length ?? 0}`),
    ...unless(
      opened === undefined || equalBytes(eventCom(opened.salt, receipt.disclosure, opened.blind), leaf.com),
      'COM_DIFFERS',
      'the leaf commits to another disclosure',
    ),
    ...unless(Math.abs(leaf.slot - ownSlot) <= SLOT_TOLERANCE, 'SLOT_DIFFERS', `expected slot ${ownSlot} ± ${SLOT_TOLERANCE}, found ${leaf.slot}`),
    ...unless(!context.seen(hashOfLeaf(leafBytes)), 'LEAF_SEEN', 'the leaf came with an earlier answer'),
  ]
}

function isLogOf({ net, holder }: ReceiptContext, proof: TlogProof): boolean {
  const name = parseAccessLogOrigin(proof.note.slice(0, proof.note.indexOf('\n')))
  return name !== undefined && name.net === net && name.org === holder
}

const hashOf = (bytes: Uint8Array) => formatBytes32(sha256(bytes))

/** The disclosure: of this body and of the own request. */
function checkDisclosure({ facts }: ReadReceipt, body: string, context: ReceiptContext): Findings {
  return [
    ...unless(facts.responseDigest === hashOf(encodeUtf8(body)), 'BODY_DIFFERS', 'the disclosure is of another body'),
    ...unless(facts.requester === context.requester, 'REQUESTER_DIFFERS', `expected requester \`${context.requester}\``),
    ...unless(facts.practitioner === context.practitioner, 'PRACTITIONER_DIFFERS', 'the disclosure names another practitioner'),
    ...unless(facts.purpose === context.purpose, 'PURPOSE_DIFFERS', `expected purpose \`${context.purpose}\``),
    ...unless(facts.authzHash === hashOf(encodeCanonical(context.authorizationDetails)), 'AUTHZ_DIFFERS', 'the disclosure is of another request'),
  ]
}

/** The right to ask: a link whose head is there, or break-glass by identifier with handle and head together or not at all. */
function checkRight({ facts, head }: ReadReceipt, context: ReceiptContext): Findings {
  if (context.link === null) {
    return [
      ...unless(context.breakGlass, 'LINK_MISSING', 'no link, no request'),
      ...unless((facts.handle === undefined) === (head === null), 'HANDLE_ALONE', head === null ? 'a handle without a head' : 'a head without a handle'),
    ]
  }
  if (head === null) return finding('HEAD_MISSING', 'by link the head is always there')
  if (facts.handle === undefined) return finding('HANDLE_ALONE', 'a head without a handle')
  const { net, holder, requester, now, link } = context
  const verdict = checkLink(link, { net, holder, requester, handle: facts.handle, head: head.proven.value, instant: now })
  if (verdict.ok) return []
  return verdict.code === 'LINK_HANDLE' ? finding('HANDLE_DIFFERS', verdict.message) : finding('LINK_INVALID', verdict.message)
}

/** The head: the holder's, proved, cosigned (freshly, but in break-glass), the current one, of the own ledger, not closed. */
function checkHead({ facts, leaf }: ReadReceipt, { proven, block, proof }: ReadHead, context: ReceiptContext): Findings {
  const { value } = proven
  const window = context.breakGlass ? {} : { window: slotWindow(leaf.slot, context.freshSeconds) }
  return [
    ...unless(value.org === context.holder, 'HEAD_FOREIGN', `expected a head of \`${context.holder}\``),
    ...guarded('HEAD_UNPROVEN', () => verifyHeadProof(facts.handle, value, proven, block)),
    ...guarded('HEAD_UNPROVEN', () => verifyTlogInclusion(proof, block)),
    ...unless(proof.extra === undefined, 'HEAD_UNPROVEN', 'the proof of the head carries extra'),
    ...guarded('HEAD_NOT_COSIGNED', () => verifyCosigned(proof.note, context.trust, { origin: ledgerOrigin(context.net), strict: true, ...window })),
    ...checkPlace(proof, block, context),
    ...unless(effectiveHead(value, context.now).status !== 'closed', 'HEAD_CLOSED', 'the relationship is closed'),
  ]
}

function verifyHeadProof(handle: Handle | undefined, value: RelationshipHead, proven: ProvenHead, block: Uint8Array): void {
  if (handle === undefined) return
  verifyStateProof(decodeBlockEntry(block).stateRoot, relationshipKey(handle), formatRecord(value), proven.state)
}

/** The block is the checkpoint's last entry, and the own replica has the same root at that size. */
function checkPlace(proof: TlogProof, block: Uint8Array, { replicaRoot }: ReceiptContext): Findings {
  let size: number
  let root: Uint8Array
  try {
    ;({ size, root } = verifyTlogInclusion(proof, block))
  } catch {
    return []
  }
  const own = replicaRoot(size)
  return [
    ...unless(proof.index === size - 1, 'HEAD_NOT_CURRENT', `expected the last entry ${size - 1}, found ${proof.index}`),
    ...unless(
      own !== undefined && equalBytes(own, root),
      'HEAD_OTHER_LEDGER',
      `the own replica ${own === undefined ? 'has not reached' : 'has another root at'} size ${size}`,
    ),
  ]
}
