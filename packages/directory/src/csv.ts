import { DirectoryError } from './errors.ts'
import { MAX_CELL_CHARACTERS, MAX_CSV_COLUMNS, MAX_CSV_ROWS } from './limits.ts'

/**
 * Comma-separated values as RFC 4180 writes them, read strictly: every row has as many cells as the header, a quotation mark
 * opens a cell or stands doubled inside one. Three things that files in the wild do are accepted, because they change no
 * value: lines that end in LF alone, blanks around a cell that is not quoted, and a byte order mark in front.
 */
export interface CsvTable {
  readonly header: readonly string[]
  /** As many cells in each as the header has names. Row 0 is row 2 of the file, as a spreadsheet counts. */
  readonly rows: readonly (readonly string[])[]
}

/** Throws `DirectoryError` with the row that is wrong; a file is read whole or not at all. */
export function parseCsv(bytes: Uint8Array): CsvTable {
  const [header, ...rows] = splitRows(decode(bytes))
  if (header === undefined) throw new DirectoryError('CSV_EMPTY', 'expected a header and records, found an empty file')
  checkHeader(header)
  if (rows.length === 0) throw new DirectoryError('CSV_EMPTY', 'expected records below the header, found none')
  rows.forEach((row, i) => {
    if (row.length !== header.length)
      throw new DirectoryError('CSV_RAGGED', `expected ${header.length} cells as in the header, found ${row.length}`, rowName(i))
  })
  return { header, rows }
}

/** A record's row as a spreadsheet counts it: the header is row 1. */
export const rowName = (index: number): string => `row ${index + 2}`

// ---- bytes to text --------------------------------------------------------------------------------------------------------

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new DirectoryError('CSV_ENCODING', 'expected UTF-8, found other bytes', `line ${firstForeignLine(bytes)}`)
  }
}

/** UTF-8 never splits a character at a line feed, so lines can be tried one by one. */
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

// ---- text to cells --------------------------------------------------------------------------------------------------------

/** A cell that is not quoted ends here; so does the quoted part of one at a quotation mark. */
const CELL_END = /[",\r\n]/g

function splitRows(text: string): readonly (readonly string[])[] {
  const rows: string[][] = []
  let at = 0
  while (at < text.length) {
    const { cells, end } = readRow(text, at, `row ${rows.length + 1}`)
    at = end
    const isBlank = cells.length === 1 && cells[0] === ''
    if (isBlank && at >= text.length) break
    rows.push(cells)
    if (rows.length > MAX_CSV_ROWS + 1) throw new DirectoryError('CSV_SIZE', `expected at most ${MAX_CSV_ROWS} records`)
  }
  return rows
}

function readRow(text: string, start: number, name: string): { readonly cells: string[]; readonly end: number } {
  const cells: string[] = []
  let at = start
  for (;;) {
    const cell = readCell(text, at, name)
    if (cell.value.length > MAX_CELL_CHARACTERS)
      throw new DirectoryError('CSV_SIZE', `expected cells of at most ${MAX_CELL_CHARACTERS} characters, found ${cell.value.length}`, name)
    cells.push(cell.value)
    if (cells.length > MAX_CSV_COLUMNS) throw new DirectoryError('CSV_SIZE', `expected at most ${MAX_CSV_COLUMNS} columns`, name)
    at = cell.end
    if (text[at] !== ',') break
    at += 1
  }
  if (text[at] === '\r' && text[at + 1] === '\n') return { cells, end: at + 2 }
  if (text[at] === '\r') throw new DirectoryError('CSV_QUOTES', 'expected a line feed after a carriage return outside of quotation marks', name)
  return { cells, end: at + 1 }
}

function readCell(text: string, start: number, name: string): { readonly value: string; readonly end: number } {
  const opened = skipBlanks(text, start)
  if (text[opened] === '"') return readQuoted(text, opened + 1, name)
  CELL_END.lastIndex = start
  const end = CELL_END.exec(text)?.index ?? text.length
  if (text[end] === '"') throw new DirectoryError('CSV_QUOTES', 'expected quotation marks around a whole cell, found one inside', name)
  return { value: text.slice(start, end).trim(), end }
}

function readQuoted(text: string, start: number, name: string): { readonly value: string; readonly end: number } {
  let value = ''
  let at = start
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote < 0) throw new DirectoryError('CSV_QUOTES', 'expected a closing quotation mark, found the end of the file', name)
    value += text.slice(at, quote)
    if (text[quote + 1] !== '"') {
      const end = skipBlanks(text, quote + 1)
      if (end < text.length && !',\r\n'.includes(text[end] ?? ''))
        throw new DirectoryError('CSV_QUOTES', 'expected a comma or the end of the row after a closing quotation mark', name)
      return { value, end }
    }
    value += '"'
    at = quote + 2
  }
}

function skipBlanks(text: string, start: number): number {
  let at = start
  while (text[at] === ' ' || text[at] === '\t') at += 1
  return at
}

function checkHeader(header: readonly string[]): void {
  if (header.length === 1 && /[;\t]/.test(header[0] ?? ''))
    throw new DirectoryError('CSV_HEADER', 'expected commas between columns, found semicolons or tabs', 'row 1')
  const empty = header.indexOf('')
  if (empty >= 0) throw new DirectoryError('CSV_HEADER', `expected a name for each column, found none for column ${empty + 1}`, 'row 1')
  const repeated = header.find((name, i) => header.indexOf(name) !== i)
  if (repeated !== undefined) throw new DirectoryError('CSV_HEADER', 'expected each column name once, found one twice', 'row 1')
}
