import {
  type Checkpoint,
  decodeBase64Url,
  decodeUtf8,
  encodeBase64,
  equalBytes,
  isSignatureBy,
  type Note,
  parseBytes32,
  parseCheckpoint,
  parseNote,
  type Parser,
  parseStateProof,
  shape,
  show,
  type VerifierKey,
  verifyConsistency,
  verifyCosignature,
  verifyNoteSignature,
  verifyStateProof,
} from '@fiducia/core'
import { ANSWER_WAIT_MS, type DisputeRecord, parseDisputeRecord } from '@fiducia/ledger'
import { verifyLogNote } from '../cosigned.ts'
import { decodeLeaf } from '../leaf.ts'
import { MAX_CHAIN_SEARCH } from '../limits.ts'
import { formatRecord } from '../records.ts'
import { chainOf } from '../relationship-keys.ts'
import { eventTag } from '../tags.ts'
import type { TrustPolicy } from '../trust-policy.ts'
import type { BundleFiles } from '../types.ts'
import { checkAccess, checkDisclosure, checkHandle } from './access.ts'
import { type Checklist, demand, passed } from './checklist.ts'
import { verifyCompleteness } from './completeness.ts'
import { accessLogOf, fileOf, readJson, readProof, type ReadProof, readSalt, refuseExtra } from './read.ts'
import { checkAge, checkBlock, checkCosigned, checkHeadFiles, isoTime, judgedBlock } from './shared.ts'
import type { Trust } from './trust.ts'

/**
 * Proof that somebody broke the rules, for people who believe neither side (PROTOCOL section 5). What is shown was signed by
 * the one at fault, and cannot be signed by one who keeps the rules:
 *
 *   fork         two checkpoints by one key, of a log or a witness, that no log which only grows can both have
 *   twin-tags    two entries with one tag under one checkpoint: the holder can then show the patient either
 *   off-chain    an access under a tag that no number of the patient's chain gives: the patient cannot find it
 *   left-out     an access below a seal that the complete list up to this seal does not have: its number was skipped
 *   unanswered   a dispute that the log's owner left without an answer
 */

// ---- fork ---------------------------------------------------------------------------------------------------------------

interface SignedCheckpoint {
  readonly note: Note
  readonly checkpoint: Checkpoint
}

const readNote = (files: BundleFiles, name: string): SignedCheckpoint => {
  const note = parseNote(decodeUtf8(fileOf(files, name)))
  demand(note.signatures.length === 1, `${name}: expected the one line of the key at fault, found ${note.signatures.length} lines`)
  return { note, checkpoint: parseCheckpoint(note.text) }
}

const parseConsistency = shape.object({ path: shape.array(parseBytes32, 63), root: parseBytes32 })

export function verifyFork(list: Checklist, files: BundleFiles, trust: Trust | undefined): void {
  if (trust === undefined) return
  const signed = list.run('signed-twice', () => {
    const [first, second] = [readNote(files, 'first.note'), readNote(files, 'second.note')]
    const key = keysOf(trust.policyAt()).find((one) => isSignedBy(first, one))
    demand(key !== undefined, 'first.note: expected a signature by a log or a witness of the trust from outside')
    demand(key !== undefined && isSignedBy(second, key), `second.note: expected a signature by the same key, ${show(first.note.signatures[0]?.name)}`)
    return passed({ first: first.checkpoint, second: second.checkpoint, by: key?.name ?? '' }, `both carry a signature by ${show(key?.name)}`)
  })
  if (signed === undefined) return
  list.note('culprit', signed.by)
  list.note('origin', signed.first.origin)
  list.run('contradiction', () => passed(true, contradictionOf(files, signed)))
  checkAge(list, trust)
}

const keysOf = ({ logs, groups }: TrustPolicy): readonly VerifierKey[] => [...logs, ...groups.flatMap(({ witnesses }) => witnesses)]

/** A log speaks for itself only; a witness for whatever log it cosigned. */
function isSignedBy({ note, checkpoint }: SignedCheckpoint, key: VerifierKey): boolean {
  const [line] = note.signatures
  if (line === undefined || !isSignatureBy(line, key)) return false
  return verifyCosignature(note.text, line, key) !== undefined || (key.name === checkpoint.origin && verifyNoteSignature(note.text, line, key))
}

/** What no log can have, in words; throws where it can. */
function contradictionOf(files: BundleFiles, { first, second }: { readonly first: Checkpoint; readonly second: Checkpoint }): string {
  demand(first.origin === second.origin, `expected two checkpoints of one log, found ${show(first.origin)} and ${show(second.origin)}`)
  if (first.size === second.size) {
    demand(encodeBase64(first.root) < encodeBase64(second.root), 'expected two roots, the one that is written smaller first')
    demand(!files.has('consistency.json'), 'consistency.json: expected none for two checkpoints of one size')
    return `two roots for size ${first.size} of ${show(first.origin)}`
  }
  demand(first.size < second.size, 'expected the smaller checkpoint first')
  const { path, root } = readJson(files, 'consistency.json', parseConsistency)
  const grownFrom = decodeBase64Url(root)
  verifyConsistency(
    first.size,
    second.size,
    path.map((hash) => decodeBase64Url(hash)),
    grownFrom,
    second.root,
  )
  demand(!equalBytes(grownFrom, first.root), 'the second checkpoint extends the first')
  return `the log of size ${second.size} had another root at size ${first.size} than the first checkpoint says`
}

// ---- twin-tags ----------------------------------------------------------------------------------------------------------

export function verifyTwinTags(list: Checklist, files: BundleFiles, trust: Trust | undefined): void {
  const twins = list.run('twin-tags', () => {
    const [first, second] = [readProof(files, 'first'), readProof(files, 'second')]
    for (const read of [first, second]) refuseExtra(read)
    const log = accessLogOf(first, {})
    demand(first.proof.note === second.proof.note, 'expected both entries under one note')
    demand(first.proof.index < second.proof.index, `expected two entries, the earlier first, found ${first.proof.index} and ${second.proof.index}`)
    const [one, other] = [decodeLeaf(first.entry), decodeLeaf(second.entry)]
    demand(one.kind === 'entry' && other.kind === 'entry' && equalBytes(one.tag, other.tag), 'expected two entries with one tag')
    list.note('origin', first.checkpoint.origin)
    list.note('culprit', log.org)
    return passed(first, `entries ${first.proof.index} and ${second.proof.index} of ${show(first.checkpoint.origin)}`)
  })
  if (twins === undefined || trust === undefined) return
  checkLogNote(list, twins, trust)
  checkAge(list, trust)
}

/** The log's own signature is all that its fault takes. */
function checkLogNote(list: Checklist, { name, proof }: ReadProof, trust: Trust): void {
  list.run('signed', () => {
    const { origin, size } = verifyLogNote(proof.note, trust.policyAt().logs)
    return passed(true, `${name}: size ${size} of ${show(origin)}, signed by the log`)
  })
}

// ---- off-chain ----------------------------------------------------------------------------------------------------------

export function verifyOffChain(list: Checklist, files: BundleFiles, trust: Trust | undefined): void {
  const head = checkHeadFiles(list, files)
  const access = head === undefined ? undefined : checkAccess(list, files, { org: head.value.org, net: head.block.net })
  const facts = access === undefined ? undefined : checkDisclosure(list, files, access)
  if (head === undefined || access === undefined || facts === undefined) return
  checkHandle(list, facts, head)
  list.note('culprit', head.value.org)
  const { index } = access.read.proof
  const tagkey = list.run('chain', () => {
    const key = readSalt(files, 'tagkey')
    demand(chainOf(key) === head.value.chain, 'tagkey: the chain of the head does not open to this tag key')
    return passed(key, 'the head commits to the tag key')
  })
  if (tagkey === undefined) return
  list.run('off-chain', () => {
    demand(index < MAX_CHAIN_SEARCH, `expected an index below ${MAX_CHAIN_SEARCH}, found ${index}: show it as left out of the complete list`)
    for (let n = 0; n <= index; n += 1) demand(!equalBytes(eventTag(tagkey, access.k, n), access.leaf.tag), `the entry has the tag of number ${n}`)
    return passed(true, `none of the numbers 0 to ${index} gives the tag of entry ${index}`)
  })
  if (trust === undefined) return
  checkLogNote(list, access.read, trust)
  checkCosigned(list, [judgedBlock(head.block)], trust)
}

// ---- left-out -----------------------------------------------------------------------------------------------------------

export function verifyLeftOut(list: Checklist, files: BundleFiles, trust: Trust | undefined): void {
  const listed = verifyCompleteness(list, files, trust)
  if (listed === undefined) return
  const { head, logs } = listed
  const access = checkAccess(list, files, { org: head.value.org, net: head.block.net })
  const facts = access === undefined ? undefined : checkDisclosure(list, files, access)
  if (access === undefined || facts === undefined) return
  checkHandle(list, facts, head)
  list.note('culprit', head.value.org)
  list.run('left-out', () => {
    const log = logs.find(({ k }) => k === access.k)
    demand(log !== undefined, `expected the list of log ${access.k}`)
    demand(log?.seal.proof.note === access.read.proof.note, 'access.tlog-proof: expected the note under which the seal stands')
    const at = log?.tags.leaves.findIndex((leaf) => equalBytes(decodeBase64Url(leaf), access.read.entry)) ?? -1
    demand(at < 0, `the list has this access as number ${at}`)
    return passed(true, `entry ${access.read.proof.index} is none of the ${log?.tags.n ?? 0} in the list of log ${access.k}`)
  })
}

// ---- unanswered ---------------------------------------------------------------------------------------------------------

const parseFiled: Parser<{ readonly id: string; readonly value: DisputeRecord }> = shape.object({ id: parseBytes32, value: parseDisputeRecord })

export function verifyUnanswered(list: Checklist, files: BundleFiles, trust: Trust | undefined): void {
  const block = checkBlock(list, files)
  if (block === undefined) return
  const filed = list.run('dispute', () => {
    const { id, value } = readJson(files, 'dispute.json', parseFiled)
    verifyStateProof(block.block.stateRoot, `dispute/${id}`, formatRecord(value), readJson(files, 'dispute.state.json', parseStateProof))
    verifyStateProof(block.block.stateRoot, `answer/${id}`, null, readJson(files, 'answer.state.json', parseStateProof))
    return passed(value, `\`${value.by}\` holds a note of ${show(value.origin)} for size ${value.size}, filed ${isoTime(value.at)}`)
  })
  if (filed === undefined) return
  list.note('origin', filed.origin)
  list.note('culprit', filed.origin)
  list.note('by', filed.by)
  list.run('unanswered', () => {
    const until = filed.at + ANSWER_WAIT_MS
    demand(block.block.time > until, `the owner of the log may answer until ${isoTime(until)}; the block is of ${isoTime(block.block.time)}`)
    return passed(true, `no answer by ${isoTime(block.block.time)}`)
  })
  if (trust !== undefined) checkCosigned(list, [judgedBlock(block)], trust)
}
