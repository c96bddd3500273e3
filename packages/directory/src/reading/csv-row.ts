import type { RowBounds } from './row-bounds.ts'

/**
 * One row, as long as the call that it was given to lasts: the scanner uses it again for the next one. Cells are decoded when they are
 * asked for.
 */
export interface CsvRow {
  /** As a spreadsheet counts: the header is row 1. */
  readonly number: number
  /** Cells in it. */
  readonly width: number
  /** What spoils the whole row, and the column in which it stands, from 0. */
  readonly fault: RowFault | undefined
  isEmpty(column: number): boolean
  /** The text of a cell; empty beyond the last. Bytes that are not UTF-8 become U+FFFD: look at `fault` first. */
  cell(column: number): string
  cells(): readonly string[]
  /** As they stand in the file from this column on, without the end of the line. They are the scanner's own: copy what is kept. */
  bytes(from: number): Uint8Array
  /** Equal for equal rows, byte by byte; for rows that differ hardly ever. */
  fingerprint(): number
}

export interface RowFault {
  /** `replaced`: it has U+FFFD, which some program wrote where it could not read what stood there. */
  readonly kind: 'encoding' | 'form' | 'replaced'
  readonly column: number
}

const REPLACEMENT = '\uFFFD'
const COMMA = 0x2c
const LF = 0x0a
const CR = 0x0d

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenient = new TextDecoder('utf-8', { ignoreBOM: true })

/** The scanner's own row, filled anew for each. */
export class RowView implements CsvRow {
  readonly #bounds: RowBounds
  #number = 0
  #bytes: Uint8Array = new Uint8Array()
  /** The row's text where each byte is a character, so that offsets are those of the bytes. */
  #ascii: string | undefined
  #fault: RowFault | undefined

  constructor(bounds: RowBounds) {
    this.#bounds = bounds
  }

  fill(number: number, bytes: Uint8Array): void {
    this.#number = number
    this.#bytes = bytes
    this.#fault = this.#bounds.spoiled < 0 ? undefined : { kind: 'form', column: this.#bounds.spoiled }
    try {
      // One call for the row costs less than one for each cell.
      const text = strict.decode(bytes)
      this.#ascii = text.length === bytes.length ? text : undefined
      if (this.#ascii === undefined && text.includes(REPLACEMENT)) this.#fault ??= { kind: 'replaced', column: this.#foreignColumn() }
    } catch {
      this.#ascii = undefined
      this.#fault = { kind: 'encoding', column: this.#foreignColumn() }
    }
  }

  get number(): number {
    return this.#number
  }

  get width(): number {
    return this.#bounds.width
  }

  get fault(): RowFault | undefined {
    return this.#fault
  }

  isEmpty(column: number): boolean {
    const { starts, ends, width } = this.#bounds
    return column >= width || starts[column] === ends[column]
  }

  cell(column: number): string {
    if (this.isEmpty(column)) return ''
    const [start, marked] = [this.#bounds.starts[column] ?? 0, this.#bounds.ends[column] ?? 0]
    const end = marked < 0 ? ~marked : marked
    const text = this.#ascii === undefined ? lenient.decode(this.#bytes.subarray(start, end)) : this.#ascii.slice(start, end)
    return marked < 0 ? text.replaceAll('""', '"') : text
  }

  cells(): readonly string[] {
    return Array.from({ length: this.width }, (_, column) => this.cell(column))
  }

  bytes(from: number): Uint8Array {
    const [before = 0, bytes] = [this.#bounds.ends[from - 1], this.#bytes]
    // Behind a cell there may be a quotation mark and blanks, but no comma before the one that ends it.
    const start = from === 0 ? 0 : bytes.indexOf(COMMA, before < 0 ? ~before : before) + 1
    const end = bytes.at(-1) === LF ? (bytes.at(-2) === CR ? -2 : -1) : bytes.length
    return bytes.subarray(from > 0 && start === 0 ? bytes.length : start, end)
  }

  fingerprint(): number {
    return fingerprintOf(this.#bytes)
  }

  #foreignColumn(): number {
    for (let column = 0; column < this.width; column += 1) if (this.cell(column).includes(REPLACEMENT)) return column
    return 0
  }
}

/** Four bytes at a time, mixed as in MurmurHash3 (Appleby, public domain); 32 bits. */
function fingerprintOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const whole = bytes.length & ~3
  let hash = bytes.length
  for (let at = 0; at < whole; at += 4) hash = mix(hash, view.getInt32(at, true))
  for (let at = whole; at < bytes.length; at += 1) hash = mix(hash, bytes[at] ?? 0)
  return finish(hash)
}

function mix(hash: number, word: number): number {
  const spread = Math.imul(word, 0xcc9e2d51)
  const mixed = hash ^ Math.imul((spread << 15) | (spread >>> 17), 0x1b873593)
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0
}

function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
