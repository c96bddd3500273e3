import { type BundleCount, countBundle } from '@fiducia/proofs'
import { type Chosen, type NamedBytes, readable, ReadFailure } from './answer.ts'

/** The bytes of what was chosen or dropped, read no further than the limits of a bundle. All throw a `ReadFailure`. */

async function bytesOf(name: string, file: File): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.arrayBuffer())
  } catch {
    throw new ReadFailure('FILE_UNREADABLE', 'expected a file that can be read', name)
  }
}

export async function readOne(file: File): Promise<NamedBytes> {
  readable(file.name, () => countBundle().file(file.size))
  return { name: file.name, bytes: await bytesOf(file.name, file) }
}

/** Files of an `<input>`: of one folder, or chosen one by one. */
export async function readChosen(list: readonly File[]): Promise<Chosen> {
  const [first] = list
  const folder = first?.webkitRelativePath.split('/')[0] ?? ''
  const at = folder === '' ? (first?.name ?? '') : folder
  const count = countBundle()
  const files: NamedBytes[] = []
  for (const file of list) {
    readable(at, () => count.file(file.size))
    const name = folder === '' ? file.name : file.webkitRelativePath.slice(folder.length + 1)
    files.push({ name, bytes: await bytesOf(name, file) })
  }
  return folder === '' ? { from: 'files', files } : { from: 'folder', name: folder, files }
}

/** What was dropped. One folder stands for its files; of several things each keeps its name. */
export async function readDropped(entries: readonly FileSystemEntry[]): Promise<Chosen> {
  const count = countBundle()
  const [first, ...more] = entries
  if (first !== undefined && more.length === 0 && isDirectory(first))
    return { from: 'folder', name: first.name, files: await readFolder(first, { below: '', at: first.name, count }) }
  const files: NamedBytes[] = []
  for (const entry of entries) files.push(...(await readEntry(entry, { below: '', at: entry.name, count })))
  return { from: 'files', files }
}

interface Place {
  /** Path of the folder, ending with `/`, or empty. */
  readonly below: string
  readonly at: string
  readonly count: BundleCount
}

async function readEntry(entry: FileSystemEntry, place: Place): Promise<readonly NamedBytes[]> {
  const name = `${place.below}${entry.name}`
  if (isDirectory(entry)) {
    readable(place.at, () => place.count.folder())
    return readFolder(entry, { ...place, below: `${name}/` })
  }
  if (!isFile(entry)) return []
  const file = await fileOf(name, entry)
  readable(place.at, () => place.count.file(file.size))
  return [{ name, bytes: await bytesOf(name, file) }]
}

async function readFolder(folder: FileSystemDirectoryEntry, place: Place): Promise<readonly NamedBytes[]> {
  const files: NamedBytes[] = []
  const reader = folder.createReader()
  // A browser gives them in parts; an empty part is the end.
  for (let part = await nextEntries(folder.name, reader); part.length > 0; part = await nextEntries(folder.name, reader))
    for (const entry of part) files.push(...(await readEntry(entry, place)))
  return files
}

const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory
const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile

const unreadableEntry = (name: string) => new ReadFailure('FILE_UNREADABLE', 'expected a file or folder that can be read', name)

const fileOf = (name: string, entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => {
    entry.file(resolve, () => reject(unreadableEntry(name)))
  })

const nextEntries = (name: string, reader: FileSystemDirectoryReader): Promise<readonly FileSystemEntry[]> =>
  new Promise((resolve, reject) => {
    reader.readEntries(resolve, () => reject(unreadableEntry(name)))
  })
