import { concatBytes, decodeU64, domainHash, encodeU32, encodeUtf8, type OrganizationId, sha256 } from '@fiducia/core'

/**
 * Which statements of a member are looked at. The state root of a block draws them, so the member cannot choose; it can wait for a
 * block whose draw it likes, which is why the pack says which block it was.
 *
 *   seed    = H(D("sample") ‖ state root ‖ member)
 *   place i = (first 8 bytes of H(seed ‖ u32 i), without the topmost 11 bits) mod number of statements      i = 0, 1, 2, …
 *
 * Places that came before are skipped, until `size` different ones are there, or all. Numbers of 53 bits modulo at most some
 * millions favor no place by more than one in a billion.
 */
export function drawPlaces(drawn: { readonly stateRoot: Uint8Array; readonly org: OrganizationId }, statements: number, size: number): readonly number[] {
  if (size >= statements) return Array.from({ length: statements }, (_, i) => i)
  const seed = domainHash('sample', drawn.stateRoot, encodeUtf8(drawn.org))
  const places = new Set<number>()
  for (let i = 0; places.size < size; i += 1) places.add(numberOf(sha256(concatBytes(seed, encodeU32(i)))) % statements)
  return [...places]
}

function numberOf(hash: Uint8Array): number {
  const first = hash.slice(0, 8)
  first[0] = 0
  first[1] = (first[1] ?? 0) & 0x1f
  return decodeU64(first)
}

/** Which batch of `counts` statements each, and which leaf in it, is place `place` of all. */
export function placeIn(counts: readonly number[], place: number): { readonly batch: number; readonly index: number } {
  let index = place
  let batch = 0
  while (index >= (counts[batch] ?? Number.POSITIVE_INFINITY)) {
    index -= counts[batch] ?? 0
    batch += 1
  }
  return { batch, index }
}
