import { createResourceSplitter } from '@fiducia/directory'
import { prepareView, type Row, type View, ViewError } from '@fiducia/fhir'
import { ResearchError, type TextTable } from '@fiducia/research'

/** The view of a study, made ready. Throws `STUDY_SPEC` with the place where it is wrong. */
export function viewOf(view: object): View {
  try {
    return prepareView(view)
  } catch (error) {
    throw error instanceof ViewError ? new ResearchError('STUDY_SPEC', `view: ${error.message}`) : error
  }
}

/** FHIR resources (NDJSON, a Bundle, or one) as the view's rows of cells: nothing is an empty one, `true` and `false` are words. Throws `STUDY_COLUMN`. */
export function readResources(view: View, bytes: Uint8Array): TextTable {
  const names = view.columns.map(({ name }) => name)
  const splitter = createResourceSplitter()
  const found = [...splitter.push(bytes), ...splitter.end()]
  const rows = found.flatMap(({ row, fault, members }) => {
    if (fault !== undefined || members === undefined)
      throw new ResearchError('STUDY_COLUMN', `expected a FHIR resource as JSON, found ${FOUND[fault ?? 'json']}`, `resource ${row}`)
    return rowsOf(view, members, row)
  })
  return { header: names, rows: rows.map((row) => names.map((name) => textOf(row[name], name))) }
}

const FOUND = { json: 'other text', encoding: 'bytes that are not UTF-8', size: 'one that is too long' } as const

function rowsOf(view: View, resource: object, row: number): readonly Row[] {
  try {
    return view.rowsOf({ resource, at: `resource ${row}` })
  } catch (error) {
    throw error instanceof ViewError ? new ResearchError('STUDY_COLUMN', error.message) : error
  }
}

function textOf(value: unknown, column: string): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new ResearchError('STUDY_COLUMN', `view: expected a text, a number or a boolean in column \`${column}\`, found a value with parts`)
}
