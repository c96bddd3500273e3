import { InputError, type JsonObject, shape } from '@fiducia/core'
import type { ResourceType } from '@medplum/fhirtypes'

/**
 * FHIR R4 resources as this network handles them: JSON objects that say their type and id. Nothing here trusts the rest of
 * a resource; whoever needs an element reads it defensively.
 */
export interface FhirResource extends JsonObject {
  readonly resourceType: string
  readonly id: string
}

/** Types whose names the compiler knows from the R4 definitions. */
export type { ResourceType }

const TYPE = /^[A-Z][A-Za-z]{1,63}$/
const ID = /^[A-Za-z0-9.-]{1,64}$/

export const isResourceType = (text: string): boolean => TYPE.test(text)
export const isResourceId = (text: string): boolean => ID.test(text)

/** Whether the value has a well-formed type and id. */
export function isResource(value: unknown): value is FhirResource {
  if (!shape.isObject(value)) return false
  const { resourceType, id } = value
  return typeof resourceType === 'string' && TYPE.test(resourceType) && typeof id === 'string' && ID.test(id)
}

/** `Type/id`; `undefined` for what is no resource. */
export const referenceOf = (resource: unknown): string | undefined => (isResource(resource) ? `${resource.resourceType}/${resource.id}` : undefined)

/** The version in `meta.versionId`, where the silo keeps one. */
export function versionOf(resource: unknown): string | undefined {
  const meta: unknown = shape.isObject(resource) ? resource['meta'] : undefined
  const version = shape.isObject(meta) ? meta['versionId'] : undefined
  return typeof version === 'string' && ID.test(version) ? version : undefined
}

/** `Type/id/_history/version`, as a disclosure names what was released. */
export type ReleasedReference = `${string}/${string}/_history/${string}`

/** Version 1 where the silo keeps none. Throws an `InputError` for what is no resource: nothing like that may be released. */
export function versionedReference(resource: unknown): ReleasedReference {
  if (!isResource(resource)) throw new InputError('SHAPE', 'expected a resource with a type and an id, found another value')
  return `${resource.resourceType}/${resource.id}/_history/${versionOf(resource) ?? '1'}`
}
