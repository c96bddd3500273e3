import { CompactRange, domain, equalBytes, InputError, leafHash, sha256 } from '@fiducia/core'
import type { Finding, LeafFault } from '../findings.ts'
import { decodeLeaf, hashOfLeaf, indexOfSeal } from '../leaf.ts'
import { BATCH_LEAVES } from '../limits.ts'
import { createTagTrie } from '../tag-trie.ts'
import type { AccessLeaf } from '../types.ts'

interface GrowingTree {
  readonly size: number
  append(leafHash: Uint8Array): unknown
  root(): Uint8Array
}

/**
 * One pass over a whole access log: the rules of `followLeaf`, every seal's root among them, and the root of the log, in
 * memory that does not grow with objects. For `fsck` and whoever audits a downloaded log; a witness that follows a live log
 * uses `followLeaf`, which can go back to a seal.
 */
export interface LogAudit {
  readonly size: number
  /** Leaves up to the last seal. */
  readonly sealedSize: number
  /** RFC 6962 root over all leaves so far. */
  root(): Uint8Array
  /** Undefined when the leaf may follow; the first leaf that may not ends the audit. */
  add(leaf: Uint8Array): Finding<LeafFault> | undefined
}

/** `tree` is where leaf hashes go: one that keeps them all, for whoever wants paths afterwards; by default one that keeps roots only. */
export function createLogAudit(tree: GrowingTree = new CompactRange()): LogAudit {
  const tags = createTagTrie()
  const prefix = domain('tag-map')
  const keyInput = new Uint8Array(prefix.length + 32)
  keyInput.set(prefix)
  let [slot, sealedSize] = [0, 0]

  function judgeSeal(leaf: AccessLeaf): Finding<LeafFault> | undefined {
    const index = tree.size
    if (!equalBytes(leaf.tag, tags.root())) return { code: 'SEAL_ROOT', message: `the seal at index ${index} does not carry the root of the tag map` }
    if (sealIndex(leaf) !== index) return { code: 'SEAL_INDEX', message: `expected the seal to carry index ${index}` }
    if ((index + 1) % BATCH_LEAVES !== 0)
      return { code: 'SEAL_SIZE', message: `expected a sealed size that is a multiple of ${BATCH_LEAVES}, found ${index + 1}` }
    sealedSize = index + 1
    return undefined
  }

  function judgeEntry(leaf: AccessLeaf, bytes: Uint8Array): Finding<LeafFault> | undefined {
    keyInput.set(leaf.tag, prefix.length)
    return tags.add(sha256(keyInput), hashOfLeaf(bytes)) ? undefined : { code: 'TAG_TWICE', message: `the tag of leaf ${tree.size} is there already` }
  }

  return {
    get size() {
      return tree.size
    },
    get sealedSize() {
      return sealedSize
    },
    root: () => tree.root(),
    add(bytes) {
      const leaf = readLeaf(bytes)
      if ('code' in leaf) return leaf
      if (leaf.slot < slot) return { code: 'SLOT_FELL', message: `expected slot ${slot} or later, found ${leaf.slot} at index ${tree.size}` }
      const fault = leaf.kind === 'seal' ? judgeSeal(leaf) : judgeEntry(leaf, bytes)
      if (fault !== undefined) return fault
      slot = leaf.slot
      tree.append(leafHash(bytes))
      return undefined
    },
  }
}

function readLeaf(bytes: Uint8Array): AccessLeaf | Finding<LeafFault> {
  try {
    return decodeLeaf(bytes)
  } catch (error) {
    if (error instanceof InputError) return { code: 'LEAF_FORMAT', message: error.message }
    throw error
  }
}

function sealIndex(seal: AccessLeaf): number | undefined {
  try {
    return indexOfSeal(seal)
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}
