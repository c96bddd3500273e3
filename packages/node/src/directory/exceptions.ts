import { closeSync, fsyncSync, openSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type Finding, REASON, reasonColumn } from '@fiducia/directory'
import { syncFolder } from '@fiducia/engine'
import { integerColumn, textColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'

/**
 * The files that go back to whoever made the data: every record that was not taken, in the format of the files it came from,
 * with the reason. Corrected, they are loaded like any other: a reader takes no notice of a first column, or a member, `reason`.
 *
 * Nothing of a row is lost, and nothing is mended by the way: a row has as many cells as it came with, and one in another encoding or
 * form its own bytes, so that whatever nobody corrects is rejected again. Rows of several headers have a file for each.
 */
export interface ExceptionFile {
  readonly folder: string
  /** Where it is written first; on the same disk. */
  readonly draftFolder: string
  readonly load: number
  readonly format: 'csv' | 'ndjson'
}

/** Writes them whole; gives the name of the first, or undefined where nothing was rejected. */
export function writeExceptions(staged: Database, { folder, draftFolder, load, format }: ExceptionFile): string | undefined {
  if (staged.get('SELECT id FROM rejected LIMIT 1') === undefined) return undefined
  const parts = format === 'csv' ? csvParts(staged) : [{ suffix: '', lines: ndjsonLines(staged) }]
  const names = parts.map(({ suffix, lines }) => {
    const name = `exceptions-${load}${suffix}.${format}`
    writeLines(path.join(draftFolder, name), lines)
    return name
  })
  for (const name of names) renameSync(path.join(draftFolder, name), path.join(folder, name))
  syncFolder(folder)
  return path.join(folder, names[0] ?? '')
}

function writeLines(file: string, lines: Iterable<string | Uint8Array>): void {
  const descriptor = openSync(file, 'w', 0o600)
  try {
    for (const line of lines) writeFileSync(descriptor, line)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** The other files of a load, where the rejected rows were of several headers; `first` is the one that `writeExceptions` gave. */
export function furtherExceptions(first: string): readonly string[] {
  const [dir, { name, ext }] = [path.dirname(first), path.parse(first)]
  const others = readdirSync(dir).filter((other) => other.startsWith(`${name}-`) && other.endsWith(ext))
  return others.sort().map((other) => path.join(dir, other))
}

/** Whether a file in a directory's folder is one of these. */
export const isExceptionFile = (name: string): boolean => /^exceptions-\d+(-[\w-]+)?\.(csv|ndjson)$/.test(name)

// ---- rows -----------------------------------------------------------------------------------------------------------------

interface ExceptionPart {
  /** What tells it from the others of its load; empty for the first. */
  readonly suffix: string
  readonly lines: Iterable<string | Uint8Array>
}

const HEADERS = `
  SELECT h.header, h.name, json_group_array(h.file) AS files FROM header h
  WHERE EXISTS (SELECT 1 FROM rejected r WHERE r.file = h.file) GROUP BY h.header ORDER BY min(h.file)`

/** One for each header. */
const csvParts = (staged: Database): readonly ExceptionPart[] =>
  staged.all(HEADERS).map((row, i) => ({
    suffix: i === 0 ? '' : `-${i + 1}-${plainFileName(textColumn(row, 'name'))}`,
    lines: csvLines(staged, textsOf(row, 'header'), textColumn(row, 'files')),
  }))

/** What a file is called without its endings, in characters that need no care. */
const plainFileName = (name: string): string => (/^[^.]*/.exec(name)?.[0] ?? '').replaceAll(/[^\w-]+/g, '-').slice(0, SHOWN_NAME)

const SHOWN_NAME = 60

function* csvLines(staged: Database, header: readonly string[], files: string): Generator<string | Uint8Array> {
  yield csvLine([reasonColumn(header), ...header])
  for (const row of staged.each(`${REJECTED} WHERE file IN (SELECT value FROM json_each(?)) ORDER BY id`, files)) {
    const { bytes } = row
    if (bytes instanceof Uint8Array) yield Buffer.concat([Buffer.from(`${csvCell(reasonOf(row))},`), bytes, Buffer.from('\r\n')])
    else yield csvLine([reasonOf(row), ...textsOf(row, 'source')])
  }
}

const REJECTED = 'SELECT row, findings, source, bytes FROM rejected'

const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`
const csvCell = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

// ---- resources ------------------------------------------------------------------------------------------------------------

/** A resource gets its reason as a member; a line that is no JSON stands beside its reason in one. */
function* ndjsonLines(staged: Database): Generator<string | Uint8Array> {
  for (const row of staged.each(`${REJECTED} ORDER BY id`)) {
    const [text = ''] = textsOf(row, 'source')
    const { bytes } = row
    if (bytes instanceof Uint8Array && OBJECT_START.test(text)) yield withReason(bytes, reasonOf(row))
    else yield `${JSON.stringify({ ...objectOf(text), [REASON]: reasonOf(row) })}\n`
  }
}

/** The beginning of an object, with the reason that an earlier exception file put there. */
const OBJECT_START = /^\s*\{("reason":"(?:[^"\\]|\\.)*",)?/

/** The resource keeps its own bytes: what is not UTF-8 could not be written back. */
function withReason(bytes: Uint8Array, reason: string): Uint8Array {
  const members = Buffer.from(bytes).toString('latin1').replace(OBJECT_START, '').trimEnd()
  return Buffer.concat([Buffer.from(`{${JSON.stringify(REASON)}:${JSON.stringify(reason)},`), Buffer.from(`${members}\n`, 'latin1')])
}

function objectOf(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // What is no JSON goes back as text.
  }
  return { text }
}

// ---- both -----------------------------------------------------------------------------------------------------------------

const textsOf = (row: Readonly<Record<string, unknown>>, name: string): readonly string[] => JSON.parse(textColumn(row, name)) as readonly string[]

export const findingsOf = (row: Readonly<Record<string, unknown>>): readonly Finding[] => JSON.parse(textColumn(row, 'findings')) as readonly Finding[]

const reasonOf = (row: Readonly<Record<string, unknown>>): string =>
  `row ${integerColumn(row, 'row')}: ${findingsOf(row)
    .map(({ code, field }) => (field === '' ? code : `${code} in ${field}`))
    .join('; ')}`
