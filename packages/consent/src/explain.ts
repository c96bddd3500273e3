import { check, compile, type CompileOptions, isExpired, type PolicyBody } from './compile.ts'
import { type Asked, explainScope, type ScopeExplanation } from './explain-scope.ts'
import { exceptionsOf } from './scope.ts'
import type { Effect, Grant, Policy, Question, ResourceFacts, Scope, Verdict } from './types.ts'

/**
 * A decision as a privacy officer reads it: for each purpose of the request each grant, whether it took part, and which of
 * its dimensions stood against that. The verdict is that of the decision itself.
 */
export interface PolicyExplanation {
  readonly verdict: Verdict
  /** Nothing but the policy as a whole or an emergency decides: no grant is asked. */
  readonly isSettled: boolean
  readonly isReadable: boolean
  /** One for each purpose; one without where the request has none. */
  readonly purposes: readonly PurposeExplanation[]
}

export interface PurposeExplanation {
  readonly purpose: string | undefined
  readonly verdict: Verdict
  readonly grants: readonly GrantExplanation[]
}

export interface GrantExplanation extends ScopeExplanation {
  /** Its place in the policy. */
  readonly grant: number
  readonly effect: Effect
  /** It takes part in the decision: it matches, no exception takes the case out, it has not ended. */
  readonly counts: boolean
  /** The policy has ended, so that its permits count no more. */
  readonly expired: boolean
  readonly exceptions: readonly ScopeExplanation[]
}

/** Pure and total. Without `facts` all that is asked of a resource is unknown, and the verdict is that on a resource that cannot be read. */
export function explainPolicy(policy: PolicyBody, question: Question, facts: ResourceFacts | undefined, options: CompileOptions = {}): PolicyExplanation {
  const compiled = compile(policy, question, options)
  const verdict = check(compiled, facts)
  const isReadable = facts !== undefined
  if (compiled.fixed !== undefined || typeof policy !== 'object') return { verdict, isSettled: true, isReadable, purposes: [] }
  const asked: readonly (string | undefined)[] = question.purposes.length === 0 ? [undefined] : [...new Set(question.purposes)]
  const purposes = asked.map((purpose) => ({
    purpose,
    verdict: check(compile(policy, { ...question, purposes: purpose === undefined ? [] : [purpose] }, options), facts),
    grants: explainGrants(policy, { question, purpose, facts, expired: isExpired(policy, question.at, options.expires) }),
  }))
  return { verdict, isSettled: false, isReadable, purposes }
}

interface Situation extends Omit<Asked, 'eager'> {
  readonly expired: boolean
}

const explainGrants = ({ grants }: Policy, situation: Situation): readonly GrantExplanation[] =>
  grants.map((grant, index) => ({ grant: index, ...explainGrant(grant, situation) }))

function explainGrant(grant: Grant, { expired, ...asked }: Situation): Omit<GrantExplanation, 'grant'> {
  const eager = grant.effect !== 'permit'
  const hasEnded = expired && !eager
  const scope = explainScope(grant, { ...asked, eager })
  const exceptions = exceptionsOf(grant).map((except) => explainException(except, { ...asked, eager: !eager }))
  const counts = asked.facts !== undefined && scope.matches && !hasEnded && !exceptions.some(({ matches }) => matches)
  return { effect: grant.effect, ...scope, counts, expired: hasEnded, exceptions }
}

/** An exception that states nothing says nothing that can be relied on. */
function explainException(except: Scope, asked: Asked): ScopeExplanation {
  const explained = explainScope(except, asked)
  return Object.keys(except).length > 0 ? explained : { ...explained, matches: asked.eager }
}
