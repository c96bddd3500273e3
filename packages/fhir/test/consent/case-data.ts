import { actorIs, everyOne, somebodyNamed, someOne, type Somebody, type World } from './case-actors.ts'
import { identifierName, identifiersOf, isList, isObject, isRelative, type Json, nameOf, objectsOf, objectsWithin, own, sameJson } from './json.ts'
import { and, doubted, type Effect, maybe, or, sure, type Truth } from './truth.ts'

/** Which data is meant: sources and authors of a resource, and the entries of `data`. */
export interface Records {
  readonly world: World
  /** Everything whose content is given: `references` and `resources`. */
  readonly known: readonly Json[]
}

const AUTHORS = ['author', 'recorder', 'performer', 'requester', 'asserter', 'participant', 'enterer']
const SOURCES = ['custodian', 'serviceProvider', 'managingOrganization', 'provider', 'insurer']

/** Somebody who is named; `undefined` in a way that cannot be followed. An identifier is an organization's where its `type` says so. */
interface Named {
  readonly name: string | undefined
  readonly organization: Truth
}

function namesIn(entry: unknown): readonly Named[] {
  if (isList(entry)) return entry.flatMap(namesIn)
  if (!isObject(entry) || Object.keys(entry).length === 0) return [{ name: undefined, organization: 'unknown' }]
  const wrapped = own(entry, 'actor') ?? own(entry, 'individual')
  const isReference = ['reference', 'identifier', 'display'].some((member) => own(entry, member) !== undefined)
  if (!isReference && wrapped === undefined) return []
  return [followable(isReference ? entry : wrapped)]
}

/** `Type/id`, with or without a version, or `system|value`. Ids of another server mean nothing here. */
function followable(reference: unknown): Named {
  const literal = own(reference, 'reference')
  if (literal === undefined) {
    const type = own(reference, 'type')
    const isTold = typeof type === 'string' && /^[A-Z][A-Za-z]+$/.test(type)
    return { name: identifierName(own(reference, 'identifier')), organization: isTold ? sure(type === 'Organization') : 'unknown' }
  }
  const name = typeof literal === 'string' ? literal.replace(/\/_history\/[A-Za-z0-9.-]{1,64}$/, '') : ''
  return isRelative(name) ? { name, organization: sure(name.startsWith('Organization/')) } : { name: undefined, organization: 'unknown' }
}

const namesOf = (resource: Json, members: readonly string[]): readonly Named[] =>
  members.flatMap((member) => (own(resource, member) === undefined ? [] : namesIn(own(resource, member))))

function complete(named: readonly Named[]): readonly string[] | undefined {
  const names = named.map(({ name }) => name)
  return names.every((name) => name !== undefined) && names.length > 0 ? [...new Set(names)] : undefined
}

function authorsOf(resource: Json): readonly string[] | undefined {
  return complete(namesOf(resource, AUTHORS))
}

/** Who wrote it and may be an organization leaves the sources unknown. */
function sourcesOf(resource: Json): readonly string[] | undefined {
  const writers = namesOf(resource, AUTHORS)
  if (writers.some(({ organization }) => organization === 'unknown')) return undefined
  return complete([...namesOf(resource, SOURCES), ...writers.filter(({ organization }) => organization === 'yes')])
}

/** Every source is one of them, for a permit; some source is, for a deny. */
export function sourcesSpeak(records: Records, contained: readonly Json[], actors: readonly unknown[], resource: Json, effect: Effect): Truth {
  const sources = sourcesOf(resource)
  if (sources === undefined) return 'unknown'
  const each = sources.map((name) => anyIs(records, contained, actors, somebodyNamed(records.world, name)))
  return effect === 'permit' ? everyOne(each) : someOne(each)
}

export function authorsSpeak(records: Records, contained: readonly Json[], actors: readonly unknown[], resource: Json): Truth {
  const authors = authorsOf(resource)
  if (authors === undefined) return 'unknown'
  return someOne(authors.map((name) => anyIs(records, contained, actors, somebodyNamed(records.world, name))))
}

const anyIs = ({ world }: Records, contained: readonly Json[], actors: readonly unknown[], somebody: Somebody): Truth =>
  or(actors.map((actor) => actorIs({ world, contained, about: 'data' }, actor, somebody)))

/** One entry of `data` covers the resource. */
export function dataSpeaks(records: Records, stated: unknown, resource: Json): Truth {
  if (stated === undefined) return 'yes'
  return or(objectsOf(stated).map((entry) => entrySpeaks(records, entry, resource)))
}

function entrySpeaks(all: Records, entry: Json, resource: Json): Truth {
  const items = itemsOf(all.known, entry['reference'])
  // A resource is judged by its own references, whatever else bears its name.
  const records = { ...all, known: [...all.known.filter((one) => nameOf(one) !== nameOf(resource)), resource] }
  if (items.length === 0) return 'unknown'
  const itself = sure(items.some((item) => nameOf(item) === nameOf(resource)))
  switch (entry['meaning']) {
    case 'instance':
      return itself
    case 'related':
      return or([itself, ...items.flatMap((item) => [refersTo(records, resource, item), refersTo(records, item, resource)])])
    case 'dependents':
      return or([itself, ...items.map((item) => dependsOn(records, resource, item))])
    case 'authoredby':
      return authoredBy(records, entry, items, resource)
    default:
      return 'unknown'
  }
}

/** What an entry resolves to: by type and id, or by identifier. Several that differ leave it open which is meant. */
function itemsOf(known: readonly Json[], reference: unknown): readonly Json[] {
  const literal = own(reference, 'reference')
  const identifier = literal === undefined ? identifierName(own(reference, 'identifier')) : undefined
  const isMeant = (one: Json): boolean =>
    typeof literal === 'string' ? isRelative(literal) && nameOf(one) === literal : identifier !== undefined && identifiersOf(one).includes(identifier)
  const found = known.filter(isMeant)
  return found.every((one) => sameJson(one, found[0])) ? found.slice(0, 1) : []
}

const versionsOf = (known: readonly Json[], resource: Json): readonly Json[] => known.filter((one) => nameOf(one) === nameOf(resource))

/** For certain only if every version that is given of the one refers to the other. */
function refersTo({ known }: Records, from: Json, to: Json): Truth {
  const each = versionsOf(known, from).map((version) => mentions(version, to))
  return and(each) === 'yes' ? 'yes' : doubted(or(each))
}

/** A reference to another server, or one that cannot be read or leads to nothing inside, may be to anything. */
function mentions(document: Json, target: Json): Truth {
  const inside = objectsOf(own(document, 'contained')).map((one) => `#${String(own(one, 'id'))}`)
  const name = nameOf(target) ?? ''
  const identifiers = identifiersOf(target)
  return or(
    objectsWithin(document).map((object) => {
      const literal = own(object, 'reference')
      const identifier = identifierName(own(object, 'identifier'))
      if (literal === undefined) return sure(identifier !== undefined && identifiers.includes(identifier))
      if (isObject(literal)) return maybe(!['reference', 'identifier', 'display'].some((member) => own(literal, member) !== undefined))
      if (typeof literal !== 'string') return 'unknown'
      const unversioned = literal.replace(/\/_history\/[A-Za-z0-9.-]{1,64}$/, '')
      if (literal.startsWith('#')) return maybe(!inside.includes(literal))
      return unversioned === name ? 'yes' : maybe(!isRelative(unversioned))
    }),
  )
}

const DEPENDENT_STEPS = 32

/** What refers to it, what refers to that, and so on; beyond the bound, unknown. */
function dependsOn(records: Records, resource: Json, item: Json): Truth {
  let certain: readonly Json[] = [item]
  let possible: readonly Json[] = [item]
  for (let step = 1; step <= DEPENDENT_STEPS; step += 1) {
    certain = reached(records, certain, (truth) => truth === 'yes')
    possible = reached(records, possible, (truth) => truth !== 'no')
    if (has(certain, resource)) return 'yes'
  }
  const beyond = reached(records, possible, (truth) => truth !== 'no')
  return has(possible, resource) || beyond.length > possible.length ? 'unknown' : 'no'
}

const has = (list: readonly Json[], resource: Json): boolean => list.some((one) => nameOf(one) === nameOf(resource))

function reached(records: Records, from: readonly Json[], holds: (truth: Truth) => boolean): readonly Json[] {
  const next = records.known.filter((one) => !has(from, one) && from.some((target) => holds(refersTo(records, one, target))))
  return next.length === 0 ? from : [...from, ...next]
}

/** The one named among its authors, or somebody meant by the one named. */
function authoredBy(records: Records, entry: Json, items: readonly Json[], resource: Json): Truth {
  const authors = authorsOf(resource)
  if (authors === undefined) return 'unknown'
  const world = { ...records.world, references: [...records.world.references, ...items.filter((item) => !records.world.references.includes(item))] }
  return someOne(authors.map((name) => actorIs({ world, contained: [], about: 'data' }, entry['reference'], somebodyNamed(world, name))))
}
