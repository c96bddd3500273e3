import { InputError } from '@fiducia/core'
import { MAX_BUNDLE_BYTES, MAX_BUNDLE_FILE_BYTES, MAX_BUNDLE_FILES } from '../limits.ts'
import type { BundleFiles } from '../types.ts'

/**
 * How a folder or an archive becomes a bundle, wherever it is read: names have `/` between their parts and are in one order,
 * each file is counted against the limits before its bytes are read. Whether they are the right files is for the verifier.
 */
export interface BundleCount {
  /** To be called with each file's size before it is read. Throws `BUNDLE_TOO_LARGE`. */
  file(sizeBytes: number): void
  /** To be called with each folder that is still to be read. Throws `BUNDLE_TOO_LARGE`. */
  folder(): void
}

export function countBundle(): BundleCount {
  let [entries, bytes] = [0, 0]
  const entry = () => {
    entries += 1
    if (entries > MAX_BUNDLE_FILES) throw tooLarge(`expected at most ${MAX_BUNDLE_FILES} files, found more`)
  }
  return {
    folder: entry,
    file(sizeBytes) {
      entry()
      bytes += sizeBytes
      if (sizeBytes > MAX_BUNDLE_FILE_BYTES) throw tooLarge(`expected files of at most ${MAX_BUNDLE_FILE_BYTES} bytes, found one of ${sizeBytes}`)
      if (bytes > MAX_BUNDLE_BYTES) throw tooLarge(`expected at most ${MAX_BUNDLE_BYTES} bytes in all, found more`)
    },
  }
}

const tooLarge = (message: string): InputError => new InputError('BUNDLE_TOO_LARGE', message)

/** The files in the order of their names. Throws `BUNDLE_EMPTY` without any, `FILE_UNREADABLE` for one name twice. */
export function toBundle(entries: Iterable<readonly [name: string, bytes: Uint8Array]>): BundleFiles {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1))
  if (sorted.length === 0) throw new InputError('BUNDLE_EMPTY', 'expected the files of a bundle, found none')
  const files = new Map(sorted)
  if (files.size !== sorted.length) throw new InputError('FILE_UNREADABLE', 'expected each name once, found one twice')
  return files
}

/** What the reader named is a zip archive of a bundle. */
export const isArchiveName = (name: string): boolean => name.toLowerCase().endsWith('.zip')
