import { existsSync, readFileSync } from 'node:fs'
import { type Bytes32, encodeCanonical, type JsonValue, parseBytes32, parseCanonical, shape } from '@fiducia/core'
import { writeDurably } from '@fiducia/engine'

/**
 * How far contents were erased by age: one date for everything, kept outside the database, so that a backup that is put back is
 * erased again up to the same date.
 */
export interface Retained {
  /** Contents of entries of before this slot are erased, but for those that are held. */
  readonly before: number
  readonly held: Held
  /** Leaves that are to be written, one for each batch. */
  readonly redactions: readonly DueRedaction[]
  /** The rows are gone. */
  readonly isDone: boolean
  /** And so are their bytes. */
  readonly isScrubbed: boolean
}

/** What was not to be touched when the date was set. */
export interface Held {
  /** Hashes of leaves whose receipts are not compared, or under dispute. */
  readonly copies: readonly Bytes32[]
  /** Entries [from, to) of an own log that an open dispute is about. */
  readonly events: readonly HeldEvents[]
}

export interface HeldEvents {
  readonly origin: string
  readonly from: number
  readonly to: number
}

export interface DueRedaction {
  readonly count: number
  /** Milliseconds. */
  readonly due: number
  /** H(JCS of the rule). */
  readonly request: Bytes32
}

export interface RetainedFile {
  readonly state: Retained
  /** Durable when it returns. */
  put(state: Retained): void
}

const NOTHING: Retained = { before: 0, held: { copies: [], events: [] }, redactions: [], isDone: true, isScrubbed: true }

const { array, boolean, integer, object, text } = shape
const MANY = Number.MAX_SAFE_INTEGER

const fileShape = object({
  before: integer(),
  held: object({ copies: array(parseBytes32, MANY), events: array(object({ origin: text(200), from: integer(), to: integer() }), MANY) }),
  redactions: array(object({ count: integer(1), due: integer(), request: parseBytes32 }), MANY),
  isDone: boolean,
  isScrubbed: boolean,
})

/** Throws for a file that cannot be read: without it a backup could bring back what was erased. */
export const readRetained = (file: string): Retained => (existsSync(file) ? fileShape(parseCanonical(new Uint8Array(readFileSync(file))), file) : NOTHING)

export function openRetained(file: string): RetainedFile {
  let state = readRetained(file)
  return {
    get state() {
      return state
    },
    put(next) {
      writeDurably(file, encodeCanonical(next as unknown as JsonValue))
      state = next
    },
  }
}
