import { shape } from '@fiducia/core'
import { DirectoryError } from '../errors.ts'
import { MAX_BUNDLE_BYTES, MAX_RESOURCE_BYTES } from '../limits.ts'
import { createPieces } from './pieces.ts'

/**
 * Resources of a file as its bytes come: NDJSON, one resource in each line, or one document over many lines, a Bundle whose entries are
 * the resources or a resource alone. Which of the two it is, its first line tells: NDJSON has an object there, a document only its beginning.
 *
 *   beginning   kept whole, until a first line that is an object by itself ends, or the file does, or it is too long for a document
 *   lines       from then on: what is kept is the line that has not ended, so that NDJSON of any length takes the memory of its longest line
 */
export interface FoundResource {
  /** The line, or the place in the Bundle, from 1. */
  readonly row: number
  readonly text: string
  readonly fault?: ResourceFault
  /** Of a line in another encoding, of which `text` does not say all. */
  readonly bytes?: Uint8Array
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
  const beginning = createBeginning()
  const lines = createLineSplitter()
  let areLines = false
  return {
    push(chunk) {
      if (areLines) return lines.push(chunk)
      const bytes = beginning.push(chunk)
      areLines = bytes !== undefined
      return bytes === undefined ? [] : readFirstLines(lines, bytes)
    },
    end() {
      if (areLines) return lines.end()
      const bytes = beginning.end()
      return readDocument(bytes) ?? [...lines.push(bytes), ...lines.end()]
    },
  }
}

// ---- what kind of file it is ----------------------------------------------------------------------------------------------

interface Beginning {
  /** All that came, once it is told to be lines; undefined while it may be a document. */
  push(chunk: Uint8Array): Uint8Array | undefined
  end(): Uint8Array
}

function createBeginning(): Beginning {
  const kept = createPieces()
  /** Whether anything but blanks has come. */
  let isStarted = false
  let isDocument = false

  const areLines = (): boolean => {
    const bytes = kept.peek()
    isStarted = checkStart(bytes)
    const { start, end } = firstLine(bytes)
    isDocument = end >= 0 && tryDocument(bytes.subarray(start, end)) === undefined
    return end >= 0 && !isDocument
  }

  return {
    push(chunk) {
      kept.add(chunk)
      const isOpen = isDocument || (isStarted && !chunk.includes(LF))
      return (!isOpen && areLines()) || kept.size() > MAX_BUNDLE_BYTES ? kept.take() : undefined
    },
    end() {
      const bytes = kept.take()
      checkStart(bytes)
      return bytes
    },
  }
}

/** A first line may be a Bundle, with other lines after it: its entries count from 1, the lines as they stand. */
function readFirstLines(lines: LineSplitter, bytes: Uint8Array): readonly FoundResource[] {
  const { start, end } = firstLine(bytes)
  const entries = end < 0 ? undefined : entriesOf(tryDocument(bytes.subarray(start, end)))
  const next = entries === undefined ? start : end + 1
  lines.skip(bytes.subarray(0, next))
  return [...(entries ?? []), ...lines.push(bytes.subarray(next))]
}

/** Of a whole file; undefined where it is neither a Bundle nor a resource alone. */
function readDocument(bytes: Uint8Array): readonly FoundResource[] | undefined {
  if (isBlank(bytes)) return []
  const members = tryDocument(bytes)
  return entriesOf(members) ?? (members && [{ row: 1, text: lenient.decode(bytes).trim(), members }])
}

// ---- lines ----------------------------------------------------------------------------------------------------------------

interface LineSplitter {
  push(chunk: Uint8Array): FoundResource[]
  /** The last line, where no line feed ends it. */
  end(): readonly FoundResource[]
  /** Counts lines that somebody else has read. */
  skip(lines: Uint8Array): void
}

function createLineSplitter(): LineSplitter {
  const unfinished = createPieces()
  let row = 0
  /** A line beyond the limit is let go, and told at its end. */
  let isTooLong = false

  const readLine = (bytes: Uint8Array): readonly FoundResource[] => {
    row += 1
    if (!isTooLong && bytes.length <= MAX_RESOURCE_BYTES) return isBlank(bytes) ? [] : [readResource(bytes, row)]
    isTooLong = false
    return [{ row, text: '', fault: 'size' }]
  }

  return {
    push(chunk) {
      const found: FoundResource[] = []
      let start = 0
      for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
        for (const resource of readLine(unfinished.take(chunk.subarray(start, end)))) found.push(resource)
        start = end + 1
      }
      unfinished.add(chunk.subarray(start))
      if (unfinished.size() > MAX_RESOURCE_BYTES) {
        isTooLong = true
        unfinished.drop()
      }
      return found
    },
    end: () => (unfinished.size() === 0 && !isTooLong ? [] : readLine(unfinished.take())),
    skip(lines) {
      row += lines.filter((byte) => byte === LF).length
    },
  }
}

// ---- bytes ----------------------------------------------------------------------------------------------------------------

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

/** The first line with something in it; its end is -1 while it goes on. */
function firstLine(bytes: Uint8Array): { readonly start: number; readonly end: number } {
  const first = bytes.findIndex((byte) => !WHITESPACE.has(byte))
  return first < 0 ? { start: 0, end: -1 } : { start: bytes.lastIndexOf(LF, first) + 1, end: bytes.indexOf(LF, first) }
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
    return { row, text: lenient.decode(bytes), bytes: bytes.slice(), fault: 'encoding' }
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
