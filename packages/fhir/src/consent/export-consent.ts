import { exceptionsOf, type DataSelector, type Frame, type Grant, type Item, type Policy, type Recipient, type Scope } from '@fiducia/consent'
import { shape } from '@fiducia/core'
import { cannotSay, encodeProvision, type Encoding, type JsonObject, type Labels } from './encode-provision.ts'
import { importConsent, type Profile, scopeOf } from './import-consent.ts'
import { refuseBeyondPcf } from './pcf-limits.ts'
import { SYSTEMS } from './terminology.ts'
import { createWorld } from './world.ts'

/**
 * A policy as one R4 Consent that means the same. A Consent has a root and its children: permits that share a frame go
 * below a root with that frame, denies that permits open go above them. Where no grant can be the root, the root permits
 * nothing and only carries the rules. What was written is read again before it is given out: a Consent that does not come
 * back as the same rules is refused, never handed over.
 */
export interface ConsentEnvelope {
  readonly id?: string
  /** References: whose consent, who gave it, who enforces it, the signed source. */
  readonly patient: string
  readonly performer?: string
  readonly organization?: string
  readonly source?: string
  /** The base policy that the patient agreed to. */
  readonly policyUri?: string
  /** FHIR dateTime. */
  readonly dateTime: string
}

/** Throws an `InputError` that names what a Consent of this profile cannot say. */
export function exportConsent(policy: Policy, profile: Profile, envelope: ConsentEnvelope): JsonObject {
  if (policy.preset === 'closed') throw cannotSay('a closed record: no Consent locks out emergencies')
  const encoding: Encoding = { contained: [] }
  const tree = plant([...policy.grants, ...afterItsEnd(policy)])
  const consent = enclose(tree, profile, envelope, encoding)
  if (profile === 'pcf') refuseBeyondPcf(consent)
  const back = importConsent(consent, { profile, world: createWorld([]), contained: [], at: 0, byTypeAndId: false })
  const written = normalize([...policy.grants, ...afterItsEnd(policy)])
  if (written !== normalize(back.map(({ grant }) => grant))) throw cannotSay('grants that would come back with another meaning')
  return consent
}

/** After a policy has ended its permits and the default no longer apply: everything is denied. */
const afterItsEnd = ({ until }: Policy): readonly Grant[] => (until === undefined ? [] : [{ effect: 'deny', valid: { from: until + 1 } }])

// ---- which grant is the root -------------------------------------------------------------------------------------------

interface Tree {
  readonly directive: 'OPTIN' | 'OPTOUT' | undefined
  readonly root: Grant
  readonly children: readonly Grant[]
}

/** A root that matches no data and only carries the rules below it. */
const carrier = (frame: Frame | undefined): Grant => ({
  effect: 'permit',
  ...(frame === undefined ? {} : unframe(frame)),
  data: { ...dataOf(frame), items: [{ unresolved: 'data' }] },
})

function plant(grants: readonly Grant[]): Tree {
  const opened = grants.filter((grant) => exceptionsOf(grant).length > 0)
  const [root, ...others] = opened
  if (root === undefined) return plantPermits(grants)
  if (others.length > 0 || root.effect === 'permit') throw cannotSay('exceptions of more than one deny, or of a permit')
  const rest = grants.filter((grant) => grant !== root)
  const permits = rest.filter(({ effect }) => effect === 'permit')
  const openers = new Set(exceptionsOf(root).map(keyOf))
  const base = permits.filter((permit) => !openers.has(keyOf(scopeOf(permit))))
  const missing = openers.size - new Set(permits.map((permit) => keyOf(scopeOf(permit)))).size + new Set(base.map((one) => keyOf(scopeOf(one)))).size
  if (missing !== 0) throw cannotSay('an exception of a deny that is not itself a permit of the policy')
  const { except: _, ...bare } = root
  if (base.length === 0 && isUnconditional(bare) && permits.some(({ within }) => within !== undefined)) return { ...plantPermits(rest), directive: 'OPTOUT' }
  if (base.length === 0) return below(bare, rest, undefined)
  const [optIn, ...more] = base
  if (optIn === undefined || more.length > 0) throw cannotSay('permits beside those that open a deny')
  return below(
    bare,
    rest.filter((grant) => grant !== optIn),
    'OPTIN',
  )
}

function below(root: Grant, children: readonly Grant[], directive: Tree['directive']): Tree {
  const frame = keyOf(frameOf(root))
  for (const child of children) {
    if (child.effect === 'permit' && keyOf(child.within ?? {}) !== frame) throw cannotSay('permits with other conditions than those of the deny that they open')
  }
  return { directive, root, children }
}

/** The root is the permit whose conditions all others share, or one without conditions, a deny among denies, or else a carrier. */
function plantPermits(grants: readonly Grant[]): Tree {
  const permits = grants.filter(({ effect }) => effect === 'permit')
  const frames = [...new Map(permits.map(({ within }) => [keyOf(within ?? {}), within]))]
  const framed = frames.map(([, within]) => within).filter((within) => within !== undefined)
  if (framed.length > 1) throw cannotSay('permits within different frames')
  const [shared] = framed
  const fits = (candidate: Grant): boolean =>
    candidate.within === undefined &&
    grants.every(
      (grant) =>
        grant === candidate || (grant.effect === 'permit' ? keyOf(grant.within ?? {}) === keyOf(frameOf(candidate)) : statesAll(grant, frameOf(candidate))),
    )
  const root = (permits.length === 0 ? grants : permits).find(fits) ?? carrier(shared)
  return { directive: undefined, root, children: grants.filter((grant) => grant !== root) }
}

/** A deny takes from its root what it does not state, so it must state whatever the root does. */
const statesAll = (deny: Grant, frame: Frame): boolean => Object.keys(frame).every((dimension) => Object.hasOwn(frameOf(deny), dimension))

// ---- writing -----------------------------------------------------------------------------------------------------------

function enclose({ directive, root, children }: Tree, profile: Profile, envelope: ConsentEnvelope, encoding: Encoding): JsonObject {
  if (directive !== undefined && profile === 'pcf') throw cannotSay(`rules that need ${directive}, for which the PCF profile has no place`)
  const frame = frameOf(root)
  const provisions = mergeLabels(children).map(([grant, labels]) => encodeProvision(grant.effect, withoutShared(grant, frame), labels, encoding))
  const [own] = mergeLabels([root])
  if (own === undefined) throw new Error('a tree has one root')
  const provision = encodeProvision(root.effect, own[0], own[1], encoding)
  const { id, patient, performer, organization, source, policyUri, dateTime } = envelope
  return {
    resourceType: 'Consent',
    ...(id === undefined ? {} : { id }),
    ...(encoding.contained.length === 0 ? {} : { contained: encoding.contained }),
    status: 'active',
    scope: { coding: [{ system: SYSTEMS.scope, code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: patient },
    dateTime,
    ...(performer === undefined ? {} : { performer: [{ reference: performer }] }),
    ...(organization === undefined ? {} : { organization: [{ reference: organization }] }),
    ...(source === undefined ? {} : { sourceReference: { reference: source } }),
    policy: [{ uri: policyUri ?? 'urn:fiducia:consent' }],
    ...(directive === undefined ? {} : { policyRule: { coding: [{ system: SYSTEMS.actCode, code: directive }] } }),
    provision: { ...provision, ...(provisions.length === 0 ? {} : { provision: provisions }) },
  }
}

/** Grants that differ in their labels alone become one provision, in which labels are alternatives. */
function mergeLabels(grants: readonly Grant[]): readonly (readonly [Grant, Labels])[] {
  const merged: [Grant, Labels][] = []
  for (const grant of grants) {
    const [rest, labels] = splitLabels(grant)
    const kinds = Object.keys(labels)
    if (kinds.length > 1) throw cannotSay('a level, sensitivity codes or categories that must all hold')
    const last = merged.at(-1)
    const joins =
      last !== undefined && kinds.length === 1 && Object.keys(last[1]).length > 0 && keyOf(last[0]) === keyOf(rest) && !kinds.some((kind) => kind in last[1])
    if (joins && last !== undefined) last[1] = { ...last[1], ...labels }
    else merged.push([rest, labels])
  }
  return merged
}

function splitLabels(grant: Grant): readonly [Grant, Labels] {
  const { data, ...conditions } = grant
  if (data === undefined) return [grant, {}]
  const { confidentiality, sensitivity, categories, ...rest } = data
  const labels: Labels = {
    ...(confidentiality === undefined ? {} : { confidentiality }),
    ...(sensitivity === undefined ? {} : { sensitivity }),
    ...(categories === undefined ? {} : { categories }),
  }
  return [Object.keys(rest).length === 0 ? conditions : { ...conditions, data: rest }, labels]
}

/** What a child deny would take from its root anyway is left out. */
function withoutShared(grant: Grant, frame: Frame): Scope {
  const { within: _, ...rest } = grant
  if (grant.effect === 'permit') return rest
  const shared = (dimension: keyof Frame, value: unknown): boolean => value !== undefined && keyOf(value) === keyOf(frame[dimension] ?? null)
  const { sources, authors, ...data } = rest.data ?? {}
  const left: DataSelector = {
    ...data,
    ...(sources === undefined || shared('sources', sources) ? {} : { sources }),
    ...(authors === undefined || shared('authors', authors) ? {} : { authors }),
  }
  return {
    ...(rest.recipients === undefined || shared('recipients', rest.recipients) ? {} : { recipients: rest.recipients }),
    ...(rest.purposes === undefined || shared('purposes', rest.purposes) ? {} : { purposes: rest.purposes }),
    ...(rest.actions === undefined || shared('actions', rest.actions) ? {} : { actions: rest.actions }),
    ...(rest.valid === undefined || shared('valid', rest.valid) ? {} : { valid: rest.valid }),
    ...(Object.keys(left).length === 0 ? {} : { data: left }),
  }
}

// ---- comparing ---------------------------------------------------------------------------------------------------------

/** Text in which members and alternatives have one order, so that what means the same is the same. */
function keyOf(value: unknown): string {
  if (Array.isArray(value)) return `[${[...new Set(value.map(keyOf))].sort().join(',')}]`
  if (!shape.isObject(value)) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return `{${members
    .map(([name, member]) => `${JSON.stringify(name)}:${keyOf(member)}`)
    .sort()
    .join(',')}}`
}

/** Rules as a set, each in one form of all those that mean the same. */
const normalize = (grants: readonly Grant[]): string => keyOf(grants.filter((grant) => !permitsNothing(grant)).map(normalizeGrant))

/** What a carrier is: a permit for data that is not there. */
const permitsNothing = ({ effect, data }: Grant): boolean =>
  effect === 'permit' && data?.items !== undefined && data.items.every((item) => typeof item === 'object' && 'unresolved' in item)

function normalizeGrant(grant: Grant): object {
  const isDeny = grant.effect === 'deny'
  const opposite = exceptionsOf(grant).map((scope) => normalizeScope(scope, !isDeny))
  return { effect: grant.effect, ...normalizeScope(grant, isDeny), ...(opposite.length === 0 ? {} : { except: opposite }) }
}

function normalizeScope({ recipients, purposes, actions, valid, data, within }: Scope, isDeny: boolean): object {
  return {
    recipients: normalizeRecipients(recipients, isDeny),
    purposes,
    actions,
    valid,
    data: data === undefined ? undefined : { ...data, items: data.items?.flatMap(normalizeItem) },
    within: within === undefined ? undefined : { ...within, recipients: normalizeRecipients(within.recipients, isDeny) },
  }
}

/** A deny of several members is a deny of each; nobody known is nobody known, whatever the name. */
function normalizeRecipients(recipients: readonly Recipient[] | undefined, isDeny: boolean): readonly object[] | undefined {
  if (recipients === undefined || recipients.some(({ anyone }) => anyone === true)) return undefined
  const named = recipients.map((one) => (one.unresolved === undefined ? one : { ...one, unresolved: '' }))
  return isDeny ? named.flatMap((one) => Object.entries(one).map(([kind, name]) => ({ [kind]: name }))) : named
}

function normalizeItem(item: Item): readonly Item[] {
  if (typeof item === 'string') return [item]
  if ('authoredBy' in item) return item.authoredBy.map((name) => ({ authoredBy: [name] }))
  return 'unresolved' in item ? [{ unresolved: '' }] : [item]
}

function frameOf({ recipients, purposes, actions, valid, data }: Scope): Frame {
  return {
    ...(recipients === undefined || recipients.some(({ anyone }) => anyone === true) ? {} : { recipients }),
    ...(purposes === undefined ? {} : { purposes }),
    ...(actions === undefined ? {} : { actions }),
    ...(valid === undefined ? {} : { valid }),
    ...(data?.sources === undefined ? {} : { sources: data.sources }),
    ...(data?.authors === undefined ? {} : { authors: data.authors }),
  }
}

const unframe = ({ sources: _s, authors: _a, ...conditions }: Frame): Scope => conditions
const dataOf = (frame: Frame | undefined): DataSelector => ({
  ...(frame?.sources === undefined ? {} : { sources: frame.sources }),
  ...(frame?.authors === undefined ? {} : { authors: frame.authors }),
})

const isUnconditional = (grant: Grant): boolean => Object.keys(frameOf(grant)).length === 0 && grant.data === undefined
