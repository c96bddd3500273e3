import {
  decodeBase64Url,
  decodeUtf8,
  encodeBase64Url,
  equalBytes,
  type Handle,
  InputError,
  parseAccessLogOrigin,
  parseCanonical,
  parseCheckpoint,
  parseNote,
  shape,
  type VerifierKey,
} from '@fiducia/core'
import {
  blindOf,
  type BundleFiles,
  decodeLeaf,
  eventCom,
  eventTag,
  formatDecisionRecord,
  MIN_RETENTION_DAYS,
  openSealedCopy,
  parseReceipt,
  parseTlogProof,
  readDisclosure,
  releasedReferences,
  type SealedContent,
  slotOf,
  tagKeyOf,
  trustIn,
  type TlogProof,
  type TrustInput,
  verifyBundle,
  type Verification,
  verifyLogProof,
} from '@fiducia/proofs'
import type { LogFindingCode, LogNoticeCode } from './findings.ts'
import { CLOCK_SLOTS, MAX_DECISION_SLOTS, MAX_UNSEALED_MS } from './limits.ts'

/**
 * The patient's walk through a holder's log. The completeness bundle proves which accesses of this relationship stand in it,
 * numbered 0, 1, 2 … under each origin to the first absent one. Against that list are held
 *
 *   the holder's copies       each listed access must have one that opens to exactly what the leaf commits to
 *   the requesters' copies    each receipt must stand in the list: one that does not is proof that the holder left it out
 *
 * and each access against its own time: no release passes over a policy version that the holder had acknowledged by then.
 * What is newer than the last seal is not judged; it will be after the next, which an honest holder makes within the hour. A copy
 * that is older than holders must keep one may be gone: that is told, and is no fault.
 */
export interface HolderCopy {
  readonly k: number
  readonly n: number
  /** 72 bytes. */
  readonly leaf: Uint8Array
  readonly sealed: Uint8Array
}

export interface CheckLogInput {
  readonly handle: Handle
  /** K of the relationship. */
  readonly secret: Uint8Array
  readonly completeness: BundleFiles
  readonly trust: TrustInput
  readonly holderCopies: readonly HolderCopy[]
  /** Texts of receipts, out of the requesters' sealed copies. */
  readonly requesterCopies: readonly string[]
  /** Policy versions that the holder acknowledged to this wallet, and when: from then on each must be asked, or a later one. Not those that the patient gave up for one that replaces them. */
  readonly acknowledged: readonly { readonly version: number; readonly at: number }[]
  /** The wallet's clock, milliseconds. */
  readonly now: number
}

export interface LogFinding {
  readonly code: LogFindingCode
  readonly detail: string
  /** Of `RECEIPT_UNLISTED`: the receipt, from which `proveLeftOut` makes a proof for others. */
  readonly receipt?: string
}

export interface LogNotice {
  readonly code: LogNoticeCode
  readonly detail: string
}

/** One access, read and held against the log. */
export interface ListedAccess {
  readonly k: number
  readonly n: number
  readonly leaf: Uint8Array
  /** Undefined when the copy is missing, is gone by age, or is not what the log commits to. */
  readonly content: SealedContent | undefined
}

export interface LogReport {
  /** Nothing was found. */
  readonly ok: boolean
  readonly verification: Verification
  readonly accesses: readonly ListedAccess[]
  readonly findings: readonly LogFinding[]
  readonly notices: readonly LogNotice[]
  /** Copies of accesses after the last seal. */
  readonly newer: number
}

interface SealedLog {
  readonly k: number
  readonly size: number
  readonly leaves: readonly Uint8Array[]
}

/** Never throws on what others sent; `readTrustInput` throws for a trust that cannot be read. */
export function checkLog(input: CheckLogInput): LogReport {
  const verification = verifyBundle(input.completeness, input.trust)
  if (!verification.valid || verification.kind !== 'completeness') {
    const failed = verification.checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`)
    return failedReport(verification, { code: 'LIST_INVALID', detail: failed.join('; ') })
  }
  if (verification.facts['handle'] !== input.handle) return failedReport(verification, { code: 'LIST_FOREIGN', detail: 'the head names another handle' })
  const logs = readLists(input.completeness)
  const listed = logs.flatMap((log) => log.leaves.map((leaf, n) => judgeListed({ k: log.k, n, leaf }, input)))
  const unlisted = input.holderCopies.map((copy) => judgeCopy(copy, logs))
  const receipts = input.requesterCopies.map((text) => judgeReceipt(text, { input, logs, org: verification.facts['org'] }))
  const judged = [...unlisted, ...receipts]
  const late = judged.filter(({ newer, slot }) => newer && slot < slotOf((input.now - MAX_UNSEALED_MS) / 1000))
  const findings: readonly LogFinding[] = [
    ...[...listed, ...judged].flatMap(({ finding }) => (finding === undefined ? [] : [finding])),
    ...late.map(({ slot }): LogFinding => ({ code: 'ACCESS_UNSEALED', detail: `an access of minute ${slot}` })),
  ]
  return {
    ok: findings.length === 0,
    verification,
    accesses: listed.map(({ access }) => access),
    findings,
    notices: listed.flatMap(({ notice }) => (notice === undefined ? [] : [notice])),
    newer: judged.filter(({ newer }) => newer).length,
  }
}

const failedReport = (verification: Verification, finding: LogFinding): LogReport => ({
  ok: false,
  verification,
  accesses: [],
  findings: [finding],
  notices: [],
  newer: 0,
})

const tagsShape = (value: unknown): { readonly k: number; readonly leaves: readonly string[] } => {
  const { k, leaves } = shape.isObject(value) ? value : {}
  return { k: shape.integer(1)(k, 'k'), leaves: shape.array(shape.text(100), Number.MAX_SAFE_INTEGER)(leaves, 'leaves') }
}

/** The lists of a bundle that has verified. */
function readLists(files: BundleFiles): readonly SealedLog[] {
  const folders = [...files.keys()].filter((name) => name.endsWith('/tags.json'))
  return folders.map((name) => {
    const { k, leaves } = tagsShape(parseCanonical(files.get(name) ?? new Uint8Array()))
    const proof = parseTlogProof(decodeUtf8(files.get(`${k}/seal.tlog-proof`) ?? new Uint8Array()))
    return { k, size: sizeOf(proof), leaves: leaves.map((leaf) => decodeBase64Url(leaf)) }
  })
}

const sizeOf = (proof: TlogProof): number => parseCheckpoint(parseNote(proof.note).text).size

interface JudgedAccess {
  readonly access: ListedAccess
  readonly finding?: LogFinding
  readonly notice?: LogNotice
}

function judgeListed(at: Omit<ListedAccess, 'content'>, input: CheckLogInput): JudgedAccess {
  const where = `access ${at.n} of log ${at.k}`
  const missing = (code: LogFindingCode, detail: string): JudgedAccess => ({
    access: { ...at, content: undefined },
    finding: { code, detail: `${where}: ${detail}` },
  })
  const copy = input.holderCopies.find(({ k, n }) => k === at.k && n === at.n)
  if (copy === undefined && isPastRetention(at.leaf, input.now))
    return { access: { ...at, content: undefined }, notice: { code: 'RETENTION_ENDED', detail: `${where}: of minute ${decodeLeaf(at.leaf).slot}` } }
  if (copy === undefined) return missing('COPY_MISSING', 'the holder gives out no copy')
  let content: SealedContent
  try {
    content = openSealedCopy(input.secret, copy.sealed)
  } catch (error) {
    if (error instanceof InputError) return missing('COPY_UNREADABLE', error.message)
    throw error
  }
  const difference = whatDiffers(content, at, input.handle)
  if (difference !== undefined) return missing('COPY_DIFFERS', difference)
  const access = { ...at, content }
  const untimely = judgeTime(content, decodeLeaf(at.leaf).slot, input.acknowledged)
  return untimely === undefined ? { access } : { access, finding: { ...untimely, detail: `${where}: ${untimely.detail}` } }
}

/** Of a leaf under a list that verified; the holder goes by its own clock. */
const isPastRetention = (leaf: Uint8Array, now: number): boolean => decodeLeaf(leaf).slot < slotOf(now / 1000 - MIN_RETENTION_DAYS * 86_400) + CLOCK_SLOTS

/** The instant must be of the leaf's minute or shortly before; what was acknowledged before that minute must have been asked. */
function judgeTime({ decision, disclosure }: SealedContent, slot: number, acknowledged: CheckLogInput['acknowledged']): LogFinding | undefined {
  const decided = slotOf(decision.instant / 1000)
  if (decided < slot - MAX_DECISION_SLOTS || decided > slot + CLOCK_SLOTS)
    return { code: 'INSTANT_DIFFERS', detail: `expected an instant of about minute ${slot}, found one of minute ${decided}` }
  if (releasedReferences(disclosure).length === 0) return undefined
  const newest = Math.max(0, ...decision.versions)
  const passedOver = acknowledged.find(({ version, at }) => version > newest && slot > slotOf(at / 1000) + CLOCK_SLOTS)
  return passedOver === undefined
    ? undefined
    : { code: 'POLICY_PASSED_OVER', detail: `version ${passedOver.version} was acknowledged, the decision asked versions up to ${newest}` }
}

/** The leaf's com must open to disclosure and decision, and the decision must be of this place. */
function whatDiffers({ decision, disclosure, salt, salt2 }: SealedContent, { k, n, leaf }: Omit<ListedAccess, 'content'>, handle: Handle): string | undefined {
  const { com, tag } = decodeLeaf(leaf)
  const blind = blindOf(decodeBase64Url(salt2), formatDecisionRecord(decision))
  if (!equalBytes(eventCom(decodeBase64Url(salt), disclosure, blind), com)) return 'the log commits to another disclosure or decision'
  if (decision.k !== k || decision.n !== n || decision.tag !== encodeBase64Url(tag)) return 'the decision is of another place in the log'
  try {
    return readDisclosure(disclosure).handle === handle ? undefined : 'the disclosure is of another relationship'
  } catch (error) {
    if (error instanceof InputError) return error.message
    throw error
  }
}

interface Judged {
  readonly newer: boolean
  /** The leaf's minute. */
  readonly slot: number
  readonly finding?: LogFinding
}

/** A copy whose number the list does not have is of a later access, or of a log that the list does not know. */
function judgeCopy({ k, n, leaf }: HolderCopy, logs: readonly SealedLog[]): Judged {
  const known = logs.find((one) => one.k === k)?.leaves[n]
  const slot = slotIn(leaf)
  if (known === undefined) return { newer: true, slot }
  if (equalBytes(known, leaf)) return { newer: false, slot }
  return { newer: false, slot, finding: { code: 'COPY_UNLISTED', detail: `access ${n} of log ${k}: the list has another leaf` } }
}

/** Of a leaf that nobody has judged; what cannot be read is of the first minute there was. */
function slotIn(leaf: Uint8Array): number {
  try {
    return decodeLeaf(leaf).slot
  } catch (error) {
    if (error instanceof InputError) return 0
    throw error
  }
}

interface ReceiptPlace {
  readonly input: CheckLogInput
  readonly logs: readonly SealedLog[]
  /** The holder. */
  readonly org: unknown
}

function judgeReceipt(text: string, place: ReceiptPlace): Judged {
  try {
    return judgeReadReceipt(text, place)
  } catch (error) {
    if (error instanceof InputError) return found('RECEIPT_UNREADABLE', error.message)
    throw error
  }
}

function judgeReadReceipt(text: string, { input, logs, org }: ReceiptPlace): Judged {
  const receipt = parseReceipt(text)
  const [leaf, proof] = [decodeBase64Url(receipt.leaf), parseTlogProof(receipt.proof)]
  if (readDisclosure(receipt.disclosure).handle !== input.handle) return found('RECEIPT_FOREIGN', 'the disclosure names another handle')
  const origin = parseCheckpoint(parseNote(proof.note).text).origin
  const name = parseAccessLogOrigin(origin)
  if (name === undefined || name.org !== org) return found('RECEIPT_UNPROVEN', 'expected a log of the holder')
  const unproven = whyUnproven(proof, leaf, trustIn(input.completeness, input.trust).policyAt().logs)
  if (unproven !== undefined) return found('RECEIPT_UNPROVEN', unproven)
  const log = logs.find(({ k }) => k === name.k)
  const { slot } = decodeLeaf(leaf)
  if (log?.leaves.some((listed) => equalBytes(listed, leaf)) === true) return { newer: false, slot }
  if (log === undefined || proof.index >= log.size) return { newer: true, slot }
  const hint = ownTag(input.secret, name.k, leaf, log.leaves.length) ? 'its tag is this relationship’s' : 'its tag is not this relationship’s'
  const detail = `leaf ${proof.index} of \`${origin}\` is below the sealed size and not in the list; ${hint}`
  return { newer: false, slot, finding: { code: 'RECEIPT_UNLISTED', detail, receipt: text } }
}

const found = (code: LogFindingCode, detail: string): Judged => ({ newer: false, slot: 0, finding: { code, detail } })

function whyUnproven(proof: TlogProof, leaf: Uint8Array, logs: readonly VerifierKey[]): string | undefined {
  try {
    verifyLogProof(proof, leaf, logs)
    return undefined
  } catch (error) {
    if (error instanceof InputError) return error.message
    throw error
  }
}

/** Whether the leaf carries one of the tags that follow the list: then a number was skipped. */
function ownTag(secret: Uint8Array, k: number, leaf: Uint8Array, from: number): boolean {
  const [tagkey, { tag }] = [tagKeyOf(secret), decodeLeaf(leaf)]
  return Array.from({ length: 64 }, (_, i) => eventTag(tagkey, k, from + i)).some((own) => equalBytes(own, tag))
}
