import { leafHash } from '@fiducia/core'
import { createHashLog, emptyLogState, followLeaf, indexOfTag } from '@fiducia/proofs'
import type { AccessLog } from './types.ts'

/** An access log as a witness knows it: roots of every earlier size, places of tags. */
export interface MirroredLog {
  readonly size: number
  /** Size at the last seal. */
  readonly sealedSize: number
  root(size: number): Uint8Array
  inclusion(index: number, size: number): readonly Uint8Array[]
  /** Where a tag stands, undefined when it does not. */
  indexOfTag(tag: Uint8Array): number | undefined
}

/** Another member's, as it is followed: each leaf judged by the rules before it counts. */
export interface Mirror extends MirroredLog {
  /** Throws when the leaf may not follow. */
  append(leaf: Uint8Array): void
  /** The root that these leaves would lead to; nothing is appended. */
  rootAfter(leaves: readonly Uint8Array[]): Uint8Array
}

/** The own log, which judges its leaves by the same rules before they are durable: it needs no copy. */
export const mirrorOwn = (log: AccessLog): MirroredLog => ({
  get size() {
    return log.size
  },
  get sealedSize() {
    return log.sealedSize
  },
  root: (size) => log.hashes.root(size),
  inclusion: (index, size) => log.hashes.inclusion(index, size),
  indexOfTag: (tag) => log.indexOfTag(tag),
})

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
