import { shape } from '@fiducia/core'
import { MAX_BUNDLE_DEPTH } from '../limits.ts'
import { ViewError } from './errors.ts'
import type { Placed } from './run-view.ts'

interface Reading {
  readonly at: string
  /** Where Bundles are what is asked for, they stay whole. */
  readonly keepBundles: boolean
  readonly depth: number
}

/**
 * The resources that a JSON value is or holds: of an array its elements, of a Bundle the resources of its entries, also where these are Bundles.
 * An entry may have no resource, as the answer to a deletion has none. Throws a `ViewError` (`VIEW_RESOURCE`) with the place of what is no
 * entry, so that a Bundle is understood as a whole or not at all; what stands by itself, or in an array, is for whoever reads it to judge.
 */
export function resourcesIn(value: unknown, at = '', keepBundles = false): readonly Placed[] {
  if (!Array.isArray(value)) return resourcesOf(value, { at, keepBundles, depth: 0 })
  return value.flatMap((one: unknown, i) => resourcesOf(one, { at: `${at}[${i}]`, keepBundles, depth: 0 }))
}

function resourcesOf(resource: unknown, reading: Reading, fullUrls?: Placed['fullUrls']): readonly Placed[] {
  const { at, keepBundles, depth } = reading
  if (depth > 0 && !shape.isObject(resource)) throw notFound('a FHIR resource', resource, at)
  if (!shape.isObject(resource) || resource['resourceType'] !== 'Bundle' || keepBundles) return [{ resource, at, ...(fullUrls && { fullUrls }) }]
  if (depth >= MAX_BUNDLE_DEPTH) throw new ViewError('VIEW_RESOURCE', `expected at most ${MAX_BUNDLE_DEPTH} Bundles within each other, found more`, at)
  const entries = entriesOf(resource, at)
  const urls = new Map(entries.flatMap(({ entry }) => fullUrlOf(entry)))
  return entries.flatMap(({ entry, place }) =>
    entry['resource'] === undefined ? [] : resourcesOf(entry['resource'], { at: place, keepBundles, depth: depth + 1 }, urls),
  )
}

interface Entry {
  readonly entry: { readonly [member: string]: unknown }
  readonly place: string
}

function entriesOf({ entry: entries = [] }: { readonly [member: string]: unknown }, at: string): readonly Entry[] {
  const place = `${at === '' ? '' : `${at} `}entry`
  if (!Array.isArray(entries)) throw notFound('a list of entries', entries, place)
  return entries.map((entry: unknown, i) => {
    if (!shape.isObject(entry)) throw notFound('an entry of a Bundle', entry, `${place}[${i}]`)
    return { entry, place: `${place}[${i}]` }
  })
}

function fullUrlOf({ fullUrl, resource }: Entry['entry']): readonly (readonly [fullUrl: string, key: string])[] {
  if (typeof fullUrl !== 'string' || !shape.isObject(resource)) return []
  const { resourceType, id } = resource
  return typeof resourceType === 'string' && typeof id === 'string' ? [[fullUrl, `${resourceType}/${id}`]] : []
}

function notFound(wanted: string, found: unknown, at: string): ViewError {
  return new ViewError('VIEW_RESOURCE', `expected ${wanted}, found ${kindOf(found)}`, at === '' ? undefined : at)
}

/** Never the value: it may be about a person. */
function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
