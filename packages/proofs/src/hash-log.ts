import { consistencyPath, EMPTY_ROOT, InputError, inclusionPath, nodeHash, sha256 } from '@fiducia/core'
import { HASHES_PER_CHUNK, TILE_WIDTH } from './limits.ts'

/**
 * A growing RFC 6962 tree in memory, from which roots, paths and hash tiles of every earlier size can be read.
 *
 *   level 2        h03             complete subtrees only: level k holds one hash
 *   level 1    h01     h23         for each 2^k leaves that are there
 *   level 0  h0  h1  h2  h3  h4
 *
 * Appending adds a leaf hash and, for each subtree that it completes, one node: two hashes a leaf on average. What stands
 * in a level never changes, so an old size is read from the same arrays: a subtree that is complete is one look-up, any
 * other is put together from complete ones on the way down its right edge. Hashes lie end to end in chunks of bytes; a
 * million leaves take 64 MB and no object each.
 */
export interface HashLog {
  /** Number of leaves. */
  readonly size: number
  /** Adds a leaf hash (RFC 6962: H(0x00 ‖ entry)) and gives its index. */
  append(leafHash: Uint8Array): number
  leaf(index: number): Uint8Array
  /** Of the first `size` leaves, all by default. */
  root(size?: number): Uint8Array
  /** The hash over leaves [start, end), where start is a multiple of the smallest power of two that is at least end − start. */
  subtree(start: number, end: number): Uint8Array
  inclusion(index: number, size?: number): readonly Uint8Array[]
  consistency(oldSize: number, size?: number): readonly Uint8Array[]
  /** `width` hashes of tile `n` at tile level `level` (C2SP tlog-tiles), undefined when the log does not hold so many. */
  hashTile(level: number, n: number, width?: number): Uint8Array | undefined
  /** Drops the leaves from `size` on, for a writer whose commit failed. */
  truncate(size: number): void
}

const HASH_BYTES = 32
/** Tree levels in one tile level: a tile is the bottom of a subtree of 2^8 leaves. */
const LEVELS_PER_TILE = 8

/** Hashes of one level, end to end. */
interface Level {
  readonly chunks: Uint8Array[]
  length: number
}

type Levels = Level[]

const wrong = (message: string) => new InputError('PROOF_FORMAT', message)

function levelAt(levels: Levels, height: number): Level {
  for (let known = levels[height]; ; known = levels[height]) {
    if (known !== undefined) return known
    levels.push({ chunks: [], length: 0 })
  }
}

/** A view into the level; whoever gives it away makes a copy. */
function viewHash(level: Level, index: number): Uint8Array {
  const at = (index % HASHES_PER_CHUNK) * HASH_BYTES
  const chunk = level.chunks[Math.floor(index / HASHES_PER_CHUNK)]
  if (chunk === undefined || index >= level.length) throw wrong(`expected a place below ${level.length}, found ${index}`)
  return chunk.subarray(at, at + HASH_BYTES)
}

function addHash(level: Level, hash: Uint8Array): void {
  const at = level.length % HASHES_PER_CHUNK
  if (at === 0) level.chunks.push(new Uint8Array(HASHES_PER_CHUNK * HASH_BYTES))
  level.chunks.at(-1)?.set(hash, at * HASH_BYTES)
  level.length += 1
}

function cutLevel(level: Level, length: number): void {
  level.length = Math.min(level.length, length)
  level.chunks.length = Math.ceil(level.length / HASHES_PER_CHUNK)
}

/** `scratch` is 0x01 ‖ left ‖ right, filled anew for each node: appending allocates nothing but the hashes. */
function appendLeaf(levels: Levels, scratch: Uint8Array, leafHash: Uint8Array): number {
  if (leafHash.length !== HASH_BYTES) throw new InputError('BYTES_LENGTH', `expected a hash of ${HASH_BYTES} bytes, found ${leafHash.length}`)
  const index = levelAt(levels, 0).length
  let [height, node] = [0, leafHash]
  addHash(levelAt(levels, 0), node)
  for (let at = index; at % 2 === 1; at = (at - 1) / 2) {
    scratch.set(viewHash(levelAt(levels, height), at - 1), 1)
    scratch.set(node, 1 + HASH_BYTES)
    node = sha256(scratch)
    height += 1
    addHash(levelAt(levels, height), node)
  }
  return index
}

function subtreeHash(levels: Levels, start: number, end: number): Uint8Array {
  const leaves = end - start
  const height = Math.ceil(Math.log2(leaves))
  const full = 2 ** height
  if (leaves === full) return viewHash(levelAt(levels, height), start / full).slice()
  const middle = start + full / 2
  return nodeHash(subtreeHash(levels, start, middle), subtreeHash(levels, middle, end))
}

function readHashTile(levels: Levels, level: number, n: number, width: number): Uint8Array | undefined {
  const from = n * TILE_WIDTH
  const stored = levels[level * LEVELS_PER_TILE]
  if (stored === undefined || width < 1 || width > TILE_WIDTH || from + width > stored.length) return undefined
  const bytes = new Uint8Array(width * HASH_BYTES)
  for (let i = 0; i < width; i += 1) bytes.set(viewHash(stored, from + i), i * HASH_BYTES)
  return bytes
}

function checkAtMost(what: string, asked: number, most: number): void {
  if (!Number.isSafeInteger(asked) || asked < 0 || asked > most) throw wrong(`expected ${what} up to ${most}, found ${asked}`)
}

/** A log over these leaf hashes. Its functions throw an `InputError` for places that the log does not have. */
export function createHashLog(leafHashes: Iterable<Uint8Array> = []): HashLog {
  const levels: Levels = []
  const scratch = Uint8Array.of(1, ...new Uint8Array(2 * HASH_BYTES))
  const size = () => levelAt(levels, 0).length
  const subtree = (start: number, end: number) => subtreeHash(levels, start, end)
  for (const hash of leafHashes) appendLeaf(levels, scratch, hash)
  return {
    get size() {
      return size()
    },
    append: (hash) => appendLeaf(levels, scratch, hash),
    leaf: (index) => viewHash(levelAt(levels, 0), index).slice(),
    root(asked = size()) {
      checkAtMost('a size', asked, size())
      return asked === 0 ? EMPTY_ROOT : subtree(0, asked)
    },
    subtree,
    inclusion(index, asked = size()) {
      checkAtMost('a size', asked, size())
      checkAtMost('an index', index, asked - 1)
      return inclusionPath(index, asked, subtree)
    },
    consistency(oldSize, asked = size()) {
      checkAtMost('a size', asked, size())
      checkAtMost('an old size', oldSize, asked)
      return consistencyPath(oldSize, asked, subtree)
    },
    hashTile: (level, n, width = TILE_WIDTH) => readHashTile(levels, level, n, width),
    truncate(asked) {
      checkAtMost('a size', asked, size())
      levels.forEach((level, height) => {
        cutLevel(level, Math.floor(asked / 2 ** height))
      })
    },
  }
}
