import { readdirSync } from 'node:fs'
import path from 'node:path'
import { InputError } from '@fiducia/core'
import { type BundleFiles, countBundle, readArchive, toBundle } from '@fiducia/proofs'
import { UsageError } from '../output.ts'
import { readInput, statOf, unreadable } from '../read-input.ts'

/** The files of a bundle, out of a folder or a zip archive. The rules are those of `@fiducia/proofs`; here they get their bytes. */

/** Says in which file it is that an input is not what was expected. */
export function readable<T>(at: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof InputError) throw new UsageError(error.code, error.message, at)
    throw error
  }
}

/** Only plain files count: a link could lead anywhere. Reads no further than the limits. */
export function readFolder(folder: string): BundleFiles {
  return readable(folder, () => {
    const files: (readonly [string, Uint8Array])[] = []
    const count = countBundle()
    const open = ['']
    for (let below = open.pop(); below !== undefined; below = open.pop()) {
      for (const entry of entriesOf(path.join(folder, below))) {
        const name = `${below}${entry.name}`
        const file = path.join(folder, name)
        if (entry.isDirectory()) {
          count.folder()
          open.push(`${name}/`)
        } else {
          if (!entry.isFile()) throw new UsageError('FILE_KIND', 'expected plain files in a bundle, found a link or a device', file)
          files.push([name, readCounted(file, 'a file of a bundle', count)])
        }
      }
    }
    return toBundle(files)
  })
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (cause) {
    throw unreadable(folder, 'a bundle folder', cause)
  }
}

export const readArchiveFile = (file: string): BundleFiles => readable(file, () => readArchive(readCounted(file, 'a bundle as a zip archive')))

/** Its size is judged before it is read. Throws the `InputError` of `count`. */
export function readCounted(file: string, what: string, count = countBundle()): Uint8Array {
  const stats = statOf(file, what)
  if (stats.isFile()) count.file(stats.size)
  return readInput(file, what)
}
