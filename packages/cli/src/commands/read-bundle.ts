import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { type BundleFiles, MAX_BUNDLE_FILE_BYTES, MAX_BUNDLE_FILES } from '@fiducia/proofs'
import { unzipSync } from 'fflate'
import { UsageError } from '../output.ts'

/** The files of a bundle, out of a folder or a zip archive; names have `/` between their parts. Whether they are the right ones is for the verifier. */

const tooMany = (found: number, at: string) => new UsageError('BUNDLE_TOO_LARGE', `expected at most ${MAX_BUNDLE_FILES} files, found ${found}`, at)
const tooLarge = (at: string) => new UsageError('BUNDLE_TOO_LARGE', `expected files of at most ${MAX_BUNDLE_FILE_BYTES} bytes`, at)

/** Only plain files count: a link could lead anywhere. */
export function readFolder(folder: string): BundleFiles {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory())
  if (entries.length > MAX_BUNDLE_FILES) throw tooMany(entries.length, folder)
  return new Map(
    entries.map((entry) => {
      const file = path.join(entry.parentPath, entry.name)
      if (!entry.isFile()) throw new UsageError('FILE_KIND', 'expected plain files in a bundle, found a link or a device', file)
      if (statSync(file).size > MAX_BUNDLE_FILE_BYTES) throw tooLarge(file)
      return [path.relative(folder, file).split(path.sep).join('/'), new Uint8Array(readFileSync(file))]
    }),
  )
}

/** A zip archive of the folder or of its contents; sizes are judged by the directory before anything is unpacked. */
export function readArchive(file: string): BundleFiles {
  if (statSync(file).size > MAX_BUNDLE_FILE_BYTES) throw tooLarge(file)
  let seen = 0
  let unpacked: Record<string, Uint8Array>
  try {
    unpacked = unzipSync(new Uint8Array(readFileSync(file)), {
      filter: ({ originalSize }) => {
        seen += 1
        if (seen > MAX_BUNDLE_FILES) throw tooMany(seen, file)
        if (originalSize > MAX_BUNDLE_FILE_BYTES) throw tooLarge(file)
        return true
      },
    })
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError('FILE_UNREADABLE', 'expected a zip archive that can be unpacked', file)
  }
  const files = Object.entries(unpacked).filter(([name]) => !name.endsWith('/'))
  const folder = commonFolder(files.map(([name]) => name))
  return new Map(files.map(([name, bytes]) => [name.slice(folder.length), bytes]))
}

/** `NAME/` when every file lies below one folder that is not one of the bundle's own (`1/`, `2/` …). */
function commonFolder(names: readonly string[]): string {
  const [first] = names
  const folder = /^[^/]+\//.exec(first ?? '')?.[0] ?? ''
  return folder !== '' && !/^\d+\/$/.test(folder) && names.every((name) => name.startsWith(folder)) ? folder : ''
}
