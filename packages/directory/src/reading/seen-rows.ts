import { MAX_SEEN_KEYS } from '../limits.ts'

/**
 * Which keys a file has had, and whether what came with them was the same, in twelve bytes for each: an open table of fingerprints. Two
 * keys of ten million share the 64 bits of a fingerprint once in some hundred thousand files.
 */
export interface SeenRows {
  /**
   * `new` for a key that comes for the first time, else whether `print` is what came then. Beyond `MAX_SEEN_KEYS` keys are not
   * remembered and always new.
   */
  see(key: string, print: number): 'new' | 'same' | 'other'
}

const WIDTH = 3
const FIRST_SLOTS = 1024
/** A table that is fuller makes long walks. */
const FULL = 0.8

export function createSeenRows(): SeenRows {
  let table = new Uint32Array(FIRST_SLOTS * WIDTH)
  let count = 0

  const grow = () => {
    const old = table
    table = new Uint32Array(old.length * 2)
    for (let at = 0; at < old.length; at += WIDTH) {
      const [high = 0, low = 0, print = 0] = old.subarray(at, at + WIDTH)
      if (high !== 0 || low !== 0) put(table, slotOf(table, high, low), high, low, print)
    }
  }

  return {
    see(key, print) {
      const high = hashOf(key, 0x811c9dc5)
      // Zero in both marks a slot that is free.
      const low = hashOf(key, 0x9747b28c) || 1
      const slot = slotOf(table, high, low)
      if (table[slot + 1] !== 0) return table[slot + 2] === print >>> 0 ? 'same' : 'other'
      if (count === MAX_SEEN_KEYS) return 'new'
      put(table, slot, high, low, print)
      count += 1
      if (count * WIDTH > table.length * FULL) grow()
      return 'new'
    },
  }
}

/** Where the key stands, or the free slot in which it would. */
function slotOf(table: Uint32Array, high: number, low: number): number {
  const slots = table.length / WIDTH
  let slot = ((high ^ low) >>> 0) & (slots - 1)
  for (;;) {
    const at = slot * WIDTH
    if (table[at + 1] === 0 || (table[at] === high && table[at + 1] === low)) return at
    slot = (slot + 1) & (slots - 1)
  }
}

function put(table: Uint32Array, at: number, high: number, low: number, print: number): void {
  table[at] = high
  table[at + 1] = low
  table[at + 2] = print
}

/** FNV-1a over the text's code units, spread at the end; 32 bits. */
export function hashOf(text: string, seed = 0x811c9dc5): number {
  let hash = seed
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
