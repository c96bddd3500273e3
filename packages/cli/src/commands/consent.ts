import {
  type Actor,
  checkAll,
  type CompiledPolicy,
  compile,
  compileDefault,
  parsePolicy,
  type Policy,
  type Question,
  REASONS,
  type ReasonCode,
  readFacts,
  RULE_SET_ID,
  situationsOf,
  type Verdict,
} from '@fiducia/consent'
import { InputError, shape } from '@fiducia/core'
import { isResource, referenceOf } from '@fiducia/fhir'
import { type CaseConsent, type ConsentCase, parseConsentCase } from './consent-case.ts'

/**
 * `fiducia consent decide`: the decision of a node as a pure function over a case document. Native policies are decided
 * here; all that are given must permit, as a holder applies committed and pending versions together. FHIR Consents are
 * reported as not representable and deny everything, and those that are not in force are reported and ignored.
 */
export interface ConsentDecision {
  readonly decision: 'permit' | 'deny'
  readonly reasons: readonly CaseReason[]
  /** Names the label rules that were used. */
  readonly rules: string
  readonly released?: readonly string[]
  readonly withheld?: readonly { readonly ref: string; readonly code: string }[]
}

interface CaseReason {
  readonly code: ReasonCode | CaseCode
  readonly consent?: string
  readonly detail: string
}

/** What the reading of a case adds to the reasons of a decision. */
const CASE_REASONS = {
  CONSENT_IGNORED: 'the consent is not active or is about something other than privacy',
  NOT_REPRESENTABLE: 'the consent cannot be represented exactly, so it denies everything',
  NOT_REQUESTED: 'a resource of a type that was not asked for',
} as const
type CaseCode = keyof typeof CASE_REASONS

/** Exit code 0 permit, 1 deny. Throws an `InputError` for a case that cannot be read (exit code 2). */
export function consentDecide(caseText: string): { readonly exitCode: 0 | 1; readonly output: ConsentDecision } {
  const given = parseConsentCase(caseText)
  const question = questionOf(given)
  const { judged, reasons } = judgeConsents(given.consents)
  const compiled = judged.length === 0 ? [compileDefault(question)] : judged.map(({ policy }, index) => compile(policy, question, { index }))
  const output = given.resources === undefined ? decideAtAll(given, judged, compiled) : decideResources(given, given.resources, judged, compiled)
  return { exitCode: output.decision === 'permit' ? 0 : 1, output: { ...output, reasons: [...reasons, ...output.reasons] } }
}

interface Judged {
  readonly name: string
  readonly policy: Policy | 'unreadable'
}

function judgeConsents(consents: readonly CaseConsent[]): { readonly judged: readonly Judged[]; readonly reasons: readonly CaseReason[] } {
  checkOnePatient(consents)
  const judged: Judged[] = []
  const reasons: CaseReason[] = []
  consents.forEach((consent, i) => {
    const name = nameOf(consent, i)
    if (consent.profile === 'native') judged.push({ name, policy: readPolicy(consent.resource, name, reasons) })
    else if (isIgnored(consent.resource)) reasons.push({ code: 'CONSENT_IGNORED', consent: name, detail: CASE_REASONS.CONSENT_IGNORED })
    else {
      reasons.push({ code: 'NOT_REPRESENTABLE', consent: name, detail: CASE_REASONS.NOT_REPRESENTABLE })
      judged.push({ name, policy: 'unreadable' })
    }
  })
  return { judged, reasons }
}

function nameOf({ profile, resource }: CaseConsent, index: number): string {
  return profile === 'native' ? `consents[${index}]` : (referenceOf(resource) ?? `consents[${index}]`)
}

function readPolicy(document: unknown, name: string, reasons: CaseReason[]): Policy | 'unreadable' {
  try {
    return parsePolicy(document)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    reasons.push({ code: 'NOT_REPRESENTABLE', consent: name, detail: error.message })
    return 'unreadable'
  }
}

/** Only what is active counts, and only privacy consents; one whose scope is missing or unknown is not ignored. */
function isIgnored(resource: CaseConsent['resource']): boolean {
  if (typeof resource['status'] === 'string' && resource['status'] !== 'active') return true
  const scope = resource['scope']
  const codings = shape.isObject(scope) && Array.isArray(scope['coding']) ? scope['coding'] : []
  const codes = codings.map((coding: unknown) => (shape.isObject(coding) ? coding['code'] : undefined))
  return codes.length > 0 && codes.every((code) => code === 'research' || code === 'treatment' || code === 'adr')
}

function checkOnePatient(consents: readonly CaseConsent[]): void {
  const patients = new Set(
    consents.flatMap(({ resource }) => (shape.isObject(resource['patient']) ? [JSON.stringify(resource['patient']['reference'] ?? null)] : [])),
  )
  if (patients.size > 1) throw new InputError('SHAPE', `expected consents of one patient, found ${patients.size}`, { at: 'consents' })
}

function questionOf(given: ConsentCase): Question {
  const { request } = given
  return {
    actor: actorOf(given),
    purposes: request.purpose,
    action: request.action,
    at: given.at,
    default: given.default,
    careRelationship: request.careRelationship,
    ...(request.breakGlass === undefined ? {} : { breakGlass: request.breakGlass }),
  }
}

/** Systems under which a case names what the network itself knows. */
const NETWORK_SYSTEMS = {
  organization: 'urn:fiducia:organization|',
  group: 'urn:fiducia:group|',
  role: 'urn:fiducia:role|',
  study: 'urn:fiducia:study|',
  delegate: 'urn:fiducia:delegate|',
} as const

/** Identifiers as given, and those of the resources that references resolve to, beside their type and id. */
function actorOf({ request, references }: ConsentCase): Actor {
  const byReference = new Map(references.map((resource) => [referenceOf(resource), resource]))
  const identifiers = [
    ...new Set(request.actors.flatMap(({ kind, name }) => (kind === 'identifier' ? [name] : [name, ...identifiersOf(byReference.get(name))]))),
  ]
  const named = (system: string) => identifiers.filter((one) => one.startsWith(system)).map((one) => one.slice(system.length))
  const [organization = identifiers.find((one) => one.startsWith('Organization/'))] = named(NETWORK_SYSTEMS.organization)
  const [group] = named(NETWORK_SYSTEMS.group)
  const [study] = named(NETWORK_SYSTEMS.study)
  const [delegate] = named(NETWORK_SYSTEMS.delegate)
  return {
    identifiers,
    roles: named(NETWORK_SYSTEMS.role),
    ...(organization === undefined ? {} : { organization }),
    ...(group === undefined ? {} : { group }),
    ...(study === undefined ? {} : { study }),
    ...(delegate === undefined ? {} : { delegate }),
  }
}

function identifiersOf(resource: unknown): readonly string[] {
  const list = shape.isObject(resource) && Array.isArray(resource['identifier']) ? resource['identifier'] : []
  return list.flatMap((one: unknown) =>
    shape.isObject(one) && typeof one['system'] === 'string' && typeof one['value'] === 'string' ? [`${one['system']}|${one['value']}`] : [],
  )
}

function decideResources(given: ConsentCase, resources: readonly unknown[], judged: readonly Judged[], compiled: readonly CompiledPolicy[]): ConsentDecision {
  const released = new Set<string>()
  const withheld = new Map<string, string>()
  const verdicts: Verdict[] = []
  resources.forEach((resource, i) => {
    const ref = referenceOf(resource) ?? `resources[${i}]`
    const asked = given.request.resourceTypes
    if (asked !== undefined && isResource(resource) && !asked.includes(resource.resourceType)) {
      withheld.set(ref, 'NOT_REQUESTED')
      return
    }
    const verdict = checkAll(compiled, readFacts(resource))
    verdicts.push(verdict)
    if (verdict.effect === 'permit') released.add(ref)
    else if (!withheld.has(ref)) withheld.set(ref, verdict.reasons[0]?.code ?? 'NOT_COVERED')
  })
  // Of two resources with one name, the one that is withheld speaks for both.
  for (const ref of withheld.keys()) released.delete(ref)
  const decision = released.size > 0 ? 'permit' : 'deny'
  const telling = verdicts.filter(({ effect }) => effect === decision)
  return {
    decision,
    reasons: reasonsOf(telling, judged),
    rules: RULE_SET_ID,
    released: [...released],
    withheld: [...withheld].map(([ref, code]) => ({ ref, code })),
  }
}

/** Without resources: whether anything of the types asked for could go. */
function decideAtAll(given: ConsentCase, judged: readonly Judged[], compiled: readonly CompiledPolicy[]): ConsentDecision {
  const policies = judged.flatMap(({ policy }) => (policy === 'unreadable' ? [] : [policy]))
  const { resourceTypes } = given.request
  const denials: Verdict[] = []
  for (const facts of situationsOf({ policies, ...(resourceTypes === undefined ? {} : { types: resourceTypes }) })) {
    const verdict = checkAll(compiled, facts)
    if (verdict.effect === 'permit') return { decision: 'permit', reasons: reasonsOf([verdict], judged), rules: RULE_SET_ID }
    if (denials.length === 0) denials.push(verdict)
  }
  return { decision: 'deny', reasons: reasonsOf(denials, judged), rules: RULE_SET_ID }
}

/** Each reason once. */
function reasonsOf(verdicts: readonly Verdict[], judged: readonly Judged[]): readonly CaseReason[] {
  const seen = new Map<string, CaseReason>()
  for (const { code, policy, grant } of verdicts.flatMap(({ reasons }) => reasons)) {
    const name = policy === undefined ? undefined : judged[policy]?.name
    const consent = name === undefined ? undefined : grant === undefined ? name : `${name}.grants[${grant}]`
    seen.set(`${code} ${consent ?? ''}`, { code, ...(consent === undefined ? {} : { consent }), detail: REASONS[code] })
  }
  return [...seen.values()]
}
