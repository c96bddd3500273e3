import { fieldPolicy, POLICY_VERSION } from '../facts/fields.ts'
import { subjectKind } from '../facts/subjects.ts'
import type { Attestation } from '../facts/types.ts'
import { normalizerName } from '../normalize/normalizers.ts'
import { stateOf } from './state.ts'
import type { Dissent, ResolveContext, ResolvedField } from './types.ts'
import { compareValues, decidingRule, type Value, valuesOf } from './values.ts'
import { speakers, standingWords, voiceOf, type Word, withoutCopies } from './words.ts'

/**
 * What the attestations of one field of one subject come to, at the context's time; undefined where nobody's word stands. A function of the *set*:
 * neither order nor repetition counts. The rule in words, with examples: docs/reference/directory.md.
 *
 *   attestations → words that stand → one word for all copies → values → best first → state
 *
 * Throws an `InputError` for a field that the subject's kind does not have.
 */
export function resolveField(attestations: readonly Attestation[], context: ResolveContext): ResolvedField | undefined {
  const [first] = attestations
  if (first === undefined) return undefined
  const policy = fieldPolicy(subjectKind(first.subject), first.field)
  const words = withoutCopies(standingWords(attestations, policy, context))
  const [winner, ...others] = valuesOf(words).toSorted(compareValues)
  if (winner === undefined) return undefined
  const attesters = speakers(winner.says).map(voiceOf)
  return {
    value: spelling(winner.says),
    state: stateOf(winner, others),
    since: attesters.reduce((earliest, { observedAt }) => Math.min(earliest, observedAt), context.time),
    attesters,
    dissent: [...others.map(otherValue), ...denial(winner)],
    rule: decidingRule(winner, others[0]),
    policyVersion: POLICY_VERSION,
    normalizer: normalizerName(policy.normalizer),
  }
}

/** As the best word writes it. */
const spelling = ([best]: readonly Word[]): string => best?.said.value ?? ''

const otherValue = ({ says, denies }: Value): Dissent => ({ value: spelling(says), voices: [...speakers(says), ...speakers(denies)].map(voiceOf) })

const denial = ({ denies }: Value): readonly Dissent[] => (denies.length === 0 ? [] : [{ value: null, voices: speakers(denies).map(voiceOf) }])
