import { type Handle, type NetworkId, parseStateProof, verifyStateProof } from '@fiducia/core'
import { type BlockEndEntry, decodeBlockEntry, policyCommitment, relationshipKey, type RelationshipHead } from '@fiducia/ledger'
import { type CosignedCheckpoint, verifyCosigned } from '../cosigned.ts'
import { formatRecord, parseNamedHead } from '../records.ts'
import type { BundleFiles } from '../types.ts'
import { type Checklist, demand, passed } from './checklist.ts'
import { ledgerNetOf, readCanonicalText, readJson, readProof, type ReadProof, readSalt, refuseExtra } from './read.ts'
import type { Trust } from './trust.ts'

/** Checks that several kinds of bundles share. */

export interface ReadBlock extends ReadProof {
  readonly net: NetworkId
  readonly block: BlockEndEntry
}

/** The last instant that a Date can hold; times of the protocol reach further. */
const MAX_DATE_MS = 8_640_000_000_000_000

export const isoTime = (ms: number): string => (ms <= MAX_DATE_MS ? new Date(ms).toISOString() : 'a time after the year 275759')
export const isoSeconds = (seconds: number): string => isoTime(seconds * 1000).replace('.000Z', 'Z')

/** `block.*` under the ledger, and as the last entry of its checkpoint. */
export function checkBlock(list: Checklist, files: BundleFiles): ReadBlock | undefined {
  const read = list.run('block', () => {
    const proof = readProof(files, 'block')
    refuseExtra(proof)
    const net = ledgerNetOf(proof)
    const block = decodeBlockEntry(proof.entry)
    return passed({ ...proof, net, block }, `height ${block.height}, entry ${proof.proof.index} of ledger \`${net}\`, closed ${isoTime(block.time)}`)
  })
  if (read === undefined) return undefined
  const last = list.run('current', () => {
    demand(
      read.proof.index === read.checkpoint.size - 1,
      `expected the last of ${read.checkpoint.size} entries, found ${read.proof.index}: a later block is covered`,
    )
    return passed(true, `the last of ${read.checkpoint.size} entries`)
  })
  list.note('net', read.net)
  list.note('height', read.block.height)
  return last === undefined ? undefined : read
}

export interface CheckedHead {
  readonly handle: Handle
  readonly value: RelationshipHead
  readonly block: ReadBlock
}

/** head.json, state.json, block.* and, where it is there, the policy. */
export function checkHeadFiles(list: Checklist, files: BundleFiles): CheckedHead | undefined {
  const block = checkBlock(list, files)
  if (block === undefined) return undefined
  const head = list.run('state', () => {
    const { handle, value } = readJson(files, 'head.json', parseNamedHead)
    verifyStateProof(block.block.stateRoot, relationshipKey(handle), formatRecord(value), readJson(files, 'state.json', parseStateProof))
    return passed({ handle, value, block }, `relationship \`${handle}\` with \`${value.org}\`: ${value.status}, version ${value.version}`)
  })
  if (head === undefined) return undefined
  list.run('custody', () => passed(true, describeCustody(head.value)))
  if (files.has('policy.json')) checkPolicy(list, files, head.value)
  list.note('handle', head.handle)
  list.note('org', head.value.org)
  list.note('custody', head.value.custody)
  return head
}

const describeCustody = ({ custody, org }: RelationshipHead) =>
  custody === 'self' ? 'self: the patient or a delegate holds the key' : `custodial: an organization can use the key of this relationship with \`${org}\``

function checkPolicy(list: Checklist, files: BundleFiles, head: RelationshipHead): void {
  list.run('policy', () => {
    const commitment = policyCommitment(readCanonicalText(files, 'policy.json'), readSalt(files, 'policy.salt'))
    demand(commitment === head.commitment, 'the commitment of the head does not open to this policy')
    return passed(true, `version ${head.version} is this policy`)
  })
}

/** A proof whose checkpoint must be cosigned; a block of the ledger is judged by the witnesses of its height. */
export interface Judged {
  readonly read: ReadProof
  readonly height?: number
}

/** Signature of the log and strict quorum under every proof of the bundle; undefined as soon as one fails. */
export function checkCosigned(list: Checklist, proofs: readonly Judged[], trust: Trust): readonly CosignedCheckpoint[] | undefined {
  const unwitnessed = proofs.some(({ height }) => trust.policyAt(height).quorum === 0)
  const cosigned = list.run(unwitnessed ? 'unwitnessed' : 'cosigned', () => {
    const all = proofs.map(({ read, height }) => verifyCosigned(read.proof.note, trust.policyAt(height), { origin: read.checkpoint.origin, strict: true }))
    return passed(all, all.map((one, i) => `${proofs[i]?.read.name}: ${describeCosigned(one)}`).join('; '))
  })
  list.note('cosigned', cosigned !== undefined && !unwitnessed)
  if (cosigned !== undefined) checkAge(list, trust, cosigned)
  return cosigned
}

function describeCosigned({ checkpoint, cosignatures, earliest }: CosignedCheckpoint): string {
  const log = `size ${checkpoint.size} of \`${checkpoint.origin}\``
  return earliest === undefined
    ? `${log}, signed by the log alone`
    : `${log}, by ${cosignatures.map(({ group }) => group).join(', ')}, the earliest at ${isoSeconds(earliest)}`
}

const DAY_MS = 86_400_000

/** Says how old the trust is; beside the newest cosignature where there is one. */
export function checkAge(list: Checklist, { since }: Trust, cosigned: readonly CosignedCheckpoint[] = []): void {
  list.run('trust-age', () => {
    const latest = Math.max(0, ...cosigned.flatMap((one) => one.latest ?? []))
    if (since === undefined) return passed(true, 'the trust from outside says no date: it must be known otherwise that its witnesses still served')
    if (latest === 0) return passed(true, `the trust is of ${isoTime(since)}`)
    return passed(
      true,
      `the trust is of ${isoTime(since)}, ${Math.max(0, Math.floor((latest * 1000 - since) / DAY_MS))} days before the newest cosignature here`,
    )
  })
}

/** The ledger's proof, judged by the witnesses of its height. */
export const judgedBlock = (block: ReadBlock): Judged => ({ read: block, height: block.block.height })
