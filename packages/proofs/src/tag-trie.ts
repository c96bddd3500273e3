import { sha256 } from '@fiducia/core'

/**
 * The tag map once more, for audits: the same tree as `TagMap` with the same root, but changed in place and kept in typed
 * arrays, so that a million tags are a few hundred bytes each and no objects. It gives roots only; proofs come from `TagMap`.
 *
 *   child reference   0 nothing · n > 0 inner node n − 1 · n < 0 leaf −n − 1
 *   inner nodes       left, right, hash, and whether the hash is of an earlier state
 *   leaves            key hash, and the hash of the leaf as a node
 *
 * Adding a leaf marks the nodes on its way; `root` hashes the marked ones once, however many leaves came in between.
 */
export interface TagTrie {
  readonly size: number
  /** False, and nothing is changed, when the key hash is there already. */
  add(keyHash: Uint8Array, valueHash: Uint8Array): boolean
  root(): Uint8Array
}

const HASH_BYTES = 32
const FIRST_CAPACITY = 1024

interface Store {
  left: Int32Array
  right: Int32Array
  hashes: Uint8Array
  stale: Uint8Array
  inner: number
  keys: Uint8Array
  leafHashes: Uint8Array
  leaves: number
  top: number
  /** 0x00 or 0x01 ‖ 32 bytes ‖ 32 bytes, filled anew for each node. */
  readonly scratch: Uint8Array
}

const emptyStore = (): Store => ({
  left: new Int32Array(FIRST_CAPACITY),
  right: new Int32Array(FIRST_CAPACITY),
  hashes: new Uint8Array(FIRST_CAPACITY * HASH_BYTES),
  stale: new Uint8Array(FIRST_CAPACITY),
  inner: 0,
  keys: new Uint8Array(FIRST_CAPACITY * HASH_BYTES),
  leafHashes: new Uint8Array(FIRST_CAPACITY * HASH_BYTES),
  leaves: 0,
  top: 0,
  scratch: new Uint8Array(1 + 2 * HASH_BYTES),
})

/** A new leaf on its way down. */
interface NewLeaf {
  readonly keyHash: Uint8Array
  readonly valueHash: Uint8Array
}

/** A place for a reference: the top (parent 0), or a side of inner node `parent`, whose children differ in bit `depth` − 1. */
interface Place {
  readonly parent: number
  readonly side: number
  readonly depth: number
}

const bitOf = (bytes: Uint8Array, offset: number, depth: number): number => ((bytes[offset + (depth >> 3)] ?? 0) >> (7 - (depth & 7))) & 1

function grownBytes(old: Uint8Array, length: number): Uint8Array {
  const grown = new Uint8Array(length)
  grown.set(old)
  return grown
}

function grownReferences(old: Int32Array, length: number): Int32Array {
  const grown = new Int32Array(length)
  grown.set(old)
  return grown
}

function newInner(store: Store): number {
  if (store.inner === store.left.length) {
    const capacity = store.left.length * 2
    store.left = grownReferences(store.left, capacity)
    store.right = grownReferences(store.right, capacity)
    store.stale = grownBytes(store.stale, capacity)
    store.hashes = grownBytes(store.hashes, capacity * HASH_BYTES)
  }
  store.stale[store.inner] = 1
  store.inner += 1
  return store.inner
}

function newLeaf(store: Store, { keyHash, valueHash }: NewLeaf): number {
  if ((store.leaves + 1) * HASH_BYTES > store.keys.length) {
    store.keys = grownBytes(store.keys, store.keys.length * 2)
    store.leafHashes = grownBytes(store.leafHashes, store.leafHashes.length * 2)
  }
  const { scratch } = store
  scratch[0] = 0
  scratch.set(keyHash, 1)
  scratch.set(valueHash, 1 + HASH_BYTES)
  store.keys.set(keyHash, store.leaves * HASH_BYTES)
  store.leafHashes.set(sha256(scratch), store.leaves * HASH_BYTES)
  store.leaves += 1
  return -store.leaves
}

const childOf = (store: Store, inner: number, side: number): number => (side === 0 ? store.left : store.right)[inner - 1] ?? 0

function put(store: Store, { parent, side }: Pick<Place, 'parent' | 'side'>, reference: number): void {
  if (parent === 0) store.top = reference
  else if (side === 0) store.left[parent - 1] = reference
  else store.right[parent - 1] = reference
}

function isPresent(store: Store, keyHash: Uint8Array): boolean {
  let reference = store.top
  for (let depth = 0; reference > 0; depth += 1) reference = childOf(store, reference, bitOf(keyHash, 0, depth))
  if (reference === 0) return false
  const at = (-reference - 1) * HASH_BYTES
  for (let i = 0; i < HASH_BYTES; i += 1) if (store.keys[at + i] !== keyHash[i]) return false
  return true
}

/** The place where the key belongs, and what stands there; every inner node on the way is marked. */
function descend(store: Store, keyHash: Uint8Array): { readonly place: Place; readonly reference: number } {
  let place: Place = { parent: 0, side: 0, depth: 0 }
  let reference = store.top
  while (reference > 0) {
    store.stale[reference - 1] = 1
    place = { parent: reference, side: bitOf(keyHash, 0, place.depth), depth: place.depth + 1 }
    reference = childOf(store, place.parent, place.side)
  }
  return { place, reference }
}

/** Inner nodes in place of an old leaf, down to the first bit in which the two keys differ. */
function splitLeaf(store: Store, place: Place, old: number, leaf: NewLeaf): void {
  const oldKey = (-old - 1) * HASH_BYTES
  for (let at = place; ; ) {
    const inner = newInner(store)
    put(store, at, inner)
    const [oldBit, newBit] = [bitOf(store.keys, oldKey, at.depth), bitOf(leaf.keyHash, 0, at.depth)]
    if (oldBit !== newBit) {
      put(store, { parent: inner, side: oldBit }, old)
      put(store, { parent: inner, side: newBit }, newLeaf(store, leaf))
      return
    }
    at = { parent: inner, side: oldBit, depth: at.depth + 1 }
  }
}

/** Writes the hash behind a reference to `target` at `offset`. */
function writeHash(store: Store, reference: number, target: Uint8Array, offset: number): void {
  if (reference === 0) target.fill(0, offset, offset + HASH_BYTES)
  else if (reference < 0) target.set(store.leafHashes.subarray((-reference - 1) * HASH_BYTES, -reference * HASH_BYTES), offset)
  else target.set(store.hashes.subarray((reference - 1) * HASH_BYTES, reference * HASH_BYTES), offset)
}

/** Hashes what is marked below a reference; as deep as the tree, 256 levels at most. */
function refresh(store: Store, reference: number): void {
  if (reference <= 0 || store.stale[reference - 1] === 0) return
  const [left, right] = [childOf(store, reference, 0), childOf(store, reference, 1)]
  refresh(store, left)
  refresh(store, right)
  store.scratch[0] = 1
  writeHash(store, left, store.scratch, 1)
  writeHash(store, right, store.scratch, 1 + HASH_BYTES)
  store.hashes.set(sha256(store.scratch), (reference - 1) * HASH_BYTES)
  store.stale[reference - 1] = 0
}

export function createTagTrie(): TagTrie {
  const store = emptyStore()
  return {
    get size() {
      return store.leaves
    },
    add(keyHash, valueHash) {
      if (isPresent(store, keyHash)) return false
      const { place, reference } = descend(store, keyHash)
      if (reference === 0) put(store, place, newLeaf(store, { keyHash, valueHash }))
      else splitLeaf(store, place, reference, { keyHash, valueHash })
      return true
    },
    root() {
      refresh(store, store.top)
      const root = new Uint8Array(HASH_BYTES)
      writeHash(store, store.top, root, 0)
      return root
    },
  }
}
