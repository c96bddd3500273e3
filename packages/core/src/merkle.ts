import { sha256 } from '#crypto'
import { equalBytes } from './bytes.ts'
import { InputError } from './errors.ts'
import { sha256Of } from './hashing.ts'
import { MAX_TREE_PATH } from './limits.ts'

/**
 * The tree of RFC 6962 section 2: leaf = H(0x00 ‖ entry), node = H(0x01 ‖ left ‖ right), split at the largest power of two
 * below the size. Verification of proofs is here; trees that grow are `CompactRange` (roots only) and, where proofs are
 * made from stored tiles, `proofs`.
 */

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

export const leafHash = (entry: Uint8Array): Uint8Array => sha256Of(LEAF, entry)
export const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256Of(NODE, left, right)
/** The root of a tree without leaves: H(""). */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0))

/** The largest power of two below `size`, for size >= 2. */
const splitPoint = (size: number): number => {
  let split = 1
  while (split * 2 < size) split *= 2
  return split
}

/** The root over leaf hashes. */
export function rootOfLeafHashes(hashes: readonly Uint8Array[]): Uint8Array {
  const range = new CompactRange()
  for (const hash of hashes) range.append(hash)
  return range.root()
}

/** A growing tree that remembers only the roots of its complete subtrees: 64 hashes at most. */
export class CompactRange {
  #size = 0
  #peaks: { readonly height: number; readonly hash: Uint8Array }[] = []

  get size(): number {
    return this.#size
  }

  append(hash: Uint8Array): void {
    let peak = { height: 0, hash }
    for (let last = this.#peaks.at(-1); last !== undefined && last.height === peak.height; last = this.#peaks.at(-1)) {
      this.#peaks.pop()
      peak = { height: peak.height + 1, hash: nodeHash(last.hash, peak.hash) }
    }
    this.#peaks.push(peak)
    this.#size += 1
  }

  root(): Uint8Array {
    let root: Uint8Array | undefined
    for (const { hash } of this.#peaks.toReversed()) root = root === undefined ? hash : nodeHash(hash, root)
    return root ?? EMPTY_ROOT
  }

  copy(): CompactRange {
    const range = new CompactRange()
    range.#size = this.#size
    range.#peaks = [...this.#peaks]
    return range
  }
}

/** The hash of the complete or partial subtree over leaves [start, end), as a proof needs it. */
export type SubtreeHash = (start: number, end: number) => Uint8Array

/** The inclusion path of leaf `index` in the tree of `size`, leaf side first. */
export function inclusionPath(index: number, size: number, subtree: SubtreeHash): readonly Uint8Array[] {
  const path: Uint8Array[] = []
  let [start, end] = [0, size]
  while (end - start > 1) {
    const middle = start + splitPoint(end - start)
    if (index < middle) {
      path.push(subtree(middle, end))
      end = middle
    } else {
      path.push(subtree(start, middle))
      start = middle
    }
  }
  return path.reverse()
}

/** The consistency path from `oldSize` to `size` (RFC 6962 section 2.1.2); empty when the old tree is empty or the same. */
export function consistencyPath(oldSize: number, size: number, subtree: SubtreeHash): readonly Uint8Array[] {
  if (oldSize === 0 || oldSize === size) return []
  const prove = (start: number, end: number, known: boolean): readonly Uint8Array[] => {
    if (oldSize === end) return known ? [] : [subtree(start, end)]
    const middle = start + splitPoint(end - start)
    if (oldSize <= middle) return [...prove(start, middle, known), subtree(middle, end)]
    return [...prove(middle, end, false), subtree(start, middle)]
  }
  return prove(0, size, true)
}

/** Throws `PROOF_FORMAT` unless the path leads from the leaf hash to the root (RFC 9162 section 2.1.3.2). */
export function verifyInclusion(index: number, size: number, hash: Uint8Array, path: readonly Uint8Array[], root: Uint8Array): void {
  if (!(Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size))
    throw wrongProof(`expected an index below the size, found ${index} of ${size}`)
  checkPath(path)
  if (hash.length !== 32) throw wrongProof('expected a leaf hash of 32 bytes')
  let [node, last] = [index, size - 1]
  let computed = hash
  for (const sibling of path) {
    if (last === 0) throw wrongProof('inclusion path too long')
    if (node % 2 === 1 || node === last) {
      computed = nodeHash(sibling, computed)
      while (node % 2 === 0 && node !== 0) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)]
    } else computed = nodeHash(computed, sibling)
    ;[node, last] = [Math.floor(node / 2), Math.floor(last / 2)]
  }
  if (last !== 0) throw wrongProof('inclusion path too short')
  if (!equalBytes(computed, root)) throw wrongProof('inclusion path leads to another root')
}

/** Throws `PROOF_FORMAT` unless the tree of `size` extends the one of `oldSize` (RFC 9162 section 2.1.4.2); `oldSize` is at least 1. */
export function verifyConsistency(oldSize: number, size: number, path: readonly Uint8Array[], oldRoot: Uint8Array, root: Uint8Array): void {
  if (!(Number.isSafeInteger(oldSize) && Number.isSafeInteger(size) && oldSize >= 1 && oldSize <= size))
    throw wrongProof(`expected sizes that grow from 1, found ${oldSize} and ${size}`)
  checkPath(path)
  if (oldSize === size) {
    if (path.length !== 0) throw wrongProof('consistency path should be empty')
    if (!equalBytes(oldRoot, root)) throw wrongProof('two roots for one size')
    return
  }
  const hashes = isPowerOfTwo(oldSize) ? [oldRoot, ...path] : [...path]
  let [node, last] = [oldSize - 1, size - 1]
  while (node % 2 === 1) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)]
  const first = hashes.shift()
  if (first === undefined) throw wrongProof('consistency path too short')
  let [old, computed] = [first, first]
  for (const sibling of hashes) {
    if (last === 0) throw wrongProof('consistency path too long')
    if (node % 2 === 1 || node === last) {
      old = nodeHash(sibling, old)
      computed = nodeHash(sibling, computed)
      while (node % 2 === 0 && node !== 0) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)]
    } else computed = nodeHash(computed, sibling)
    ;[node, last] = [Math.floor(node / 2), Math.floor(last / 2)]
  }
  if (last !== 0) throw wrongProof('consistency path too short')
  if (!equalBytes(old, oldRoot)) throw wrongProof('consistency path does not lead to the old root')
  if (!equalBytes(computed, root)) throw wrongProof('consistency path does not lead to the new root')
}

const isPowerOfTwo = (value: number): boolean => Number.isInteger(Math.log2(value)) && 2 ** Math.round(Math.log2(value)) === value

function checkPath(path: readonly Uint8Array[]): void {
  if (path.length > MAX_TREE_PATH) throw wrongProof(`expected at most ${MAX_TREE_PATH} hashes, found ${path.length}`)
  if (path.some((hash) => hash.length !== 32)) throw wrongProof('expected hashes of 32 bytes')
}

const wrongProof = (message: string) => new InputError('PROOF_FORMAT', message)
