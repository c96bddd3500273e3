import { check, type CompiledPolicy, compile, compileDefault, NO_CONSENT, type PolicyBody } from './compile.ts'
import type { Policy, Question, ResourceFacts, Verdict } from './types.ts'

/** A version that a release must satisfy: its body, or why there is none, and the `expires` of its head or `policy.set`. */
export type PolicyVersion = Policy | 'unreadable' | 'absent' | { readonly policy: Policy | 'unreadable' | 'absent'; readonly expires?: number }

/** One policy, one question, one resource. Pure and total; missing or unreadable input denies. */
export function decide(policy: PolicyBody, question: Question, facts: ResourceFacts | undefined, options: { readonly expires?: number } = {}): Verdict {
  return check(compile(policy, question, options), facts)
}

/** Prepares every version that counts (committed, later committed, pending); `checkAll` then asks them of each resource. */
export function compileAll(versions: readonly PolicyVersion[], question: Question): readonly CompiledPolicy[] {
  return versions.map((version, index) => {
    if (typeof version === 'object' && 'policy' in version) return compile(version.policy, question, { index, expires: version.expires })
    return compile(version, question, { index })
  })
}

/** All must permit; none at all denies. The verdict is the first that denies, else the last. */
export function checkAll(compiled: readonly CompiledPolicy[], facts: ResourceFacts | undefined): Verdict {
  let verdict = NO_CONSENT
  for (const one of compiled) {
    verdict = check(one, facts)
    if (verdict.effect === 'deny') return verdict
  }
  return verdict
}

/** committed ∧ later committed ∧ pending (PROTOCOL section 3). */
export const decideAll = (versions: readonly PolicyVersion[], question: Question, facts: ResourceFacts | undefined): Verdict =>
  checkAll(compileAll(versions, question), facts)

/** The network's default alone: only for a case without any consent, and for an emergency where nothing was ever committed. */
export const decideByDefault = (question: Question, facts: ResourceFacts | undefined): Verdict => check(compileDefault(question), facts)
