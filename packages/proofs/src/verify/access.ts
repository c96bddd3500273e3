import { decodeBase64Url, encodeBase64Url, equalBytes, InputError, type NetworkId } from '@fiducia/core'
import { slotWindow } from '../cosigned.ts'
import { readDecisionRecord } from '../decision-record.ts'
import { readDisclosure } from '../disclosure.ts'
import { decodeLeaf } from '../leaf.ts'
import { SLOT_SECONDS } from '../limits.ts'
import { type OpenedExtra, openExtra } from '../receipt.ts'
import { blindOf, eventCom, mirrorTag } from '../tags.ts'
import type { AccessLeaf, BundleFiles, DisclosureFacts } from '../types.ts'
import { type Checklist, demand, passed } from './checklist.ts'
import { accessLogOf, readCanonicalText, readProof, type ReadProof, readSalt, refuseExtra } from './read.ts'
import { type CheckedHead, checkCosigned, checkHeadFiles, isoSeconds, type Judged, judgedBlock } from './shared.ts'
import type { Trust } from './trust.ts'

/** One access: who got what, that it was logged, under which head; and the request that named no relationship. */

const BREAK_GLASS = 'BTG'

export function verifyAccess(list: Checklist, files: BundleFiles, trust: Trust | undefined): void {
  const head = checkHeadFiles(list, files)
  if (head === undefined) return
  const access = checkAccess(list, files, { org: head.value.org, net: head.block.net })
  if (access === undefined) return
  const facts = checkDisclosure(list, files, access)
  if (facts === undefined) return
  checkHandle(list, facts, head)
  if (files.has('decision.json')) checkDecision(list, files, { access, facts, head })
  const mirror = files.has('mirror.leaf') ? checkMirror(list, files, { access, facts, net: head.block.net }) : undefined
  list.note('decision', files.has('decision.json'))
  list.note('mirrored', mirror !== undefined)
  if (trust === undefined) return
  const proofs: readonly Judged[] = [judgedBlock(head.block), { read: access.read }, ...(mirror === undefined ? [] : [{ read: mirror }])]
  const cosigned = checkCosigned(list, proofs, trust)
  checkFresh(list, { times: cosigned?.[0]?.cosignatures.map(({ time }) => time), facts, slot: access.leaf.slot, freshSeconds: trust.freshSeconds })
}

export function verifyEntry(list: Checklist, files: BundleFiles, trust: Trust | undefined): void {
  const access = checkAccess(list, files, {})
  if (access === undefined) return
  const facts = checkDisclosure(list, files, access)
  if (facts === undefined) return
  list.run('handle', () => {
    demand(facts.handle === undefined, 'the disclosure names a relationship: its head is missing from the bundle')
    return passed(true, 'the disclosure names no relationship')
  })
  if (trust !== undefined) checkCosigned(list, [{ read: access.read }], trust)
}

export interface CheckedAccess {
  readonly read: ReadProof
  readonly leaf: AccessLeaf
  readonly opened: OpenedExtra
  readonly k: number
}

/** access.* under a log of the holder, an entry, with salt and blind. */
export function checkAccess(list: Checklist, files: BundleFiles, owner: { readonly org?: string; readonly net?: NetworkId }): CheckedAccess | undefined {
  return list.run('access', () => {
    const read = readProof(files, 'access')
    const log = accessLogOf(read, owner)
    const leaf = decodeLeaf(read.entry)
    const opened = openExtra(read.proof.extra)
    demand(leaf.kind === 'entry', 'access: expected an entry, found a seal')
    if (opened === undefined) throw new InputError('PROOF_FORMAT', `access.tlog-proof: expected 64 bytes of extra, found ${read.proof.extra?.length ?? 0}`)
    list.note('net', log.net)
    list.note('org', log.org)
    list.note('k', log.k)
    list.note('at', leaf.slot * SLOT_SECONDS)
    return passed(
      { read, leaf, opened, k: log.k },
      `entry ${read.proof.index} of \`${read.checkpoint.origin}\`, in the minute from ${isoSeconds(leaf.slot * SLOT_SECONDS)}`,
    )
  })
}

export function checkDisclosure(list: Checklist, files: BundleFiles, { leaf, opened }: CheckedAccess): DisclosureFacts | undefined {
  return list.run('disclosure', () => {
    const text = readCanonicalText(files, 'disclosure.json')
    demand(equalBytes(eventCom(opened.salt, text, opened.blind), leaf.com), 'the entry does not commit to this disclosure')
    const facts = readDisclosure(text)
    list.note('requester', facts.requester)
    list.note('purpose', facts.purpose)
    return passed(facts, `to \`${facts.requester}\` for purpose \`${facts.purpose}\``)
  })
}

export function checkHandle(list: Checklist, facts: DisclosureFacts, head: CheckedHead): void {
  list.run('handle', () => {
    demand(facts.handle === head.handle, 'the disclosure is of another relationship than the head')
    return passed(true, `both name relationship \`${head.handle}\``)
  })
}

interface Decided {
  readonly access: CheckedAccess
  readonly facts: DisclosureFacts
  readonly head: CheckedHead
}

/** The record of this entry; the version under the head shown was asked, but in break-glass, which may go by an older body. */
function checkDecision(list: Checklist, files: BundleFiles, { access: { leaf, opened, k }, facts, head }: Decided): void {
  list.run('decision', () => {
    const text = readCanonicalText(files, 'decision.json')
    const record = readDecisionRecord(text)
    demand(equalBytes(blindOf(readSalt(files, 'salt2'), text), opened.blind), 'the entry does not commit to this decision')
    demand(record.tag === encodeBase64Url(leaf.tag), 'decision.json: expected the tag of the entry, found another')
    demand(record.k === k, `decision.json: expected k ${k}, found ${record.k}`)
    const asksHead = facts.purpose === BREAK_GLASS || record.versions.includes(head.value.version)
    demand(asksHead, `decision.json: expected version ${head.value.version} of the head among those asked, found ${record.versions.join(', ') || 'none'}`)
    return passed(
      true,
      `number ${record.n}, by policy versions ${record.versions.join(', ')} and rules \`${record.rules}\`; ${record.withheld.length} withheld`,
    )
  })
}

function checkMirror(
  list: Checklist,
  files: BundleFiles,
  { access, facts, net }: { readonly access: CheckedAccess; readonly facts: DisclosureFacts; readonly net: NetworkId },
): ReadProof | undefined {
  return list.run('mirror', () => {
    const read = readProof(files, 'mirror')
    refuseExtra(read)
    accessLogOf(read, { org: facts.requester, net })
    const leaf = decodeLeaf(read.entry)
    demand(leaf.kind === 'entry', 'mirror: expected an entry, found a seal')
    demand(equalBytes(leaf.tag, mirrorTag(decodeBase64Url(facts.mirrorKey), access.read.entry)), 'mirror: the entry mirrors another access')
    return passed(read, `entry ${read.proof.index} of \`${read.checkpoint.origin}\``)
  })
}

interface Freshness {
  /** Seconds; undefined when the cosignatures do not hold. */
  readonly times: readonly number[] | undefined
  readonly facts: DisclosureFacts
  readonly slot: number
  readonly freshSeconds: number
}

/** Each cosignature under the head lies in the window of the entry's minute; waived in break-glass. */
function checkFresh(list: Checklist, { times, facts, slot, freshSeconds }: Freshness): void {
  if (times === undefined) return
  list.run('fresh', () => {
    if (facts.purpose === BREAK_GLASS) return passed(true, 'waived: break-glass')
    if (times.length === 0) return passed(true, 'no witness says when: a network of one group')
    const { from, until } = slotWindow(slot, freshSeconds)
    demand(
      times.every((time) => time >= from && time <= until),
      `expected cosignatures from ${isoSeconds(from)} to ${isoSeconds(until)}, found another`,
    )
    return passed(true, `cosigned between ${isoSeconds(from)} and ${isoSeconds(until)}`)
  })
}
