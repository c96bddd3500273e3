import { concatBytes } from '@fiducia/core'

/** Bytes that came one after another and are read together, joined once whatever their number. */
export interface Pieces {
  size(): number
  /** A copy of them: whoever reads a file may use its chunk again. */
  add(bytes: Uint8Array): void
  /** All of them. They stay. */
  peek(): Uint8Array
  /** All of them, and these after them. Then there are none. */
  take(last?: Uint8Array): Uint8Array
  drop(): void
}

const NONE = new Uint8Array()

export function createPieces(): Pieces {
  let pieces: Uint8Array[] = []
  let size = 0
  const joined = (last: Uint8Array) => (pieces.length === 0 ? last : concatBytes(...pieces, last))
  const drop = () => {
    pieces = []
    size = 0
  }
  return {
    size: () => size,
    add(bytes) {
      if (bytes.length > 0) pieces.push(bytes.slice())
      size += bytes.length
    },
    peek() {
      if (pieces.length > 1) pieces = [joined(NONE)]
      return pieces[0] ?? NONE
    },
    take(last = NONE) {
      const bytes = joined(last)
      if (size > 0) drop()
      return bytes
    },
    drop,
  }
}
