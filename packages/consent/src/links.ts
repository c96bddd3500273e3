import { shape } from '@fiducia/core'
import { nameOfReference } from './labels/provenance.ts'
import { MAX_LINK_STEPS, MAX_RESOURCE_DEPTH } from './limits.ts'
import type { Links, Reach } from './types.ts'

/**
 * How resources hang together by their references, for grants that speak of what is `related` to something or depends on
 * it (R4 consent-data-meaning; IHE PCF uses `related` for the data of an encounter). Literal references count, and logical ones where
 * somebody carries the identifier.
 */

interface References {
  /** `Type/id` and `system|value`. */
  readonly names: Set<string>
  /** False where a reference names another server, or cannot be read: it may be any. */
  complete: boolean
}

/** All that a resource refers to, each once. */
function referencesOf(resource: unknown): References {
  const found: References = { names: new Set(), complete: true }
  const contained: readonly unknown[] = shape.isObject(resource) && Array.isArray(resource['contained']) ? resource['contained'] : []
  collect(resource, 0, { found, inside: new Set(contained.flatMap((one) => (shape.isObject(one) && typeof one['id'] === 'string' ? [`#${one['id']}`] : []))) })
  return found
}

interface Collecting {
  readonly found: References
  /** References to what the resource contains: they lead to itself. */
  readonly inside: ReadonlySet<string>
}

function collect(value: unknown, depth: number, collecting: Collecting): void {
  const { found, inside } = collecting
  if (depth > MAX_RESOURCE_DEPTH || isLost(value)) found.complete = false
  else if (Array.isArray(value)) for (const one of value) collect(one, depth + 1, collecting)
  else if (shape.isObject(value)) {
    if (typeof value['reference'] === 'string' && value['reference'].startsWith('#')) {
      if (!inside.has(value['reference'])) found.complete = false
    } else if (isReference(value)) {
      const name = nameOfReference(value)
      if (name === undefined) found.complete = false
      else found.names.add(name)
    } else if (value['reference'] !== undefined && !leadsOn(value['reference'])) found.complete = false
    for (const member of Object.values(value)) collect(member, depth + 1, collecting)
  }
}

/** FHIR has neither nulls nor empty objects: something is missing there, and it may have been a reference. */
const isLost = (value: unknown): boolean => value === null || (shape.isObject(value) && Object.keys(value).length === 0)

/** A Reference has a literal text, or an identifier beside nothing that would make it something else. */
const isReference = ({ reference, identifier, resourceType }: { readonly [name: string]: unknown }): boolean =>
  typeof reference === 'string' || (resourceType === undefined && shape.isObject(identifier))

/** An element of that name which holds a Reference itself, as in a Consent's data. */
const leadsOn = (value: unknown): boolean => shape.isObject(value) && (isReference(value) || typeof value['display'] === 'string')

/** What one resource alone tells: what it refers to itself; others may refer to it, and it may depend on more. */
export function linksOfOne(resource: unknown): Links {
  const { names } = referencesOf(resource)
  const reach: Reach = { names, possible: names, complete: false }
  return { related: reach, dependsOn: reach }
}

/** How to name a resource of a known set: `Type/id`, and every `system|value`. */
export interface ResourceNames {
  readonly nameOf: (resource: unknown) => string | undefined
  readonly identifiersOf: (resource: unknown) => readonly string[]
}

/** What is known of one name: the references that each resource of this name has, those that one has, and whether that is all. */
interface Outgoing {
  readonly sure: ReadonlySet<string>
  readonly possible: ReadonlySet<string>
  readonly complete: boolean
}

/** The links among resources of which all are known. Of two with one name certain is only what both say. */
export function linksAmong(resources: readonly unknown[], { nameOf, identifiersOf }: ResourceNames): (resource: unknown) => Links {
  const bearers = new Map<string, Set<string>>()
  for (const resource of resources) {
    const name = nameOf(resource)
    if (name !== undefined) for (const identifier of identifiersOf(resource)) bearers.set(identifier, (bearers.get(identifier) ?? new Set()).add(name))
  }
  const follow = (resource: unknown): References => {
    const { names, complete } = referencesOf(resource)
    return { names: new Set([...names].flatMap((one) => (one.includes('|') ? [...(bearers.get(one) ?? [])] : [one]))), complete }
  }
  const outgoing = new Map<string, Outgoing>()
  for (const resource of resources) {
    const name = nameOf(resource)
    if (name !== undefined) outgoing.set(name, joined(outgoing.get(name), follow(resource)))
  }
  const incoming = incomingOf(outgoing)
  return (resource) => {
    const { names, complete } = follow(resource)
    const name = nameOf(resource) ?? ''
    const { sure, possible } = incoming(name)
    // It stands for itself: another of its name is not what it leads to.
    const onward = (one: string): Outgoing | undefined => (one === name ? undefined : outgoing.get(one))
    return {
      related: { names: new Set([...names, ...sure]), possible: new Set([...names, ...possible]), complete },
      dependsOn: {
        names: reachFrom(names, (one) => onward(one)?.sure).names,
        ...possibleReach(names, complete, onward),
      },
    }
  }
}

function joined(known: Outgoing | undefined, { names, complete }: References): Outgoing {
  if (known === undefined) return { sure: names, possible: names, complete }
  return {
    sure: new Set([...known.sure].filter((name) => names.has(name))),
    possible: new Set([...known.possible, ...names]),
    complete: known.complete && complete,
  }
}

/** Who refers to a name; whoever has a reference that cannot be followed may. */
function incomingOf(outgoing: ReadonlyMap<string, Outgoing>): (name: string) => Pick<Outgoing, 'sure' | 'possible'> {
  const sure = new Map<string, Set<string>>()
  const possible = new Map<string, Set<string>>()
  const mayReferToAll = [...outgoing].filter(([, { complete }]) => !complete).map(([name]) => name)
  for (const [name, targets] of outgoing) {
    for (const target of targets.sure) sure.set(target, (sure.get(target) ?? new Set()).add(name))
    for (const target of targets.possible) possible.set(target, (possible.get(target) ?? new Set()).add(name))
  }
  return (name) => ({ sure: sure.get(name) ?? new Set(), possible: new Set([...(possible.get(name) ?? []), ...mayReferToAll]) })
}

function possibleReach(names: ReadonlySet<string>, complete: boolean, onward: (name: string) => Outgoing | undefined): Omit<Reach, 'names'> {
  const reached = reachFrom(names, (name) => onward(name)?.possible)
  const isComplete = complete && reached.isDone && [...reached.names].every((name) => onward(name)?.complete !== false)
  return { possible: reached.names, complete: isComplete }
}

/** Everything that can be reached in at most `MAX_LINK_STEPS` steps, and whether there is no more. */
function reachFrom(
  start: ReadonlySet<string>,
  targetsOf: (name: string) => ReadonlySet<string> | undefined,
): { readonly names: ReadonlySet<string>; readonly isDone: boolean } {
  const names = new Set(start)
  let frontier: readonly string[] = [...start]
  for (let step = 1; step < MAX_LINK_STEPS && frontier.length > 0; step += 1) {
    const next: string[] = []
    for (const name of frontier) {
      for (const target of targetsOf(name) ?? []) {
        if (names.has(target)) continue
        names.add(target)
        next.push(target)
      }
    }
    frontier = next
  }
  return { names, isDone: frontier.every((name) => [...(targetsOf(name) ?? [])].every((target) => names.has(target))) }
}
