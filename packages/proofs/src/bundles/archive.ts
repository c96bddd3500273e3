import { InputError } from '@fiducia/core'
import { Inflate } from 'fflate'
import { MAX_QUIET_BYTES, UNPACK_STEP_BYTES } from '../limits.ts'
import type { BundleFiles } from '../types.ts'
import { countBundle, toBundle } from './collect.ts'
import { crc32 } from './crc32.ts'
import { type ArchiveEntry, readDirectory, refuse } from './zip-directory.ts'

/**
 * A bundle out of a zip archive of its folder or of the folder's contents. Two readers must never see two bundles in one
 * archive, so it is read as `zip-directory.ts` says: every byte belongs to exactly one entry, what an entry says of itself
 * twice it says alike, and names are plain. Sizes are judged before anything is unpacked; what an entry unpacks to is counted
 * while it is unpacked. Throws an `InputError`.
 */
export function readArchive(bytes: Uint8Array): BundleFiles {
  countBundle().file(bytes.length)
  const entries = readDirectory(bytes)
  const count = countBundle()
  for (const { name, size } of entries) {
    if (isFolder(name)) count.folder()
    else count.file(size)
  }
  const files = entries.filter(({ name }) => !isFolder(name))
  const folder = commonFolder(files.map(({ name }) => name))
  return toBundle(files.map((entry) => [entry.name.slice(folder.length), unpack(entry)] as const))
}

const isFolder = (name: string): boolean => name.endsWith('/')

/** `NAME/` when every file lies below one folder that is not one of the bundle's own (`1/`, `2/` …). */
function commonFolder(names: readonly string[]): string {
  const [first] = names
  const folder = /^[^/]+\//.exec(first ?? '')?.[0] ?? ''
  return folder !== '' && !/^\d+\/$/.test(folder) && names.every((name) => name.startsWith(folder)) ? folder : ''
}

function unpack(entry: ArchiveEntry): Uint8Array {
  const bytes = entry.isDeflated ? inflate(entry) : entry.packed.slice()
  if (bytes.length !== entry.size) throw refuse(`\`${entry.name}\`: expected ${entry.size} bytes, found ${bytes.length}`)
  if (crc32(bytes) !== entry.crc) throw refuse(`\`${entry.name}\`: the checksum is of other bytes`)
  return bytes
}

/** Stops when there is more than the directory says. */
function inflate({ name, packed, size }: ArchiveEntry): Uint8Array {
  const bytes = new Uint8Array(size)
  let at = 0
  const stream = new Inflate((part) => {
    if (at + part.length > size) throw refuse(`\`${name}\`: expected ${size} bytes, found more`)
    bytes.set(part, at)
    at += part.length
  })
  try {
    let quietBytes = 0
    for (let from = 0; from === 0 || from < packed.length; from += UNPACK_STEP_BYTES) {
      const before = at
      stream.push(packed.slice(from, from + UNPACK_STEP_BYTES), from + UNPACK_STEP_BYTES >= packed.length)
      quietBytes = at > before ? 0 : quietBytes + UNPACK_STEP_BYTES
      if (quietBytes > MAX_QUIET_BYTES) throw refuse(`\`${name}\`: packed bytes out of which nothing comes`)
    }
  } catch (error) {
    if (error instanceof InputError) throw error
    throw refuse(`\`${name}\`: expected bytes that can be unpacked`)
  }
  return bytes.subarray(0, at)
}
