import { gunzipSync } from 'node:zlib'
import { type Placed, prepareView, resourcesIn, type View, ViewError } from '@fiducia/fhir'
import { ResearchError, type TextTable } from '@fiducia/research'
import { MAX_STUDY_RESOURCES_BYTES } from '../limits.ts'

/** The view of a study, made ready. Throws `STUDY_SPEC` with the place where it is wrong. */
export function viewOf(view: object): View {
  try {
    return prepareView(view)
  } catch (error) {
    throw error instanceof ViewError ? new ResearchError('STUDY_SPEC', `view: ${error.message}`) : error
  }
}

/**
 * FHIR resources (NDJSON, a Bundle, a JSON array or one; plain or gzip, as `fiducia view run` reads them) as the view's rows of cells: nothing is an empty
 * one, true and false are `TRUE` and `FALSE`, which a study knows. Throws `STUDY_COLUMN`.
 */
export function readResources(view: View, bytes: Uint8Array): TextTable {
  const names = view.columns.map(({ name }) => name)
  const rows = [...resourcesOf(unpacked(bytes), view.resource === 'Bundle')].flatMap((found) => asStudy(() => view.rowsOf(found)))
  return { header: names, rows: rows.map((row) => names.map((name) => textOf(row[name], name))), nameOf: (row) => `row ${row + 1} of the view` }
}

/** Of all JSON, what begins with a line that is JSON by itself is NDJSON, and everything else one document. */
function* resourcesOf(bytes: Uint8Array, keepBundles: boolean): Generator<Placed> {
  const lines = linesOf(bytes)
  const first = lines.next()
  if (first.done === true) return
  const beginning = tryJson(first.value.text)
  if (beginning === undefined) {
    const whole = tryJson(decoded(bytes, 'line 1'))
    if (whole === undefined) throw noResource(first.value.at)
    yield* asStudy(() => resourcesIn(whole, '', keepBundles))
    return
  }
  yield* asStudy(() => resourcesIn(beginning, first.value.at, keepBundles))
  for (const { text, at } of lines) {
    const value = tryJson(text)
    if (value === undefined) throw noResource(at)
    yield* asStudy(() => resourcesIn(value, at, keepBundles))
  }
}

interface Line {
  readonly text: string
  readonly at: string
}

const LF = 0x0a

/** Lines with something in them, as an editor counts; the mark before the first is none of its text. */
function* linesOf(bytes: Uint8Array): Generator<Line, undefined> {
  for (let start = 0, number = 1; start < bytes.length; number += 1) {
    const end = bytes.indexOf(LF, start)
    const at = `line ${number}`
    const text = decoded(bytes.subarray(start, end === -1 ? bytes.length : end), at).trim()
    if (text !== '') yield { text, at }
    start = end === -1 ? bytes.length : end + 1
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

function decoded(bytes: Uint8Array, at: string): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new ResearchError('STUDY_COLUMN', 'expected a FHIR resource as JSON, found bytes that are not UTF-8', at)
  }
}

function unpacked(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_STUDY_RESOURCES_BYTES })
  } catch {
    throw new ResearchError('STUDY_COLUMN', `expected FHIR resources as gzip of at most ${MAX_STUDY_RESOURCES_BYTES} bytes, found another archive`)
  }
}

/** Undefined for what is no JSON; JSON has no `undefined`. */
function tryJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

const noResource = (at: string): ResearchError => new ResearchError('STUDY_COLUMN', 'expected a FHIR resource as JSON, found other text', at)

function asStudy<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof ViewError ? new ResearchError('STUDY_COLUMN', error.message) : error
  }
}

function textOf(value: unknown, column: string): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  throw new ResearchError(
    'STUDY_COLUMN',
    `view: expected a text, a number or a boolean in column \`${column}\`, found ${Array.isArray(value) ? 'a list' : 'an object'}`,
  )
}
