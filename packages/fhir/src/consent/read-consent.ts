import { spanOfDate, type Validity } from '@fiducia/consent'
import { InputError, type Parser, shape } from '@fiducia/core'
import { MAX_CONSENT_ALTERNATIVES, MAX_CONSENT_DEPTH } from '../limits.ts'
import { type Coding, SYSTEMS } from './terminology.ts'

/**
 * An R4 Consent as a document: read once, strictly, all faults at once. What is read here is certain; everything else
 * about it (which profile, who is meant) is decided elsewhere. A Consent with a member that R4 does not define, a value of
 * another type, or a `modifierExtension` anywhere, has no reading.
 */
export interface ConsentDocument {
  readonly base: 'opt-in' | 'opt-out' | 'none'
  readonly root: Provision | undefined
  readonly contained: readonly unknown[]
}

export interface Provision {
  /** Where it stands, as FHIR writes paths. */
  readonly path: string
  readonly type: 'permit' | 'deny' | undefined
  readonly valid: Validity | undefined
  readonly recipients: readonly unknown[] | undefined
  readonly sources: readonly unknown[] | undefined
  readonly authors: readonly unknown[] | undefined
  readonly actions: readonly Coding[] | undefined
  readonly labels: readonly Coding[] | undefined
  readonly purposes: readonly Coding[] | undefined
  readonly classes: readonly Coding[] | undefined
  readonly codes: readonly string[] | undefined
  readonly dates: { readonly from?: string; readonly until?: string } | undefined
  readonly data: readonly DataEntry[] | undefined
  readonly children: readonly Provision[]
}

export interface DataEntry {
  readonly meaning: 'instance' | 'related' | 'dependents' | 'authoredby'
  readonly reference: unknown
}

type Json = { readonly [name: string]: unknown }

const fault = (at: string, message: string): InputError => new InputError('SHAPE', message, { at })

const anything: Parser<unknown> = (value) => value
const anyObject: Parser<Json> = (value, at) => {
  if (shape.isObject(value) && Object.keys(value).length > 0) return value
  throw fault(at, 'expected an object with members, found another value')
}
const many = <T>(item: Parser<T>): Parser<readonly T[]> => shape.array(item, MAX_CONSENT_ALTERNATIVES, 1)
const text = shape.text(10_000)
const element = { id: text, extension: many(anyObject) }

const coding: Parser<Coding> = (value, at) => {
  const { system, code } = shape.object({ code: text }, { ...element, system: text, version: text, display: text, userSelected: shape.boolean })(value, at)
  if (code.trim() === code && code !== '') return { system, code }
  throw fault(at, 'expected a code without blanks around it, found other text')
}

/** The codings of a CodeableConcept; one with text alone has no code, and so no certain meaning. */
const concept: Parser<readonly Coding[]> = (value, at) => shape.object({ coding: many(coding) }, { ...element, text })(value, at).coding

const concepts: Parser<readonly Coding[]> = (value, at) => many(concept)(value, at).flat()

const date: Parser<string> = (value, at) => {
  if (typeof value === 'string' && spanOfDate(value) !== undefined) return value
  throw fault(at, 'expected a FHIR date or dateTime with its time zone, found another value')
}

const period: Parser<{ readonly from?: string; readonly until?: string }> = (value, at) => {
  const { start, end } = shape.object({}, { ...element, start: date, end: date })(value, at)
  const [from, until] = [spanOfDate(start)?.from, spanOfDate(end)?.until]
  if (start === undefined && end === undefined) throw fault(at, 'expected a start or an end, found neither')
  if (from !== undefined && until !== undefined && from > until) throw fault(at, 'expected the start not to lie after the end')
  return { ...(start === undefined ? {} : { from: start }), ...(end === undefined ? {} : { until: end }) }
}

type ActorClass = 'recipients' | 'sources' | 'authors'
const ROLES: { readonly [code: string]: ActorClass } = { IRCP: 'recipients', PRCP: 'recipients', CST: 'sources', AUT: 'authors' }

const actor: Parser<{ readonly actorClass: ActorClass; readonly reference: unknown }> = (value, at) => {
  const { role, reference } = shape.object({ role: concept, reference: anyObject }, element)(value, at)
  const classes = new Set(
    role.filter(({ system }) => system === undefined || system === SYSTEMS.role).map(({ code }) => (Object.hasOwn(ROLES, code) ? ROLES[code] : undefined)),
  )
  const [actorClass] = classes
  if (classes.size === 1 && actorClass !== undefined) return { actorClass, reference }
  throw fault(`${at}.role`, 'expected one of the roles IRCP, PRCP, CST and AUT, found another')
}

const dataEntry: Parser<DataEntry> = (value, at) => {
  const meaning = shape.literal('instance', 'related', 'dependents', 'authoredby')
  return shape.object({ meaning, reference: anyObject }, element)(value, at)
}

/** Codes that a resource may carry, `system|code`. */
const code: Parser<readonly string[]> = (value, at) =>
  concept(value, at).map(({ system, code: named }) => {
    if (system === undefined) throw fault(at, 'expected codes with their system, found one without')
    return `${system}|${named}`
  })

const tooDeep: Parser<never> = (_, at) => {
  throw fault(at, 'expected a root and its children only, found provisions below a child')
}

const provisionAt =
  (children: Parser<readonly Provision[]>): Parser<Provision> =>
  (value, at) => {
    const read = shape.object(
      {},
      {
        ...element,
        type: shape.literal('permit', 'deny'),
        period,
        actor: many(actor),
        action: concepts,
        securityLabel: many(coding),
        purpose: many(coding),
        class: many(coding),
        code: many(code),
        dataPeriod: period,
        data: many(dataEntry),
        provision: children,
      },
    )(anyObject(value, at), at)
    const inClass = (actorClass: ActorClass): readonly unknown[] | undefined => {
      const found = read.actor?.filter((one) => one.actorClass === actorClass).map(({ reference }) => reference)
      return found === undefined || found.length === 0 ? undefined : found
    }
    return {
      path: at,
      type: read.type,
      valid: read.period === undefined ? undefined : validityOf(read.period),
      recipients: inClass('recipients'),
      sources: inClass('sources'),
      authors: inClass('authors'),
      actions: read.action,
      labels: read.securityLabel,
      purposes: read.purpose,
      classes: read.class,
      codes: read.code?.flat(),
      dates: read.dataPeriod,
      data: read.data,
      children: read.provision ?? [],
    }
  }

function validityOf({ from, until }: { readonly from?: string; readonly until?: string }): Validity {
  const [first, last] = [spanOfDate(from)?.from, spanOfDate(until)?.until]
  // A policy counts time from 1970, and no decision is older.
  return { ...(first === undefined ? {} : { from: Math.max(0, first) }), ...(last === undefined ? {} : { until: Math.max(0, last) }) }
}

const provision = provisionAt(many(provisionAt(tooDeep)))

/** OPTIN and OPTOUT are directives of v3-ActCode; codes of other systems name a regulation, which says nothing here. */
const policyRule: Parser<ConsentDocument['base']> = (value, at) => {
  const codings = concept(value, at)
  const directives = new Set(codings.filter(isDirective).map((one) => one.code))
  if (directives.size === 0) return 'none'
  if (directives.size === 1 && directives.has('OPTIN')) return 'opt-in'
  if (directives.size === 1 && directives.has('OPTOUT')) return 'opt-out'
  throw fault(at, 'expected OPTIN or OPTOUT, found another directive')
}
const isDirective = ({ system }: Coding): boolean => system === undefined || system === SYSTEMS.actCode

const consent = shape.object(
  { resourceType: shape.literal('Consent') },
  {
    ...Object.fromEntries(
      ['id', 'meta', 'language', 'text', 'extension', 'identifier', 'status', 'scope', 'category', 'patient', 'dateTime', '_dateTime', 'performer']
        .concat(['organization', 'sourceAttachment', 'sourceReference', 'policy', 'verification'])
        .map((name) => [name, anything]),
    ),
    contained: many(anyObject),
    policyRule,
    provision,
  },
)

/** Throws an `InputError` that says why the Consent cannot be represented; paths begin with `policyRule` and `provision`. */
export function readConsent(resource: unknown): ConsentDocument {
  refuseModifiers(resource, '', 0)
  const read = consent(resource, '')
  return { base: read.policyRule ?? 'none', root: read.provision, contained: read.contained ?? [] }
}

/** Modifiers change what the rest means, and none is known here. */
function refuseModifiers(value: unknown, at: string, depth: number): void {
  if (depth > MAX_CONSENT_DEPTH) throw fault(at, `expected at most ${MAX_CONSENT_DEPTH} levels of objects and lists, found more`)
  if (Array.isArray(value)) value.forEach((one, i) => refuseModifiers(one, `${at}[${i}]`, depth + 1))
  else if (shape.isObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      const path = at === '' ? name : `${at}.${name}`
      if (name === 'modifierExtension' || name === 'implicitRules') throw fault(path, 'expected no modifier, found one that may change the meaning')
      refuseModifiers(member, path, depth + 1)
    }
  }
}
