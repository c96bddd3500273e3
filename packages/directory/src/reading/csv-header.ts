import { DirectoryError } from '../errors.ts'
import type { CsvRow } from './csv-row.ts'

/** The names of the columns, trimmed, each of them once. Throws `DirectoryError` for a first row that cannot be such a header. */
export function parseHeader(row: CsvRow): readonly string[] {
  const header = parseNames(row)
  const twice = header.find((name, i) => header.indexOf(name) !== i)
  if (twice !== undefined) throw ambiguous(twice, placesOf(header, twice), `row ${row.number}`)
  return header
}

export const placesOf = (header: readonly string[], name: string): readonly number[] => header.flatMap((one, place) => (one === name ? [place] : []))

/** A name that several columns have. */
export const ambiguous = (name: string, places: readonly number[], at: string): DirectoryError => {
  const columns = places.map((place) => place + 1).join(' and ')
  return new DirectoryError('CSV_HEADER', `expected each column name once, found \`${name.slice(0, SHOWN_NAME)}\` for columns ${columns}`, at)
}

const SHOWN_NAME = 80

/** The same where a name may come twice: for readers that look for few columns by their names, and take no notice of the others. */
export function parseNames(row: CsvRow): readonly string[] {
  const at = `row ${row.number}`
  const cells = row.cells()
  // Of UTF-16 half of the bytes are NUL, and no name of a column has one.
  if (cells.some((name) => name.includes('\0'))) throw new DirectoryError('CSV_ENCODING', 'expected UTF-8, found NUL characters, as UTF-16 has them', at)
  const fault = faultOf(row)
  if (fault !== undefined) throw fault
  const header = cells.map((name) => name.trim())
  if (header.length === 1 && /[;\t|]/.test(header[0] ?? ''))
    throw new DirectoryError('CSV_HEADER', 'expected commas between columns, found semicolons, tabs or bars', at)
  const empty = header.indexOf('')
  if (empty >= 0) throw new DirectoryError('CSV_HEADER', `expected a name for each column, found none for column ${empty + 1}`, at)
  return header
}

/** What spoils a row, for whoever reads a file whole or not at all. */
export function faultOf({ fault, number }: CsvRow): DirectoryError | undefined {
  if (fault === undefined || fault.kind === 'replaced') return undefined
  const [at, column] = [`row ${number}`, fault.column + 1]
  if (fault.kind === 'encoding') return new DirectoryError('CSV_ENCODING', `expected UTF-8, found other bytes in column ${column}`, at)
  return new DirectoryError('CSV_QUOTES', `expected quotation marks and line ends as in RFC 4180, found others in column ${column}`, at)
}

export function checkWidth(row: CsvRow, header: readonly string[]): void {
  if (row.width === header.length) return
  throw new DirectoryError('CSV_RAGGED', `expected ${header.length} cells as in the header, found ${row.width}`, `row ${row.number}`)
}
