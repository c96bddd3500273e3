import { DirectoryError } from '../errors.ts'
import { MAX_CELL_BYTES, MAX_CSV_COLUMNS, MAX_CSV_ROW_BYTES } from '../limits.ts'

/**
 * Where the cells of one row of CSV begin and end, found byte by byte and without decoding any: a row of the national register has 329
 * cells, most of them empty, and a few dozen are ever looked at. A comma, a quotation mark and a line feed are the same byte in UTF-8
 * wherever they stand, so no character has to be known.
 *
 * RFC 4180, and what files in the wild do beside it: lines that end in LF alone, and blanks around a cell that is not quoted or around the
 * quotation marks. A quotation mark anywhere else, or a carriage return alone, spoils its row and no other: reading goes on at
 * the next comma or line feed.
 */
export interface RowBounds {
  /** Offsets from the first byte of the row; the end of a cell with doubled quotation marks is `~end`. */
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** Cells found so far. */
  width: number
  /** Offset of the first cell that is not found yet: where to go on when more bytes have come. */
  resume: number
  /** The first cell that RFC 4180 does not allow, or -1. */
  spoiled: number
}

export const createRowBounds = (): RowBounds => ({
  starts: new Int32Array(MAX_CSV_COLUMNS),
  ends: new Int32Array(MAX_CSV_COLUMNS),
  width: 0,
  resume: 0,
  spoiled: -1,
})

export function resetRowBounds(bounds: RowBounds): void {
  bounds.width = 0
  bounds.resume = 0
  bounds.spoiled = -1
}

const QUOTE = 0x22
const COMMA = 0x2c
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const TAB = 0x09

/** The bytes end before the row does. */
const INCOMPLETE = -1

/** What a message says of the place: rows are counted by whoever has them. */
export type RowName = () => string

/**
 * Finds the cells of the row that begins at `start`, going on where an earlier call ran out of bytes. Gives where the next row begins, or a
 * negative number when the row does not end here. Throws `CSV_SIZE` for a cell or row beyond the limits.
 */
export function boundRow(bytes: Uint8Array, start: number, bounds: RowBounds, name: RowName): number {
  let at = start + bounds.resume
  for (;;) {
    if (bounds.width === MAX_CSV_COLUMNS) throw new DirectoryError('CSV_SIZE', `expected at most ${MAX_CSV_COLUMNS} columns`, name())
    const end = bytes[at] === QUOTE ? boundQuoted(bytes, at + 1, start, bounds) : boundPlain(bytes, at, start, bounds)
    const last = end < 0 ? bytes.length : end
    if (last - at > MAX_CELL_BYTES) throw tooLong(bytes[at] === QUOTE, bounds.width, end, name())
    if (last - start > MAX_CSV_ROW_BYTES) throw new DirectoryError('CSV_SIZE', `expected rows of at most ${MAX_CSV_ROW_BYTES} bytes`, name())
    if (end < 0) return INCOMPLETE
    at = end + 1
    if (bytes[end] === LF) return at
    bounds.resume = at - start
  }
}

function tooLong(isQuoted: boolean, width: number, end: number, name: string): DirectoryError {
  const column = end < 0 ? width + 1 : width
  const hint = isQuoted ? '; a quotation mark may not be closed' : ''
  return new DirectoryError('CSV_SIZE', `expected cells of at most ${MAX_CELL_BYTES} bytes, found a longer one in column ${column}${hint}`, name)
}

function add(bounds: RowBounds, start: number, end: number): void {
  bounds.starts[bounds.width] = start
  bounds.ends[bounds.width] = end
  bounds.width += 1
}

/** A cell whose opening quotation mark stands before `from`. Gives where the comma or line feed after it stands. */
function boundQuoted(bytes: Uint8Array, from: number, row: number, bounds: RowBounds): number {
  const length = bytes.length
  let isDoubled = false
  for (let at = from; ; at += 2) {
    while (at < length && bytes[at] !== QUOTE) at += 1
    // What follows the mark decides whether it closes the cell, so the bytes must go on.
    if (at + 1 >= length) return INCOMPLETE
    const next = bytes[at + 1]
    if (next === QUOTE) {
      isDoubled = true
      continue
    }
    const end = next === COMMA || next === LF ? at + 1 : endAfterQuote(bytes, at + 1, bounds)
    if (end >= 0) add(bounds, from - row, isDoubled ? ~(at - row) : at - row)
    return end
  }
}

/** Blanks or the end of a line may follow a closing quotation mark; anything else spoils the row. */
function endAfterQuote(bytes: Uint8Array, from: number, bounds: RowBounds): number {
  let at = from
  while (bytes[at] === SPACE || bytes[at] === TAB) at += 1
  if (bytes[at] === CR && bytes[at + 1] === LF) return at + 1
  const end = nextDelimiter(bytes, at)
  const isUndecided = end < 0 && (at >= bytes.length || (bytes[at] === CR && at + 1 === bytes.length))
  if (end !== at && !isUndecided && bounds.spoiled < 0) bounds.spoiled = bounds.width
  return end
}

function nextDelimiter(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at += 1) if (bytes[at] === COMMA || bytes[at] === LF) return at
  return INCOMPLETE
}

/** A cell without quotation marks, blanks at both ends left out. */
function boundPlain(bytes: Uint8Array, from: number, row: number, bounds: RowBounds): number {
  const length = bytes.length
  let isSpoiled = false
  for (let at = from; at < length; at += 1) {
    const byte = bytes[at] ?? 0
    // Letters and digits are above all that matters here.
    if (byte > COMMA) continue
    if (byte === COMMA || byte === LF) {
      const end = byte === LF && at > from && bytes[at - 1] === CR ? at - 1 : at
      addTrimmed(bytes, from, end, row, bounds)
      if (isSpoiled && bounds.spoiled < 0) bounds.spoiled = bounds.width - 1
      return at
    }
    if (byte === QUOTE && isBlank(bytes, from, at)) return boundQuoted(bytes, at + 1, row, bounds)
    if (byte === QUOTE || (byte === CR && at + 1 < length && bytes[at + 1] !== LF)) isSpoiled = true
  }
  return INCOMPLETE
}

function isBlank(bytes: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at < end; at += 1) if (bytes[at] !== SPACE && bytes[at] !== TAB) return false
  return true
}

function addTrimmed(bytes: Uint8Array, from: number, to: number, row: number, bounds: RowBounds): void {
  let [start, end] = [from, to]
  while (start < end && (bytes[start] === SPACE || bytes[start] === TAB)) start += 1
  while (end > start && (bytes[end - 1] === SPACE || bytes[end - 1] === TAB)) end -= 1
  add(bounds, start - row, end - row)
}
