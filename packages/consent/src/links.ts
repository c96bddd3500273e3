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

/** The links among resources of which all are known. */
export function linksAmong(resources: readonly unknown[], { nameOf, identifiersOf }: ResourceNames): (name: string) => Links | undefined {
  const bearers = new Map<string, Set<string>>()
  for (const resource of resources) {
    const name = nameOf(resource)
    if (name !== undefined) for (const identifier of identifiersOf(resource)) bearers.set(identifier, (bearers.get(identifier) ?? new Set()).add(name))
  }
  const outgoing = new Map<string, References>()
  for (const resource of resources) {
    const name = nameOf(resource)
    if (name === undefined) continue
    const { names, complete } = referencesOf(resource)
    const targets = new Set([...names].flatMap((one) => (one.includes('|') ? [...(bearers.get(one) ?? [])] : [one])))
    const known = outgoing.get(name)
    outgoing.set(name, known === undefined ? { names: targets, complete } : common(known, { names: targets, complete }))
  }
  const incoming = new Map<string, Set<string>>()
  let isComplete = true
  for (const [name, { names, complete }] of outgoing) {
    isComplete &&= complete
    for (const target of names) incoming.set(target, (incoming.get(target) ?? new Set()).add(name))
  }
  return (name) => {
    const targets = outgoing.get(name)
    if (targets === undefined) return undefined
    const related = new Set([...targets.names, ...(incoming.get(name) ?? [])])
    return { related: { names: related, complete: isComplete }, dependsOn: follow(name, outgoing) }
  }
}

/** Of two resources with one name certain is only what both say. */
function common(one: References, other: References): References {
  const names = new Set([...one.names].filter((name) => other.names.has(name)))
  return { names, complete: one.complete && other.complete && names.size === one.names.size && names.size === other.names.size }
}

/** Everything that can be reached in at most `MAX_LINK_STEPS` steps; not complete where there would or may be more. */
function follow(start: string, outgoing: ReadonlyMap<string, References>): Reach {
  const names = new Set<string>()
  let complete = true
  let frontier: readonly string[] = [start]
  for (let step = 0; step < MAX_LINK_STEPS && frontier.length > 0; step += 1) {
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
