import { existsSync, readFileSync } from 'node:fs'
import { type Bytes32, encodeCanonical, type JsonValue, parseBytes32, parseCanonical, shape } from '@fiducia/core'
import { writeDurably } from '@fiducia/engine'

/**
 * What was erased on request, kept outside the database: a backup that is put back is erased again at the start. A tombstone names the
 * handle, the link's hash or the custody's id, which stand on the ledger or at the patient; nothing of what was erased.
 */
export interface Tombstone {
  /** A relationship that was held here, a link under which copies were, or the ciphertext of a wallet's seed. */
  readonly kind: 'relationship' | 'link' | 'custody'
  /** The handle, the link's hash, or the custody's id. */
  readonly name: Bytes32
  /** H(JCS of the signed request), or of the rule by which it went. */
  readonly request: Bytes32
  /** Events or copies that were erased. */
  readonly count: number
  /** When the redaction leaf is written, milliseconds: at a random time, at least 24 h after the request. */
  readonly due: number
  /** The redaction leaf stands, or there is none. */
  readonly redacted: boolean
  /** No byte of it is left in the database's free pages. */
  readonly scrubbed: boolean
}

export interface Tombstones {
  readonly all: readonly Tombstone[]
  find(kind: Tombstone['kind'], name: string): Tombstone | undefined
  /** Adds it, or replaces the one of the same name; durable when it returns. */
  put(tombstone: Tombstone): void
}

const fileShape = shape.array(
  shape.object({
    kind: shape.literal('relationship', 'link', 'custody'),
    name: parseBytes32,
    request: parseBytes32,
    count: shape.integer(),
    due: shape.integer(),
    redacted: shape.literal(true, false),
    scrubbed: shape.literal(true, false),
  }),
  Number.MAX_SAFE_INTEGER,
)

/** Throws for a file that cannot be read: without it a backup could bring back what was erased. */
export const readTombstones = (file: string): readonly Tombstone[] =>
  existsSync(file) ? fileShape(parseCanonical(new Uint8Array(readFileSync(file))), file) : []

export function openTombstones(file: string): Tombstones {
  let all = readTombstones(file)
  return {
    get all() {
      return all
    },
    find: (kind, name) => all.find((one) => one.kind === kind && one.name === name),
    put(tombstone) {
      const next = [...all.filter(({ kind, name }) => kind !== tombstone.kind || name !== tombstone.name), tombstone]
      writeDurably(file, encodeCanonical(next as unknown as JsonValue))
      all = next
    },
  }
}
