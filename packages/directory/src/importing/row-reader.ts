import { DirectoryError } from '../errors.ts'
import { parseNames } from '../reading/csv-header.ts'
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
 * What an exception file has in front of its source's columns. In front, because a row with too many or too few cells is still told by it.
 */
export const REASON = 'reason'

/** The name of that column beside these. */
export const reasonColumn = (header: readonly string[]): string => (header.includes(REASON) ? OTHER_REASON : REASON)
const OTHER_REASON = `${REASON} 2`

/**
 * A `FileReader` for rows of CSV. `prepare` gets the header and throws a `DirectoryError` if it is not that of its format. A row
 * that is not UTF-8, or has not as many cells as the header, is rejected and named; the file goes on. An exception file is read as what
 * it came from: its first column is none of the source's.
 */
export function createRowReader(prepare: (header: readonly string[]) => RowFormat): FileReader {
  let file: RowsFile | undefined
  let records: ImportedRecord[] = []

  const scanner = createCsvScanner((row) => {
    if (file === undefined) {
      const header = parseNames(row)
      file = { header, reasons: header[0] === REASON || header[0] === OTHER_REASON ? 1 : 0, format: prepare(header) }
    } else records.push(recordOf(row, file))
  })

  const taken = (): readonly ImportedRecord[] => {
    const whole = records
    records = []
    return whole
  }

  return {
    get header() {
      return file?.header.slice(file.reasons)
    },
    get isCorrection() {
      return file !== undefined && file.reasons > 0
    },
    push(chunk) {
      scanner.push(chunk)
      return taken()
    },
    end() {
      scanner.end()
      if (file === undefined) throw new DirectoryError('CSV_EMPTY', 'expected a header and records, found an empty file')
      return taken()
    },
  }
}

interface RowsFile {
  /** All of it. */
  readonly header: readonly string[]
  /** Columns in front that are none of the source's. */
  readonly reasons: number
  readonly format: RowFormat
}

function recordOf(row: CsvRow, file: RowsFile): ImportedRecord {
  const fault = faultOf(row, file)
  const findings: Finding[] = fault === undefined ? [] : [fault]
  const facts = fault === undefined ? file.format.read(row, findings) : undefined
  if (facts === undefined || findings.some(({ code }) => FINDINGS[code].rejects)) return rejected(row, findings, file)
  return { row: row.number, accepted: true, facts, findings }
}

function rejected(row: CsvRow, findings: readonly Finding[], { header, reasons, format }: RowsFile): RejectedRecord {
  const subject = format.subjectOf(row)
  return {
    row: row.number,
    accepted: false,
    findings,
    source: row.cells().slice(reasons),
    ...(isBroken(row, header) && { bytes: row.bytes(reasons).slice() }),
    ...(subject !== undefined && { subject }),
  }
}

const isBroken = ({ fault, width }: CsvRow, header: readonly string[]): boolean => fault !== undefined || width !== header.length

function faultOf({ fault, width }: CsvRow, { header, reasons }: RowsFile): Finding | undefined {
  const nameOf = (column: number) => header[column] ?? `column ${column + 1 - reasons}`
  if (fault?.kind === 'encoding' || fault?.kind === 'replaced') return { code: 'ROW_ENCODING', field: nameOf(fault.column) }
  if (fault?.kind === 'form') return { code: 'ROW_FORM', field: nameOf(fault.column) }
  if (width === header.length) return undefined
  return { code: 'ROW_CELLS', field: nameOf(Math.min(width, header.length)), value: `${width - reasons} cells, expected ${header.length - reasons}` }
}
