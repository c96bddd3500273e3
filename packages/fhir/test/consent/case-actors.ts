import { lies, spanOfPeriod } from './case-dates.ts'
import { identifierName, identifiersOf, isList, isRelative, type Json, nameOf, objectsOf, own, sameJson } from './json.ts'
import { and, doubted, maybe, or, type Truth } from './truth.ts'

/**
 * Who is meant: an actor of a rule compared with somebody. Somebody is the one who asks, or an author or a source of data,
 * and is known by `sure` names (`system|value` or `Type/id`), by `possible` names, or not known at all.
 */
export interface Somebody {
  readonly sure: ReadonlySet<string>
  readonly possible: ReadonlySet<string>
  readonly unknown: boolean
}

export interface World {
  readonly at: number
  readonly references: readonly Json[]
}

/** Where an actor is named: among the contained of which Consent `#id` is looked up, and whether people or data are compared. */
interface Place {
  readonly world: World
  readonly contained: readonly Json[]
  readonly about: 'recipient' | 'data'
}

/** Groups in groups, parts of organizations, and what follows from the one who asks. */
const STEPS = 8

type Meant = { readonly node: Json; readonly inside: boolean } | { readonly identifier: string } | undefined

/** The one resource with this name. Two that differ leave it open which is meant, which is as good as none. */
export function findByName(references: readonly Json[], name: string): Json | undefined {
  const found = references.filter((one) => nameOf(one) === name)
  return found.every((one) => sameJson(one, found[0])) ? found[0] : undefined
}

/** What a reference resolves to; `undefined` for nothing. */
function resolve({ world, contained }: Place, reference: unknown): Meant {
  const literal = own(reference, 'reference')
  if (typeof literal === 'string') {
    if (literal.startsWith('#')) {
      const found = contained.filter((one) => `#${String(own(one, 'id'))}` === literal)
      return found.length === 1 && found[0] !== undefined ? { node: found[0], inside: true } : undefined
    }
    const node = isRelative(literal) ? findByName(world.references, literal) : undefined
    return node === undefined ? undefined : { node, inside: false }
  }
  const identifier = literal === undefined ? identifierName(own(reference, 'identifier')) : undefined
  return identifier === undefined ? undefined : { identifier }
}

/** Active, and inside its period. */
export function isAlive(resource: Json, at: number): boolean {
  const [active, period, status] = [own(resource, 'active'), own(resource, 'period'), own(resource, 'status')]
  if (active !== undefined && active !== true) return false
  if (own(resource, 'resourceType') === 'CareTeam' && status !== undefined && status !== 'active') return false
  return isWithin(period, at)
}

function isWithin(period: unknown, at: number): boolean {
  if (period === undefined) return true
  const span = spanOfPeriod(period)
  return span !== undefined && lies(at, span)
}

const named = (names: readonly string[], somebody: Somebody): Truth => {
  if (names.some((name) => somebody.sure.has(name))) return 'yes'
  return maybe(somebody.unknown || names.some((name) => somebody.possible.has(name)))
}

/** Whether an actor of a rule is this somebody. `met`: whom we came through, since a group that was met already adds nobody new. */
export function actorIs(place: Place, reference: unknown, somebody: Somebody, met: readonly Json[] = []): Truth {
  const meant = resolve(place, reference)
  if (meant === undefined) return 'unknown'
  if ('node' in meant) return nodeIs(place, meant.node, meant.inside, somebody, met)
  const bearers = place.world.references.filter((one) => identifiersOf(one).includes(meant.identifier))
  const alone = bearers.every((one) => sameJson(one, bearers[0]))
  const behindIt = or(bearers.map((node) => nodeIs(place, node, false, somebody, met)))
  const itself = place.about === 'data' && bearers.length === 0 ? compared([meant.identifier], somebody) : named([meant.identifier], somebody)
  return or([bearers.length === 0 ? itself : doubted(itself), alone ? behindIt : doubted(behindIt)])
}

function nodeIs(place: Place, node: Json, inside: boolean, somebody: Somebody, met: readonly Json[]): Truth {
  if (met.includes(node)) return 'no'
  if (met.length > STEPS) return 'unknown'
  const spoken = or([itself(place, node, inside, somebody), behind(place, node, somebody, met)])
  const both = node['resourceType'] === 'PractitionerRole' && place.about === 'recipient' ? roleIs(place, node, somebody, met) : spoken
  return isAlive(node, place.world.at) && !isOpenGroup(node) ? both : doubted(both)
}

/** Names are of one kind if both are `Type/id`, or identifiers of one system. */
const kindOf = (name: string): string => (name.includes('|') ? name.slice(0, name.lastIndexOf('|')) : 'Type/id')

/** Two parties that have no kind of name in common may be the same. */
function compared(names: readonly string[], somebody: Somebody): Truth {
  const kinds = new Set([...somebody.sure].map(kindOf))
  const truth = named(names, somebody)
  return names.some((name) => kinds.has(kindOf(name))) ? truth : or([truth, 'unknown'])
}

/** Identifiers, or type and id without any; for data both. What is contained has no name of its own outside. */
function itself({ about }: Place, node: Json, inside: boolean, somebody: Somebody): Truth {
  const identifiers = identifiersOf(node)
  const name = inside ? undefined : nameOf(node)
  const names = about === 'data' || identifiers.length === 0 ? [...identifiers, ...(name === undefined ? [] : [name])] : identifiers
  if (names.length === 0) return 'unknown'
  return or([about === 'data' ? compared(names, somebody) : named(names, somebody), maybe(isNameless(node))])
}

/** With an identifier that cannot be read, or none but such without a system, it may be anybody. */
function isNameless(node: Json): boolean {
  const identifiers = own(node, 'identifier')
  if (identifiers === undefined) return false
  if (!isList(identifiers) || !identifiers.every(isReadable)) return true
  return identifiersOf(node).length === 0
}

function isReadable(identifier: unknown): boolean {
  const system = own(identifier, 'system')
  return typeof own(identifier, 'value') === 'string' && (system === undefined || typeof system === 'string')
}

const isOpenGroup = (node: Json): boolean => node['resourceType'] === 'Group' && own(node, 'actual') !== true

/** Whoever else is meant by naming this one. */
function behind(place: Place, node: Json, somebody: Somebody, met: readonly Json[]): Truth {
  const to = (reference: unknown): Truth => actorIs(place, reference, somebody, [...met, node])
  switch (node['resourceType']) {
    case 'Group':
      return or([maybe(isOpenGroup(node)), ...objectsOf(own(node, 'member')).map((member) => memberIs(member, place.world.at, to))])
    case 'CareTeam':
      return doubted(or(objectsOf(own(node, 'participant')).map((one) => to(own(one, 'member')))))
    case 'PractitionerRole':
      return doubted(or([own(node, 'practitioner'), own(node, 'organization')].filter((one) => one !== undefined).map(to)))
    case 'Organization':
      return place.about === 'data' ? pointingAt(place, node, 'Organization', 'partOf', somebody, met) : 'no'
    case 'Practitioner':
      return place.about === 'data' ? pointingAt(place, node, 'PractitionerRole', 'practitioner', somebody, met) : 'no'
    default:
      return 'no'
  }
}

/** What a role counts for in a deny: either of its ends. */
function roleBehind(place: Place, node: Json, somebody: Somebody, met: readonly Json[]): Truth {
  const organization = own(node, 'organization')
  return organization === undefined ? 'no' : doubted(actorIs(place, organization, somebody, [...met, node]))
}

function memberIs(member: Json, at: number, to: (reference: unknown) => Truth): Truth {
  const inactive = own(member, 'inactive')
  const current = (inactive === undefined || inactive === false) && isWithin(own(member, 'period'), at)
  return current ? to(own(member, 'entity')) : doubted(to(own(member, 'entity')))
}

/** A permit matches only with both, a deny with either or with the role itself. */
function roleIs(place: Place, node: Json, somebody: Somebody, met: readonly Json[]): Truth {
  const [practitioner, organization] = [own(node, 'practitioner'), own(node, 'organization')]
  if (practitioner === undefined && organization === undefined) return 'unknown'
  const ends = [practitioner, organization].map((one) => (one === undefined ? 'no' : actorIs(place, one, somebody, [...met, node])))
  if (and(ends) === 'yes') return 'yes'
  return doubted(or([...ends, itself(place, node, false, somebody)]))
}

/** The parts of an organization, and the roles of a practitioner: what points at it. */
function pointingAt(place: Place, node: Json, type: string, member: string, somebody: Somebody, met: readonly Json[]): Truth {
  if (met.includes(node) || met.length >= STEPS) return 'no'
  const names = [nameOf(node), ...identifiersOf(node)]
  const pointing = place.world.references.filter((one) => {
    if (one['resourceType'] !== type || own(one, member) === undefined) return false
    const meant = resolve(place, own(one, member))
    if (meant === undefined) return false
    return 'identifier' in meant ? names.includes(meant.identifier) : meant.node === node || nameOf(meant.node) === names[0]
  })
  return or(
    pointing.map((one) => {
      const beyond = type === 'Organization' ? pointingAt(place, one, type, member, somebody, [...met, node]) : roleBehind(place, one, somebody, met)
      const spoken = or([itself(place, one, false, somebody), beyond])
      return isAlive(one, place.world.at) ? spoken : doubted(spoken)
    }),
  )
}

/** Somebody whom data names, by `Type/id` or by `system|value`, with all names that one resource connects. */
export function somebodyNamed(world: World, name: string): Somebody {
  const bearers = world.references.filter((one) => nameOf(one) === name || identifiersOf(one).includes(name))
  const alone = bearers.every((one) => sameJson(one, bearers[0]))
  const connected = bearers.flatMap((one) => [nameOf(one) ?? name, ...identifiersOf(one)])
  return { sure: new Set(alone ? [name, ...connected] : [name]), possible: new Set(connected), unknown: bearers.some(isNameless) }
}

interface Trace {
  readonly sure: Map<string, number>
  readonly possible: Set<string>
  unknown: boolean
}

/** The one who asks: what the request names, and what follows from it, until nothing new is found. */
export function askerOf(world: World, actors: readonly unknown[]): Somebody {
  const trace: Trace = { sure: new Map(), possible: new Set(), unknown: actors.length === 0 }
  const named: Json[] = []
  for (const actor of actors) {
    const identifier = identifierName(actor)
    const meant = own(actor, 'reference') === undefined ? undefined : resolve({ world, contained: [], about: 'recipient' }, actor)
    if (identifier !== undefined) trace.sure.set(identifier, 0)
    else if (meant !== undefined && 'node' in meant) named.push(meant.node)
    else trace.unknown = true
  }
  for (let before = ''; before !== digest(trace); ) {
    before = digest(trace)
    for (const node of world.references) follow(world, trace, node, named.includes(node))
  }
  return { sure: new Set(trace.sure.keys()), possible: trace.possible, unknown: trace.unknown || trace.sure.size === 0 }
}

const digest = ({ sure, possible, unknown }: Trace): string => JSON.stringify([[...sure], [...possible], unknown])

function follow(world: World, trace: Trace, node: Json, wasNamed: boolean): void {
  const names = [nameOf(node) ?? '', ...identifiersOf(node)]
  const steps = wasNamed ? 0 : Math.min(...names.map((name) => trace.sure.get(name) ?? Infinity))
  if (steps === Infinity && !names.some((name) => trace.possible.has(name))) return
  const certain = steps <= STEPS && isAlive(node, world.at)
  if (isNameless(node)) trace.unknown = true
  for (const name of names) learn(trace, name, certain ? steps : Infinity)
  const members = node['resourceType'] === 'PractitionerRole' ? ['practitioner', 'organization'] : node['resourceType'] === 'Organization' ? ['partOf'] : []
  for (const member of members) {
    const reference = own(node, member)
    if (reference === undefined) continue
    const meant = resolve({ world, contained: [], about: 'recipient' }, reference)
    if (meant === undefined) trace.unknown = true
    else learn(trace, 'identifier' in meant ? meant.identifier : (nameOf(meant.node) ?? ''), certain ? steps + 1 : Infinity)
  }
}

function learn(trace: Trace, name: string, steps: number): void {
  if (steps > STEPS) trace.possible.add(name)
  else if (steps < (trace.sure.get(name) ?? Infinity)) trace.sure.set(name, steps)
}

export const anyActorIs = (world: World, contained: readonly Json[], about: Place['about'], actors: readonly unknown[], somebody: Somebody): Truth =>
  or(actors.map((actor) => actorIs({ world, contained, about }, actor, somebody)))

/** Every one of several is covered, or some one is. */
export const everyOne = (truths: readonly Truth[]): Truth => (truths.length === 0 ? 'unknown' : and(truths))
export const someOne = (truths: readonly Truth[]): Truth => (truths.length === 0 ? 'unknown' : or(truths))
