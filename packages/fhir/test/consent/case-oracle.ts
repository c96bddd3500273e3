import { readFacts } from '@fiducia/consent'
import { anyActorIs, askerOf, type Somebody, type World } from './case-actors.ts'
import { actionsSpeak, askedAction, askedPurpose, codesSpeak, isBreakGlass, isTreatment, looks, purposesSpeak, type Told, typesSpeak } from './case-codes.ts'
import { authorsSpeak, dataSpeaks, type Records, sourcesSpeak } from './case-data.ts'
import { datesSpeak, lies, spanOfPeriod, spanOfText } from './case-dates.ts'
import { classOf, readConsent, type Reading, type Rules } from './case-form.ts'
import { identifierName, isList, isObject, type Json, listOf, nameOf, own, sameJson } from './json.ts'
import { isNormal, labelsSpeak } from './case-labels.ts'
import { and, counts, type Effect, sure, type Truth } from './truth.ts'

/**
 * The decision on a case once more, slow and obvious, written from docs/reference/consent.md and from nothing else: every
 * statement is `yes`, `no` or `unknown`, judged directly on the FHIR JSON, for each resource anew. Only the labels and
 * codes of a resource come from the product (`readFacts`), which other tests hold to the labelling rules. Cases need
 * `resources`, and Consents of the profiles `r4` and `pcf`.
 */
export interface OracleDecision {
  readonly decision: Effect
  readonly released: readonly string[]
  readonly withheld: readonly string[]
}

/** The case itself is refused: exit code 2. */
export class OracleRefuses extends Error {
  override readonly name = 'OracleRefuses'
}

/** Told which rule of the page decided something; counts how random cases cover the page. */
export type Note = (rule: string) => void

interface Question {
  readonly records: Records
  readonly asker: Somebody
  readonly at: number
  readonly purposes: readonly Told[]
  readonly action: string
  readonly default: string
  readonly live: boolean
  readonly reason: string
  readonly consents: readonly Reading[]
  readonly patient: string | undefined
  readonly note: Note
}

const DEFAULTS = ['deny', 'normal-treatment', 'all-treatment', 'break-glass-only']

export function oracleDecideCase(document: unknown, note: Note = () => undefined): OracleDecision {
  const { question, resources } = readCase(document, note)
  const released = new Set<string>()
  const withheld = new Set<string>()
  for (const resource of resources) (isReleased(question, resource) ? released : withheld).add(nameOf(resource) ?? '')
  for (const name of withheld) if (released.delete(name)) note('of two resources with one name the stricter verdict counts')
  return { decision: released.size > 0 ? 'permit' : 'deny', released: [...released].sort(), withheld: [...withheld].sort() }
}

const refuse = (what: string): never => {
  throw new OracleRefuses(what)
}

function readCase(document: unknown, note: Note): { readonly question: Question; readonly resources: readonly unknown[] } {
  const at = spanOfText(own(document, 'at'))
  const request = own(document, 'request')
  const [purposes, action, fallback] = [own(request, 'purpose') ?? [], own(request, 'action'), own(document, 'default')]
  const references = own(document, 'references') ?? []
  const resources = own(document, 'resources')
  const actors = own(request, 'actors')
  if (at === undefined || !String(own(document, 'at')).includes('T')) return refuse('at')
  if (typeof fallback !== 'string' || !DEFAULTS.includes(fallback)) return refuse('default')
  const asked = isList(purposes) ? purposes.map(askedPurpose) : [undefined]
  if (!asked.every((one) => one !== undefined) || typeof action !== 'string') return refuse('request')
  if (!isList(actors) || !actors.every(isObject) || !isList(resources)) return refuse('actors or resources')
  if (!isList(references) || !references.every((one): one is Json => nameOf(one) !== undefined)) return refuse('references')
  const world: World = { at: at.first, references }
  const reason = own(own(request, 'breakGlass'), 'reason')
  const { consents, patient } = readConsents(own(document, 'consents'))
  for (const one of consents) if (one.kind !== 'rules') note(`a Consent is ${one.kind} for its ${one.why}`)
  const question: Question = {
    records: { world, known: [...references, ...resources.filter((one): one is Json => nameOf(one) !== undefined)] },
    asker: askerOf(world, actors),
    at: at.first,
    purposes: asked.filter((one, i) => asked.findIndex((other) => sameJson(one, other)) === i),
    action,
    default: fallback,
    live: own(request, 'careRelationship') === true,
    reason: typeof reason === 'string' ? reason.trim() : '',
    consents,
    patient,
    note,
  }
  return { question, resources }
}

function readConsents(stated: unknown): { readonly consents: readonly Reading[]; readonly patient: string | undefined } {
  if (!isList(stated)) return refuse('consents')
  const patients = new Set<string>()
  const consents = stated.map((one) => {
    const [profile, resource] = [own(one, 'profile'), own(one, 'resource')]
    if ((profile !== 'r4' && profile !== 'pcf') || own(resource, 'resourceType') !== 'Consent' || !isObject(resource)) return refuse('a consent')
    const patient = patientNamed(own(resource, 'patient'))
    if (patient !== undefined) patients.add(patient)
    return readConsent(resource, profile)
  })
  if (patients.size > 1) return refuse('consents of different patients')
  return { consents, patient: [...patients][0] }
}

function patientNamed(reference: unknown): string | undefined {
  const literal = own(reference, 'reference')
  return typeof literal === 'string' ? literal.replace(/\/_history\/[A-Za-z0-9.-]{1,64}$/, '') : identifierName(own(reference, 'identifier'))
}

const SUBJECTS = ['subject', 'patient', 'beneficiary']

/** Whoever is stated and not known to be the patient that the consents name is another. */
function statesAnother({ patient, consents }: Question, resource: Json): boolean {
  if (consents.length === 0) return false
  if (own(resource, 'resourceType') === 'Patient') return nameOf(resource) !== patient
  return SUBJECTS.some((member) => {
    const reference = own(resource, member)
    return reference !== undefined && (patient === undefined || patientNamed(reference) !== patient)
  })
}

function isReleased(question: Question, resource: unknown): boolean {
  const facts = readFacts(resource)
  if (facts === undefined || !isObject(resource)) return question.note('a resource that cannot be read is withheld'), false
  if (statesAnother(question, resource)) return question.note('a resource of another patient is withheld'), false
  const each = question.purposes.map((purpose) => isReleasedFor(question, resource, facts, purpose))
  if (each.includes(true) && each.includes(false)) question.note('several purposes get what each alone would get')
  if (each.length === 0) question.note('without a purpose no permit matches')
  return each.length > 0 && each.every((one) => one)
}

type Facts = NonNullable<ReturnType<typeof readFacts>>

function isReleasedFor(question: Question, resource: Json, facts: Facts, purpose: Told): boolean {
  const { note } = question
  const emergency = question.purposes.some((one) => isBreakGlass(one))
  if (emergency && (question.purposes.length > 1 || question.reason === '')) return note('emergency without a reason or beside another purpose'), false
  if (emergency && question.default !== 'deny' && looks(askedAction(question.action))) return note('emergency overrides every deny'), true
  const { denies, permits } = poolOf(question, resource, facts, purpose)
  if (denies > 0 && permits > 0) note('any matching deny beats any matching permit')
  if (denies > 0) return false
  if (permits > 0) return note(emergency ? 'a rule that names BTG opens' : 'a permit releases'), true
  const treatment = isTreatment(purpose) && looks(askedAction(question.action)) && question.live
  const granted = treatment && (question.default === 'all-treatment' || (question.default === 'normal-treatment' && isNormal(facts)))
  if (granted) note(`the default ${question.default} is asked${question.consents.length > 0 ? ' where no rule matches' : ''}`)
  return granted
}

/** One rule for one question: the provision itself, the root above it, and what it is judged by. */
interface Asked {
  readonly question: Question
  readonly contained: readonly Json[]
  readonly purpose: Told
  readonly resource: Json
  readonly facts: Facts
}

function poolOf(question: Question, resource: Json, facts: Facts, purpose: Told): { readonly denies: number; readonly permits: number } {
  let [denies, permits] = [0, 0]
  for (const consent of question.consents) {
    if (consent.kind === 'rules') {
      const judged = judge({ question, contained: consent.contained, purpose, resource, facts }, consent)
      denies += judged.denies
      permits += judged.permits
    } else if (consent.kind === 'unrepresentable') denies += 1
  }
  return { denies, permits }
}

function judge(asked: Asked, consent: Rules): { readonly denies: number; readonly permits: number } {
  const { root, provision, opt } = consent
  const { note } = asked.question
  const matching = (effect: Effect): number =>
    consent.children.filter((one) => one.effect === effect && counts(speaks(asked, effect, one.provision, provision), effect)).length
  const childPermits = matching('permit')
  const childDenies = matching('deny')
  const rootMatches = root !== undefined && counts(speaks(asked, root.effect, root.provision, undefined), root.effect)
  const rootPermits = rootMatches && root.effect === 'permit' ? 1 : 0
  const rootDenies = rootMatches && root.effect === 'deny' ? 1 : 0
  if (rootDenies > 0 && childPermits > 0) note("a child permit opens its own root's deny")
  if (childDenies > 0) note('a child deny counts')
  const basis = consent.basis === undefined ? 0 : counts(basisSpeaks(asked, consent.basis), 'permit') ? 1 : 0
  if (basis > 0) note('OPTIN permits for the purposes that are named')
  const closed = opt === 'OPTOUT' && rootPermits + childPermits === 0 ? 1 : 0
  if (opt === 'OPTOUT') note(closed > 0 ? 'OPTOUT denies everything' : 'a typed permit opens the OPTOUT')
  return { denies: childDenies + closed + (childPermits > 0 ? 0 : rootDenies), permits: rootPermits + childPermits + basis }
}

const basisSpeaks = ({ question, purpose }: Asked, basis: readonly unknown[]): Truth =>
  and([purposesSpeak(basis, purpose, 'permit', false), actionsSpeak(undefined, askedAction(question.action), 'permit', false)])

/** The six dimensions in which a root speaks for its children. */
const SHARED = ['recipients', 'sources', 'authors', 'purposes', 'validity', 'actions'] as const
type Shared = (typeof SHARED)[number]

function speaks(asked: Asked, effect: Effect, rule: Json, root: Json | undefined): Truth {
  const parts = new Map<string, Truth>()
  for (const one of SHARED) {
    const itself = sharedSpeaks(asked, one, rule, effect, false)
    if (root === undefined) parts.set(one, itself)
    else if (effect === 'permit') {
      parts.set(one, itself)
      parts.set(`${one} of the root`, sharedSpeaks(asked, one, root, effect, true))
    } else parts.set(states(rule, one) ? one : `${one} of the root`, states(rule, one) ? itself : sharedSpeaks(asked, one, root, effect, true))
  }
  const { question, resource, facts } = asked
  parts.set('data', dataSpeaks(question.records, own(rule, 'data'), resource))
  parts.set('types', typesSpeak(own(rule, 'class'), facts.type))
  parts.set('codes', codesSpeak(own(rule, 'code'), facts.codes))
  parts.set('dates', datesSpeak(own(rule, 'dataPeriod'), resource, effect))
  parts.set('labels', labelsSpeak(own(rule, 'securityLabel'), facts, effect))
  const undecided = [...parts].filter(([, truth]) => truth !== 'yes')
  if (undecided.length === 1) question.note(`${effect}: the ${undecided[0]?.[0]} alone are ${undecided[0]?.[1]}`)
  return and([...parts.values()])
}

const CLASS_OF: { readonly [dimension in Shared]?: 'recipient' | 'source' | 'author' } = { recipients: 'recipient', sources: 'source', authors: 'author' }
const MEMBER_OF: { readonly [dimension in Shared]?: string } = { purposes: 'purpose', validity: 'period', actions: 'action' }

const actorsOf = (rule: Json, dimension: Shared): readonly unknown[] => listOf(own(rule, 'actor')).filter((actor) => classOf(actor) === CLASS_OF[dimension])

const states = (rule: Json, dimension: Shared): boolean => {
  const member = MEMBER_OF[dimension]
  return member === undefined ? actorsOf(rule, dimension).length > 0 : own(rule, member) !== undefined
}

function sharedSpeaks(asked: Asked, dimension: Shared, rule: Json, effect: Effect, ofRoot: boolean): Truth {
  const { question, contained, resource } = asked
  const actors = actorsOf(rule, dimension).map((actor) => own(actor, 'reference'))
  switch (dimension) {
    case 'recipients':
      return actors.length === 0 ? 'yes' : anyActorIs(question.records.world, contained, 'recipient', actors, question.asker)
    case 'sources':
      return actors.length === 0 ? 'yes' : sourcesSpeak(question.records, contained, actors, resource, effect)
    case 'authors':
      return actors.length === 0 ? 'yes' : authorsSpeak(question.records, contained, actors, resource)
    case 'purposes':
      return purposesSpeak(own(rule, 'purpose'), asked.purpose, effect, ofRoot)
    case 'actions':
      return actionsSpeak(own(rule, 'action'), askedAction(question.action), effect, ofRoot)
    case 'validity':
      return validitySpeaks(own(rule, 'period'), question.at)
  }
}

function validitySpeaks(period: unknown, at: number): Truth {
  if (period === undefined) return 'yes'
  const span = spanOfPeriod(period)
  return span === undefined ? 'unknown' : sure(lies(at, span))
}
