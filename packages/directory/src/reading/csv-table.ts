import { DirectoryError } from '../errors.ts'
import { MAX_CELL_CHARACTERS, MAX_CSV_ROWS } from '../limits.ts'
import { checkWidth, faultOf, parseHeader } from './csv-header.ts'
import type { CsvRow } from './csv-row.ts'
import { createCsvScanner } from './csv-scanner.ts'

/**
 * Comma-separated values as RFC 4180 writes them, read strictly and whole: every row has as many cells as the header, a quotation mark
 * opens a cell or stands doubled inside one. What files in the wild do beside it and what changes no value is accepted (`row-bounds.ts`).
 */
export interface CsvTable {
  readonly header: readonly string[]
  /** As many cells in each as the header has names. Row 0 is row 2 of the file, as a spreadsheet counts. */
  readonly rows: readonly (readonly string[])[]
}

/** Throws `DirectoryError` with the row that is wrong; a file is read whole or not at all. */
export function parseCsv(bytes: Uint8Array): CsvTable {
  let header: readonly string[] | undefined
  const rows: (readonly string[])[] = []
  const scanner = createCsvScanner((row) => {
    checkFault(row, bytes)
    if (header === undefined) header = parseHeader(row)
    else rows.push(cellsOf(row, header))
    if (rows.length > MAX_CSV_ROWS) throw new DirectoryError('CSV_SIZE', `expected at most ${MAX_CSV_ROWS} records`)
  })
  scanner.push(bytes)
  scanner.end()
  if (header === undefined) throw new DirectoryError('CSV_EMPTY', 'expected a header and records, found an empty file')
  if (rows.length === 0) throw new DirectoryError('CSV_EMPTY', 'expected records below the header, found none')
  return { header, rows }
}

/** A record's row as a spreadsheet counts it: the header is row 1. */
export const rowName = (index: number): string => `row ${index + 2}`

function cellsOf(row: CsvRow, header: readonly string[]): readonly string[] {
  checkWidth(row, header)
  const cells = row.cells()
  const long = cells.find((cell) => cell.length > MAX_CELL_CHARACTERS)
  if (long === undefined) return cells
  throw new DirectoryError('CSV_SIZE', `expected cells of at most ${MAX_CELL_CHARACTERS} characters, found ${long.length}`, `row ${row.number}`)
}

/** Of other bytes an editor's line is told, because a program that cannot read them shows no rows. */
function checkFault(row: CsvRow, bytes: Uint8Array): void {
  if (row.fault?.kind === 'encoding') throw new DirectoryError('CSV_ENCODING', 'expected UTF-8, found other bytes', `line ${firstForeignLine(bytes)}`)
  const fault = faultOf(row)
  if (fault !== undefined) throw fault
}

/** As an editor counts: a row can have several lines. UTF-8 never splits a character at a line feed, so lines can be tried one by one. */
function firstForeignLine(bytes: Uint8Array): number {
  let line = 1
  let start = 0
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    try {
      decoder.decode(bytes.subarray(start, end))
    } catch {
      return line
    }
    line += 1
    start = end + 1
  }
  return line
}
