import { DirectoryError } from '../errors.ts'
import { parseHeader } from '../reading/csv-header.ts'
import type { CsvRow } from '../reading/csv-row.ts'
import { createCsvScanner } from '../reading/csv-scanner.ts'
import type { SubjectKey } from '../facts/types.ts'
import { FINDINGS } from './findings.ts'
import type { FileReader, Finding, ImportedRecord, RejectedRecord, SubjectFacts } from './types.ts'

/** What a row says. `findings` takes what is worth a look; undefined where the row cannot be taken at all. */
export type ReadRow = (row: CsvRow, findings: Finding[]) => readonly SubjectFacts[] | undefined

/** How the rows of one file are read. */
export interface RowFormat {
  readonly read: ReadRow
  /** Whom a row that is not taken speaks of, where its key can be read all the same. */
  readonly subjectOf: (row: CsvRow) => SubjectKey | undefined
}

/**
 * A `FileReader` for rows of CSV. `prepare` gets the header and throws a `DirectoryError` if it is not that of its format. A row
 * that is not UTF-8, or has not as many cells as the header, is rejected and named; the file goes on.
 */
export function createRowReader(prepare: (header: readonly string[]) => RowFormat): FileReader {
  let header: readonly string[] | undefined
  let format: RowFormat | undefined
  let records: ImportedRecord[] = []

  const scanner = createCsvScanner((row) => {
    if (header === undefined || format === undefined) {
      header = parseHeader(row)
      format = prepare(header)
    } else records.push(recordOf(row, header, format))
  })

  const taken = (): readonly ImportedRecord[] => {
    const whole = records
    records = []
    return whole
  }

  return {
    get header() {
      return header
    },
    push(chunk) {
      scanner.push(chunk)
      return taken()
    },
    end() {
      scanner.end()
      if (header === undefined) throw new DirectoryError('CSV_EMPTY', 'expected a header and records, found an empty file')
      return taken()
    },
  }
}

function recordOf(row: CsvRow, header: readonly string[], format: RowFormat): ImportedRecord {
  const fault = faultOf(row, header)
  const findings: Finding[] = fault === undefined ? [] : [fault]
  const facts = fault === undefined ? format.read(row, findings) : undefined
  if (facts === undefined || findings.some(({ code }) => FINDINGS[code].rejects)) return rejected(row, findings, format.subjectOf(row))
  return { row: row.number, accepted: true, facts, findings }
}

const rejected = (row: CsvRow, findings: readonly Finding[], subject: SubjectKey | undefined): RejectedRecord => ({
  row: row.number,
  accepted: false,
  findings,
  source: row.cells(),
  ...(subject !== undefined && { subject }),
})

function faultOf({ fault, width }: CsvRow, header: readonly string[]): Finding | undefined {
  const nameOf = (column: number) => header[column] ?? `column ${column + 1}`
  if (fault?.kind === 'encoding') return { code: 'ROW_ENCODING', field: nameOf(fault.column) }
  if (fault?.kind === 'form') return { code: 'ROW_FORM', field: nameOf(fault.column) }
  if (width === header.length) return undefined
  return { code: 'ROW_CELLS', field: nameOf(Math.min(width, header.length)), value: `${width} cells, expected ${header.length}` }
}
