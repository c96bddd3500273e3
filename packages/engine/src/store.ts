import type { StateEntry } from '@fiducia/core'

/** What a replica keeps: entries, block ends, and every version of every state value. */

/** A closed block with all that it adds. */
export interface StoredBlock {
  readonly height: number
  /** Milliseconds. */
  readonly time: number
  /** Index of its 0x02 entry, the last of `entries`. */
  readonly index: number
  /** The entries that the block adds to the log, in order. */
  readonly entries: readonly Uint8Array[]
  /** The values that changed, as they stand after the block. */
  readonly changes: readonly StateEntry[]
}

export interface BlockRow {
  readonly height: number
  readonly time: number
  readonly index: number
}

export interface StatePart {
  readonly height?: number
  readonly prefix?: string
}

/** Append-only. Calls are synchronous; `append` is all or nothing, and durable when it returns. */
export interface LedgerStore extends Disposable {
  append(blocks: readonly StoredBlock[]): void
  /** Number of entries. */
  size(): number
  /** Entries [from, to); throws when they are not all there. */
  entries(from: number, to: number): readonly Uint8Array[]
  /** In the order of the log. */
  blocks(): readonly BlockRow[]
  /** The value of each state key after the block of a height, by default the newest; or only of keys that begin with a prefix. */
  newestState(part?: StatePart): Iterable<StateEntry>
  /** The values that the block of this height changed. */
  versionsAt(height: number): readonly StateEntry[]
  /** The heights at which this key was written, ascending. */
  heightsOf(key: string): readonly number[]
  /** The keys that changed above the height, each with its value at the height (undefined: not there yet). */
  changedAfter(height: number): readonly { readonly key: string; readonly value: string | undefined }[]
}

/** A store without a disk: for tests, and for engines that keep their own durable copy of the blocks. */
export function createMemoryStore(): LedgerStore {
  const entries: Uint8Array[] = []
  const blocks: BlockRow[] = []
  const versions = new Map<string, { readonly height: number; readonly value: string }[]>()
  return {
    append(added) {
      for (const { height, time, index, entries: bytes, changes } of added) {
        entries.push(...bytes)
        blocks.push({ height, time, index })
        for (const { key, value } of changes) {
          const known = versions.get(key)
          if (known === undefined) versions.set(key, [{ height, value }])
          else known.push({ height, value })
        }
      }
    },
    size: () => entries.length,
    entries: (from, to) => entries.slice(from, to),
    blocks: () => blocks,
    *newestState({ height = Number.MAX_SAFE_INTEGER, prefix = '' } = {}) {
      for (const [key, list] of versions) {
        const newest = key.startsWith(prefix) ? list.findLast((version) => version.height <= height) : undefined
        if (newest !== undefined) yield { key, value: newest.value }
      }
    },
    versionsAt: (height) => [...versions].flatMap(([key, list]) => list.filter((version) => version.height === height).map(({ value }) => ({ key, value }))),
    heightsOf: (key) => (versions.get(key) ?? []).map(({ height }) => height),
    changedAfter(height) {
      return [...versions].flatMap(([key, list]) =>
        (list.at(-1)?.height ?? 0) > height ? [{ key, value: list.findLast((version) => version.height <= height)?.value }] : [],
      )
    },
    [Symbol.dispose]() {},
  }
}
