import { type Bytes32, decodeBase64Url, encodeBase64Url, type Handle, type StateProof } from '@fiducia/core'
import type { AccessLogRecord, RoleOpening, RoleRecord } from '@fiducia/ledger'
import { formatBytes32 } from '../leaf.ts'
import { proveTag, type TagMap } from '../tag-map.ts'
import { eventTag } from '../tags.ts'
import type { StudyKeys } from '../study/keys.ts'
import type { StudyPack } from '../study/pack.ts'
import type { BundleFiles, ProvenHead } from '../types.ts'
import { samplePackJson, type SamplePack, type SampleSignature, type ShownBatches } from '../sample/pack.ts'
import { bundleOf, headFiles, jsonFile, type OpenedPolicy, policyFiles, proofFiles, textFile, type TrustStep, trustFiles } from './files.ts'

/**
 * The bundles of PROTOCOL section 5. What goes in is taken as it is: whether it proves anything is for `verifyBundle` to
 * say. All proofs are texts with notes in strict form (`selectCosignatures`).
 */

export interface ConsentStateParts {
  readonly handle: Handle
  readonly head: ProvenHead
  readonly policy?: OpenedPolicy
  readonly trustChain?: readonly TrustStep[]
}

/** What the ledger's state said about one relationship. */
export const buildConsentState = ({ handle, head, policy, trustChain }: ConsentStateParts): BundleFiles =>
  bundleOf(...headFiles(handle, head), ...policyFiles(policy), ...trustFiles(trustChain))

/** A leaf of 72 bytes with its proof. */
export interface ProvenLeaf {
  readonly leaf: Uint8Array
  readonly proof: string
}

export interface AccessParts extends ConsentStateParts {
  /** Under a later, cosigned checkpoint, with the receipt's `extra`. */
  readonly access: ProvenLeaf
  /** The exact text of the AuditEvent. */
  readonly disclosure: string
  /** By choice: the exact canonical text, and its salt. */
  readonly decision?: { readonly record: string; readonly salt2: Uint8Array }
  readonly mirror?: ProvenLeaf
}

/** One access: who got what, that it was logged, and under which head. */
export const buildAccess = ({ access, disclosure, decision, mirror, ...state }: AccessParts): BundleFiles =>
  bundleOf(
    ...buildConsentState(state),
    ...proofFiles('access', access.leaf, access.proof),
    textFile('disclosure.json', disclosure),
    ...(decision === undefined ? [] : [textFile('decision.json', decision.record), ['salt2', decision.salt2] as const]),
    ...(mirror === undefined ? [] : proofFiles('mirror', mirror.leaf, mirror.proof)),
  )

export interface EntryParts {
  readonly access: ProvenLeaf
  readonly disclosure: string
  readonly trustChain?: readonly TrustStep[]
}

/** A request that named no relationship (refused, or by an unknown link): only that it was logged. */
export const buildEntry = ({ access, disclosure, trustChain }: EntryParts): BundleFiles =>
  bundleOf(...proofFiles('access', access.leaf, access.proof), textFile('disclosure.json', disclosure), ...trustFiles(trustChain))

export interface LogTags {
  readonly absence: StateProof
  readonly k: number
  /** base64url of the 72 bytes, in the order of n. */
  readonly leaves: readonly string[]
  readonly n: number
  readonly paths: readonly StateProof[]
  readonly tagkey: Bytes32
}

/** `tags.json`: every access of the relationship under origin k, and that there is no further one. */
export function buildTags(tagkey: Uint8Array, k: number, sealed: { readonly tags: TagMap; readonly leaves: readonly Uint8Array[] }): LogTags {
  const n = sealed.leaves.length
  return {
    absence: proveTag(sealed.tags, eventTag(tagkey, k, n)),
    k,
    leaves: sealed.leaves.map(encodeBase64Url),
    n,
    paths: sealed.leaves.map((_, i) => proveTag(sealed.tags, eventTag(tagkey, k, i))),
    tagkey: formatBytes32(tagkey),
  }
}

/** The state record of a log with its proof; `value` null where the ledger has none. */
export interface ProvenLogRecord {
  readonly proof: StateProof
  readonly value: AccessLogRecord | null
}

export interface CompletenessParts {
  readonly handle: Handle
  readonly head: ProvenHead
  /** For k = 1, 2, … K. */
  readonly logs: readonly { readonly tags: LogTags; readonly seal: ProvenLeaf }[]
  /** The record of log K + 1 under the head's block: absent, or of size 0 (a standby). */
  readonly next: ProvenLogRecord
  /** The records of logs 1 … K − 1 under the head's block. */
  readonly earlier: readonly ProvenLogRecord[]
  readonly trustChain?: readonly TrustStep[]
}

/** All accesses of one relationship, and that there are no others. A single log without a successor takes the short form of next.json. */
export function buildCompleteness({ handle, head, logs, next, earlier, trustChain }: CompletenessParts): BundleFiles {
  const short = next.value === null && earlier.length === 0
  return bundleOf(
    ...headFiles(handle, head),
    jsonFile('next.json', short ? next.proof : { earlier, next }),
    ...logs.flatMap(({ tags, seal }) => [jsonFile(`${tags.k}/tags.json`, tags), ...proofFiles(`${tags.k}/seal`, seal.leaf, seal.proof)]),
    ...trustFiles(trustChain),
  )
}

export interface AttestationParts {
  /** `role/<role>/<group>` */
  readonly key: string
  readonly value: RoleRecord
  readonly proven: Omit<ProvenHead, 'value'>
  /** By choice: which role it is. */
  readonly opening?: RoleOpening & { readonly rand32: Bytes32 }
  readonly trustChain?: readonly TrustStep[]
}

/** What one group of organizations attests about a role. */
export const buildAttestation = ({ key, value, proven, opening, trustChain }: AttestationParts): BundleFiles =>
  bundleOf(
    jsonFile('role.json', opening === undefined ? { key, value } : { key, opening, value }),
    jsonFile('state.json', proven.state),
    ...proofFiles('block', decodeBase64Url(proven.block), proven.proof),
    ...trustFiles(trustChain),
  )

export interface StudyParts {
  readonly pack: StudyPack
  /** Exactly as it was hashed. */
  readonly spec: Uint8Array
  /** The public values of each round. */
  readonly models: readonly Uint8Array[]
  readonly keys: StudyKeys
  /** Absent where the run was aborted. */
  readonly end?: { readonly result: Uint8Array; readonly card: Uint8Array }
  readonly proven: Omit<ProvenHead, 'value' | 'state'>
  readonly trustChain?: readonly TrustStep[]
}

/** A run of a study from its approval to its end. */
export const buildStudy = ({ pack, spec, models, keys, end, proven, trustChain }: StudyParts): BundleFiles =>
  bundleOf(
    jsonFile('study.json', pack),
    ['spec.json', spec],
    jsonFile('models.json', models.map(encodeBase64Url)),
    jsonFile('keys.json', keys),
    ...(end === undefined
      ? []
      : ([
          ['result.json', end.result],
          ['card.json', end.card],
        ] as const)),
    ...proofFiles('block', decodeBase64Url(proven.block), proven.proof),
    ...trustFiles(trustChain),
  )

export interface SampleParts {
  readonly pack: SamplePack
  readonly batches: ShownBatches
  readonly signature: SampleSignature
  /** The block whose state root drew. */
  readonly proven: Omit<ProvenHead, 'value' | 'state'>
  readonly trustChain?: readonly TrustStep[]
}

/** A sample of what a member says of providers, drawn by a block, with figures. */
export const buildSample = ({ pack, batches, signature, proven, trustChain }: SampleParts): BundleFiles =>
  bundleOf(
    jsonFile('sample.json', samplePackJson(pack)),
    jsonFile('batches.json', batches),
    jsonFile('signature.json', signature),
    ...proofFiles('block', decodeBase64Url(proven.block), proven.proof),
    ...trustFiles(trustChain),
  )
