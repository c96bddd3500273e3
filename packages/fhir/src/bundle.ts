import type { JsonObject, JsonValue } from '@fiducia/core'
import { operationOutcome } from './outcome.ts'
import type { FhirResource } from './resource.ts'

/**
 * Answers of a search. Totals, links and pages are made here from what is released, never taken from a silo. Whether the
 * answer is *limited* follows from the rule and the reader alone (`isLimited` in consent), never from what exists: a
 * limited list always carries the same marker, so that withheld and absent cannot be told apart.
 */
export interface SearchsetPage {
  /** All that match and are released, on every page; the resources given where this is the only page. */
  readonly total?: number
  /** FHIR base URL without a slash at the end. */
  readonly baseUrl?: string
  readonly selfUrl?: string
  readonly nextUrl?: string
}

/** A list that the rule and the reader limit; always with the marker. Resources are stripped before. */
export const limitedSearchset = (resources: readonly FhirResource[], page: SearchsetPage = {}): JsonObject => buildSearchset(resources, true, page)

/** A list that nothing limits for this reader. */
export const unlimitedSearchset = (resources: readonly FhirResource[], page: SearchsetPage = {}): JsonObject => buildSearchset(resources, false, page)

function buildSearchset(resources: readonly FhirResource[], limited: boolean, page: SearchsetPage): JsonObject {
  const total = page.total ?? resources.length
  const entries: JsonValue[] = resources.map((resource) => ({
    ...(page.baseUrl === undefined ? {} : { fullUrl: `${page.baseUrl}/${resource.resourceType}/${resource.id}` }),
    resource,
    search: { mode: 'match' },
  }))
  if (limited) entries.push({ resource: operationOutcome(total === 0 ? 'withheld' : 'limited'), search: { mode: 'outcome' } })
  const links = [...linkOf('self', page.selfUrl), ...linkOf('next', page.nextUrl)]
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total,
    ...(links.length === 0 ? {} : { link: links }),
    ...(entries.length === 0 ? {} : { entry: entries }),
  }
}

const linkOf = (relation: string, url: string | undefined): readonly JsonObject[] => (url === undefined ? [] : [{ relation, url }])
