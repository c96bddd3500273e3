import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Finding } from '@fiducia/directory'
import { syncFolder } from '@fiducia/engine'
import { integerColumn, textColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'

/**
 * The file that goes back to whoever made the data: every record that was not taken, in the format of the files it came from,
 * with the reason. Corrected, it is loaded like any other: a reader takes no notice of a column, or a member, `reason`.
 */
export interface ExceptionFile {
  readonly folder: string
  /** Where it is written first; on the same disk. */
  readonly draftFolder: string
  readonly load: number
  readonly format: 'csv' | 'ndjson'
}

export const REASON = 'reason'

/** Writes it whole; gives its name, or undefined where nothing was rejected. */
export function writeExceptions(staged: Database, { folder, draftFolder, load, format }: ExceptionFile): string | undefined {
  if (staged.get('SELECT id FROM rejected LIMIT 1') === undefined) return undefined
  const file = path.join(folder, `exceptions-${load}.${format}`)
  const draft = path.join(draftFolder, path.basename(file))
  const descriptor = openSync(draft, 'w', 0o600)
  try {
    for (const line of format === 'csv' ? csvLines(staged) : ndjsonLines(staged)) writeFileSync(descriptor, line)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(draft, file)
  syncFolder(folder)
  return file
}

const REJECTED = 'SELECT file, row, findings, source FROM rejected ORDER BY id'

/** In the columns of the files: those of the first, then what others have beside them. */
function* csvLines(staged: Database): Generator<string> {
  const headers = new Map(staged.all('SELECT file, header FROM header ORDER BY file').map((row) => [integerColumn(row, 'file'), textsOf(row, 'header')]))
  const columns = [...new Set([...headers.values()].flat())].filter((name) => name !== REASON)
  yield csvLine([...columns, REASON])
  for (const row of staged.each(REJECTED)) {
    const own = headers.get(integerColumn(row, 'file')) ?? []
    const cells = textsOf(row, 'source')
    yield csvLine([...columns.map((name) => cells[own.indexOf(name)] ?? ''), reasonOf(row)])
  }
}

/** A resource that was read gets its reason as a member; a line that is no JSON stands beside its reason in one. */
function* ndjsonLines(staged: Database): Generator<string> {
  for (const row of staged.each(REJECTED)) {
    const [text = ''] = textsOf(row, 'source')
    yield `${JSON.stringify({ ...objectOf(text), [REASON]: reasonOf(row) })}\n`
  }
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

const textsOf = (row: Readonly<Record<string, unknown>>, name: string): readonly string[] => JSON.parse(textColumn(row, name)) as readonly string[]

export const findingsOf = (row: Readonly<Record<string, unknown>>): readonly Finding[] => JSON.parse(textColumn(row, 'findings')) as readonly Finding[]

const reasonOf = (row: Readonly<Record<string, unknown>>): string =>
  `row ${integerColumn(row, 'row')}: ${findingsOf(row)
    .map(({ code, field }) => (field === '' ? code : `${code} in ${field}`))
    .join('; ')}`

const csvLine = (cells: readonly string[]): string => `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`
