import { equalBytes, InputError } from '@fiducia/core'
import type { Finding, LeafFault } from './findings.ts'
import { decodeLeaf, encodeLeaf, indexOfSeal, sealLeaf } from './leaf.ts'
import { BATCH_LEAVES } from './limits.ts'
import { addTag, emptyTagMap, hasTag, type TagMap } from './tag-map.ts'
import { paddingLeaf } from './tags.ts'
import type { AccessLeaf } from './types.ts'

/**
 * What may follow in an access log, leaf by leaf (PROTOCOL section 4). The holder keeps its own log by these rules and every
 * witness follows by the same, from the bytes alone: slots never fall, no tag is there twice, a seal carries the root of the
 * tag map and its own index and ends on a multiple of 16. A batch is everything between two seals.
 */
export interface LogState {
  readonly size: number
  /** Of the last leaf; 0 before the first. */
  readonly slot: number
  readonly tags: TagMap
  /** Size and tag map at the last seal: what is published and cosigned. */
  readonly sealed: { readonly size: number; readonly tags: TagMap }
}

export type LeafVerdict = { readonly ok: true; readonly state: LogState } | ({ readonly ok: false } & Finding<LeafFault>)

export const emptyLogState = (): LogState => ({ size: 0, slot: 0, tags: emptyTagMap(), sealed: { size: 0, tags: emptyTagMap() } })

const refuse = (code: LeafFault, message: string): LeafVerdict => ({ ok: false, code, message })

/** The state after one more leaf, or why it may not follow. Never throws. */
export function followLeaf(state: LogState, bytes: Uint8Array): LeafVerdict {
  let leaf: AccessLeaf
  try {
    leaf = decodeLeaf(bytes)
  } catch (error) {
    if (error instanceof InputError) return refuse('LEAF_FORMAT', error.message)
    throw error
  }
  if (leaf.slot < state.slot) return refuse('SLOT_FELL', `expected slot ${state.slot} or later, found ${leaf.slot} at index ${state.size}`)
  return leaf.kind === 'seal' ? followSeal(state, leaf) : followEntry(state, leaf, bytes)
}

function followEntry(state: LogState, leaf: AccessLeaf, bytes: Uint8Array): LeafVerdict {
  if (hasTag(state.tags, leaf.tag)) return refuse('TAG_TWICE', `the tag of leaf ${state.size} is there already`)
  return { ok: true, state: { ...state, size: state.size + 1, slot: leaf.slot, tags: addTag(state.tags, bytes, state.size) } }
}

function followSeal(state: LogState, leaf: AccessLeaf): LeafVerdict {
  const size = state.size + 1
  if (!equalBytes(leaf.tag, state.tags.root)) return refuse('SEAL_ROOT', `the seal at index ${state.size} does not carry the root of the tag map`)
  if (claimedIndex(leaf) !== state.size) return refuse('SEAL_INDEX', `expected the seal to carry index ${state.size}`)
  if (size % BATCH_LEAVES !== 0) return refuse('SEAL_SIZE', `expected a sealed size that is a multiple of ${BATCH_LEAVES}, found ${size}`)
  return { ok: true, state: { size, slot: leaf.slot, tags: state.tags, sealed: { size, tags: state.tags } } }
}

function claimedIndex(seal: AccessLeaf): number | undefined {
  try {
    return indexOfSeal(seal)
  } catch {
    return undefined
  }
}

/** All of these leaves in order. What came before a leaf that may not follow does not count. Never throws. */
export function verifyBatch(state: LogState, leaves: readonly Uint8Array[]): LeafVerdict {
  let now = state
  for (const leaf of leaves) {
    const verdict = followLeaf(now, leaf)
    if (!verdict.ok) return verdict
    now = verdict.state
  }
  return { ok: true, state: now }
}

/** How many padding leaves stand before the seal of a log that has `size` leaves now. */
export const paddingFor = (size: number): number => (BATCH_LEAVES - ((size + 1) % BATCH_LEAVES)) % BATCH_LEAVES

/**
 * Padding and seal that close the batch, as 72-byte leaves, in the slot given (not before the last leaf's); `randomBytes`
 * is asked for 64 bytes for each padding leaf. Empty when nothing stands after the last seal.
 */
export function closeBatch(state: LogState, slot: number, randomBytes: (length: number) => Uint8Array): readonly Uint8Array[] {
  if (state.size === state.sealed.size) return []
  const at = Math.max(slot, state.slot)
  const padding = Array.from({ length: paddingFor(state.size) }, () => encodeLeaf(paddingLeaf(at, randomBytes(64))))
  const padded = verifyBatch(state, padding)
  if (!padded.ok) throw new InputError('PROOF_FORMAT', `padding may not follow: ${padded.message}`)
  return [...padding, encodeLeaf(sealLeaf(at, padded.state.tags.root, padded.state.size))]
}
