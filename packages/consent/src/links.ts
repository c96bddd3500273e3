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
  collect(resource, 0, found)
  return found
}

function collect(value: unknown, depth: number, found: References): void {
  if (depth > MAX_RESOURCE_DEPTH) found.complete = false
  else if (Array.isArray(value)) for (const one of value) collect(one, depth + 1, found)
  else if (shape.isObject(value)) {
    if (isReference(value)) {
      const name = nameOfReference(value)
      if (name === undefined) found.complete = false
      else found.names.add(name)
    }
    for (const member of Object.values(value)) collect(member, depth + 1, found)
  }
}

/** A Reference has a literal text, or an identifier beside nothing that would make it something else. */
const isReference = ({ reference, identifier, resourceType }: { readonly [name: string]: unknown }): boolean =>
  typeof reference === 'string' ? !reference.startsWith('#') : resourceType === undefined && shape.isObject(identifier)

/** What one resource alone tells: what it refers to itself; others may refer to it, and it may depend on more. */
export function linksOfOne(resource: unknown): Links {
  const reach: Reach = { names: referencesOf(resource).names, complete: false }
  return { related: reach, dependsOn: reach }
}

/** How to name a resource of a known set: `Type/id`, and every `system|value`. */
export interface ResourceNames {
  readonly nameOf: (resource: unknown) => string | undefined
  readonly identifiersOf: (resource: unknown) => readonly string[]
}

/** The links among resources of which all are known. Of two with one name each is judged by its own references. */
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
  const outgoing = new Map<string, References>()
  const incoming = new Map<string, Set<string>>()
  let isComplete = true
  for (const resource of resources) {
    const name = nameOf(resource)
    if (name === undefined) continue
    const { names, complete } = follow(resource)
    isComplete &&= complete
    const known = outgoing.get(name)
    outgoing.set(name, { names: new Set([...(known?.names ?? []), ...names]), complete: complete && known?.complete !== false })
    for (const target of names) incoming.set(target, (incoming.get(target) ?? new Set()).add(name))
  }
  return (resource) => {
    const own = follow(resource)
    const related = new Set([...own.names, ...(incoming.get(nameOf(resource) ?? '') ?? [])])
    return { related: { names: related, complete: isComplete && own.complete }, dependsOn: reachFrom(own, outgoing) }
  }
}

/** Everything that can be reached in at most `MAX_LINK_STEPS` steps; not complete where there would or may be more. */
function reachFrom(own: References, outgoing: ReadonlyMap<string, References>): Reach {
  const names = new Set(own.names)
  let complete = own.complete
  let frontier: readonly string[] = [...own.names]
  for (let step = 1; step < MAX_LINK_STEPS && frontier.length > 0; step += 1) {
    const next: string[] = []
    for (const name of frontier) {
      const targets = outgoing.get(name)
      if (targets?.complete === false) complete = false
      for (const target of targets?.names ?? []) {
        if (names.has(target)) continue
        names.add(target)
        next.push(target)
      }
    }
    frontier = next
  }
  const isDone = frontier.every((name) => [...(outgoing.get(name)?.names ?? [])].every((target) => names.has(target)))
  return { names, complete: complete && isDone }
}
