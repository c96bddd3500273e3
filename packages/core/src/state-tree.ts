import { sha256 } from '#crypto'
import { concatBytes, decodeBase64Url, encodeBase64Url, encodeUtf8, equalBytes } from './bytes.ts'
import { InputError } from './errors.ts'
import { domainHash, sha256Of } from './hashing.ts'
import { MAX_STATE_PATH } from './limits.ts'
import { array, nullable, object, type Parser } from './shape.ts'
import { parseBytes32 } from './identifiers.ts'

/**
 * The state tree (PROTOCOL section 2): a binary tree over key hashes, first bit first, in which a subtree with exactly one
 * leaf *is* that leaf. So the shape, and with it the root, depends on the set of keys and values alone: not on order, and
 * deleting collapses again.
 *
 *   leaf  = H(0x00 ‖ kh ‖ valueHash)      empty = 32 zero bytes
 *   inner = H(0x01 ‖ left ‖ right)
 *
 * A proof is the siblings from the root down and what stands at their end: the leaf itself (presence), nothing, or the
 * leaf of another key that shares the path (absence of ours).
 *
 * A tree is immutable. `set` and `delete` give a new one that shares all untouched nodes, so an old root can still be
 * read and proved from for as long as somebody holds it; hashes are computed when a root is asked for, once per node.
 */

export const EMPTY_HASH: Uint8Array = new Uint8Array(32)

/** Bytes as a string with a character for each: 32 of them take 48 bytes of memory, as an array of their own more than 150. */
type Packed = string

/** Its hash is made when it is asked for: a million leaves keep one string each. */
interface Leaf<V> {
  readonly kind: 'leaf'
  /** kh ‖ valueHash */
  readonly packed: Packed
  readonly value: V
}

interface Inner<V> {
  readonly kind: 'inner'
  readonly left: Node<V>
  readonly right: Node<V>
  hash: Packed | undefined
}

type Node<V> = Leaf<V> | Inner<V> | undefined

export interface StateProof {
  /** base64url, root down, at most 256. */
  readonly siblings: readonly string[]
  readonly terminal: null | { readonly kh: string; readonly valueHash: string }
}

const HASH_BYTES = 32
const LEAF = Uint8Array.of(0)
const INNER = Uint8Array.of(1)

const pack = (bytes: Uint8Array): Packed => Reflect.apply(String.fromCharCode, undefined, bytes)

function writePacked(packed: Packed, target: Uint8Array, offset: number): void {
  for (let i = 0; i < packed.length; i += 1) target[offset + i] = packed.charCodeAt(i)
}

function unpack(packed: Packed): Uint8Array {
  const bytes = new Uint8Array(packed.length)
  writePacked(packed, bytes, 0)
  return bytes
}

const bitAt = (kh: Uint8Array, depth: number): number => ((kh[depth >> 3] ?? 0) >> (7 - (depth & 7))) & 1
const packedBitAt = (kh: Packed, depth: number): number => (kh.charCodeAt(depth >> 3) >> (7 - (depth & 7))) & 1

const khOf = ({ packed }: Leaf<unknown>): Uint8Array => unpack(packed.slice(0, HASH_BYTES))
const valueHashOf = ({ packed }: Leaf<unknown>): Uint8Array => unpack(packed.slice(HASH_BYTES))

function isOfKey({ packed }: Leaf<unknown>, kh: Uint8Array): boolean {
  for (let i = 0; i < HASH_BYTES; i += 1) if (packed.charCodeAt(i) !== kh[i]) return false
  return true
}

/** 0x00 or 0x01 ‖ 32 bytes ‖ 32 bytes, filled anew for each node. */
const scratch = new Uint8Array(1 + 2 * HASH_BYTES)

function nodeHashOf(prefix: Uint8Array, left: Packed, right: Packed): Uint8Array {
  scratch.set(prefix)
  writePacked(left, scratch, 1)
  writePacked(right, scratch, 1 + left.length)
  return sha256(scratch)
}

const EMPTY_PACKED = pack(EMPTY_HASH)

function packedHashOf<V>(node: Node<V>): Packed {
  if (node === undefined) return EMPTY_PACKED
  if (node.kind === 'leaf') return pack(nodeHashOf(LEAF, node.packed, ''))
  node.hash ??= pack(nodeHashOf(INNER, packedHashOf(node.left), packedHashOf(node.right)))
  return node.hash
}

const hashOf = (node: Node<unknown>): Uint8Array => unpack(packedHashOf(node))

/** Where a leaf with kh goes below `node`. */
function insert<V>(node: Node<V>, leaf: Leaf<V>, depth: number): Node<V> {
  if (node === undefined) return leaf
  if (node.kind === 'leaf') return node.packed.startsWith(leaf.packed.slice(0, HASH_BYTES)) ? leaf : split(node, leaf, depth)
  return packedBitAt(leaf.packed, depth) === 0
    ? { kind: 'inner', left: insert(node.left, leaf, depth + 1), right: node.right, hash: undefined }
    : { kind: 'inner', left: node.left, right: insert(node.right, leaf, depth + 1), hash: undefined }
}

function split<V>(a: Leaf<V>, b: Leaf<V>, depth: number): Node<V> {
  const [bitA, bitB] = [packedBitAt(a.packed, depth), packedBitAt(b.packed, depth)]
  if (bitA === bitB) {
    const below = split(a, b, depth + 1)
    return { kind: 'inner', left: bitA === 0 ? below : undefined, right: bitA === 0 ? undefined : below, hash: undefined }
  }
  return { kind: 'inner', left: bitA === 0 ? a : b, right: bitA === 0 ? b : a, hash: undefined }
}

function remove<V>(node: Node<V>, kh: Uint8Array, depth: number): Node<V> {
  if (node === undefined) return undefined
  if (node.kind === 'leaf') return isOfKey(node, kh) ? undefined : node
  const left = bitAt(kh, depth) === 0 ? remove(node.left, kh, depth + 1) : node.left
  const right = bitAt(kh, depth) === 0 ? node.right : remove(node.right, kh, depth + 1)
  if (left === node.left && right === node.right) return node
  if (left === undefined && (right === undefined || right.kind === 'leaf')) return right
  if (right === undefined && left?.kind === 'leaf') return left
  return { kind: 'inner', left, right, hash: undefined }
}

function* leaves<V>(node: Node<V>): Generator<Leaf<V>> {
  if (node === undefined) return
  if (node.kind === 'leaf') yield node
  else {
    yield* leaves(node.left)
    yield* leaves(node.right)
  }
}

/** The tree over 32-byte key hashes. Values are kept beside their hashes and never looked at. */
export class HashTree<V> {
  readonly #root: Node<V>
  readonly size: number

  private constructor(root: Node<V>, size: number) {
    this.#root = root
    this.size = size
  }

  static empty<V>(): HashTree<V> {
    return new HashTree<V>(undefined, 0)
  }

  get root(): Uint8Array {
    return hashOf(this.#root)
  }

  get(kh: Uint8Array): V | undefined {
    let node = this.#root
    for (let depth = 0; node?.kind === 'inner'; depth += 1) node = bitAt(kh, depth) === 0 ? node.left : node.right
    return node !== undefined && isOfKey(node, kh) ? node.value : undefined
  }

  set(kh: Uint8Array, valueHash: Uint8Array, value: V): HashTree<V> {
    const isNew = this.get(kh) === undefined
    return new HashTree(insert(this.#root, { kind: 'leaf', packed: pack(concatBytes(kh, valueHash)), value }, 0), this.size + (isNew ? 1 : 0))
  }

  delete(kh: Uint8Array): HashTree<V> {
    const root = remove(this.#root, kh, 0)
    return root === this.#root ? this : new HashTree(root, this.size - 1)
  }

  /** Presence or absence of kh under this root. */
  prove(kh: Uint8Array): StateProof {
    const siblings: string[] = []
    let node = this.#root
    for (let depth = 0; node?.kind === 'inner'; depth += 1) {
      const [next, sibling]: [Node<V>, Node<V>] = bitAt(kh, depth) === 0 ? [node.left, node.right] : [node.right, node.left]
      siblings.push(encodeBase64Url(hashOf(sibling)))
      node = next
    }
    return { siblings, terminal: node === undefined ? null : { kh: encodeBase64Url(khOf(node)), valueHash: encodeBase64Url(valueHashOf(node)) } }
  }

  /** In the order of their key hashes. */
  *values(): Generator<V> {
    for (const leaf of leaves(this.#root)) yield leaf.value
  }
}

export const stateKeyHash = (key: string): Uint8Array => domainHash('sk', encodeUtf8(key))

/** A state key and its value, both text: the value is canonical JSON. */
export interface StateEntry {
  readonly key: string
  readonly value: string
}

/** The ledger's state: ASCII keys to canonical JSON text. Immutable. */
export class StateTree {
  readonly #tree: HashTree<StateEntry>

  private constructor(tree: HashTree<StateEntry>) {
    this.#tree = tree
  }

  static readonly empty: StateTree = new StateTree(HashTree.empty())

  static from(entries: Iterable<StateEntry>): StateTree {
    let tree = StateTree.empty
    for (const { key, value } of entries) tree = tree.set(key, value)
    return tree
  }

  get root(): Uint8Array {
    return this.#tree.root
  }

  get size(): number {
    return this.#tree.size
  }

  get(key: string): string | undefined {
    return this.#tree.get(stateKeyHash(key))?.value
  }

  set(key: string, value: string): StateTree {
    return new StateTree(this.#tree.set(stateKeyHash(key), sha256(encodeUtf8(value)), { key, value }))
  }

  delete(key: string): StateTree {
    return new StateTree(this.#tree.delete(stateKeyHash(key)))
  }

  prove(key: string): StateProof {
    return this.#tree.prove(stateKeyHash(key))
  }

  entries(): Iterable<StateEntry> {
    return this.#tree.values()
  }
}

export const parseStateProof: Parser<StateProof> = object({
  siblings: array(parseBytes32, MAX_STATE_PATH),
  terminal: nullable(object({ kh: parseBytes32, valueHash: parseBytes32 })),
})

/**
 * Throws `PROOF_FORMAT` unless the proof shows, under `root`, that kh has the value with `valueHash` (or, for `null`, that
 * it has none).
 */
export function verifyHashTreeProof(root: Uint8Array, kh: Uint8Array, valueHash: Uint8Array | null, proof: StateProof): void {
  const terminal = proof.terminal === null ? null : { kh: decodeBase64Url(proof.terminal.kh), valueHash: decodeBase64Url(proof.terminal.valueHash) }
  if (proof.siblings.length > MAX_STATE_PATH) throw new InputError('PROOF_FORMAT', `expected at most ${MAX_STATE_PATH} siblings`)
  if (valueHash !== null) {
    if (terminal === null || !equalBytes(terminal.kh, kh) || !equalBytes(terminal.valueHash, valueHash)) {
      throw new InputError('PROOF_FORMAT', 'the terminal is not this key with this value')
    }
  } else if (terminal !== null) {
    if (equalBytes(terminal.kh, kh)) throw new InputError('PROOF_FORMAT', 'the key is present')
    for (let depth = 0; depth < proof.siblings.length; depth += 1) {
      if (bitAt(terminal.kh, depth) !== bitAt(kh, depth)) throw new InputError('PROOF_FORMAT', 'the other leaf is not on this path')
    }
  }
  let hash = terminal === null ? EMPTY_HASH : sha256Of(LEAF, terminal.kh, terminal.valueHash)
  for (let depth = proof.siblings.length - 1; depth >= 0; depth -= 1) {
    const sibling = decodeBase64Url(proof.siblings[depth] ?? '')
    hash = bitAt(kh, depth) === 0 ? sha256Of(INNER, hash, sibling) : sha256Of(INNER, sibling, hash)
  }
  if (!equalBytes(hash, root)) throw new InputError('PROOF_FORMAT', 'the path leads to another root')
}

/** `verifyHashTreeProof` for a state key; `value` is the canonical text, or null for absence. */
export function verifyStateProof(root: Uint8Array, key: string, value: string | null, proof: StateProof): void {
  verifyHashTreeProof(root, stateKeyHash(key), value === null ? null : sha256(encodeUtf8(value)), proof)
}
