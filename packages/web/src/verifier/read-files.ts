import { type BundleCount, countBundle } from '@fiducia/proofs'
import { type Chosen, type NamedBytes, readable, ReadFailure } from './answer.ts'
import type { Dropped } from './dropped.ts'

/** The bytes of what was chosen or dropped, read no further than the limits of a bundle. All throw a `ReadFailure`. */

interface Place {
  /** Path of the folder, ending with `/`, or empty. */
  readonly below: string
  /** What a failure is about. */
  readonly at: string
  readonly count: BundleCount
}

async function readFile(name: string, file: File, { at, count }: Omit<Place, 'below'>): Promise<NamedBytes> {
  readable(at, () => count.file(file.size))
  try {
    return { name, bytes: new Uint8Array(await file.arrayBuffer()) }
  } catch {
    throw new ReadFailure('FILE_UNREADABLE', 'expected a file that can be read', name)
  }
}

export const readOne = (file: File): Promise<NamedBytes> => readFile(file.name, file, { at: file.name, count: countBundle() })

/** Files of an `<input>`: of one folder, or chosen one by one. */
export async function readChosen(list: readonly File[]): Promise<Chosen> {
  const [first] = list
  const folder = first?.webkitRelativePath.split('/')[0] ?? ''
  const place = { at: folder === '' ? (first?.name ?? '') : folder, count: countBundle() }
  const nameOf = (file: File) => (folder === '' ? file.name : file.webkitRelativePath.slice(folder.length + 1))
  const files: NamedBytes[] = []
  for (const file of list) files.push(await readFile(nameOf(file), file, place))
  return folder === '' ? { from: 'files', files } : { from: 'folder', name: folder, files }
}

/** One folder stands for its files; of several things each keeps its name. */
export async function readDropped(dropped: readonly Dropped[]): Promise<Chosen> {
  const place = { below: '', at: dropped[0]?.name ?? '', count: countBundle() }
  const [first, ...more] = dropped
  if (first !== undefined && more.length === 0 && 'list' in first) return { from: 'folder', name: first.name, files: await readAll(await first.list(), place) }
  return { from: 'files', files: await readAll(dropped, place) }
}

async function readAll(dropped: readonly Dropped[], place: Place): Promise<readonly NamedBytes[]> {
  const files: NamedBytes[] = []
  for (const item of dropped) {
    const name = `${place.below}${item.name}`
    if ('read' in item) files.push(await readFile(name, await item.read(), place))
    else {
      readable(place.at, () => place.count.folder())
      files.push(...(await readAll(await item.list(), { ...place, below: `${name}/` })))
    }
  }
  return files
}
