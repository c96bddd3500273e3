import { concatBytes, shape } from '@fiducia/core'
import { DirectoryError } from '../errors.ts'
import { MAX_BUNDLE_BYTES, MAX_RESOURCE_BYTES } from '../limits.ts'

/**
 * Resources of a file as its bytes come: NDJSON, one resource in each line, or one document over many lines, a Bundle whose entries are
 * the resources or a resource alone. NDJSON of any length takes the memory of its longest line; a document is kept whole, up to a
 * limit.
 */
export interface FoundResource {
  /** The line, or the place in the Bundle, from 1. */
  readonly row: number
  readonly text: string
  readonly fault?: ResourceFault
  /** Absent where something is at fault. */
  readonly members?: JsonMembers
  /** Of a Bundle's entry. */
  readonly fullUrl?: string
}

export type ResourceFault = 'json' | 'encoding' | 'size'
export type JsonMembers = { readonly [name: string]: unknown }

export interface ResourceSplitter {
  /** Throws `FHIR_DOCUMENT` when the file begins like no JSON object. */
  push(chunk: Uint8Array): readonly FoundResource[]
  end(): readonly FoundResource[]
}

const LF = 0x0a
const decoder = new TextDecoder('utf-8', { fatal: true })
const lenient = new TextDecoder('utf-8')

export function createResourceSplitter(): ResourceSplitter {
  let kind: 'unknown' | 'lines' | 'document' = 'unknown'
  let pieces: Uint8Array[] = []
  let waiting = 0
  let line = 0
  /** A line beyond the limit is let go, and told at its end. */
  let isTooLong = false
  /** Whether anything but blanks has come. */
  let isStarted = false

  const takeWaiting = (last: Uint8Array): Uint8Array => {
    const bytes = pieces.length === 0 ? last : concatBytes(...pieces, last)
    pieces = []
    waiting = 0
    return bytes
  }

  const wait = (bytes: Uint8Array, limit: number): boolean => {
    if (bytes.length > 0) pieces.push(bytes.slice())
    waiting += bytes.length
    return waiting <= limit
  }

  const readLine = (bytes: Uint8Array): readonly FoundResource[] => {
    line += 1
    if (!isTooLong && bytes.length <= MAX_RESOURCE_BYTES) return isBlank(bytes) ? [] : [readResource(bytes, line)]
    isTooLong = false
    return [{ row: line, text: '', fault: 'size' }]
  }

  const readLines = (chunk: Uint8Array): FoundResource[] => {
    const found: FoundResource[] = []
    let start = 0
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      for (const resource of readLine(takeWaiting(chunk.subarray(start, end)))) found.push(resource)
      start = end + 1
    }
    if (!wait(chunk.subarray(start), MAX_RESOURCE_BYTES)) {
      isTooLong = true
      takeWaiting(chunk.subarray(0, 0))
    }
    return found
  }

  /** A file whose first line is no JSON by itself may be one document: it waits for its end, or until it is too long for that. */
  const readUnknown = (chunk: Uint8Array): readonly FoundResource[] => {
    if (isStarted && !chunk.includes(LF)) return append(chunk)
    const bytes = takeWaiting(chunk)
    isStarted = checkStart(bytes)
    const isSmall = bytes.length <= MAX_BUNDLE_BYTES
    const end = endOfFirstLine(bytes)
    if (isSmall && end >= 0 && tryDocument(bytes.subarray(0, end)) === undefined) kind = 'document'
    if (isSmall && (end < 0 || kind === 'document')) {
      wait(bytes, MAX_BUNDLE_BYTES)
      return []
    }
    kind = 'lines'
    return end < 0 ? readLines(bytes) : [...readFirst(bytes.subarray(0, end)), ...readLines(bytes.subarray(end + 1))]
  }

  const readFirst = (bytes: Uint8Array): readonly FoundResource[] => {
    line += bytes.filter((byte) => byte === LF).length
    const entries = entriesOf(tryDocument(bytes))
    if (entries === undefined) return readLine(bytes)
    line += 1
    return entries
  }

  const append = (chunk: Uint8Array): readonly FoundResource[] => {
    if (wait(chunk, MAX_BUNDLE_BYTES)) return []
    kind = 'lines'
    return readLines(takeWaiting(chunk.subarray(0, 0)))
  }

  return {
    push(chunk) {
      if (kind === 'lines') return readLines(chunk)
      return kind === 'document' ? append(chunk) : readUnknown(chunk)
    },
    end() {
      const rest = takeWaiting(new Uint8Array())
      if (kind === 'lines') return rest.length === 0 && !isTooLong ? [] : readLine(rest)
      checkStart(rest)
      if (isBlank(rest)) return []
      const whole = tryDocument(rest)
      const entries = entriesOf(whole)
      if (entries !== undefined) return entries
      if (whole !== undefined) return [{ row: 1, text: lenient.decode(rest).trim(), members: whole }]
      return [...readLines(rest), ...(waiting === 0 && !isTooLong ? [] : readLine(takeWaiting(new Uint8Array())))]
    },
  }
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === LF)
}

const WHITESPACE: ReadonlySet<number> = new Set([0x20, 0x09, 0x0d, LF, 0xef, 0xbb, 0xbf])

/** What begins with anything but `{` is CSV, XML or an archive, and every line of it would be rejected. True when there is a first byte at all. */
function checkStart(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => !WHITESPACE.has(byte))
  if (first !== undefined && first !== 0x7b) throw new DirectoryError('FHIR_DOCUMENT', 'expected resources as NDJSON or a Bundle, found other bytes', 'line 1')
  return first !== undefined
}

/** Of the first line with something in it; -1 while it goes on. */
function endOfFirstLine(bytes: Uint8Array): number {
  const start = bytes.findIndex((byte) => !WHITESPACE.has(byte))
  return start < 0 ? -1 : bytes.indexOf(LF, start)
}

function tryDocument(bytes: Uint8Array): JsonMembers | undefined {
  try {
    const value: unknown = JSON.parse(decoder.decode(bytes))
    return shape.isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function readResource(bytes: Uint8Array, row: number): FoundResource {
  try {
    const text = decoder.decode(bytes).trim()
    const members = tryDocument(bytes)
    return members === undefined ? { row, text, fault: 'json' } : { row, text, members }
  } catch {
    return { row, text: lenient.decode(bytes), fault: 'encoding' }
  }
}

function entriesOf(document: JsonMembers | undefined): readonly FoundResource[] | undefined {
  if (document?.['resourceType'] !== 'Bundle') return undefined
  const entries: readonly unknown[] = Array.isArray(document['entry']) ? document['entry'] : []
  return entries.map((entry, i) => {
    const row = i + 1
    const resource = shape.isObject(entry) ? entry['resource'] : undefined
    const fullUrl = shape.isObject(entry) ? entry['fullUrl'] : undefined
    if (!shape.isObject(resource)) return { row, text: JSON.stringify(entry), fault: 'json' }
    return { row, text: JSON.stringify(resource), members: resource, ...(typeof fullUrl === 'string' && { fullUrl }) }
  })
}
