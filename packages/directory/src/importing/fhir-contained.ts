import type { SubjectKey } from '../facts/types.ts'
import type { FhirContext, ReadResource } from './fhir-context.ts'
import { childrenOf, type Element, textOf } from './fhir-element.ts'
import { readEndpoint, readLocation } from './fhir-places.ts'
import { readOrganization, readPractitioner } from './fhir-providers.ts'
import { subjectOf } from './fhir-subjects.ts'
import type { SubjectFacts } from './types.ts'

/**
 * Resources inside another one, to which it refers as `#id`. They are read as if they stood beside it, where they are subjects by themselves; one
 * that nothing else names goes by its container and its id there.
 */
export interface Contained {
  /** In which `#id` points to them. */
  readonly context: FhirContext
  readonly facts: readonly SubjectFacts[]
}

/** One subject each at the most, so that no record multiplies. */
const READERS: { readonly [type: string]: ReadResource | undefined } = {
  Practitioner: readPractitioner,
  Organization: readOrganization,
  Location: readLocation,
  Endpoint: readEndpoint,
}

/** `name`: what the container is called in its source. */
export function readContained(container: Element, name: string, outside: FhirContext): Contained {
  const resources = childrenOf(container, 'contained')
  if (resources.length === 0) return { context: outside, facts: [] }
  const inside = new Map<string, SubjectKey | undefined>()
  const references = {
    get: (reference: string) => (inside.has(reference) ? inside.get(reference) : outside.references.get(reference)),
    has: (reference: string) => inside.has(reference) || outside.references.has(reference),
  }
  const context = { ...outside, references }
  const named = resources.map((resource) => {
    const [type, id] = [textOf(resource, 'resourceType') ?? '', `#${textOf(resource, 'id') ?? ''}`]
    inside.set(id, subjectOf(type, name + id, { ...resource, findings: [] }, outside))
    return { resource, type, sourceId: name + id }
  })
  return { context, facts: named.flatMap(({ resource, type, sourceId }) => readOne(resource, type, sourceId, context)) }
}

function readOne(resource: Element, type: string, sourceId: string, context: FhirContext): readonly SubjectFacts[] {
  const reader = Object.hasOwn(READERS, type) ? READERS[type] : undefined
  if (reader !== undefined && sourceId.isWellFormed()) return reader(resource, sourceId, context)
  resource.findings.push({ code: 'CONTAINED', field: resource.path })
  return []
}
