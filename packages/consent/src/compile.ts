import { isReading } from './actions.ts'
import { BREAK_GLASS_PURPOSE, isKnownPurpose, permitCoversPurpose } from './purposes.ts'
import { exceptionsOf, frameSelector, speaksOf } from './scope.ts'
import { asksForLinks, type CompiledSelector, compileSelector, hasLabels, matchSelector, typeMatches } from './selector.ts'
import { rankOf } from './sensitivity.ts'
import type { Grant, Policy, Question, ReasonCode, ResourceFacts, Scope, Verdict } from './types.ts'

/**
 * The decision in two steps. `compile` looks at everything that does not depend on the resource (actor, purposes, action,
 * time, expiry, emergency) and leaves the denies and permits that may still matter; `check` then asks these of one
 * resource after the other. Each purpose of a request is decided for itself, and all must permit.
 *
 * Invariants: any matching deny beats any permit, so the order of grants cannot matter; the network's default is asked
 * only when no grant matches; verdicts are made here, once, and `check` allocates nothing.
 */
export interface CompiledPolicy {
  /** The answer for every resource that can be read, where one is already known. */
  readonly fixed: Verdict | undefined
  readonly purposes: readonly CompiledPurpose[]
  /** Some grant asks how resources hang together: facts without `links` are then unknown in this respect. */
  readonly asksForLinks: boolean
}

interface CompiledPurpose {
  readonly denies: readonly Residual[]
  readonly permits: readonly Residual[]
  readonly fallback: Fallback
}

/** What remains of a scope for this question. */
interface ResidualScope {
  readonly data: CompiledSelector | undefined
  /** Sources and authors of the frame. */
  readonly frame: CompiledSelector | undefined
}

interface Residual extends ResidualScope {
  readonly excepts: readonly ResidualScope[]
  readonly verdict: Verdict
}

/** What happens when no grant matches: the default permits all, or what is normal, or nothing. */
interface Fallback {
  readonly permits: 'all' | 'normal' | 'nothing'
  readonly permitted: Verdict
  readonly refused: Verdict
  readonly refusedByLabel: Verdict
}

export interface CompileOptions {
  /** Place of the policy in the list that is asked; stands in the reasons. */
  readonly index?: number
  /** `expires` of the head that commits to the policy, milliseconds; the instant itself is still valid. */
  readonly expires?: number | undefined
}

/** A policy, or why there is none: its body cannot be read, or is not here. */
export type PolicyBody = Policy | 'unreadable' | 'absent' | undefined

const verdictOf = (effect: 'permit' | 'deny', code: ReasonCode, at: { readonly policy?: number; readonly grant?: number } = {}): Verdict =>
  Object.freeze({ effect, reasons: Object.freeze([Object.freeze({ code, ...at })]) })

const UNREADABLE: Verdict = verdictOf('deny', 'UNREADABLE_RESOURCE')
export const NO_CONSENT: Verdict = verdictOf('deny', 'NO_CONSENT')

/** Total: every policy and question of these types, malformed ones included, gives an answer, and doubt denies. */
export function compile(policy: PolicyBody, question: Question, options: CompileOptions = {}): CompiledPolicy {
  const at = options.index === undefined ? {} : { policy: options.index }
  const fixed = (effect: 'permit' | 'deny', code: ReasonCode): CompiledPolicy => ({ fixed: verdictOf(effect, code, at), purposes: [], asksForLinks: false })
  if (policy === undefined || policy === 'absent') return fixed('deny', 'NO_CONSENT')
  if (policy === 'unreadable') return fixed('deny', 'UNREADABLE_POLICY')
  if (policy.preset === 'closed') return fixed('deny', 'CLOSED')
  const emergency = judgeEmergency(question)
  if (emergency === 'reason-missing') return fixed('deny', 'BREAK_GLASS_REASON_MISSING')
  if (emergency === 'overrides') return fixed('permit', 'BREAK_GLASS')
  const purposes = [...new Set(question.purposes)]
  const asked: readonly (string | undefined)[] = purposes.length === 0 ? [undefined] : purposes
  const expired = isExpired(policy, question.at, options.expires)
  return {
    fixed: undefined,
    purposes: asked.map((purpose) => compilePurpose(policy, question, { purpose, expired, at })),
    asksForLinks: policy.grants.some((grant) => [grant, ...exceptionsOf(grant)].some(({ data }) => asksForLinks(data))),
  }
}

/** What the network grants where there is no policy to ask: a case without consents, or an emergency before the first policy (PROTOCOL section 3). */
export function compileDefault(question: Question): CompiledPolicy {
  return compile({ v: 1, grants: [] }, question)
}

type Emergency = 'none' | 'reason-missing' | 'overrides' | 'by-consent'

/** Emergency access has the one purpose BTG and a reason, and reads only. Where the network's default is `deny`, it needs a consent that names it. */
function judgeEmergency(question: Question): Emergency {
  const purposes = new Set(question.purposes)
  if (!purposes.has(BREAK_GLASS_PURPOSE)) return 'none'
  const stated = question.breakGlass?.reason
  if (purposes.size > 1 || typeof stated !== 'string' || stated.trim() === '') return 'reason-missing'
  return question.default === 'deny' || !isReading(question.action) ? 'by-consent' : 'overrides'
}

/** After its end the permits of a policy and the default no longer apply. */
export const isExpired = (policy: Policy, at: number, expires: number | undefined): boolean =>
  !(at <= (policy.until ?? Number.MAX_SAFE_INTEGER) && at <= (expires ?? Number.MAX_SAFE_INTEGER))

interface Situation {
  readonly purpose: string | undefined
  readonly expired: boolean
  readonly at: { readonly policy?: number }
}

function compilePurpose(policy: Policy, question: Question, situation: Situation): CompiledPurpose {
  const denies: Residual[] = []
  const permits: Residual[] = []
  policy.grants.forEach((grant, index) => {
    const eager = grant.effect !== 'permit'
    if (!eager && situation.expired) return
    if (!speaksOf(grant, question, situation.purpose, eager)) return
    const excepts = compileExcepts(grant, question, situation.purpose, !eager)
    if (excepts === 'all') return
    const code: ReasonCode = !eager ? 'PERMITTED' : hasLabels(grant.data) ? 'LABEL_DENIED' : 'DENIED_BY_GRANT'
    const verdict = verdictOf(eager ? 'deny' : 'permit', code, { ...situation.at, grant: index })
    ;(eager ? denies : permits).push({ ...compileScope(grant, eager), excepts, verdict })
  })
  return { denies, permits, fallback: fallbackOf(question, situation) }
}

function compileScope({ data, within }: Scope, eager: boolean): ResidualScope {
  const framed = within?.sources !== undefined || within?.authors !== undefined
  return {
    data: data === undefined ? undefined : compileSelector(data, eager),
    frame: framed ? compileSelector(frameSelector(within), eager) : undefined,
  }
}

/** What remains of a grant's exceptions for this question, or that one of them takes all of it. They are judged the other way round. */
function compileExcepts(grant: Grant, question: Question, purpose: string | undefined, eager: boolean): readonly ResidualScope[] | 'all' {
  const remaining: ResidualScope[] = []
  for (const scope of exceptionsOf(grant)) {
    if (Object.keys(scope).length === 0) {
      if (eager) return 'all'
    } else if (speaksOf(scope, question, purpose, eager)) {
      const compiled = compileScope(scope, eager)
      if (compiled.data === undefined && compiled.frame === undefined) return 'all'
      remaining.push(compiled)
    }
  }
  return remaining
}

function fallbackOf(question: Question, situation: Situation): Fallback {
  const { purpose, expired, at } = situation
  const unknown = purpose !== undefined && !isKnownPurpose(purpose)
  const refused: ReasonCode = expired ? 'POLICY_EXPIRED' : unknown ? 'PURPOSE_UNKNOWN' : 'NOT_COVERED'
  return {
    permits: expired ? 'nothing' : defaultPermits(question, purpose),
    permitted: verdictOf('permit', 'DEFAULT_PERMITS', at),
    refused: verdictOf('deny', refused, at),
    refusedByLabel: verdictOf('deny', 'LABEL_DENIED', at),
  }
}

/** The default speaks of reading for treatment under the patient's live link; everything else stays denied. */
function defaultPermits(question: Question, purpose: string | undefined): Fallback['permits'] {
  const treats = purpose !== undefined && permitCoversPurpose('TREAT', purpose)
  if (!treats || !isReading(question.action) || question.careRelationship !== true) return 'nothing'
  if (question.default === 'all-treatment') return 'all'
  return question.default === 'normal-treatment' ? 'normal' : 'nothing'
}

/** The verdict on one resource; `undefined` is one that cannot be read. Total, allocates nothing. */
export function check(compiled: CompiledPolicy, facts: ResourceFacts | undefined): Verdict {
  if (facts === undefined) return compiled.fixed?.effect === 'deny' ? compiled.fixed : UNREADABLE
  if (compiled.fixed !== undefined) return compiled.fixed
  let verdict = NO_CONSENT
  for (const purpose of compiled.purposes) {
    verdict = checkPurpose(purpose, facts)
    if (verdict.effect === 'deny') return verdict
  }
  return verdict
}

function checkPurpose(purpose: CompiledPurpose, facts: ResourceFacts): Verdict {
  for (const deny of purpose.denies) if (residualMatches(deny, facts) === 'match') return deny.verdict
  let byLabel = false
  for (const permit of purpose.permits) {
    const match = residualMatches(permit, facts)
    if (match === 'match') return permit.verdict
    if (match === 'label') byLabel = true
  }
  const { fallback } = purpose
  if (fallback.permits === 'all') return fallback.permitted
  if (fallback.permits === 'normal') {
    if (isNormal(facts)) return fallback.permitted
    byLabel = true
  }
  return byLabel ? fallback.refusedByLabel : fallback.refused
}

function residualMatches(residual: Residual, facts: ResourceFacts): 'match' | 'label' | 'none' {
  const match = scopeMatches(residual, facts)
  if (match !== 'match') return match
  for (const except of residual.excepts) {
    if (scopeMatches(except, facts) === 'match') return except.data !== undefined && hasLabelSelector(except.data) ? 'label' : 'none'
  }
  return 'match'
}

function scopeMatches({ data, frame }: ResidualScope, facts: ResourceFacts): 'match' | 'label' | 'none' {
  if (frame !== undefined && matchSelector(frame, facts) !== 'match') return 'none'
  return data === undefined ? 'match' : matchSelector(data, facts)
}

const hasLabelSelector = (selector: CompiledSelector): boolean =>
  selector.categories !== undefined || selector.confidentiality !== undefined || selector.sensitivity !== undefined

/** Normal data: at most N, and no topic on it. */
const isNormal = (facts: ResourceFacts): boolean =>
  rankOf(facts.confidentiality) <= rankOf('N') && facts.sensitivity.length === 0 && facts.categories.length === 0

/** Whether any resource at all might be permitted: false only when it is certain that none is. Asked before a silo is. */
export function couldPermit(compiled: CompiledPolicy): boolean {
  if (compiled.fixed !== undefined) return compiled.fixed.effect === 'permit'
  return compiled.purposes.every(({ denies, permits, fallback }) => (permits.length > 0 || fallback.permits !== 'nothing') && !denies.some(isUnconditional))
}

/**
 * Whether a list of resources of this type may be shorter for this question than what exists. It follows from the policy
 * and the question alone, never from the resources, so that saying it tells nothing about them.
 */
export function isLimited(compiled: CompiledPolicy, type: string): boolean {
  if (compiled.fixed !== undefined) return compiled.fixed.effect === 'deny'
  return compiled.purposes.some(({ denies, permits, fallback }) => {
    if (denies.some((deny) => deny.data?.types === undefined || typeMatches(deny.data.types, type, true))) return true
    return (
      fallback.permits !== 'all' && !permits.some((permit) => permit.excepts.length === 0 && permit.frame === undefined && coversWholeType(permit.data, type))
    )
  })
}

const isUnconditional = (residual: Residual): boolean => residual.data === undefined && residual.frame === undefined && residual.excepts.length === 0

function coversWholeType(data: CompiledSelector | undefined, type: string): boolean {
  if (data === undefined) return true
  const limits = [data.categories, data.confidentiality, data.sensitivity, data.codes, data.sources, data.authors, data.encounters, data.items, data.period]
  return (data.types === undefined || data.types.has(type)) && limits.every((limit) => limit === undefined)
}
