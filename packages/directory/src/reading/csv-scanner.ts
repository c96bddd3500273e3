import { concatBytes } from '@fiducia/core'
import { DirectoryError } from '../errors.ts'
import { type CsvRow, RowView } from './csv-row.ts'
import { boundRow, createRowBounds, resetRowBounds } from './row-bounds.ts'

/**
 * Rows of a CSV file of any length, as its bytes come: chunks may be cut anywhere. What is kept between chunks is the row that has not
 * ended, which the limits of a row bound. Blank lines at the end of a file are no rows; elsewhere they are rows of one empty cell.
 */
export interface CsvScanner {
  /** Throws `CSV_SIZE` for what is beyond the limits. */
  push(chunk: Uint8Array): void
  /** The last row, when no line feed ends it. Throws `CSV_QUOTES` for a quotation mark that was never closed. */
  end(): void
}

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]
const LINE_FEED = new Uint8Array([0x0a])

/** `onRow` may throw: reading ends there. It must not keep the row. */
export function createCsvScanner(onRow: (row: CsvRow) => void): CsvScanner {
  const bounds = createRowBounds()
  const view = new RowView(bounds)
  let pending: Uint8Array = new Uint8Array()
  let isStarted = false
  let number = 1
  let blankLines = 0

  const name = () => `row ${number}`

  const deliver = (bytes: Uint8Array) => {
    if (isBlankLine(bytes)) {
      blankLines += 1
      return
    }
    for (; blankLines > 0; blankLines -= 1) deliverBlank(onRow, number++)
    view.fill(number, bytes)
    onRow(view)
    number += 1
  }

  const scan = (bytes: Uint8Array) => {
    let start = 0
    for (let next = boundRow(bytes, 0, bounds, name); next >= 0; next = boundRow(bytes, start, bounds, name)) {
      deliver(bytes.subarray(start, next))
      resetRowBounds(bounds)
      start = next
      if (start === bytes.length) break
    }
    pending = bytes.slice(start)
  }

  return {
    push(chunk) {
      const bytes = pending.length === 0 ? plainBytes(chunk) : concatBytes(pending, chunk)
      if (isStarted) return scan(bytes)
      isStarted = bytes.length >= BYTE_ORDER_MARK.length
      if (isStarted) scan(withoutMark(bytes))
      else pending = bytes.slice()
    },
    end() {
      if (!isStarted) {
        isStarted = true
        pending = withoutMark(pending)
      }
      if (pending.length === 0) return
      scan(concatBytes(pending, LINE_FEED))
      if (pending.length > 0)
        throw new DirectoryError('CSV_QUOTES', `expected a closing quotation mark in column ${bounds.width + 1}, found the end of the file`, name())
    },
  }
}

/** A `Buffer` is read a little slower where both come. */
const plainBytes = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const withoutMark = (bytes: Uint8Array): Uint8Array => (BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte) ? bytes.subarray(3) : bytes)

function isBlankLine(bytes: Uint8Array): boolean {
  if ((bytes[0] ?? 0) > 0x20) return false
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a)
}

function deliverBlank(onRow: (row: CsvRow) => void, number: number): void {
  onRow({ number, width: 1, fault: undefined, isEmpty: () => true, cell: () => '', cells: () => [''], bytes: () => new Uint8Array(), fingerprint: () => 0 })
}
