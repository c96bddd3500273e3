import { type Bytes32, domainHmac, encodeCanonical, encodeU64, encodeUtf8, sha256 } from '@fiducia/core'
import { hashOfLeaf } from './leaf.ts'
import type { AccessLeaf } from './types.ts'

/**
 * What goes into tag and com of a leaf (PROTOCOL section 4). A tag is recognized by whoever has the patient's tag key, a
 * com opens to whoever has its salts; to everybody else both are noise.
 */

/** The tag of a relationship's n-th event under origin k, both counted by the holder; n from 0. */
export const eventTag = (tagkey: Uint8Array, k: number, n: number): Uint8Array => domainHmac(tagkey, 'tag', encodeU64(k), encodeU64(n))

/** Hides the decision inside the com; `decision` is its canonical text. */
export const blindOf = (salt2: Uint8Array, decision: string): Uint8Array => domainHmac(salt2, 'decision', encodeUtf8(decision))

/** Commits to the exact text of the disclosure and, through the blind, to the decision. */
export const eventCom = (salt: Uint8Array, disclosure: string, blind: Uint8Array): Uint8Array =>
  domainHmac(salt, 'event', sha256(encodeUtf8(disclosure)), blind)

/** In the requester's log: r is the holder's random value for this event, so only the two and the patient can find it. */
export const mirrorTag = (r: Uint8Array, leaf: Uint8Array): Uint8Array => domainHmac(r, 'mirror', hashOfLeaf(leaf))

/** `receipt` is the exact canonical text that was received. */
export const mirrorCom = (salt: Uint8Array, receipt: string): Uint8Array => domainHmac(salt, 'mirrorcom', sha256(encodeUtf8(receipt)))

export interface Redaction {
  /** How many events were erased. */
  readonly count: number
  readonly ground: string
  /** H(JCS of the signed request). */
  readonly request: Bytes32
}

export const redactionCom = (salt: Uint8Array, { count, ground, request }: Redaction): Uint8Array =>
  domainHmac(salt, 'redaction', encodeCanonical({ count, ground, request }))

/** A leaf that says nothing; `random` is 64 fresh random bytes. */
export const paddingLeaf = (slot: number, random: Uint8Array): AccessLeaf => ({ kind: 'entry', slot, tag: random.slice(0, 32), com: random.slice(32, 64) })
