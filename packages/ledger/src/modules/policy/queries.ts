import type { Handle } from '@fiducia/core'
import { readRecord } from '../../state.ts'
import { type LedgerState, relationshipKey } from '../../types.ts'
import type { RelationshipHead } from './types.ts'

/** Reading heads. State proofs show the raw record; rules and decisions look at the effective one. */

/** The raw record. */
export const relationship = (state: LedgerState, handle: Handle): RelationshipHead | undefined => readRecord<RelationshipHead>(state, relationshipKey(handle))

/** The head as it counts at instant `t` (milliseconds): a recovery or a close that is due by then has happened. */
export function effectiveHead(head: RelationshipHead, t: number): RelationshipHead {
  const { pending } = head
  if (pending === null || t < pending.at) return head
  if (pending.kind === 'close') return { ...head, status: 'closed', pending: null }
  return {
    ...head,
    status: 'open',
    control: pending.control,
    seal: pending.seal,
    commitment: null,
    base: null,
    delegates: [],
    pending: null,
  }
}

export type CountsAs = 'control' | 'set' | 'restrict'

/**
 * How the committed version counts, by who signed it: a key that is no longer control or a listed delegate counts as one
 * that may only restrict. `null` while nobody has signed one. Looks at who is listed, not at a delegate's `expires`.
 */
export function headCountsAs(head: RelationshipHead): CountsAs | null {
  if (head.by === null) return null
  if (head.by === head.control) return 'control'
  const delegate = head.delegates.find(({ pub }) => pub === head.by)
  return delegate?.rights.includes('set') ? 'set' : 'restrict'
}

/**
 * The versions whose bodies a release must consult; all of them must permit, and a body that is missing denies. Empty
 * when there is no commitment, or after a recovery before control has signed: then everything is denied but what the
 * network's default says about commitment null.
 */
export function bodiesOf(head: RelationshipHead): readonly number[] {
  const { version, base, commitment } = head
  if (commitment === null || base === null) return []
  const countsAs = headCountsAs(head)
  if (countsAs === null) return []
  if (countsAs === 'control') return [version]
  if (countsAs === 'set') return [base, version]
  return Array.from({ length: version - base + 1 }, (_, i) => base + i)
}
