import { gunzipSync } from 'node:zlib'
import { decodeUtf8, InputError } from '@fiducia/core'
import { type Placed, resourcesIn, ViewError } from '@fiducia/fhir'
import { MAX_INPUT_BYTES } from './limits.ts'
import { UsageError } from './output.ts'
import { readInput, withoutMark } from './read-input.ts'

/** A FHIR resource as it was found in a file, with the place to name when something is wrong with it. */
export type FoundResource = Placed

/** Resources of a file: one as JSON, an array, a Bundle, or NDJSON; plain or gzip. Half a file is never used. */
export function readResources(path: string, what: string): readonly FoundResource[] {
  const text = readText(path, what)
  const whole = tryJson(text)
  if (whole !== undefined) return spread(whole, { path, at: '' })
  const lines = text.split('\n').map((line, i) => ({ line: line.trim(), at: `line ${i + 1}` }))
  return lines
    .filter(({ line }) => line !== '')
    .flatMap(({ line, at }) => {
      const value = tryJson(line)
      if (value === undefined) throw new UsageError('JSON_SYNTAX', `expected ${what} as JSON, a Bundle or NDJSON, found other text in ${at}`, path)
      return spread(value, { path, at })
    })
}

function readText(path: string, what: string): string {
  const bytes = readInput(path, what)
  try {
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
    return withoutMark(decodeUtf8(isGzip ? new Uint8Array(gunzipSync(bytes, { maxOutputLength: MAX_INPUT_BYTES })) : bytes))
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

/** Where a value was read. */
interface Source {
  readonly path: string
  readonly at: string
}

/** The resources that a JSON value is or holds; a Bundle is its entries, unless Bundles are what is asked for. Throws a `UsageError` with the place of what is none. */
export function spread(value: unknown, { path, at }: Source, keepBundles = false): readonly FoundResource[] {
  try {
    return resourcesIn(value, at, keepBundles)
  } catch (error) {
    throw error instanceof ViewError ? new UsageError(error.code, `${path}: ${error.message}`, error.at ?? path) : error
  }
}
