import { ACT_CODE, PARTICIPATION, SCOPES, told } from './case-codes.ts'
import { spanOfPeriod } from './case-dates.ts'
import { isList, isObject, type Json, listOf, objectsOf, objectsWithin, own } from './json.ts'

/** Which Consents count, and what a Consent that counts is made of. Judged in the order of the page's section 2. */
export type Profile = 'r4' | 'pcf'

export interface Rule {
  readonly effect: 'permit' | 'deny'
  readonly provision: Json
}

/** A Consent that counts, taken apart. */
export interface Rules {
  readonly kind: 'rules'
  readonly contained: readonly Json[]
  readonly opt: 'OPTIN' | 'OPTOUT' | undefined
  /** `undefined` where the root says nothing of its own. */
  readonly root: Rule | undefined
  readonly provision: Json
  readonly children: readonly Rule[]
  /** Purposes for which an OPTIN permits everything. */
  readonly basis: readonly unknown[] | undefined
}

export type Reading = Rules | { readonly kind: 'ignored' | 'unrepresentable'; readonly why: string }

const not = (why: string): Reading => ({ kind: 'unrepresentable', why })

export function readConsent(consent: Json, profile: Profile): Reading {
  const status = own(consent, 'status')
  if (typeof status === 'string' && ['draft', 'proposed', 'rejected', 'inactive', 'entered-in-error'].includes(status))
    return { kind: 'ignored', why: 'status' }
  if (status !== 'active') return not('status')
  const scopes = listOf(own(own(consent, 'scope'), 'coding')).map((coding) => told(coding, [[SCOPES, (code) => KNOWN_SCOPES.includes(code)]]))
  const ofScope = (code: string) => scopes.some((one) => one?.system === SCOPES && one.code === code)
  if (!ofScope('patient-privacy')) {
    return scopes.length === 1 && ['research', 'treatment', 'adr'].some(ofScope) ? { kind: 'ignored', why: 'scope' } : not('scope')
  }
  if (own(consent, 'implicitRules') !== undefined) return not('implicit rules')
  if (objectsWithin(consent).some((one) => Object.hasOwn(one, 'modifierExtension'))) return not('modifier extension')
  const fault = faultOfForm(consent)
  return fault === undefined ? meaningOf(consent, profile) : not(fault)
}

const KNOWN_SCOPES = ['patient-privacy', 'research', 'treatment', 'adr']

/** The types of R4, as far as a decision looks at them; every other member may be anything that is not empty. */
type Shape = (value: unknown) => boolean
const text: Shape = (value) => typeof value === 'string' && value !== ''
const listWith =
  (shape: Shape): Shape =>
  (value) =>
    isList(value) && value.every(shape)
const anything: Shape = () => true
const record =
  (members: { readonly [name: string]: Shape }): Shape =>
  (value) =>
    isObject(value) &&
    Object.entries(value).every(
      ([name, member]) => name === 'id' || name === 'extension' || (Object.hasOwn(members, name) && (members[name] ?? anything)(member)),
    )
const coding = record({ system: text, version: text, code: text, display: text, userSelected: (value) => typeof value === 'boolean' })
const concept = record({ coding: listWith(coding), text })
const period = record({ start: text, end: text })
const identifier = record({ use: text, type: concept, system: text, value: text, period, assigner: anything })
const reference = record({ reference: text, type: text, identifier, display: text })
const OWN_MEMBERS: { readonly [name: string]: Shape } = {
  type: (value) => value === 'permit' || value === 'deny',
  period,
  actor: listWith((value) => record({ role: concept, reference })(value) && own(value, 'role') !== undefined && own(value, 'reference') !== undefined),
  action: listWith(concept),
  securityLabel: listWith(coding),
  purpose: listWith(coding),
  class: listWith(coding),
  code: listWith(concept),
  dataPeriod: period,
  data: listWith(
    (value) =>
      record({ meaning: (one) => MEANINGS.includes(String(one)) && typeof one === 'string', reference })(value) &&
      own(value, 'meaning') !== undefined &&
      own(value, 'reference') !== undefined,
  ),
}
const MEANINGS = ['instance', 'related', 'dependents', 'authoredby']
const child = record({ ...OWN_MEMBERS })
const provisionShape = record({ ...OWN_MEMBERS, provision: listWith(child) })

const MEMBERS = (
  'resourceType id meta implicitRules language text contained extension modifierExtension identifier status scope category patient ' +
  'dateTime performer organization sourceAttachment sourceReference policy policyRule verification provision'
).split(' ')

/** Empty values, values of another type, members that R4 does not define, and nesting that is too deep. */
function faultOfForm(consent: Json): string | undefined {
  if (Object.keys(consent).some((name) => !MEMBERS.includes(name))) return 'members'
  if ([own(consent, 'provision'), own(consent, 'policyRule'), own(consent, 'scope'), own(consent, 'patient')].some(hasEmpty)) return 'empty'
  const { provision, policyRule, patient, contained } = {
    provision: own(consent, 'provision'),
    policyRule: own(consent, 'policyRule'),
    patient: own(consent, 'patient'),
    contained: own(consent, 'contained'),
  }
  if (!concept(own(consent, 'scope'))) return 'scope'
  if (policyRule !== undefined && !concept(policyRule)) return 'policy rule'
  if (patient === undefined || !reference(patient)) return 'patient'
  if (contained !== undefined && !listWith(isObject)(contained)) return 'contained'
  if (provision === undefined) return undefined
  if (!provisionShape(provision)) return 'provision'
  const rules = [provision, ...objectsOf(own(provision, 'provision'))]
  return rules.map((one) => faultOfRule(one)).find((one) => one !== undefined)
}

/** FHIR has no empty lists and objects, and no null. */
function hasEmpty(value: unknown): boolean {
  if (value === null) return true
  if (typeof value !== 'object') return false
  const members = Object.values(value)
  return members.length === 0 || members.some(hasEmpty)
}

const CLASSES: { readonly [role: string]: 'recipient' | 'source' | 'author' } = { IRCP: 'recipient', PRCP: 'recipient', CST: 'source', AUT: 'author' }

/** The class of an actor by its role; `undefined` for any other role, and for roles of two classes. */
export function classOf(actor: unknown): 'recipient' | 'source' | 'author' | undefined {
  const roles = listOf(own(own(actor, 'role'), 'coding')).map((one) => told(one, [[PARTICIPATION, (code) => Object.hasOwn(CLASSES, code)]]))
  const classes = roles.map((one) => (one?.system === PARTICIPATION && Object.hasOwn(CLASSES, one.code) ? CLASSES[one.code] : undefined))
  return classes.every((one) => one === classes[0]) ? classes[0] : undefined
}

function faultOfRule(rule: unknown): string | undefined {
  if (listOf(own(rule, 'actor')).some((actor) => classOf(actor) === undefined)) return 'role'
  const concepts = listOf(own(rule, 'code'))
  const told = (one: unknown) => typeof own(one, 'system') === 'string' && typeof own(one, 'code') === 'string'
  if (concepts.some((one) => listOf(own(one, 'coding')).length === 0 || !listOf(own(one, 'coding')).every(told))) return 'code'
  for (const member of ['period', 'dataPeriod']) if (own(rule, member) !== undefined && spanOfPeriod(own(rule, member)) === undefined) return member
  return undefined
}

const CONDITIONS = ['actor', 'action', 'securityLabel', 'purpose', 'class', 'code', 'dataPeriod', 'data']

function meaningOf(consent: Json, profile: Profile): Reading {
  const rules = listOf(own(own(consent, 'policyRule'), 'coding')).map((one) => told(one, [[ACT_CODE, (code) => code === 'OPTIN' || code === 'OPTOUT']]))
  const ours = [...new Set(rules.flatMap((one) => (one === undefined || one.system === '' || one.system === ACT_CODE ? [one?.code ?? ''] : [])))]
  if (ours.length > 1 || ours.some((one) => one !== 'OPTIN' && (profile === 'pcf' || one !== 'OPTOUT'))) return not('policy rule')
  const opt = profile === 'pcf' ? undefined : ours[0] === 'OPTIN' ? 'OPTIN' : ours[0] === 'OPTOUT' ? 'OPTOUT' : undefined
  const contained = objectsOf(own(consent, 'contained'))
  const provision = own(consent, 'provision')
  if (!isObject(provision)) {
    return opt === undefined ? not('no provision') : { kind: 'rules', contained, opt, root: undefined, provision: {}, children: [], basis: undefined }
  }
  const root = rootOf(provision, profile, opt)
  if (typeof root === 'string') return not(root)
  const children = childrenOf(provision, profile, opt)
  if (typeof children === 'string') return not(children)
  const all = [provision, ...objectsOf(own(provision, 'provision'))]
  const named = all.flatMap((one) => listOf(own(one, 'purpose')))
  const basis = opt === 'OPTIN' && root?.effect === 'deny' ? (named.length > 0 ? named : [{ code: 'TREAT' }]) : undefined
  return { kind: 'rules', contained, opt, root, provision, children, basis }
}

function rootOf(provision: Json, profile: Profile, opt: 'OPTIN' | 'OPTOUT' | undefined): Rule | undefined | string {
  const type = own(provision, 'type')
  if (type === 'permit' || type === 'deny') return { effect: type, provision }
  if (profile === 'pcf') return 'untyped root'
  if (opt === 'OPTOUT') return undefined
  const conditional = CONDITIONS.some((member) => own(provision, member) !== undefined)
  if (!conditional && own(provision, 'period') === undefined) return own(provision, 'provision') === undefined ? 'a root that says nothing' : undefined
  if (opt === 'OPTIN' && conditional) return { effect: 'deny', provision }
  return 'untyped root'
}

function childrenOf(provision: Json, profile: Profile, opt: 'OPTIN' | 'OPTOUT' | undefined): readonly Rule[] | string {
  const children = objectsOf(own(provision, 'provision'))
  const typedPermits = children.some((one) => own(one, 'type') === 'permit') || own(provision, 'type') === 'permit'
  const read: Rule[] = []
  for (const one of children) {
    const type = own(one, 'type')
    if (type === 'permit' || type === 'deny') read.push({ effect: type, provision: one })
    else if (profile === 'pcf') return 'untyped child'
    else if (own(provision, 'type') === 'permit') read.push({ effect: 'deny', provision: one })
    else if (opt !== 'OPTOUT' || typedPermits) return 'untyped child'
  }
  return read
}
