import type { Policy, PolicyVersion as AskedVersion } from '@fiducia/consent'
import { type Bytes32, type Handle, type JsonObject } from '@fiducia/core'
import { bodiesOf, effectiveHead, encodeRecord, type RelationshipHead, relationship } from '@fiducia/ledger'
import { NodeFailure } from '../failures.ts'
import type { NodeContext } from '../node-context.ts'
import { type HandedOver, judgePolicy } from './accept-policy.ts'
import type { CommittedPolicies } from './committed-policies.ts'
import type { PolicyFiles, PolicyVersion } from './policy-files.ts'
import { readPolicyBody, readSetPolicyWire } from './read-policy.ts'
import type { Unconfirmed } from './unconfirmed.ts'

/**
 * Which policy versions a release must satisfy (PROTOCOL section 3):
 *
 *   the head under the cosigned checkpoint  ∧  every later head of the own replica  ∧  every pending version
 *
 * A pending version is one that this holder acknowledged and that is not on the ledger yet: so a restriction acts before
 * any block. It ends when it commits, when a version signed by control commits whose body names it in `replaces`, or, a
 * delegate's, when its key has left the head; never by number, never by time.
 */
export interface Consulted {
  /** The newest head, as it counts at the decision's instant; undefined when the ledger has none. */
  readonly head: RelationshipHead | undefined
  /** Every version that must permit. Never empty for an open relationship: a missing body stands as `absent`. */
  readonly versions: readonly ConsultedVersion[]
  /** Hashes of links that some version no longer honors. */
  readonly unlinked: ReadonlySet<string>
}

export type ConsultedVersion = Extract<AskedVersion, { readonly policy: unknown }> & { readonly version: number }

export interface Acknowledgment {
  /** What the holder's node key is to sign: kind `ack`. */
  readonly ack: JsonObject
  /** Commitments that are pending now, this one included. */
  readonly pending: readonly Bytes32[]
}

export interface PolicyVersions {
  /** Durable outside the database before it returns. Throws `POLICY_REFUSED`. */
  accept(handle: Handle, handedOver: HandedOver): Acknowledgment
  consult(handle: Handle, at: { readonly instant: number; readonly cosignedHeight: number }): Consulted
  /** True while acknowledged restrictions may be forgotten here: nothing is released then. */
  isUnconfirmed(handle: Handle): boolean
  /** Notes which versions the ledger has committed since the last call. */
  followLedger(): void
}

export interface PolicyVersionsPorts {
  readonly files: PolicyFiles
  readonly committed: CommittedPolicies
  readonly unconfirmed: Unconfirmed
}

export function createPolicyVersions(context: NodeContext, { files, committed, unconfirmed }: PolicyVersionsPorts): PolicyVersions {
  const { ledger } = context
  const pendingOf = (handle: Handle): readonly PolicyVersion[] =>
    pendingVersions(files.of(handle), committed.commitmentsOf(handle), relationship(ledger.tip(), handle))

  function bodyOf(handle: Handle, commitment: string | null | undefined): Policy | 'absent' | 'unreadable' {
    const version = files.of(handle).find((one) => one.commitment === commitment)
    return version === undefined ? 'absent' : (readPolicyBody(version.body) ?? 'unreadable')
  }

  function versionsOfHead(handle: Handle, head: RelationshipHead): readonly ConsultedVersion[] {
    const numbers = head.commitment === null ? [] : bodiesOf(head)
    if (numbers.length === 0) return [{ version: head.version, policy: 'absent', expires: head.expires }]
    return numbers.map((version) => ({
      version,
      policy: bodyOf(handle, version === head.version ? head.commitment : committed.commitmentOf(handle, version)),
      expires: head.expires,
    }))
  }

  return {
    accept(handle, handedOver) {
      const judgement = judgePolicy(context, handle, handedOver, pendingOf(handle))
      const listed = () => pendingOf(handle).map(({ commitment }) => commitment)
      if (!judgement.ok) throw new NodeFailure('POLICY_REFUSED', `${judgement.problem}; pending now: ${listed().join(', ') || 'none'}`)
      files.add(judgement.version)
      const { version, commitment, byControl } = judgement.version
      if (byControl) unconfirmed.confirm(handle)
      return { ack: { v: 1, net: context.net, type: 'ack', handle, version, commitment, height: ledger.tip().height }, pending: listed() }
    },
    consult(handle, { instant, cosignedHeight }) {
      const heads = headsSince(context, handle, cosignedHeight).map((head) => effectiveHead(head, instant))
      const pending = pendingOf(handle).map(
        (one): ConsultedVersion => ({ version: one.version, policy: readPolicyBody(one.body) ?? 'unreadable', expires: readSetPolicyWire(one.wire).expires }),
      )
      const versions = [...heads.flatMap((head) => versionsOfHead(handle, head)), ...pending]
      const unlinked = new Set<string>(versions.flatMap(({ policy }) => (typeof policy === 'object' ? (policy.unlinked ?? []) : [])))
      return { head: heads.at(-1), versions, unlinked }
    },
    isUnconfirmed: (handle) => unconfirmed.has(handle),
    followLedger: () => committed.followLedger(),
  }
}

/** Acknowledged, not committed, not replaced by a committed version of control's, and not of a delegate who is none any more. */
function pendingVersions(versions: readonly PolicyVersion[], committed: ReadonlySet<string>, head: RelationshipHead | undefined): readonly PolicyVersion[] {
  const replaced = new Set(
    versions.filter(({ commitment, byControl }) => byControl && committed.has(commitment)).flatMap(({ body }) => readPolicyBody(body)?.replaces ?? []),
  )
  const isDelegate = (by: string) => head?.delegates.some(({ pub }) => pub === by) ?? false
  return versions.filter(({ commitment, byControl, by }) => !committed.has(commitment) && !replaced.has(commitment) && (byControl || isDelegate(by)))
}

/** Every distinct head from the cosigned height to the tip, oldest first. */
function headsSince({ ledger }: NodeContext, handle: Handle, cosignedHeight: number): readonly RelationshipHead[] {
  const heads = new Map<string, RelationshipHead>()
  const tip = ledger.tip()
  for (let height = cosignedHeight; height <= tip.height; height += 1) {
    const state = height === tip.height ? tip : ledger.stateAt(height)
    const head = state === undefined ? undefined : relationship(state, handle)
    if (head !== undefined) heads.set(encodeRecord(head), head)
  }
  return [...heads.values()]
}
