import { type Bytes32, concatBytes, decodeU32, decodeU64, encodeBase64Url, encodeU32, encodeU64, InputError, parseBytes32, sha256 } from '@fiducia/core'
import { SLOT_SECONDS } from './limits.ts'
import { type AccessLeaf, LEAF_BYTES, type LeafKind } from './types.ts'

/**
 * A leaf of an access log, 72 bytes (PROTOCOL section 4). It shows an organization and a minute, nothing else:
 *
 *   0 version = 1 · 1 kind · 2–3 zero · 4–7 slot · 8–39 tag · 40–71 com
 *
 * Event, mirror, redaction and padding are all kind 1 and look alike; a seal (kind 2) closes a batch.
 */

const VERSION = 1
const KINDS: readonly LeafKind[] = ['entry', 'seal']

export function encodeLeaf(leaf: AccessLeaf): Uint8Array {
  if (leaf.tag.length !== 32 || leaf.com.length !== 32) throw new InputError('BYTES_LENGTH', 'expected a tag and a com of 32 bytes each')
  return concatBytes(Uint8Array.of(VERSION, KINDS.indexOf(leaf.kind) + 1, 0, 0), encodeU32(leaf.slot), leaf.tag, leaf.com)
}

/** Throws `BYTES_LENGTH` or `PROOF_FORMAT` for bytes that are not a leaf. */
export function decodeLeaf(bytes: Uint8Array): AccessLeaf {
  if (bytes.length !== LEAF_BYTES) throw new InputError('BYTES_LENGTH', `expected a leaf of ${LEAF_BYTES} bytes, found ${bytes.length}`)
  const [version, kindByte, zero, zeroToo] = bytes
  const kind = KINDS[(kindByte ?? 0) - 1]
  if (version !== VERSION) throw new InputError('PROOF_FORMAT', `expected leaf version ${VERSION}, found ${version}`)
  if (kind === undefined) throw new InputError('PROOF_FORMAT', `expected leaf kind 1 or 2, found ${kindByte}`)
  if (zero !== 0 || zeroToo !== 0) throw new InputError('PROOF_FORMAT', 'expected bytes 2 and 3 of a leaf to be zero')
  return { kind, slot: decodeU32(bytes, 4), tag: bytes.slice(8, 40), com: bytes.slice(40, 72) }
}

/** 32 bytes as they stand in JSON; throws `BYTES_LENGTH` for any other length. */
export const formatBytes32 = (bytes: Uint8Array): Bytes32 => parseBytes32(encodeBase64Url(bytes))

/** Plain SHA-256 of the 72 bytes: what mirrors, the tag map and "seen before" go by (the tree's own leaf hash is another). */
export const hashOfLeaf = (leaf: Uint8Array): Uint8Array => sha256(leaf)

/** The slot of an instant in seconds. */
export const slotOf = (seconds: number): number => Math.floor(seconds / SLOT_SECONDS)

/** Slots never fall, whatever the clock does. */
export const nextSlot = (previous: number, nowSeconds: number): number => Math.max(previous, slotOf(nowSeconds))

/** The seal at `index`, over the tag map that then has this root. */
export const sealLeaf = (slot: number, tagMapRoot: Uint8Array, index: number): AccessLeaf => ({
  kind: 'seal',
  slot,
  tag: tagMapRoot,
  com: concatBytes(new Uint8Array(24), encodeU64(index)),
})

/** The index that a seal claims for itself. Throws `PROOF_FORMAT` when its com is not of the form. */
export function indexOfSeal(seal: AccessLeaf): number {
  if (seal.kind !== 'seal' || seal.com.subarray(0, 24).some((byte) => byte !== 0))
    throw new InputError('PROOF_FORMAT', 'expected a seal that carries its own index')
  return decodeU64(seal.com, 24)
}
