import { gunzipSync } from 'node:zlib'
import { decodeUtf8, InputError, shape } from '@fiducia/core'
import { MAX_INPUT_BYTES } from './limits.ts'
import { UsageError } from './output.ts'
import { readInput } from './read-input.ts'

/** A FHIR resource as it was found in a file, with the place to name when something is wrong with it. */
export interface FoundResource {
  readonly resource: unknown
  /** `line 3`, or `entry[2]` of a Bundle; empty for a file that is one resource. */
  readonly at: string
  /** `fullUrl` → `Type/id` of the Bundle that it stands in. */
  readonly fullUrls?: ReadonlyMap<string, string>
}

/** Resources of a file: one as JSON, an array, a Bundle, or NDJSON; plain or gzip. Half a file is never used. */
export function readResources(path: string, what: string): readonly FoundResource[] {
  const text = readText(path, what)
  const whole = tryJson(text)
  if (whole !== undefined) return spread(whole, '')
  const lines = text.split('\n').map((line, i) => ({ line: line.trim(), at: `line ${i + 1}` }))
  return lines
    .filter(({ line }) => line !== '')
    .flatMap(({ line, at }) => {
      const value = tryJson(line)
      if (value === undefined) throw new UsageError('JSON_SYNTAX', `expected ${what} as JSON, a Bundle or NDJSON, found other text in ${at}`, path)
      return spread(value, at)
    })
}

function readText(path: string, what: string): string {
  const bytes = readInput(path, what)
  try {
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
    return decodeUtf8(isGzip ? new Uint8Array(gunzipSync(bytes, { maxOutputLength: MAX_INPUT_BYTES })) : bytes)
  } catch (cause) {
    if (cause instanceof InputError) throw new UsageError('FILE_UNREADABLE', `expected ${what} in UTF-8, found other bytes`, path)
    throw new UsageError('FILE_UNREADABLE', `expected ${what} as gzip of at most ${MAX_INPUT_BYTES} bytes, found other bytes`, path)
  }
}

/** `undefined` for what is no JSON; JSON has no `undefined`. */
export function tryJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** The resources that a JSON value is or holds; a Bundle is its entries, unless Bundles are what is asked for. */
export function spread(value: unknown, at: string, keepBundles = false): readonly FoundResource[] {
  if (Array.isArray(value)) return value.map((resource: unknown, i) => ({ resource, at: `${at}[${i}]` }))
  if (!shape.isObject(value) || value['resourceType'] !== 'Bundle' || keepBundles) return [{ resource: value, at }]
  const entries: readonly unknown[] = Array.isArray(value['entry']) ? value['entry'] : []
  const place = (i: number): string => `${at === '' ? '' : `${at} `}entry[${i}]`
  const fullUrls = new Map(entries.flatMap(fullUrlOf))
  return entries.flatMap((entry, i) =>
    shape.isObject(entry) && entry['resource'] !== undefined ? [{ resource: entry['resource'], at: place(i), fullUrls }] : [],
  )
}

function fullUrlOf(entry: unknown): readonly (readonly [fullUrl: string, key: string])[] {
  if (!shape.isObject(entry) || typeof entry['fullUrl'] !== 'string' || !shape.isObject(entry['resource'])) return []
  const { resourceType, id } = entry['resource']
  return typeof resourceType === 'string' && typeof id === 'string' ? [[entry['fullUrl'], `${resourceType}/${id}`]] : []
}
