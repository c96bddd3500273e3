import {
  CATEGORIES,
  type Category,
  type DataSelector,
  type Effect,
  type Frame,
  type Grant,
  higherOf,
  type Item,
  type Party,
  rankOf,
  type Scope,
} from '@fiducia/consent'
import { InputError, shape } from '@fiducia/core'
import { referenceOf } from '../resource.ts'
import { partiesOf, type Reading, recipientsOf } from './actors.ts'
import { patientName } from './patients.ts'
import { type ConsentDocument, type DataEntry, type Provision, readConsent } from './read-consent.ts'
import { actionsOf, classOf, labelOf, purposeOf, SYSTEMS } from './terminology.ts'
import { createWorld, localName, resolve } from './world.ts'

/**
 * An R4 Consent as grants of a policy. A root and its children are rules; their meaning in the two profiles is the table
 * of docs/reference/consent.md, section 4. Two invariants: a permit is made only from a provision that says `permit`, or
 * from OPTIN; and every deny of a root, or of OPTOUT, is opened by exactly the permits of the same Consent.
 */
export type Profile = 'r4' | 'pcf'

export interface ImportOptions extends Reading {
  readonly profile: Profile
}

/** A grant and the rule of the Consent that it comes from, such as `provision.provision[0]`. */
export interface ImportedGrant {
  readonly grant: Grant
  readonly rule: string
}

/** Throws an `InputError` that says why the Consent cannot be represented exactly. Whether it is in force is asked before: `standingOf`. */
export function importConsent(resource: unknown, options: ImportOptions): readonly ImportedGrant[] {
  const document = readConsent(resource)
  if (shape.isObject(resource) && patientName(resource['patient']) === undefined) throw cannot('patient', 'expected whose consent it is, found nobody')
  const reading = { ...options, contained: document.contained }
  return options.profile === 'pcf' ? importPcf(document, reading) : importR4(document, reading)
}

const cannot = (at: string, message: string): InputError => new InputError('SHAPE', message, { at })

/** Every rule says what it does, and nothing else decides. */
function importPcf({ base, root }: ConsentDocument, options: ImportOptions): readonly ImportedGrant[] {
  if (base === 'opt-out') throw cannot('policyRule', 'expected no OPTOUT in the PCF profile, which has no place for it')
  if (root === undefined) throw cannot('provision', 'expected a root provision, found none')
  for (const { type, path } of [root, ...root.children]) if (type === undefined) throw cannot(path, 'expected a type in every provision of the PCF profile')
  return rulesOf(root, options)
}

function importR4({ base, root }: ConsentDocument, options: ImportOptions): readonly ImportedGrant[] {
  if (root === undefined) {
    if (base === 'opt-in') return []
    if (base === 'opt-out') return [{ grant: { effect: 'deny' }, rule: 'policyRule' }]
    throw cannot('provision', 'expected a provision, OPTIN or OPTOUT, found none of them')
  }
  if (base === 'opt-out') return importOptOut(root, options)
  if (root.type === 'permit' || (root.type === 'deny' && base === 'none')) return rulesOf(root, options)
  if (root.type === undefined && !hasConditions(root)) return importBareRoot(root, base, options)
  if (base === 'none') throw cannot(root.path, 'expected a type, OPTIN or OPTOUT where a root has conditions, found none of them')
  refuseUntypedChildren(root)
  return [{ grant: { effect: 'permit', purposes: purposesNamed(root) }, rule: 'policyRule' }, ...rulesOf({ ...root, type: 'deny' }, options)]
}

/** A root without type and conditions carries its children; with a period it is unclear what the period says. */
function importBareRoot(root: Provision, base: ConsentDocument['base'], options: ImportOptions): readonly ImportedGrant[] {
  if (root.valid !== undefined) throw cannot(root.path, `expected a type where a root has a period only, found ${base === 'opt-in' ? 'OPTIN' : 'none'}`)
  if (root.children.length === 0) throw cannot(root.path, 'expected a type, conditions or children, found none of them')
  refuseUntypedChildren(root)
  return root.children.flatMap((child) => childRules(child, root, options))
}

/** Everything is denied but what a typed permit of this Consent opens. */
function importOptOut(root: Provision, options: ImportOptions): readonly ImportedGrant[] {
  const hasPermit = [root, ...root.children].some(({ type }) => type === 'permit')
  if (root.type !== 'permit' && hasPermit) refuseUntypedChildren(root)
  const typed = { ...root, children: root.children.filter(({ type }) => type !== undefined || root.type === 'permit') }
  const rules = root.type === undefined ? typed.children.flatMap((child) => childRules(child, typed, options)) : rulesOf(typed, options)
  const opened = rules.map(({ grant }) => grant).filter(({ effect }) => effect === 'permit')
  return [{ grant: denyBut({ effect: 'deny' }, opened), rule: 'policyRule' }, ...rules]
}

function refuseUntypedChildren(root: Provision): void {
  for (const { type, path } of root.children) {
    if (type === undefined) throw cannot(path, 'expected a type in a child of a root that does not permit, found none: a permit is never inferred')
  }
}

/** A root that has only a period, or nothing, says nothing about whom and what it means. */
const hasConditions = (root: Provision): boolean =>
  [root.recipients, root.sources, root.authors, root.actions, root.labels, root.purposes, root.classes, root.codes, root.dates, root.data].some(
    (one) => one !== undefined,
  )

function purposesNamed(root: Provision): readonly string[] {
  const named = [root, ...root.children].flatMap(({ purposes }) => purposes ?? []).map(purposeOf)
  return named.length === 0 ? ['TREAT'] : [...new Set(named)]
}

/** A typed root and its children; an untyped child of a permit is a deny. */
function rulesOf(root: Provision, options: ImportOptions): readonly ImportedGrant[] {
  const children = root.children.flatMap((child) => childRules(child, root, options))
  const opened = children.map(({ grant }) => grant).filter(({ effect }) => effect === 'permit')
  const effect: Effect = root.type === 'permit' ? 'permit' : 'deny'
  if (effect === 'deny') refuseUntypedChildren(root)
  const own = isCarrier(root) ? [] : scopesOf(root, effect, options).map((scope): Grant => ({ effect, ...scope }))
  return [...own.map((grant) => ({ grant: effect === 'deny' ? denyBut(grant, opened) : grant, rule: root.path })), ...children]
}

/** A root that permits what no reference names permits nothing, and only carries its children. */
const isCarrier = ({ type, data, children }: Provision): boolean =>
  type === 'permit' && children.length > 0 && data?.every(({ reference }) => resolve(reference, NO_WORLD).kind === 'nothing' && !isLiteral(reference)) === true
const NO_WORLD = createWorld([])
const isLiteral = (reference: unknown): boolean => shape.isObject(reference) && reference['reference'] !== undefined

/** A permit without conditions opens for anyone: an exception that says nothing at all would open nothing. */
function denyBut(deny: Grant, opened: readonly Grant[]): Grant {
  if (opened.length === 0) return deny
  const except = opened.map(scopeOf)
  return { ...deny, except }
}

/** What a permit speaks of, as an exception that opens exactly that. */
export function scopeOf(permit: Grant): Scope {
  const { effect: _effect, except: _except, ...scope } = permit
  return Object.keys(scope).length === 0 ? { recipients: [{ anyone: true }] } : scope
}

/** A permit also needs what the root needs; a deny takes from the root what it does not say itself. */
function childRules(child: Provision, root: Provision, options: ImportOptions): readonly ImportedGrant[] {
  if (child.type === 'permit') {
    const frame = frameOf(root, options)
    const within = Object.keys(frame).length === 0 ? {} : { within: frame }
    return scopesOf(child, 'permit', options).map((scope) => ({ grant: { effect: 'permit', ...scope, ...within }, rule: child.path }))
  }
  const whole: Provision = {
    ...child,
    valid: child.valid ?? root.valid,
    recipients: child.recipients ?? root.recipients,
    sources: child.sources ?? root.sources,
    authors: child.authors ?? root.authors,
    actions: child.actions ?? root.actions,
    purposes: child.purposes ?? root.purposes,
  }
  return scopesOf(whole, 'deny', options).map((scope) => ({ grant: { effect: 'deny', ...scope }, rule: child.path }))
}

// ---- dimensions --------------------------------------------------------------------------------------------------------

function frameOf(root: Provision, options: ImportOptions): Frame {
  return compact({ ...conditionsOf(root, 'permit', options), ...provenanceOf(root, 'permit', options) })
}

/** One scope, or two where levels and sensitivity codes are alternatives. */
function scopesOf(provision: Provision, effect: Effect, options: ImportOptions): readonly Scope[] {
  const conditions = compact(conditionsOf(provision, effect, options))
  const base: DataSelector = compact({
    ...provenanceOf(provision, effect, options),
    types: provision.classes === undefined ? undefined : [...new Set(provision.classes.map(classOf))],
    codes: provision.codes === undefined ? undefined : [...new Set(provision.codes)],
    items: provision.data?.flatMap((entry) => itemsOf(entry, effect, options)),
    period: provision.dates,
  })
  return labelSelectors(provision, effect).map((labels) => {
    const data = { ...base, ...labels }
    return Object.keys(data).length === 0 ? conditions : { ...conditions, data }
  })
}

type Undefined<T> = { [K in keyof T]?: T[K] | undefined }
function compact<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> }
}

function conditionsOf(provision: Provision, effect: Effect, options: ImportOptions): Undefined<Omit<Scope, 'data' | 'within'>> {
  return {
    recipients: provision.recipients === undefined ? undefined : each(provision.recipients.flatMap((reference) => recipientsOf(reference, effect, options))),
    purposes: provision.purposes === undefined ? undefined : [...new Set(provision.purposes.map(purposeOf))],
    actions: provision.actions === undefined ? undefined : [...new Set(provision.actions.flatMap(actionsOf))],
    valid: provision.valid,
  }
}

/** Several ways to one and the same name count once. */
const each = <T>(values: readonly T[]): readonly T[] => [...new Map(values.map((value) => [JSON.stringify(value), value])).values()]

/** Sources and authors. Where somebody of a deny cannot be told it may be anybody, so the dimension falls away. */
function provenanceOf(provision: Provision, effect: Effect, options: ImportOptions): Undefined<Pick<DataSelector, 'sources' | 'authors'>> {
  const dimension = (references: readonly unknown[] | undefined): readonly Party[] | undefined => {
    if (references === undefined) return undefined
    const found = references.map((reference) => partiesOf(reference, effect, options))
    if (effect === 'deny' && found.some(({ certain }) => !certain)) return undefined
    const parties = found.flatMap((one) => one.parties).filter((party) => party.length > 0)
    return parties.length === 0 ? [NOBODY] : parties.map(shortest)
  }
  return { sources: dimension(provision.sources), authors: dimension(provision.authors) }
}

const shortest = (party: readonly string[]): Party => (party.length === 1 ? (party[0] ?? NOBODY) : party)

/** No resource names its author so. */
const NOBODY = 'urn:fiducia:nobody'

function itemsOf({ meaning, reference }: DataEntry, effect: Effect, options: ImportOptions): readonly Item[] {
  if (meaning === 'authoredby') {
    const { parties, certain } = partiesOf(reference, effect, options)
    const named = parties.filter((party) => party.length > 0).map(shortest)
    return [...(named.length === 0 ? [] : [{ authoredBy: named }]), ...(certain ? [] : [{ unresolved: 'an author' }])]
  }
  const name = dataName(reference, options)
  if (name === undefined) return [{ unresolved: 'data' }]
  if (meaning === 'instance') return [name]
  return [meaning === 'related' ? { related: name } : { dependents: name }]
}

function dataName(reference: unknown, { data, world, contained }: ImportOptions): string | undefined {
  const target = resolve(reference, data ?? world, contained)
  if (target.kind === 'resource') return target.contained ? undefined : target.name
  if (target.kind === 'nothing') return data === undefined ? localName(reference) : undefined
  const [found, ...others] = (data ?? world).byIdentifier(`${target.system}|${target.value}`)
  return found === undefined || others.length > 0 ? undefined : referenceOf(found)
}

/** Levels, sensitivity codes and categories are alternatives; of several levels a permit means the highest, a deny the lowest. */
function labelSelectors({ labels, path }: Provision, effect: Effect): readonly DataSelector[] {
  if (labels === undefined) return [{}]
  const read = labels.map(labelOf)
  const levels = read.flatMap((label) => ('level' in label ? [label.level] : []))
  const sensitivity = [...new Set(read.flatMap((label) => ('sensitivity' in label ? [label.sensitivity] : [])))]
  const categories = [...new Set(read.flatMap((label) => ('category' in label ? [categoryOf(label.category, path)] : [])))]
  const [first] = levels
  const level = first === undefined ? undefined : levels.reduce((a, b) => (effect === 'permit' ? higherOf(a, b) : rankOf(a) <= rankOf(b) ? a : b), first)
  return [
    ...(level === undefined ? [] : [{ confidentiality: level }]),
    ...(sensitivity.length === 0 ? [] : [{ sensitivity }]),
    ...(categories.length === 0 ? [] : [{ categories }]),
  ]
}

function categoryOf(code: string, path: string): Category {
  const found = CATEGORIES.find((one) => one === code)
  if (found === undefined) throw cannot(`${path}.securityLabel`, `expected one of ${CATEGORIES.map((one) => `\`${one}\``).join(', ')}, found another category`)
  return found
}

// ---- whether it counts -------------------------------------------------------------------------------------------------

const IDLE_STATUS = ['draft', 'proposed', 'rejected', 'inactive', 'entered-in-error']
const OTHER_SCOPES = ['research', 'treatment', 'adr']

/** Only an active privacy consent counts. Throws an `InputError` where that cannot be told. */
export function standingOf(resource: { readonly [name: string]: unknown }): 'counts' | 'ignored' {
  const { status, scope } = resource
  if (IDLE_STATUS.some((one) => one === status)) return 'ignored'
  if (status !== 'active') throw cannot('status', 'expected a status that R4 defines, found another or none')
  const codings: readonly unknown[] = shape.isObject(scope) && Array.isArray(scope['coding']) ? scope['coding'] : []
  const codes = codings.map((coding) => {
    if (!shape.isObject(coding)) return undefined
    return coding['system'] === undefined || coding['system'] === SYSTEMS.scope ? coding['code'] : undefined
  })
  if (codes.includes('patient-privacy')) return 'counts'
  if (codes.length > 0 && codes.every((code) => OTHER_SCOPES.some((one) => one === code))) return 'ignored'
  throw cannot('scope', 'expected the scope patient-privacy, found another or none')
}
