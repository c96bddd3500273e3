import { BREAK_GLASS_PURPOSE, denyCoversPurpose, isKnownPurpose, permitCoversPurpose } from './purposes.ts'
import { recipientsMatch } from './recipients.ts'
import { type CompiledSelector, compileSelector, hasLabels, matchSelector } from './selector.ts'
import { rankOf } from './sensitivity.ts'
import type { Action, Grant, Policy, Question, ReasonCode, ResourceFacts, Verdict } from './types.ts'

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
}

interface CompiledPurpose {
  readonly denies: readonly Residual[]
  readonly permits: readonly Residual[]
  readonly fallback: Fallback
}

interface Residual {
  readonly data: CompiledSelector | undefined
  readonly except: CompiledSelector | undefined
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
  readonly expires?: number
}

/** A policy, or why there is none: its body cannot be read, or is not here. */
export type PolicyBody = Policy | 'unreadable' | 'absent' | undefined

const verdictOf = (effect: 'permit' | 'deny', code: ReasonCode, at: { readonly policy?: number; readonly grant?: number } = {}): Verdict =>
  Object.freeze({ effect, reasons: Object.freeze([Object.freeze({ code, ...at })]) })

const UNREADABLE: Verdict = verdictOf('deny', 'UNREADABLE_RESOURCE')
export const NO_CONSENT: Verdict = verdictOf('deny', 'NO_CONSENT')

const ACTIONS: readonly Action[] = ['read', 'search', 'export']
const isKnownAction = (action: Action): boolean => ACTIONS.includes(action)

/** Total: every policy and question of these types, malformed ones included, gives an answer, and doubt denies. */
export function compile(policy: PolicyBody, question: Question, options: CompileOptions = {}): CompiledPolicy {
  const at = options.index === undefined ? {} : { policy: options.index }
  const fixed = (effect: 'permit' | 'deny', code: ReasonCode): CompiledPolicy => ({ fixed: verdictOf(effect, code, at), purposes: [] })
  if (policy === undefined || policy === 'absent') return fixed('deny', 'NO_CONSENT')
  if (policy === 'unreadable') return fixed('deny', 'UNREADABLE_POLICY')
  if (policy.preset === 'closed') return fixed('deny', 'CLOSED')
  const emergency = judgeEmergency(question)
  if (emergency === 'reason-missing') return fixed('deny', 'BREAK_GLASS_REASON_MISSING')
  if (emergency === 'overrides') return fixed('permit', 'BREAK_GLASS')
  const purposes = [...new Set(question.purposes)]
  const asked: readonly (string | undefined)[] = purposes.length === 0 ? [undefined] : purposes
  const expired = isExpired(policy, question.at, options.expires)
  return { fixed: undefined, purposes: asked.map((purpose) => compilePurpose(policy, question, { purpose, expired, emergency, at })) }
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
  const reads = question.action === 'read' || question.action === 'search'
  return question.default === 'deny' || !reads ? 'by-consent' : 'overrides'
}

const isExpired = (policy: Policy, at: number, expires: number | undefined): boolean =>
  !(at <= (policy.until ?? Number.MAX_SAFE_INTEGER) && at <= (expires ?? Number.MAX_SAFE_INTEGER))

interface Situation {
  readonly purpose: string | undefined
  readonly expired: boolean
  readonly emergency: Emergency
  readonly at: { readonly policy?: number }
}

function compilePurpose(policy: Policy, question: Question, situation: Situation): CompiledPurpose {
  const denies: Residual[] = []
  const permits: Residual[] = []
  policy.grants.forEach((grant, index) => {
    const eager = grant.effect !== 'permit'
    if (!eager && situation.expired) return
    if (!speaksOf(grant, question, situation.purpose, eager)) return
    const except = compileExcept(grant, question, situation.purpose, eager)
    if (except === 'all') return
    const code: ReasonCode = !eager ? 'PERMITTED' : hasLabels(grant.data) ? 'LABEL_DENIED' : 'DENIED_BY_GRANT'
    const residual: Residual = {
      data: grant.data === undefined ? undefined : compileSelector(grant.data, eager),
      except,
      verdict: verdictOf(eager ? 'deny' : 'permit', code, { ...situation.at, grant: index }),
    }
    ;(eager ? denies : permits).push(residual)
  })
  return { denies, permits, fallback: fallbackOf(question, situation) }
}

/** Everything of a grant but its data. */
function speaksOf(grant: Grant, question: Question, purpose: string | undefined, eager: boolean): boolean {
  return (
    recipientsMatch(grant.recipients, question.actor, eager) &&
    purposeMatches(grant.purposes, purpose, eager) &&
    actionMatches(grant.actions, question.action, eager) &&
    timeMatches(grant.valid, question.at, eager)
  )
}

/** A request without a purpose is denied by every deny; a purpose that means nothing to us, and an emergency, only by name. */
function purposeMatches(granted: readonly string[] | undefined, asked: string | undefined, eager: boolean): boolean {
  if (asked === undefined) return eager
  if (granted === undefined) return eager || (isKnownPurpose(asked) && asked !== BREAK_GLASS_PURPOSE)
  if (granted.length === 0) return eager
  return granted.some((code) => (eager ? denyCoversPurpose(code, asked) : permitCoversPurpose(code, asked)))
}

function actionMatches(granted: readonly Action[] | undefined, asked: Action, eager: boolean): boolean {
  if (!isKnownAction(asked)) return eager
  if (granted === undefined) return true
  return granted.length === 0 ? eager : granted.includes(asked) || (eager && !granted.every(isKnownAction))
}

function timeMatches(valid: Grant['valid'], at: number, eager: boolean): boolean {
  if (valid === undefined) return true
  const from = valid.from ?? 0
  const until = valid.until ?? Number.MAX_SAFE_INTEGER
  if (!Number.isFinite(at) || !(from <= until)) return eager
  return from <= at && at <= until
}

/** What remains of a grant's exception for this question: nothing, a selector of data, or all. It is judged the other way round. */
function compileExcept(grant: Grant, question: Question, purpose: string | undefined, eagerGrant: boolean): CompiledSelector | undefined | 'all' {
  const { except } = grant
  if (except === undefined) return undefined
  const eager = !eagerGrant
  if (except.recipients === undefined && except.purposes === undefined && except.data === undefined) return eager ? 'all' : undefined
  if (!recipientsMatch(except.recipients, question.actor, eager)) return undefined
  if (except.purposes !== undefined && !purposeMatches(except.purposes, purpose, eager)) return undefined
  return except.data === undefined ? 'all' : compileSelector(except.data, eager)
}

function fallbackOf(question: Question, situation: Situation): Fallback {
  const { purpose, expired, at } = situation
  const unknown = purpose !== undefined && !isKnownPurpose(purpose)
  const refused: ReasonCode = expired ? 'POLICY_EXPIRED' : unknown ? 'PURPOSE_UNKNOWN' : 'NOT_COVERED'
  return {
    permits: expired ? 'nothing' : defaultPermits(question, purpose),
    permitted: verdictOf('permit', 'DEFAULT_PERMITS', at),
    refused: verdictOf('deny', refused, at),
    refusedByLabel: verdictOf('deny', expired ? 'POLICY_EXPIRED' : 'LABEL_DENIED', at),
  }
}

/** The default speaks of reading for treatment under the patient's live link; everything else stays denied. */
function defaultPermits(question: Question, purpose: string | undefined): Fallback['permits'] {
  const treats = purpose !== undefined && permitCoversPurpose('TREAT', purpose)
  const reads = question.action === 'read' || question.action === 'search'
  if (!treats || !reads || question.careRelationship !== true) return 'nothing'
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
  const match = residual.data === undefined ? 'match' : matchSelector(residual.data, facts)
  if (match !== 'match' || residual.except === undefined) return match
  if (matchSelector(residual.except, facts) !== 'match') return 'match'
  return hasLabelSelector(residual.except) ? 'label' : 'none'
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
    if (denies.some((deny) => deny.data?.types === undefined || deny.data.types.size === 0 || deny.data.types.has(type))) return true
    return fallback.permits !== 'all' && !permits.some((permit) => permit.except === undefined && coversWholeType(permit.data, type))
  })
}

const isUnconditional = (residual: Residual): boolean => residual.data === undefined && residual.except === undefined

function coversWholeType(data: CompiledSelector | undefined, type: string): boolean {
  if (data === undefined) return true
  const limits = [data.categories, data.confidentiality, data.sensitivity, data.codes, data.sources, data.authors, data.encounters, data.items, data.period]
  return (data.types === undefined || data.types.has(type)) && limits.every((limit) => limit === undefined)
}
