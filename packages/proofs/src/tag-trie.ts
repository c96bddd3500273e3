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
})

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

function reserveInner(store: Store): void {
  if (store.inner < store.left.length) return
  const capacity = store.left.length * 2
  store.left = grownReferences(store.left, capacity)
  store.right = grownReferences(store.right, capacity)
  store.stale = grownBytes(store.stale, capacity)
  store.hashes = grownBytes(store.hashes, capacity * HASH_BYTES)
}

function reserveLeaf(store: Store): void {
  if ((store.leaves + 1) * HASH_BYTES <= store.keys.length) return
  store.keys = grownBytes(store.keys, store.keys.length * 2)
  store.leafHashes = grownBytes(store.leafHashes, store.leafHashes.length * 2)
}

const bitOf = (bytes: Uint8Array, offset: number, depth: number): number => ((bytes[offset + (depth >> 3)] ?? 0) >> (7 - (depth & 7))) & 1

export function createTagTrie(): TagTrie {
  const store = emptyStore()
  // 0x00 or 0x01 ‖ 32 bytes ‖ 32 bytes, filled anew for each node.
  const scratch = new Uint8Array(1 + 2 * HASH_BYTES)

  function newInner(): number {
    reserveInner(store)
    store.left[store.inner] = 0
    store.right[store.inner] = 0
    store.stale[store.inner] = 1
    store.inner += 1
    return store.inner
  }

  function newLeaf(keyHash: Uint8Array, valueHash: Uint8Array): number {
    reserveLeaf(store)
    scratch[0] = 0
    scratch.set(keyHash, 1)
    scratch.set(valueHash, 1 + HASH_BYTES)
    store.keys.set(keyHash, store.leaves * HASH_BYTES)
    store.leafHashes.set(sha256(scratch), store.leaves * HASH_BYTES)
    store.leaves += 1
    return -store.leaves
  }

  /** Where a reference stands: at the top, or as a child of inner node `parent` (1-based) on `side`. */
  function put(parent: number, side: number, reference: number): void {
    if (parent === 0) store.top = reference
    else if (side === 0) store.left[parent - 1] = reference
    else store.right[parent - 1] = reference
  }

  const isKeyOf = (leaf: number, keyHash: Uint8Array): boolean => {
    const at = (-leaf - 1) * HASH_BYTES
    for (let i = 0; i < HASH_BYTES; i += 1) if (store.keys[at + i] !== keyHash[i]) return false
    return true
  }

  function find(keyHash: Uint8Array): number {
    let reference = store.top
    for (let depth = 0; reference > 0; depth += 1) reference = (bitOf(keyHash, 0, depth) === 0 ? store.left : store.right)[reference - 1] ?? 0
    return reference
  }

  /** Inner nodes down to the first bit in which the two keys differ. */
  function splitLeaf(at: { readonly parent: number; readonly side: number; readonly depth: number }, old: number, keyHash: Uint8Array, valueHash: Uint8Array): void {
    let { parent, side, depth } = at
    const oldKey = (-old - 1) * HASH_BYTES
    for (;;) {
      const inner = newInner()
      put(parent, side, inner)
      const [oldBit, newBit] = [bitOf(store.keys, oldKey, depth), bitOf(keyHash, 0, depth)]
      if (oldBit !== newBit) {
        put(inner, oldBit, old)
        put(inner, newBit, newLeaf(keyHash, valueHash))
        return
      }
      ;[parent, side, depth] = [inner, oldBit, depth + 1]
    }
  }

  function add(keyHash: Uint8Array, valueHash: Uint8Array): boolean {
    const present = find(keyHash)
    if (present < 0 && isKeyOf(present, keyHash)) return false
    let [parent, side, depth, reference] = [0, 0, 0, store.top]
    while (reference > 0) {
      store.stale[reference - 1] = 1
      ;[parent, side] = [reference, bitOf(keyHash, 0, depth)]
      reference = (side === 0 ? store.left : store.right)[parent - 1] ?? 0
      depth += 1
    }
    if (reference === 0) put(parent, side, newLeaf(keyHash, valueHash))
    else splitLeaf({ parent, side, depth }, reference, keyHash, valueHash)
    return true
  }

  /** Writes the hash behind a reference to `target` at `offset`. */
  function writeHash(reference: number, target: Uint8Array, offset: number): void {
    if (reference === 0) target.fill(0, offset, offset + HASH_BYTES)
    else if (reference < 0) target.set(store.leafHashes.subarray((-reference - 1) * HASH_BYTES, -reference * HASH_BYTES), offset)
    else target.set(store.hashes.subarray((reference - 1) * HASH_BYTES, reference * HASH_BYTES), offset)
  }

  /** As deep as the tree: 256 levels at most. */
  function refresh(reference: number): void {
    if (reference <= 0 || store.stale[reference - 1] === 0) return
    const [left, right] = [store.left[reference - 1] ?? 0, store.right[reference - 1] ?? 0]
    refresh(left)
    refresh(right)
    scratch[0] = 1
    writeHash(left, scratch, 1)
    writeHash(right, scratch, 1 + HASH_BYTES)
    store.hashes.set(sha256(scratch), (reference - 1) * HASH_BYTES)
    store.stale[reference - 1] = 0
  }

  return {
    get size() {
      return store.leaves
    },
    add,
    root() {
      refresh(store.top)
      const root = new Uint8Array(HASH_BYTES)
      writeHash(store.top, root, 0)
      return root
    },
  }
}
