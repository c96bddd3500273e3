import { InputError, type JsonObject, type JsonValue, shape } from '@fiducia/core'
import { MAX_STRIP_DEPTH } from './limits.ts'
import { type FhirResource, isResource } from './resource.ts'

/**
 * What of a released resource leaves. Removed are: labels, tags and source marks in `meta` (they would tell why something
 * else is missing); the narrative, which may repeat what structured entries withhold; contained resources, which nobody
 * decided about; the display of references, which names things that may be withheld. `versionId`, `lastUpdated` and
 * `profile` stay, because the disclosure names the version. A reference that is left with nothing says `masked`.
 * Throws an `InputError` for what is no resource.
 */
export function stripForRelease(resource: unknown): FhirResource {
  if (!isResource(resource)) throw new InputError('SHAPE', 'expected a resource with a type and an id, found another value')
  const stripped: { [name: string]: JsonValue } = {}
  for (const [name, value] of Object.entries(resource)) {
    if (name === 'contained' || name === 'text') continue
    if (name === 'meta') {
      const meta = stripMeta(value)
      if (meta !== undefined) stripped[name] = meta
    } else stripped[name] = stripValue(value, 1)
  }
  return { ...stripped, resourceType: resource.resourceType, id: resource.id }
}

function stripMeta(meta: JsonValue): JsonObject | undefined {
  if (!shape.isObject(meta)) return undefined
  const kept: { [name: string]: JsonValue } = {}
  for (const name of ['versionId', 'lastUpdated', 'profile']) {
    const value = meta[name]
    if (typeof value === 'string' || (Array.isArray(value) && value.every((one) => typeof one === 'string'))) kept[name] = value
  }
  return Object.keys(kept).length === 0 ? undefined : kept
}

const MASKED: JsonObject = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }] }

const isObject = (value: JsonObject | readonly JsonValue[]): value is JsonObject => !Array.isArray(value)

function stripValue(value: JsonValue, depth: number): JsonValue {
  if (value === null || typeof value !== 'object') return value
  if (depth > MAX_STRIP_DEPTH) return MASKED
  if (!isObject(value)) return value.map((entry) => stripValue(entry, depth + 1))
  return isReference(value) ? stripReference(value) : stripMembers(value, depth)
}

function stripMembers(object: JsonObject, depth: number): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, stripValue(value, depth + 1)]))
}

/** A Reference has `reference`, or a `display` beside none of the members of a Coding. */
const isReference = (object: JsonObject): boolean =>
  typeof object['reference'] === 'string' ||
  (typeof object['display'] === 'string' && object['code'] === undefined && object['system'] === undefined && object['userSelected'] === undefined)

function stripReference(object: JsonObject): JsonObject {
  const { reference, type, identifier } = object
  const kept: { [name: string]: JsonValue } = {}
  if (typeof reference === 'string' && !reference.startsWith('#')) kept['reference'] = reference
  if (typeof type === 'string') kept['type'] = type
  if (shape.isObject(identifier)) kept['identifier'] = stripMembers({ ...object }, 1)['identifier'] ?? {}
  return kept['reference'] === undefined && kept['identifier'] === undefined ? { ...kept, ...MASKED } : kept
}
