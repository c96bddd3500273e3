import { readdirSync } from 'node:fs'
import path from 'node:path'
import { type BundleFiles, MAX_BUNDLE_BYTES, MAX_BUNDLE_FILE_BYTES, MAX_BUNDLE_FILES } from '@fiducia/proofs'
import { unzipSync } from 'fflate'
import { UsageError } from '../output.ts'
import { readInput, statOf, unreadable } from '../read-input.ts'

/** The files of a bundle, out of a folder or a zip archive; names have `/` between their parts. Whether they are the right ones is for the verifier. */

const tooMany = (found: number, at: string) => new UsageError('BUNDLE_TOO_LARGE', `expected at most ${MAX_BUNDLE_FILES} files, found ${found}`, at)
const tooLarge = (at: string) => new UsageError('BUNDLE_TOO_LARGE', `expected files of at most ${MAX_BUNDLE_FILE_BYTES} bytes`, at)

const tooMuch = (at: string) => new UsageError('BUNDLE_TOO_LARGE', `expected at most ${MAX_BUNDLE_BYTES} bytes in all`, at)

/** Only plain files count: a link could lead anywhere. Reads no further than the limits. */
export function readFolder(folder: string): BundleFiles {
  const files = new Map<string, Uint8Array>()
  let total = 0
  const open = ['']
  for (let below = open.pop(); below !== undefined; below = open.pop()) {
    for (const entry of entriesOf(path.join(folder, below))) {
      const name = `${below}${entry.name}`
      const file = path.join(folder, name)
      if (open.length + files.size >= MAX_BUNDLE_FILES) throw tooMany(open.length + files.size + 1, folder)
      if (entry.isDirectory()) open.push(`${name}/`)
      else {
        if (!entry.isFile()) throw new UsageError('FILE_KIND', 'expected plain files in a bundle, found a link or a device', file)
        const { size } = statOf(file, 'a file of a bundle')
        total += size
        if (size > MAX_BUNDLE_FILE_BYTES) throw tooLarge(file)
        if (total > MAX_BUNDLE_BYTES) throw tooMuch(folder)
        files.set(name, readInput(file, 'a file of a bundle'))
      }
    }
  }
  if (files.size === 0) throw new UsageError('BUNDLE_EMPTY', 'expected the files of a bundle, found an empty folder', folder)
  return files
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (cause) {
    throw unreadable(folder, 'a bundle folder', cause)
  }
}

/** A zip archive of the folder or of its contents; sizes are judged by the directory before anything is unpacked. */
export function readArchive(file: string): BundleFiles {
  const what = 'a bundle as a zip archive'
  if (statOf(file, what).size > MAX_BUNDLE_FILE_BYTES) throw tooLarge(file)
  const names: string[] = []
  let total = 0
  let unpacked: Record<string, Uint8Array>
  try {
    unpacked = unzipSync(readInput(file, what), {
      filter: ({ name, originalSize }) => {
        names.push(name)
        total += originalSize
        if (names.length > MAX_BUNDLE_FILES) throw tooMany(names.length, file)
        if (originalSize > MAX_BUNDLE_FILE_BYTES) throw tooLarge(file)
        if (total > MAX_BUNDLE_BYTES) throw tooMuch(file)
        return true
      },
    })
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError('FILE_UNREADABLE', 'expected a zip archive that can be unpacked', file)
  }
  const files = Object.entries(unpacked).filter(([name]) => !name.endsWith('/'))
  // Of two files with one name, two readers may see two bundles.
  if (Object.keys(unpacked).length !== names.length) throw new UsageError('FILE_UNREADABLE', 'expected each name once in a zip archive, found one twice', file)
  if (files.length === 0) throw new UsageError('BUNDLE_EMPTY', 'expected the files of a bundle, found an empty archive', file)
  const folder = commonFolder(files.map(([name]) => name))
  return new Map(files.map(([name, bytes]) => [name.slice(folder.length), bytes]))
}

/** `NAME/` when every file lies below one folder that is not one of the bundle's own (`1/`, `2/` …). */
function commonFolder(names: readonly string[]): string {
  const [first] = names
  const folder = /^[^/]+\//.exec(first ?? '')?.[0] ?? ''
  return folder !== '' && !/^\d+\/$/.test(folder) && names.every((name) => name.startsWith(folder)) ? folder : ''
}
