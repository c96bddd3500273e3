import type { FieldState } from './types.ts'
import type { Value } from './values.ts'
import { rank } from './words.ts'

/** The state of a field whose values stand best first. `departed` is the subject's, not the field's own. */
export function stateOf(winner: Value, others: readonly Value[]): FieldState {
  if (others.some((other) => claimsAsWell(other, winner)) || isRefuted(winner)) return 'contested'
  if (!winner.fresh) return 'stale'
  switch (winner.tier) {
    case 'primary-source':
    case 'both-sides':
      return 'verified'
    case 'owner':
    case 'observer':
      return winner.groups > 1 ? 'supported' : 'single-source'
    case 'import':
      return 'unverified'
  }
}

/** Fresh and of the winner's tier, even if the winner has more weight. Files of others contest nothing. */
const claimsAsWell = (other: Value, winner: Value): boolean => other.fresh && other.tier === winner.tier && other.tier !== 'import'

/**
 * By a denial that is fresh, of a tier as good, and of a group that does not say the value as well. Whoever loaded an import does not say it, so a
 * group may deny what stands in its file.
 */
function isRefuted({ tier, says, denies }: Value): boolean {
  const sayers = new Set(says.filter((word) => word.tier !== 'import').map(({ said }) => said.group))
  return denies.some((denial) => denial.freshness > 0 && denial.tier !== 'import' && rank(denial.tier) <= rank(tier) && !sayers.has(denial.said.group))
}
