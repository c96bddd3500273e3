import { ResearchError } from '../errors.ts'
import { isSameLevel, parseLogical, parseNumber, sortLevels } from './levels.ts'
import { nearHint, shown } from './near.ts'
import type { Column, ColumnKind, ColumnKinds, Table, TextTable } from './types.ts'

/**
 * The rows of a file that a study can use: cells without the blanks around them; empty, `NA` and `?` are missing, and a row in which a used
 * column is missing is left out and counted. Cells of columns that are not used are not looked at.
 *
 * `beside` are columns in which a row must have a value as well, though they are not read. Throws `ResearchError` (`STUDY_COLUMN`) that names row and
 * column, never the cell: it is about a person.
 */
export function readTable(text: TextTable, columns: ColumnKinds, used: readonly string[], beside: readonly string[] = []): Table {
  const wanted = [...new Set(used)].map((name) => ({ name, kind: kindOf(name, columns), place: placeOf(name, text.header) }))
  const complete = completeRows(text, [...used, ...beside])
  const read = wanted.map(({ name, kind, place }) => [name, readColumn(kind, { text, name, place, rows: complete })] as const)
  return { rows: complete.length, columns: new Map(read), missing: text.rows.length - complete.length }
}

/** The rows, from 0, that have a value in every column used: those of whom a study is. Throws `ResearchError` (`STUDY_COLUMN`). */
export function completeRows(text: TextTable, used: readonly string[]): readonly number[] {
  const places = used.map((name) => placeOf(name, text.header))
  refuseRaggedRows(text)
  return text.rows.map((_, row) => row).filter((row) => places.every((place) => !isMissing(cellOf(text, row, place))))
}

/** The cells of one column, without the blanks around them; empty where the value is missing. Throws `ResearchError` (`STUDY_COLUMN`). */
export function cellsOf(text: TextTable, column: string): readonly string[] {
  const place = placeOf(column, text.header)
  refuseRaggedRows(text)
  return text.rows.map((_, row) => cellOf(text, row, place)).map((cell) => (isMissing(cell) ? '' : cell))
}

/** How rows are told apart that a model learns from and those it is judged by. */
export interface Split {
  readonly column: string
  /** Rows with this level are test rows, all others are for training: `1` is `1.0` and `01`, and `T` is `TRUE`, as for a factor. */
  readonly test: string
}

/**
 * Where the cell is missing nobody knows which a row is: it stands with those for training, and `readTable` leaves it out there when it is told the
 * column. Throws `ResearchError` (`STUDY_COLUMN`) where the column is not there.
 */
export function splitTable(text: TextTable, split: Split): { readonly training: TextTable; readonly test: TextTable } {
  const cells = cellsOf(text, split.column)
  const isTest = cells.map((cell) => isSameLevel(cell, split.test.trim()))
  return { training: rowsOf(text, (row) => isTest[row] === false), test: rowsOf(text, (row) => isTest[row] === true) }
}

/** Some rows of a table, which errors go on to name as before. */
export function rowsOf(text: TextTable, isWanted: (row: number) => boolean): TextTable {
  const kept = text.rows.map((_, row) => row).filter(isWanted)
  return { header: text.header, rows: kept.map((row) => text.rows[row] ?? []), nameOf: (row) => rowNameOf(text, kept[row] ?? 0) }
}

/** How errors name a row, the first of which is 0: as a spreadsheet counts the rows of a file, and as its other faults are named. */
export const rowNameOf = ({ nameOf }: TextTable, row: number): string => nameOf?.(row) ?? `row ${row + 2} (the header is row 1)`

function kindOf(name: string, columns: ColumnKinds): ColumnKind {
  const kind = columns.get(name)
  if (kind === undefined) throw new ResearchError('STUDY_COLUMN', `the study declares no column \`${shown(name)}\`${nearHint(name, columns.keys())}`)
  return kind
}

function placeOf(name: string, header: readonly string[]): number {
  const names = header.map((one) => one.trim())
  const place = names.indexOf(name)
  if (place === -1) throw new ResearchError('STUDY_COLUMN', `expected a column \`${shown(name)}\`, found none among ${names.length}${nearHint(name, names)}`)
  if (names.includes(name, place + 1)) throw new ResearchError('STUDY_COLUMN', `expected one column \`${shown(name)}\`, found two`)
  return place
}

/** A row of another length is cut or has a separator too many, and every cell after that is somebody else's. */
function refuseRaggedRows(text: TextTable): void {
  const { header, rows } = text
  const ragged = rows.findIndex((row) => row.length !== header.length)
  if (ragged === -1) return
  throw new ResearchError('STUDY_COLUMN', `expected ${header.length} cells as in the header, found ${rows[ragged]?.length}`, rowNameOf(text, ragged))
}

const cellOf = (text: TextTable, row: number, place: number): string => (text.rows[row]?.[place] ?? '').trim()

export const isMissing = (cell: string): boolean => cell === '' || cell === 'NA' || cell === '?'

interface Source {
  readonly text: TextTable
  readonly name: string
  readonly place: number
  readonly rows: readonly number[]
}

function readColumn(kind: ColumnKind, source: Source): Column {
  switch (kind) {
    case 'number':
      return { kind, values: Float64Array.from(source.rows, (row) => numberAt(source, row)) }
    case 'factor':
      return readFactor(source)
  }
}

/** A word for true or false is 1 or 0, as R counts with it. */
function numberAt({ text, name, place }: Source, row: number): number {
  const cell = cellOf(text, row, place)
  const logical = parseLogical(cell)
  const value = logical === undefined ? parseNumber(cell) : Number(logical)
  if (value === undefined)
    throw new ResearchError('STUDY_COLUMN', `expected a finite decimal number, found ${kindOfText(cell)}`, `${rowNameOf(text, row)}, column \`${shown(name)}\``)
  return value
}

/** Never the text itself. */
function kindOfText(cell: string): string {
  if (/^(?:true|false)$/i.test(cell)) return 'a word for true or false, which are `TRUE` and `FALSE` here'
  return /^[\d.,\s+-]+$/.test(cell) ? 'digits that are none' : 'a text'
}

function readFactor({ text, place, rows }: Source): Column {
  const cells = rows.map((row) => cellOf(text, row, place))
  const levels = sortLevels(cells)
  const codes = new Map(levels.map((level, code) => [level, code]))
  return { kind: 'factor', levels, codes: Uint32Array.from(cells, (cell) => codes.get(cell) ?? 0) }
}
