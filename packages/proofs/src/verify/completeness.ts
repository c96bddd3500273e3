import { accessLogOrigin, decodeBase64Url, equalBytes, type Parser, parseBytes32, parseStateProof, shape, verifyStateProof } from '@fiducia/core'
import { accessLogKey, type AccessLogRecord, parseAccessLogRecord } from '@fiducia/ledger'
import type { LogTags, ProvenLogRecord } from '../bundles/build.ts'
import type { CosignedCheckpoint } from '../cosigned.ts'
import { decodeLeaf, formatBytes32, indexOfSeal } from '../leaf.ts'
import { MAX_TAGS } from '../limits.ts'
import { formatRecord } from '../records.ts'
import { chainOf } from '../relationship-keys.ts'
import { verifyTagAbsence, verifyTagPresence } from '../tag-map.ts'
import { eventTag } from '../tags.ts'
import type { BundleFiles } from '../types.ts'
import { type Checklist, demand, type Passed, passed } from './checklist.ts'
import { accessLogOf, readJson, readProof, type ReadProof, refuseExtra } from './read.ts'
import { type CheckedHead, checkCosigned, checkHeadFiles, isoSeconds, judgedBlock } from './shared.ts'
import type { Trust } from './trust.ts'

/**
 * All accesses of one relationship. For each log k of the holder: a seal closes it, its tag map has the tags 0 … n − 1 of
 * this relationship with these leaves, and does not have tag n. Together with the state record of log K + 1, which is
 * absent or empty, nothing is left out: as of the earliest cosignature under any of these. A log before K may have ended without
 * a seal (its machine was restored before the first): its record of size 0 stands for it, and the verifier says so.
 */

const parseTags: Parser<LogTags> = shape.object({
  absence: parseStateProof,
  k: shape.integer(1),
  leaves: shape.array(shape.text(100), MAX_TAGS),
  n: shape.integer(),
  paths: shape.array(parseStateProof, MAX_TAGS),
  tagkey: parseBytes32,
})

interface NextLogs {
  readonly next: ProvenLogRecord
  /** Undefined in the short form, which says nothing about earlier logs. */
  readonly earlier: readonly ProvenLogRecord[] | undefined
}

const parseProvenLog: Parser<ProvenLogRecord> = shape.object({ proof: parseStateProof, value: shape.nullable(parseAccessLogRecord) })
const parseWhole = shape.object({ earlier: shape.array(parseProvenLog, 1000), next: parseProvenLog })

const parseNext: Parser<NextLogs> = (value, at) =>
  shape.isObject(value) && 'next' in value ? parseWhole(value, at) : { next: { proof: parseStateProof(value, at), value: null }, earlier: undefined }

/** The k of every folder of the bundle. */
export function foldersOf(files: BundleFiles): readonly number[] {
  const numbers = [...files.keys()].flatMap((name) => /^([1-9][0-9]{0,8})\//.exec(name)?.[1] ?? []).map(Number)
  return [...new Set(numbers)].toSorted((a, b) => a - b)
}

export interface LogFiles {
  readonly k: number
  readonly tags: LogTags
  readonly seal: ReadProof
  /** Root of the tag map. */
  readonly root: Uint8Array
}

export interface ListedLogs {
  readonly head: CheckedHead
  readonly logs: readonly LogFiles[]
}

/** Gives what was read as soon as it could be read; whether all of it holds is in the list. */
export function verifyCompleteness(list: Checklist, files: BundleFiles, trust: Trust | undefined): ListedLogs | undefined {
  const head = checkHeadFiles(list, files)
  const logs = head === undefined ? undefined : list.run('seal', () => readLogs(files, head))
  if (head === undefined || logs === undefined) return undefined
  list.run('chain', () => checkChain(logs, head))
  list.run('tags', () => checkTags(logs))
  list.run('absence', () => checkAbsence(logs))
  checkNext(list, { files, head, logs })
  const cosigned = trust === undefined ? undefined : checkCosigned(list, [judgedBlock(head.block), ...logs.map(({ seal }) => ({ read: seal }))], trust)
  if (cosigned !== undefined) noteTimes(list, logs, cosigned)
  return { head, logs }
}

function readLogs(files: BundleFiles, head: CheckedHead): Passed<readonly LogFiles[]> {
  const logs = foldersOf(files).map((k) => {
    const seal = readProof(files, `${k}/seal`)
    refuseExtra(seal)
    const log = accessLogOf(seal, { org: head.value.org, net: head.block.net })
    demand(log.k === k, `${k}/seal: expected a seal of log ${k}, found one of log ${log.k}`)
    const leaf = decodeLeaf(seal.entry)
    demand(leaf.kind === 'seal', `${k}/seal: expected a seal, found an entry`)
    demand(seal.proof.index === seal.checkpoint.size - 1, `${k}/seal: expected the last of ${seal.checkpoint.size} leaves, found ${seal.proof.index}`)
    demand(indexOfSeal(leaf) === seal.proof.index, `${k}/seal: expected a seal that carries index ${seal.proof.index}`)
    const tags = readJson(files, `${k}/tags.json`, parseTags)
    demand(tags.k === k, `${k}/tags.json: expected k ${k}, found ${tags.k}`)
    return { k, seal, tags, root: leaf.tag }
  })
  return passed(logs, logs.map(({ k, seal }) => `log ${k} at size ${seal.checkpoint.size}`).join(', '))
}

function checkChain(logs: readonly LogFiles[], { value }: CheckedHead): Passed<true> {
  const foreign = logs.find(({ tags }) => chainOf(decodeBase64Url(tags.tagkey)) !== value.chain)
  demand(foreign === undefined, `${foreign?.k}/tags.json: the chain of the head does not open to this tag key`)
  return passed(true, 'the head commits to the tag key')
}

function checkTags(logs: readonly LogFiles[]): Passed<true> {
  for (const log of logs) checkTagsOf(log)
  return passed(true, logs.map(({ k, tags }) => `${tags.n} in log ${k}`).join(', '))
}

function checkTagsOf({ k, tags, root }: LogFiles): void {
  demand(
    tags.leaves.length === tags.n && tags.paths.length === tags.n,
    `${k}/tags.json: expected ${tags.n} leaves and paths, found ${tags.leaves.length} and ${tags.paths.length}`,
  )
  const tagkey = decodeBase64Url(tags.tagkey)
  tags.leaves.forEach((text, n) => {
    const bytes = decodeBase64Url(text)
    const leaf = decodeLeaf(bytes)
    const path = tags.paths[n]
    demand(leaf.kind === 'entry' && equalBytes(leaf.tag, eventTag(tagkey, k, n)), `${k}/tags.json: leaf ${n} has another tag`)
    if (path !== undefined) verifyTagPresence(root, bytes, path)
  })
}

function checkAbsence(logs: readonly LogFiles[]): Passed<true> {
  for (const { k, tags, root } of logs) verifyTagAbsence(root, eventTag(decodeBase64Url(tags.tagkey), k, tags.n), tags.absence)
  return passed(true, logs.map(({ k, tags }) => `no number ${tags.n} in log ${k}`).join(', '))
}

interface Listed {
  readonly files: BundleFiles
  readonly head: CheckedHead
  readonly logs: readonly LogFiles[]
}

/** next.json: log K + 1 is absent or empty; in the whole form, logs 1 … K − 1 ended with these seals, or without any. */
function checkNext(list: Checklist, { files, head, logs }: Listed): void {
  const last = logs.at(-1)?.k ?? 0
  const next = list.run('next-log', () => {
    const read = readJson(files, 'next.json', parseNext)
    demand(read.earlier !== undefined || logs.length === last, `expected logs 1 to ${last}, or the records of those without a seal`)
    const k = last + 1
    verifyLogRecord(head, k, read.next)
    demand(read.next.value === null || read.next.value.size === 0, `expected log ${k} to be absent or empty, found size ${read.next.value?.size}`)
    return passed(read, `log ${k} is ${read.next.value === null ? 'not opened' : 'on standby, empty'}`)
  })
  const { earlier } = next ?? {}
  list.note('earlierLogsShown', earlier !== undefined || last === 1)
  if (earlier === undefined) return
  list.run('earlier-logs', () => {
    demand(earlier.length === last - 1, `expected the records of ${last - 1} earlier logs, found ${earlier.length}`)
    earlier.forEach((record, i) => {
      const log = logs.find(({ k }) => k === i + 1)
      verifyLogRecord(head, i + 1, record)
      demand(
        endedAsRecorded(record.value, log),
        `expected log ${i + 1} to have ended ${log === undefined ? 'without a seal' : 'with its seal'}, found another size on the ledger`,
      )
    })
    return passed(true, earlier.length === 0 ? 'there are none' : `logs 1 to ${earlier.length} ended with the seals shown`)
  })
  const unsealed = earlier.flatMap((_, i) => (logs.some(({ k }) => k === i + 1) ? [] : [i + 1]))
  if (unsealed.length > 0) list.note('unsealedLogs', unsealed)
}

/** A log without files must have nothing on the ledger. */
function endedAsRecorded(record: AccessLogRecord | null, log: LogFiles | undefined): boolean {
  if (log === undefined) return record?.size === 0
  return record !== null && record.size === log.seal.checkpoint.size && record.root === formatBytes32(log.seal.checkpoint.root)
}

function verifyLogRecord(head: CheckedHead, k: number, { proof, value }: ProvenLogRecord): void {
  const key = accessLogKey(accessLogOrigin(head.block.net, head.value.org, k))
  verifyStateProof(head.block.block.stateRoot, key, value === null ? null : formatRecord(value), proof)
}

/** "Complete as of" each seal's earliest cosignature, and for the whole the earliest of these and of the head's. */
function noteTimes(list: Checklist, logs: readonly LogFiles[], cosigned: readonly CosignedCheckpoint[]): void {
  const times = cosigned.map(({ earliest }) => earliest ?? null)
  const known = times.filter((time) => time !== null)
  const earliest = known.length === times.length && known.length > 0 ? Math.min(...known) : null
  list.note(
    'logs',
    logs.map(({ k, tags }, i) => ({ k, n: tags.n, completeAsOf: times[i + 1] ?? null })),
  )
  list.note('completeAsOf', earliest)
  list.note('completeAsOfText', earliest === null ? 'unwitnessed' : isoSeconds(earliest))
}
