import { spanOfPeriod } from '@fiducia/consent'
import { shape } from '@fiducia/core'
import { referenceOf } from '../resource.ts'

/**
 * The resources that the references of a Consent and of a request can lead to. A name that stands for two different
 * resources leads to none, and so does one on another server: ids mean nothing beyond the server that gave them.
 */
export type Json = { readonly [name: string]: unknown }

export interface World {
  readonly byName: (name: string) => Json | undefined
  readonly byIdentifier: (identifier: string) => readonly Json[]
  /** The PractitionerRoles of a practitioner. */
  readonly rolesOf: (practitioner: Json, name: string) => readonly Json[]
  /** The Organizations that are part of one. */
  readonly partsOf: (organization: Json, name: string) => readonly Json[]
}

/** What a FHIR Reference leads to. */
export type Target =
  | { readonly kind: 'resource'; readonly resource: Json; readonly name: string; readonly contained: boolean }
  | { readonly kind: 'identifier'; readonly system: string; readonly value: string; readonly type: string | undefined }
  | { readonly kind: 'nothing'; readonly said: string }

export function createWorld(resources: readonly unknown[]): World {
  const byName = new Map<string, Json | 'ambiguous'>()
  for (const resource of resources) {
    const name = referenceOf(resource)
    if (name === undefined || !shape.isObject(resource)) continue
    const known = byName.get(name)
    if (known === undefined) byName.set(name, resource)
    else if (known !== 'ambiguous' && !isSame(known, resource)) byName.set(name, 'ambiguous')
  }
  const certain = [...byName.values()].filter((one) => one !== 'ambiguous')
  const byIdentifier = indexBy(certain, identifiersOf)
  const roles = indexBy(certain, (resource) => (resource['resourceType'] === 'PractitionerRole' ? nameIn(resource['practitioner']) : []))
  const parts = indexBy(certain, (resource) => (resource['resourceType'] === 'Organization' ? nameIn(resource['partOf']) : []))
  const find = (name: string): Json | undefined => {
    const found = byName.get(name)
    return found === 'ambiguous' ? undefined : found
  }
  return {
    byName: find,
    byIdentifier: (identifier) => byIdentifier.get(identifier) ?? [],
    rolesOf: (practitioner, name) => [name, ...identifiersOf(practitioner)].flatMap((one) => roles.get(one) ?? []),
    partsOf: (organization, name) => [name, ...identifiersOf(organization)].flatMap((one) => parts.get(one) ?? []),
  }
}

function indexBy(resources: readonly Json[], keysOf: (resource: Json) => readonly string[]): ReadonlyMap<string, readonly Json[]> {
  const index = new Map<string, Json[]>()
  for (const resource of resources) {
    for (const key of new Set(keysOf(resource))) {
      const list = index.get(key)
      if (list === undefined) index.set(key, [resource])
      else list.push(resource)
    }
  }
  return index
}

/** The name that a reference gives: `Type/id`, or the identifier of a logical one. */
function nameIn(reference: unknown): readonly string[] {
  const name = localName(reference) ?? (shape.isObject(reference) && reference['reference'] === undefined ? identifiersOf(reference)[0] : undefined)
  return name === undefined ? [] : [name]
}

const isSame = (a: Json, b: Json): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Every `system|value` of a resource; entries without both say nothing that can be compared. */
export function identifiersOf(resource: Json): readonly string[] {
  const list: readonly unknown[] = Array.isArray(resource['identifier']) ? resource['identifier'] : [resource['identifier']]
  return list.flatMap((one) => (shape.isObject(one) && isText(one['system']) && isText(one['value']) ? [`${one['system']}|${one['value']}`] : []))
}

/** Whether somebody may have an identifier that cannot be read, or compared: then nobody can be told apart from them. */
export function hasOddIdentifier(resource: Json): boolean {
  const { identifier } = resource
  if (identifier === undefined || (Array.isArray(identifier) && identifier.length === 0)) return false
  const list: readonly unknown[] = Array.isArray(identifier) ? identifier : [identifier]
  const isOdd = (one: unknown): boolean => !shape.isObject(one) || !isText(one['value']) || (one['system'] !== undefined && !isText(one['system']))
  return list.some(isOdd) || identifiersOf(resource).length === 0
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''

/** `Type/id` of a reference within this server, whatever the version. */
export function localName(reference: unknown): string | undefined {
  const text = shape.isObject(reference) ? reference['reference'] : undefined
  if (typeof text !== 'string') return undefined
  return /^([A-Z][A-Za-z]{1,63}\/[A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/.exec(text)?.[1]
}

/** Follows a literal reference, or takes a logical one at its word; `contained` are those of the document it stands in. */
export function resolve(reference: unknown, world: World, contained: readonly unknown[] = []): Target {
  if (!shape.isObject(reference)) return { kind: 'nothing', said: '' }
  const text = reference['reference']
  if (typeof text === 'string') {
    if (text.startsWith('#')) return resolveContained(text, contained)
    const name = localName(reference)
    const resource = name === undefined ? undefined : world.byName(name)
    return name === undefined || resource === undefined ? { kind: 'nothing', said: text } : { kind: 'resource', resource, name, contained: false }
  }
  const { identifier, type } = reference
  if (text === undefined && shape.isObject(identifier) && isText(identifier['system']) && isText(identifier['value'])) {
    return { kind: 'identifier', system: identifier['system'], value: identifier['value'], type: typeof type === 'string' ? type : undefined }
  }
  return { kind: 'nothing', said: isText(reference['display']) ? 'a name without a reference' : '' }
}

function resolveContained(text: string, contained: readonly unknown[]): Target {
  const found = contained.filter((one) => shape.isObject(one) && one['id'] === text.slice(1))
  const [resource] = found
  if (found.length !== 1 || !shape.isObject(resource)) return { kind: 'nothing', said: text }
  return { kind: 'resource', resource, name: text, contained: true }
}

/** Whether something that is said to be active, and within a period, counts at this instant; a period that cannot be read does not. */
export function isLive(resource: Json, at: number, member: 'active' | 'none' = 'active'): boolean {
  if (member === 'active' && resource['active'] !== undefined && resource['active'] !== true) return false
  const period = resource['period']
  if (period === undefined) return true
  const span = shape.isObject(period) ? spanOfPeriod(period['start'], period['end']) : undefined
  return span !== undefined && span.from <= at && at <= span.until
}
