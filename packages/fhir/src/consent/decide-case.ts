import {
  checkAll,
  type CompiledPolicy,
  compile,
  compileDefault,
  linksAmong,
  parsePolicy,
  type Party,
  type Policy,
  type Question,
  REASONS,
  type ReasonCode,
  readFacts,
  type ResourceFacts,
  RULE_SET_ID,
  situationsOf,
  type Verdict,
} from '@fiducia/consent'
import { InputError, shape } from '@fiducia/core'
import { isResource, referenceOf } from '../resource.ts'
import { actorOf } from './actors.ts'
import { type CaseConsent, type ConsentCase, parseConsentCase } from './case.ts'
import { importConsent, standingOf } from './import-consent.ts'
import { isOfAnother, patientOf } from './patients.ts'
import { createWorld, identifiersOf, type World } from './world.ts'

/**
 * The decision of a node as a pure function over a case document (docs/reference/consent.md): the command line and a node
 * answer with it. All FHIR Consents are one policy; each native document is a version of a policy; all must permit.
 */
export interface CaseDecision {
  readonly decision: 'permit' | 'deny'
  readonly reasons: readonly CaseReason[]
  /** Names the label rules that were used. */
  readonly rules: string
  readonly released?: readonly string[]
  readonly withheld?: readonly { readonly ref: string; readonly code: string }[]
}

export interface CaseReason {
  readonly code: ReasonCode | CaseCode
  /** `Consent/id`, or its place in the case. */
  readonly consent?: string
  /** The provision, or the grant of a native policy. */
  readonly rule?: string
  /** The resources that it is the reason for, as they stand in `released` and `withheld`. */
  readonly resources?: readonly string[]
  readonly detail: string
}

/** What the reading of a case adds to the reasons of a decision. */
export const CASE_REASONS = {
  CONSENT_IGNORED: 'the consent is not active or is about something other than privacy',
  NOT_REPRESENTABLE: 'the consent cannot be represented exactly, so it denies everything',
  NOT_REQUESTED: 'a resource of a type that was not asked for',
  OTHER_PATIENT: 'the resource speaks of another patient than the consents',
} as const
type CaseCode = keyof typeof CASE_REASONS

/** Exit code 0 permit, 1 deny. Throws an `InputError` for a case that cannot be read (exit code 2). */
export function decideCase(caseText: string): { readonly exitCode: 0 | 1; readonly output: CaseDecision } {
  const output = decidePrepared(prepareCase(parseConsentCase(caseText)))
  return { exitCode: output.decision === 'permit' ? 0 : 1, output }
}

export function decidePrepared(prepared: PreparedCase): CaseDecision {
  const output = prepared.given.resources === undefined ? decideAtAll(prepared) : decideResources(prepared, prepared.given.resources)
  return { ...output, reasons: [...prepared.reasons, ...output.reasons] }
}

/** A case made ready: its policies with the names of their grants, and the question to each of them. */
export interface PreparedCase {
  readonly given: ConsentCase
  readonly question: Question
  readonly policies: readonly CasePolicy[]
  readonly compiled: readonly CompiledPolicy[]
  /** What was ignored, and what could not be represented. */
  readonly reasons: readonly CaseReason[]
  /** The patient of the consents, as their references name them. */
  readonly patient: string | undefined
  readonly factsOf: (resource: unknown) => ResourceFacts | undefined
}

export interface CasePolicy {
  readonly policy: Policy | 'unreadable'
  /** Where each grant comes from. */
  readonly origins: readonly Origin[]
}

export interface Origin {
  readonly consent: string
  readonly rule?: string
}

export function prepareCase(given: ConsentCase): PreparedCase {
  const patient = patientOf(given.consents)
  const question = questionOf(given)
  const reasons: CaseReason[] = []
  const policies = [...poolOf(given, reasons), ...nativesOf(given, reasons)]
  const compiled = policies.length === 0 ? [compileDefault(question)] : policies.map(({ policy }, index) => compile(policy, question, { index }))
  return { given, question, policies, compiled, reasons, patient, factsOf: factsReader(given, compiled) }
}

/** The FHIR Consents that count, as one policy; none where none counts. */
function poolOf(given: ConsentCase, reasons: CaseReason[]): readonly CasePolicy[] {
  const reading = {
    world: createWorld(given.references),
    data: createWorld([...given.references, ...(given.resources ?? [])]),
    at: given.at,
    byTypeAndId: true,
    contained: [],
  }
  const grants: { readonly grant: Policy['grants'][number]; readonly origin: Origin }[] = []
  let counted = 0
  given.consents.forEach((consent, i) => {
    if (consent.profile === 'native') return
    const { profile, resource } = consent
    const name = nameOf(consent, i)
    try {
      if (standingOf(resource) === 'ignored') {
        reasons.push({ code: 'CONSENT_IGNORED', consent: name, detail: CASE_REASONS.CONSENT_IGNORED })
        return
      }
      counted += 1
      for (const { grant, rule } of importConsent(resource, { ...reading, profile })) grants.push({ grant, origin: { consent: name, rule } })
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      counted += 1
      reasons.push({ code: 'NOT_REPRESENTABLE', consent: name, detail: `${CASE_REASONS.NOT_REPRESENTABLE}: ${error.message}` })
      grants.push({ grant: { effect: 'deny' }, origin: { consent: name } })
    }
  })
  if (counted === 0) return []
  return [{ policy: { v: 1, grants: grants.map(({ grant }) => grant) }, origins: grants.map(({ origin }) => origin) }]
}

/** Each native document is a version of its own. */
function nativesOf(given: ConsentCase, reasons: CaseReason[]): readonly CasePolicy[] {
  return given.consents.flatMap((consent, i): readonly CasePolicy[] => {
    if (consent.profile !== 'native') return []
    const name = nameOf(consent, i)
    try {
      const policy = parsePolicy(consent.resource)
      return [{ policy, origins: policy.grants.map((_, grant) => ({ consent: name, rule: `grants[${grant}]` })) }]
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      reasons.push({ code: 'NOT_REPRESENTABLE', consent: name, detail: `${CASE_REASONS.NOT_REPRESENTABLE}: ${error.message}` })
      return [{ policy: 'unreadable', origins: [] }]
    }
  })
}

const nameOf = ({ profile, resource }: CaseConsent, index: number): string => (profile === 'native' ? undefined : referenceOf(resource)) ?? `consents[${index}]`

function questionOf({ request, references, at, default: networkDefault }: ConsentCase): Question {
  return {
    actor: actorOf(request.actors, createWorld(references), at),
    purposes: request.purpose,
    action: request.action,
    at,
    default: networkDefault,
    careRelationship: request.careRelationship,
    ...(request.breakGlass === undefined ? {} : { breakGlass: request.breakGlass }),
  }
}

/** Facts of a resource, its parties by all names that the case knows, with what it hangs together with where a policy asks for that. */
function factsReader({ references, resources = [] }: ConsentCase, compiled: readonly CompiledPolicy[]): PreparedCase['factsOf'] {
  const world = createWorld(references)
  const byAllNames = (parties: readonly Party[] | undefined) => parties?.map((party) => (typeof party === 'string' ? allNames(party, world) : party))
  const linksOf = compiled.some(({ asksForLinks }) => asksForLinks)
    ? linksAmong([...references, ...resources], { nameOf: referenceOf, identifiersOf: (resource) => (shape.isObject(resource) ? identifiersOf(resource) : []) })
    : undefined
  return (resource) => {
    const facts = readFacts(resource)
    if (facts === undefined) return undefined
    const { sources, authors } = facts
    return { ...facts, sources: byAllNames(sources), authors: byAllNames(authors), ...(linksOf === undefined ? {} : { links: linksOf(resource) }) }
  }
}

/** The names that a resource of the case connects with this one; an identifier that several carry connects nothing. */
function allNames(name: string, { byName, byIdentifier }: World): Party {
  const [bearer, ...others] = name.includes('|') ? byIdentifier(name) : [byName(name)]
  if (bearer === undefined || others.length > 0) return name
  return [...new Set([name, referenceOf(bearer) ?? name, ...identifiersOf(bearer)])]
}

function decideResources(prepared: PreparedCase, resources: readonly unknown[]): CaseDecision {
  const released = new Set<string>()
  const withheld = new Map<string, string>()
  const verdicts: Judged[] = []
  resources.forEach((resource, i) => {
    const ref = referenceOf(resource) ?? `resources[${i}]`
    const verdict = checkResource(prepared, resource)
    verdicts.push({ ref, verdict })
    if (typeof verdict === 'object' && verdict.effect === 'permit') released.add(ref)
    else if (!withheld.has(ref)) withheld.set(ref, typeof verdict === 'string' ? verdict : (verdict.reasons[0]?.code ?? 'NOT_COVERED'))
  })
  // Of two resources with one name, the one that is withheld speaks for both.
  for (const ref of withheld.keys()) released.delete(ref)
  const counting = verdicts.filter(({ ref = '', verdict }) => released.has(ref) || typeof verdict === 'string' || verdict.effect === 'deny')
  return {
    decision: released.size > 0 ? 'permit' : 'deny',
    reasons: reasonsOf(counting, prepared.policies),
    rules: RULE_SET_ID,
    released: [...released],
    withheld: [...withheld].map(([ref, code]) => ({ ref, code })),
  }
}

/** The verdict on one resource, or why it was not even asked about. */
export function checkResource({ given, patient, compiled, factsOf }: PreparedCase, resource: unknown): Verdict | CaseCode {
  const asked = given.request.resourceTypes
  if (asked !== undefined && isResource(resource) && !asked.includes(resource.resourceType)) return 'NOT_REQUESTED'
  if (patient !== undefined && isOfAnother(resource, patient)) return 'OTHER_PATIENT'
  return checkAll(compiled, factsOf(resource))
}

/** Without resources: whether anything of the types asked for could go. */
function decideAtAll(prepared: PreparedCase): CaseDecision {
  const { verdict } = situationIn(prepared)
  return { decision: verdict.effect, reasons: reasonsOf([{ ref: undefined, verdict }], prepared.policies), rules: RULE_SET_ID }
}

/** A resource that could go, or else the first that the policies tell apart. */
export function situationIn({ given, policies, compiled }: PreparedCase): { readonly facts: ResourceFacts | undefined; readonly verdict: Verdict } {
  const readable = policies.flatMap(({ policy }) => (policy === 'unreadable' ? [] : [policy]))
  const { resourceTypes } = given.request
  let first: ResourceFacts | undefined
  for (const facts of situationsOf({ policies: readable, ...(resourceTypes === undefined ? {} : { types: resourceTypes }) })) {
    const verdict = checkAll(compiled, facts)
    if (verdict.effect === 'permit') return { facts, verdict }
    first ??= facts
  }
  return { facts: first, verdict: checkAll(compiled, first) }
}

interface Judged {
  /** Absent where no resource was given. */
  readonly ref: string | undefined
  readonly verdict: Verdict | CaseCode
}

/** Each reason once, with the resources that it is the reason for. */
function reasonsOf(judged: readonly Judged[], policies: readonly CasePolicy[]): readonly CaseReason[] {
  const found = new Map<string, { readonly reason: CaseReason; readonly refs: Set<string> }>()
  const note = (reason: CaseReason, ref: string | undefined): void => {
    const key = `${reason.code} ${reason.consent ?? ''} ${reason.rule ?? ''}`
    const entry = found.get(key) ?? { reason, refs: new Set() }
    found.set(key, entry)
    if (ref !== undefined) entry.refs.add(ref)
  }
  for (const { ref, verdict } of judged) {
    if (typeof verdict === 'string') note({ code: verdict, detail: CASE_REASONS[verdict] }, ref)
    else {
      for (const { code, policy, grant } of verdict.reasons) {
        const origin = policy === undefined || grant === undefined ? undefined : policies[policy]?.origins[grant]
        note({ code, ...origin, detail: REASONS[code] }, ref)
      }
    }
  }
  return [...found.values()].map(({ reason: { detail, ...reason }, refs }) => ({ ...reason, ...(refs.size === 0 ? {} : { resources: [...refs] }), detail }))
}
