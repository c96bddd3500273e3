import { shape } from '@fiducia/core'
import { relativeReference } from './labels/provenance.ts'
import { MAX_LINK_STEPS, MAX_RESOURCE_DEPTH } from './limits.ts'
import type { Links, Reach } from './types.ts'

/**
 * How resources hang together by their references, for grants that speak of what is `related` to something or depends on
 * it (R4 consent-data-meaning; IHE PCF uses `related` for the data of an encounter). Only literal references count.
 */

/** All resources that a resource refers to, `Type/id`, each once. */
export function referencesOf(resource: unknown): ReadonlySet<string> {
  const found = new Set<string>()
  collect(resource, 0, found)
  return found
}

function collect(value: unknown, depth: number, found: Set<string>): void {
  if (depth > MAX_RESOURCE_DEPTH) return
  if (Array.isArray(value)) for (const one of value) collect(one, depth + 1, found)
  else if (shape.isObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      const reference = name === 'reference' && typeof member === 'string' ? relativeReference(member) : undefined
      if (reference === undefined) collect(member, depth + 1, found)
      else found.add(reference)
    }
  }
}

/** What one resource alone tells: what it refers to itself; others may refer to it, and it may depend on more. */
export function linksOfOne(resource: unknown): Links {
  const reach: Reach = { names: referencesOf(resource), complete: false }
  return { related: reach, dependsOn: reach }
}

/** The links among resources of which all are known. `nameOf` gives `Type/id`, or `undefined` for what has no name. */
export function linksAmong(resources: readonly unknown[], nameOf: (resource: unknown) => string | undefined): (name: string) => Links | undefined {
  const outgoing = new Map<string, Set<string>>()
  const incoming = new Map<string, Set<string>>()
  for (const resource of resources) {
    const name = nameOf(resource)
    if (name === undefined) continue
    const targets = outgoing.get(name) ?? new Set<string>()
    outgoing.set(name, targets)
    for (const target of referencesOf(resource)) {
      targets.add(target)
      const sources = incoming.get(target) ?? new Set<string>()
      incoming.set(target, sources.add(name))
    }
  }
  return (name) => {
    const targets = outgoing.get(name)
    if (targets === undefined) return undefined
    return { related: { names: new Set([...targets, ...(incoming.get(name) ?? [])]), complete: true }, dependsOn: follow(name, outgoing) }
  }
}

/** Everything that can be reached in at most `MAX_LINK_STEPS` steps; not complete where there would be more. */
function follow(start: string, outgoing: ReadonlyMap<string, ReadonlySet<string>>): Reach {
  const names = new Set<string>()
  let frontier: readonly string[] = [start]
  for (let step = 0; step < MAX_LINK_STEPS && frontier.length > 0; step += 1) {
    const next: string[] = []
    for (const name of frontier) {
      for (const target of outgoing.get(name) ?? []) {
        if (names.has(target)) continue
        names.add(target)
        next.push(target)
      }
    }
    frontier = next
  }
  return { names, complete: frontier.every((name) => [...(outgoing.get(name) ?? [])].every((target) => names.has(target))) }
}
