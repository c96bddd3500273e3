import { type WriteCheck, writeCheck } from '../../write-check.ts'
import { MAX_DELEGATES } from '../../limits.ts'
import type { RelationshipHead } from './types.ts'

/** What holds of a head whatever happened: it never goes backwards, never changes hands, and never opens again. */

function breaks(old: RelationshipHead | undefined, head: RelationshipHead): string | undefined {
  if (old === undefined)
    return head.epoch === 0 && head.version === 0 && head.commitment === null ? undefined : 'a relationship did not begin at epoch 0, version 0'
  if (head.epoch < old.epoch || head.version < old.version) return 'an epoch or a version fell'
  if (head.epoch > old.epoch + 1 || head.version > old.version + 1) return 'an epoch or a version was left out'
  if (old.status === 'closed') return 'a closed relationship changed'
  if (head.org !== old.org || head.chain !== old.chain || head.custody !== old.custody) return 'holder, chain or custody changed'
  if (head.delegates.length > MAX_DELEGATES || head.delegates.some(({ pub }) => pub === head.control)) return 'too many delegates, or control among them'
  if ((head.status === 'recovering') !== (head.pending?.kind === 'recover')) return 'status and pending do not agree'
  return head.base !== null && head.base > head.version ? 'base is above version' : undefined
}

export const policyInvariants: readonly WriteCheck[] = [writeCheck('rel/', breaks)]
