import { closeSync, existsSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { concatBytes, decodeU64, encodeU64, equalBytes, sha256 } from '@fiducia/core'
import { writeDurably } from '../store/durable-file.ts'

/**
 * The last size and root that a log signed, kept outside the database so that a restored database cannot make the log
 * sign a second root for a size (PROTOCOL section 4).
 *
 *   two slots of 128 bytes; each: u64 size ‖ root (32) ‖ SHA-256 of those 40 bytes ‖ zeros
 *
 * The file appears whole, with its first record. Writes alternate between the slots and are synced before the note is given
 * away; a torn write leaves the other slot.
 */
const SLOT_BYTES = 128

export interface Signed {
  readonly size: number
  readonly root: Uint8Array
}

export interface SignOnceFile extends Disposable {
  readonly last: Signed | undefined
  /** Durable when it returns. Throws when another root was recorded for this size, or a larger size. */
  record(signed: Signed): void
}

function encodeSlot(signed: Signed): Uint8Array {
  const body = concatBytes(encodeU64(signed.size), signed.root)
  const slot = new Uint8Array(SLOT_BYTES)
  slot.set(concatBytes(body, sha256(body)))
  return slot
}

function decodeSlot(slot: Uint8Array): Signed | undefined {
  if (slot.length < 72 || !equalBytes(sha256(slot.subarray(0, 40)), slot.subarray(40, 72))) return undefined
  return { size: decodeU64(slot), root: slot.slice(8, 40) }
}

/** The newest whole record of a file, undefined when there is no file. Throws when a file holds no whole record. */
export function readSigned(file: string): Signed | undefined {
  if (!existsSync(file)) return undefined
  const bytes = new Uint8Array(readFileSync(file))
  const slots = [decodeSlot(bytes.subarray(0, SLOT_BYTES)), decodeSlot(bytes.subarray(SLOT_BYTES))].filter((slot) => slot !== undefined)
  const newest = slots.sort((a, b) => b.size - a.size)[0]
  if (newest === undefined) throw new Error(`expected a record of the last signed size in \`${path.basename(file)}\`, found none that is whole`)
  return newest
}

export function openSignOnce(file: string): SignOnceFile {
  let last = readSigned(file)
  let slot = last === undefined ? 1 : olderSlot(file)
  let descriptor = last === undefined ? undefined : openSync(file, 'r+')
  return {
    get last() {
      return last
    },
    record(signed) {
      if (last !== undefined && last.size === signed.size && equalBytes(last.root, signed.root)) return
      if (last !== undefined && signed.size <= last.size) throw new Error(`size ${last.size} was signed already; another root or a smaller size may not be`)
      if (descriptor === undefined) {
        writeDurably(file, encodeSlot(signed))
        descriptor = openSync(file, 'r+')
      } else {
        writeSync(descriptor, encodeSlot(signed), 0, SLOT_BYTES, slot * SLOT_BYTES)
        fdatasyncSync(descriptor)
        slot = 1 - slot
      }
      last = signed
    },
    [Symbol.dispose]() {
      if (descriptor !== undefined) closeSync(descriptor)
    },
  }
}

/** The slot that does not hold the newest record. */
function olderSlot(file: string): 0 | 1 {
  const bytes = new Uint8Array(readFileSync(file))
  const [first, second] = [decodeSlot(bytes.subarray(0, SLOT_BYTES)), decodeSlot(bytes.subarray(SLOT_BYTES))]
  return (first?.size ?? -1) > (second?.size ?? -1) ? 1 : 0
}
