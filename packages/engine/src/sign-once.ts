import { closeSync, existsSync, fdatasyncSync, openSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { concatBytes, decodeU64, encodeU64, equalBytes, sha256 } from '@fiducia/core'
import { syncFolder, writeDurably, writeWhole } from './durable-file.ts'
import { EngineError } from './errors.ts'

/**
 * The last size and root that a log signed (the ledger, an organization's access log), kept outside its database, so that a
 * database restored from a backup cannot make it sign a second root for a size (PROTOCOL section 4).
 *
 *   two slots of 128 bytes; each: u64 size ‖ root (32) ‖ SHA-256 of those 40 bytes ‖ zeros
 *
 * The file appears whole, with its first record and an empty slot. Writes alternate between the slots, and are synced before the signature is
 * given away; a torn write leaves the other slot. When a write or a sync has failed, nobody knows what the disk holds (the
 * system may take the pages for clean that it could not write), so nothing more is signed until somebody starts again and
 * reads it. What is read then is synced first: a process that was killed may have left it in the system's memory alone.
 */
const SLOT_BYTES = 128
const RECORD_BYTES = 40

export interface SignedSize {
  readonly size: number
  readonly root: Uint8Array
}

export interface SignOnce extends Disposable {
  readonly last: SignedSize | undefined
  /** Durable when it returns. Throws `SIGNED_FORK` for a smaller size, or another root of the last one; `SIGNED_UNSURE` once a write has failed. */
  record(signed: SignedSize): void
}

function encodeSlot({ size, root }: SignedSize): Uint8Array {
  const record = concatBytes(encodeU64(size), root)
  const slot = new Uint8Array(SLOT_BYTES)
  slot.set(concatBytes(record, sha256(record)))
  return slot
}

function decodeSlot(slot: Uint8Array): SignedSize | undefined {
  const record = slot.subarray(0, RECORD_BYTES)
  if (slot.length !== SLOT_BYTES || !equalBytes(sha256(record), slot.subarray(RECORD_BYTES, RECORD_BYTES + 32))) return undefined
  return { size: decodeU64(record), root: record.slice(8) }
}

interface Slots {
  readonly newest: SignedSize
  /** Where the next record goes. */
  readonly free: 0 | 1
}

function readSlots(bytes: Uint8Array): Slots | undefined {
  if (bytes.length !== 2 * SLOT_BYTES) return undefined
  const [first, second] = [decodeSlot(bytes.subarray(0, SLOT_BYTES)), decodeSlot(bytes.subarray(SLOT_BYTES, 2 * SLOT_BYTES))]
  if (first !== undefined && first.size > (second?.size ?? -1)) return { newest: first, free: 1 }
  return second === undefined ? undefined : { newest: second, free: 0 }
}

/** The newest record of the file; undefined when there is no file. Throws `SIGNED_LOST` when it holds no whole record. */
export function readSignedSize(file: string): SignedSize | undefined {
  if (!existsSync(file)) return undefined
  const slots = readSlots(new Uint8Array(readFileSync(file)))
  if (slots === undefined)
    throw new EngineError('SIGNED_LOST', `expected a record of the last signed size in \`${path.basename(file)}\`, found none that is whole`)
  return slots.newest
}

/** Opens the file; where nothing was ever signed (`readSignedSize` gave undefined), the first record makes it. */
export function openSignOnce(file: string): SignOnce {
  let last = readSignedSize(file)
  let slot = last === undefined ? 1 : (readSlots(new Uint8Array(readFileSync(file)))?.free ?? 0)
  let descriptor = last === undefined ? undefined : openSync(file, 'r+')
  if (descriptor !== undefined) {
    fdatasyncSync(descriptor)
    syncFolder(path.dirname(file))
  }
  let isUnsure = false

  function write(signed: SignedSize): void {
    if (descriptor === undefined) {
      writeDurably(file, concatBytes(encodeSlot(signed), new Uint8Array(SLOT_BYTES)))
      descriptor = openSync(file, 'r+')
    } else {
      writeWhole(descriptor, encodeSlot(signed), slot * SLOT_BYTES)
      fdatasyncSync(descriptor)
      slot = slot === 0 ? 1 : 0
    }
  }

  return {
    get last() {
      return last
    },
    record(signed) {
      if (isUnsure) throw new EngineError('SIGNED_UNSURE')
      if (last !== undefined && last.size === signed.size && equalBytes(last.root, signed.root)) return
      if (last !== undefined && signed.size <= last.size)
        throw new EngineError('SIGNED_FORK', `size ${last.size} is signed; a smaller one, or another root, may not be`)
      isUnsure = true
      write(signed)
      isUnsure = false
      last = signed
    },
    [Symbol.dispose]() {
      if (descriptor !== undefined) closeSync(descriptor)
      descriptor = undefined
    },
  }
}
