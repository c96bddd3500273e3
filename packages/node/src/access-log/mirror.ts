import { leafHash } from '@fiducia/core'
import { createHashLog, emptyLogState, followLeaf, indexOfTag } from '@fiducia/proofs'

/** Another member's access log as a witness follows it: each leaf judged by the rules before it counts, roots of every earlier size. */
export interface Mirror {
  readonly size: number
  /** Size at the last seal. */
  readonly sealedSize: number
  /** Throws when the leaf may not follow. */
  append(leaf: Uint8Array): void
  root(size: number): Uint8Array
  /** The root that these leaves would lead to; nothing is appended. */
  rootAfter(leaves: readonly Uint8Array[]): Uint8Array
  inclusion(index: number, size: number): readonly Uint8Array[]
  /** Where a tag stands, undefined when it does not. */
  indexOfTag(tag: Uint8Array): number | undefined
}

export function createMirror(): Mirror {
  const hashes = createHashLog()
  let state = emptyLogState()
  return {
    get size() {
      return state.size
    },
    get sealedSize() {
      return state.sealed.size
    },
    append(leaf) {
      const verdict = followLeaf(state, leaf)
      if (!verdict.ok) throw new Error(`${verdict.code}: ${verdict.message}`)
      state = verdict.state
      hashes.append(leafHash(leaf))
    },
    root: (size) => hashes.root(size),
    rootAfter(leaves) {
      const { size } = hashes
      try {
        for (const leaf of leaves) hashes.append(leafHash(leaf))
        return hashes.root()
      } finally {
        hashes.truncate(size)
      }
    },
    inclusion: (index, size) => hashes.inclusion(index, size),
    indexOfTag: (tag) => indexOfTag(state.tags, tag),
  }
}
