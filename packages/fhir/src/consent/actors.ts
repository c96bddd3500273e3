import type { Actor, Effect, Recipient } from '@fiducia/consent'
import { shape } from '@fiducia/core'
import { MAX_ACTOR_STEPS } from '../limits.ts'
import { referenceOf } from '../resource.ts'
import { NETWORK_SYSTEMS } from './terminology.ts'
import { hasOddIdentifier, identifiersOf, isLive, type Json, localName, resolve, type Target, type World } from './world.ts'

/**
 * Who is meant. An actor of a Consent becomes the recipients of a grant, or the names of sources and authors, by following
 * its reference through groups, practitioner roles and organizations. The effect decides how doubt is read: for a permit
 * only who is meant for certain, for a deny everybody who may be meant. What leads to nobody becomes `unresolved`.
 */
export interface Reading {
  readonly world: World
  readonly contained: readonly unknown[]
  /** Milliseconds: memberships are those of this instant. */
  readonly at: number
  /** Whether `Type/id` may name somebody who has no identifier: within one case it may, between servers it means nothing. */
  readonly byTypeAndId: boolean
  /** The data, where all of it is at hand: a name that leads to none of it leads to nothing. Without it names of data stand as they are. */
  readonly data?: World
}

const nobody = (said: string): Recipient => ({ unresolved: said === '' ? 'nobody' : said.slice(0, 512) })

/** The recipients that one actor stands for. */
export function recipientsOf(reference: unknown, effect: Effect, reading: Reading): readonly Recipient[] {
  return expand(resolve(reference, reading.world, reading.contained), { effect, reading, steps: 0, passed: new Set() })
}

interface Expansion {
  readonly effect: Effect
  readonly reading: Reading
  readonly steps: number
  /** Groups met so far: each is looked into once. */
  readonly passed: Set<string>
}

function expand(target: Target, expansion: Expansion): readonly Recipient[] {
  if (target.kind === 'nothing') return [nobody(target.said)]
  if (target.kind === 'identifier') {
    if (expansion.effect === 'permit' && bearersOf(target, { ...expansion, effect: 'deny' }).some(({ resource }) => !isLive(resource, expansion.reading.at)))
      return []
    const bearers = bearersOf(target, expansion).flatMap((bearer) => expand(bearer, expansion))
    return [namedBy(target.system, target.value, target.type), ...bearers]
  }
  const { resource, name } = target
  switch (resource['resourceType']) {
    case 'PractitionerRole':
      return roleHolders(resource, expansion)
    case 'Group':
    case 'CareTeam': {
      if (expansion.passed.has(name)) return []
      if (expansion.steps >= MAX_ACTOR_STEPS) return [nobody(name)]
      expansion.passed.add(name)
      const inner = { ...expansion, steps: expansion.steps + 1 }
      return resource['resourceType'] === 'Group' ? groupMembers(target, inner) : teamMembers(target, inner)
    }
    default:
      return identities(target, expansion)
  }
}

/** Whoever carries an identifier is meant by it; where several do, a permit means nobody but the identifier. */
function bearersOf({ system, value }: Target & { readonly kind: 'identifier' }, { effect, reading }: Pick<Expansion, 'effect' | 'reading'>): readonly Listed[] {
  const bearers = reading.world.byIdentifier(`${system}|${value}`)
  if (effect === 'permit' && bearers.length > 1) return []
  return bearers.map((resource) => ({ kind: 'resource', resource, name: referenceOf(resource) ?? '', contained: false }))
}

/** An identifier under a system of this network names what only the network knows. */
function namedBy(system: string, value: string, type: string | undefined): Recipient {
  for (const kind of ['organization', 'group', 'role', 'study', 'delegate'] as const) if (NETWORK_SYSTEMS[kind] === system) return { [kind]: value }
  return keyed(type, `${system}|${value}`)
}

function keyed(type: unknown, name: string): Recipient {
  if (type === 'Practitioner') return { practitioner: name }
  return type === 'Organization' ? { organization: name } : { identifier: name }
}

/** A resource by its identifiers, or by type and id where it has none and that may count. */
function identities(target: Listed, { effect, reading }: Expansion): readonly Recipient[] {
  const { resource, name, contained } = target
  if (effect === 'permit' && !isLive(resource, reading.at)) return []
  const identifiers = identifiersOf(resource)
  const odd = hasOddIdentifier(resource) ? [nobody(name)] : []
  if (identifiers.length + odd.length > 0) return [...identifiers.map((identifier) => keyed(resource['resourceType'], identifier)), ...odd]
  return reading.byTypeAndId && !contained ? [keyed(resource['resourceType'], name)] : [nobody(name)]
}

/** A permit needs both, one recipient for each pair; a deny either. */
function roleHolders(resource: Json, expansion: Expansion): readonly Recipient[] {
  const { effect, reading } = expansion
  const practitioners = held(resource['practitioner'], 'Practitioner', expansion)
  const organizations = held(resource['organization'], 'Organization', expansion)
  if (effect === 'deny') return practitioners.length + organizations.length > 0 ? [...practitioners, ...organizations] : [nobody('a role of nobody')]
  if (!isLive(resource, reading.at)) return []
  return practitioners.flatMap((practitioner) => organizations.map((organization) => ({ ...practitioner, ...organization })))
}

function held(reference: unknown, type: 'Practitioner' | 'Organization', expansion: Expansion): readonly Recipient[] {
  if (reference === undefined) return []
  const target = resolve(reference, expansion.reading.world, expansion.reading.contained)
  if (target.kind === 'resource' && target.resource['resourceType'] !== type) return [nobody(target.name)]
  return expand(target.kind === 'identifier' ? { ...target, type } : target, expansion)
}

type Listed = Target & { readonly kind: 'resource' }

/** A group that is a description may be anybody, and so may the members of one that is not active be. */
function groupMembers(target: Listed, expansion: Expansion): readonly Recipient[] {
  const { resource, name } = target
  const isDeny = expansion.effect === 'deny'
  if (!isDeny && !isActive(resource)) return []
  const isList = resource['actual'] === true
  const members = isList || isDeny ? entries(resource, 'member', 'entity', expansion) : []
  return [...identities(target, expansion), ...members, ...(isDeny && !isList ? [nobody(name)] : [])]
}

const isActive = (resource: Json): boolean => resource['active'] === undefined || resource['active'] === true

/** Who takes part in a care team is not who it is: only a deny means them. */
const teamMembers = (target: Listed, expansion: Expansion): readonly Recipient[] => [
  ...identities(target, expansion),
  ...(expansion.effect === 'deny' ? entries(target.resource, 'participant', 'member', expansion) : []),
]

/** Members of a group, participants of a care team; a permit counts only those that are members now. */
function entries(resource: Json, list: string, member: string, expansion: Expansion): readonly Recipient[] {
  const listed = resource[list]
  if (listed === undefined) return []
  if (!Array.isArray(listed)) return [nobody(list)]
  return listed.flatMap((entry: unknown) => {
    if (!shape.isObject(entry)) return [nobody(list)]
    const counts = (entry['inactive'] === undefined || entry['inactive'] === false) && isLive(entry, expansion.reading.at, 'none')
    if (expansion.effect === 'permit' && !counts) return []
    return expand(resolve(entry[member], expansion.reading.world, expansion.reading.contained), expansion)
  })
}

// ---- the one who asks --------------------------------------------------------------------------------------------------

export interface Asker {
  readonly kind: 'identifier' | 'reference'
  /** `system|value` or `Type/id`. */
  readonly name: string
}

interface Found {
  readonly sure: Set<string>
  readonly possible: Set<string>
  unidentified: boolean
}

/** All names of the one who asks: those stated, and those of the resources that carry them or that they lead to. */
export function actorOf(askers: readonly Asker[], world: World, at: number): Actor {
  const found: Found = { sure: new Set(), possible: new Set(), unidentified: askers.length === 0 }
  for (const { kind, name } of askers) {
    if (kind === 'identifier') addIdentifier(name, true, 0, { found, world, at })
    else addTarget(resolve({ reference: name }, world), true, 0, { found, world, at })
  }
  const identifiers = [...found.sure]
  const named = (kind: 'organization' | 'group' | 'role' | 'study' | 'delegate'): readonly string[] =>
    identifiers.filter((one) => one.startsWith(`${NETWORK_SYSTEMS[kind]}|`)).map((one) => one.slice(NETWORK_SYSTEMS[kind].length + 1))
  const [study] = named('study')
  const [delegate] = named('delegate')
  return {
    identifiers,
    possible: [...found.possible].filter((one) => !found.sure.has(one)),
    // All names are stated, so an organization or a group that is not stated is none.
    organization: named('organization')[0] ?? '',
    group: named('group')[0] ?? '',
    roles: named('role'),
    ...(study === undefined ? {} : { study }),
    ...(delegate === undefined ? {} : { delegate }),
    ...(found.unidentified ? { unidentified: true } : {}),
  }
}

interface Search {
  readonly found: Found
  readonly world: World
  readonly at: number
}

function addIdentifier(identifier: string, isSure: boolean, steps: number, search: Search): void {
  const names = isSure ? search.found.sure : search.found.possible
  if (names.has(identifier)) return
  names.add(identifier)
  for (const resource of search.world.byIdentifier(identifier)) addResource(resource, isSure, steps, search)
}

function addTarget(target: Target, isSure: boolean, steps: number, search: Search): void {
  if (target.kind === 'nothing') search.found.unidentified = true
  else if (target.kind === 'identifier') addIdentifier(`${target.system}|${target.value}`, isSure, steps, search)
  else addResource(target.resource, isSure, steps, search)
}

function addResource(resource: Json, wasSure: boolean, steps: number, search: Search): void {
  const { found, at } = search
  const isSure = wasSure && steps <= MAX_ACTOR_STEPS && isLive(resource, at)
  const name = `${String(resource['resourceType'])}/${String(resource['id'])}`
  const names = isSure ? found.sure : found.possible
  if (names.has(name)) return
  names.add(name)
  if (hasOddIdentifier(resource)) found.unidentified = true
  for (const identifier of identifiersOf(resource)) addIdentifier(identifier, isSure, steps, search)
  const onward = NEXT[String(resource['resourceType'])] ?? []
  for (const member of onward) {
    if (resource[member] !== undefined) addTarget(resolve(resource[member], search.world), isSure, steps + 1, search)
  }
}

/** Where the one who asks is followed to. */
const NEXT: { readonly [type: string]: readonly string[] } = { PractitionerRole: ['practitioner', 'organization'], Organization: ['partOf'] }

// ---- sources and authors of data ---------------------------------------------------------------------------------------

/** Everybody whom an actor means as source or author, each by all names; `certain` is false where there may be others. */
export interface Parties {
  readonly parties: readonly (readonly string[])[]
  readonly certain: boolean
}

export function partiesOf(reference: unknown, effect: Effect, reading: Reading): Parties {
  const found: FoundParties = { parties: new Map(), certain: true }
  const literal = shape.isObject(reference) && reading.data === undefined ? literalParty(reference, reading) : undefined
  if (literal === undefined) addParty(resolve(reference, reading.world, reading.contained), 0, { effect, reading, found })
  else found.parties.set(literal[0] ?? '', literal)
  return { parties: [...found.parties.values()], certain: found.certain }
}

interface FoundParties {
  /** By their first name. */
  readonly parties: Map<string, readonly string[]>
  certain: boolean
}

/** Where the data is not at hand, its own names stand: `Type/id` of the holder's server, and the identifier beside it. */
function literalParty(reference: Json, { world }: Reading): readonly string[] | undefined {
  const name = localName(reference)
  if (name === undefined || world.byName(name) !== undefined) return undefined
  return [name, ...identifiersOf(reference).map(networkName)]
}

const networkName = (identifier: string): string =>
  identifier.startsWith(`${NETWORK_SYSTEMS.organization}|`) ? identifier.slice(NETWORK_SYSTEMS.organization.length + 1) : identifier

interface Naming {
  readonly effect: Effect
  readonly reading: Reading
  readonly found: FoundParties
}

function addParty(target: Target, steps: number, naming: Naming): void {
  const { effect, reading, found } = naming
  if (target.kind === 'nothing' || steps > MAX_ACTOR_STEPS) {
    found.certain = false
    return
  }
  if (target.kind === 'identifier') {
    const name = networkName(`${target.system}|${target.value}`)
    const bearers = bearersOf(target, naming)
    if (bearers.length === 0) found.parties.set(name, [name])
    for (const bearer of bearers) addParty(bearer, steps, naming)
    return
  }
  const { resource, name, contained } = target
  if (found.parties.has(name) || (effect === 'permit' && !isLive(resource, reading.at))) return
  const identifiers = identifiersOf(resource)
  if (hasOddIdentifier(resource) || (contained && identifiers.length === 0)) found.certain = false
  found.parties.set(name, contained ? identifiers : [name, ...identifiers])
  for (const next of nextNames(resource, name, naming)) addParty(next, steps + 1, naming)
}

/** Parts of an organization and roles of a practitioner name it too; a deny also means who belongs to it. */
function nextNames(resource: Json, name: string, { effect, reading }: Naming): readonly Target[] {
  const { world, at, contained } = reading
  const all = (resources: readonly Json[]): readonly Target[] =>
    resources
      .filter((one) => effect === 'deny' || isLive(one, at))
      .map((one) => ({ kind: 'resource', resource: one, name: referenceOf(one) ?? '', contained: false }))
  const through = (reference: unknown): readonly Target[] => (reference === undefined ? [] : [resolve(reference, world, contained)])
  switch (resource['resourceType']) {
    case 'Practitioner':
      return all(world.rolesOf(resource, name))
    case 'Organization':
      return all(world.partsOf(resource, name))
    case 'PractitionerRole':
      return effect === 'deny' ? [...through(resource['practitioner']), ...through(resource['organization'])] : []
    case 'Group':
      return listedNames(resource, 'member', 'entity', { effect, reading })
    case 'CareTeam':
      return effect === 'deny' ? listedNames(resource, 'participant', 'member', { effect, reading }) : []
    default:
      return []
  }
}

function listedNames(resource: Json, list: string, member: string, { effect, reading }: Pick<Naming, 'effect' | 'reading'>): readonly Target[] {
  const listed = resource[list]
  const unknown: Target = { kind: 'nothing', said: list }
  const described = resource['resourceType'] === 'Group' && resource['actual'] !== true
  if (described) return [unknown]
  if (listed === undefined) return []
  if (!Array.isArray(listed)) return [unknown]
  return listed.flatMap((entry: unknown) => {
    if (!shape.isObject(entry)) return [unknown]
    const counts = (entry['inactive'] === undefined || entry['inactive'] === false) && isLive(entry, reading.at, 'none')
    return effect === 'permit' && !counts ? [] : [resolve(entry[member], reading.world, reading.contained)]
  })
}
