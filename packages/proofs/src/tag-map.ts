import { domainHash, HashTree, InputError, type StateProof, verifyHashTreeProof } from '@fiducia/core'
import { hashOfLeaf } from './leaf.ts'

/**
 * The tag map: a state tree over the tags of a log's kind-1 leaves, so that the *absence* of a tag can be proved. Each seal
 * carries its root. Immutable, like every state tree: the map of an earlier seal stays readable for whoever holds it.
 *
 *   kh = H(D("tag-map") ‖ tag)      leaf = H(0x00 ‖ kh ‖ H(leaf))
 */
export type TagMap = HashTree<number>

export const tagKeyHash = (tag: Uint8Array): Uint8Array => domainHash('tag-map', tag)

export const emptyTagMap = (): TagMap => HashTree.empty<number>()

export const hasTag = (map: TagMap, tag: Uint8Array): boolean => map.get(tagKeyHash(tag)) !== undefined

/** The place of a tag's leaf in its log, or undefined. */
export const indexOfTag = (map: TagMap, tag: Uint8Array): number | undefined => map.get(tagKeyHash(tag))

/** The map with the leaf at `index`; `leaf` is the 72 bytes, whose tag must be new. */
export const addTag = (map: TagMap, leaf: Uint8Array, index: number): TagMap => map.set(tagKeyHash(leaf.subarray(8, 40)), hashOfLeaf(leaf), index)

/** The map over all kind-1 leaves among these, which stand from index 0 on. Throws `PROOF_FORMAT` when a tag is there twice. */
export function buildTagMap(leaves: readonly Uint8Array[]): TagMap {
  return leaves.reduce((map, leaf, index) => {
    if (leaf[1] !== 1) return map
    if (hasTag(map, leaf.subarray(8, 40))) throw new InputError('PROOF_FORMAT', `the tag of leaf ${index} is there twice`)
    return addTag(map, leaf, index)
  }, emptyTagMap())
}

/** Presence or absence of a tag under the map's root. */
export const proveTag = (map: TagMap, tag: Uint8Array): StateProof => map.prove(tagKeyHash(tag))

/** Throws `PROOF_FORMAT` unless the proof shows under a seal's root that exactly this leaf has this tag. */
export const verifyTagPresence = (root: Uint8Array, leaf: Uint8Array, proof: StateProof): void =>
  verifyHashTreeProof(root, tagKeyHash(leaf.subarray(8, 40)), hashOfLeaf(leaf), proof)

/** Throws `PROOF_FORMAT` unless the proof shows under a seal's root that no leaf has this tag. */
export const verifyTagAbsence = (root: Uint8Array, tag: Uint8Array, proof: StateProof): void => verifyHashTreeProof(root, tagKeyHash(tag), null, proof)
