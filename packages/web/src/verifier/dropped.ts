import { ReadFailure } from './answer.ts'

/**
 * What was dropped, in one shape. Browsers offer two: handles, without which Chromium reads no folder for a page that was
 * opened from the disk, and entries, which the others know. Both must be asked for while the drop is being handled.
 */
export type Dropped = DroppedFile | DroppedFolder

export interface DroppedFile {
  readonly name: string
  readonly read: () => Promise<File>
}

export interface DroppedFolder {
  readonly name: string
  readonly list: () => Promise<readonly Dropped[]>
}

interface ItemWithHandle extends DataTransferItem {
  readonly getAsFileSystemHandle?: () => Promise<FileSystemHandle | null>
}

/** To be called before the event ends. */
export function droppedOf(data: DataTransfer): Promise<readonly Dropped[]> {
  const items: readonly ItemWithHandle[] = [...data.items]
  const files = [...data.files]
  return Promise.all(items.flatMap((item, i) => droppedItem(item, files[i]) ?? []))
}

function droppedItem(item: ItemWithHandle, file: File | undefined): Promise<Dropped> | undefined {
  if (item.kind !== 'file') return undefined
  const entry = item.webkitGetAsEntry()
  const otherwise = (): Dropped => {
    if (entry !== null) return fromEntry(entry)
    if (file !== undefined) return { name: file.name, read: async () => file }
    throw unreadable('')
  }
  const handle = item.getAsFileSystemHandle?.()
  return handle === undefined
    ? Promise.resolve(otherwise())
    : handle.then(
        (found) => (found === null ? otherwise() : fromHandle(found)),
        () => otherwise(),
      )
}

const unreadable = (name: string) => new ReadFailure('FILE_UNREADABLE', 'expected a file or folder that can be read', name)

function fromHandle(handle: FileSystemHandle): Dropped {
  const { name } = handle
  const orFail = <T>(work: Promise<T>): Promise<T> => work.catch(() => Promise.reject(unreadable(name)))
  if (isFileHandle(handle)) return { name, read: () => orFail(handle.getFile()) }
  if (isFolderHandle(handle)) return { name, list: () => orFail(listHandles(handle)) }
  throw unreadable(name)
}

async function listHandles(folder: FileSystemDirectoryHandle): Promise<readonly Dropped[]> {
  const all: Dropped[] = []
  for await (const handle of folder.values()) all.push(fromHandle(handle))
  return all
}

const isFileHandle = (handle: FileSystemHandle): handle is FileSystemFileHandle => handle.kind === 'file'
const isFolderHandle = (handle: FileSystemHandle): handle is FileSystemDirectoryHandle => handle.kind === 'directory'

function fromEntry(entry: FileSystemEntry): Dropped {
  const { name } = entry
  if (isFileEntry(entry)) return { name, read: () => new Promise((resolve, reject) => entry.file(resolve, () => reject(unreadable(name)))) }
  if (isFolderEntry(entry)) return { name, list: () => listEntries(name, entry.createReader()) }
  throw unreadable(name)
}

const isFileEntry = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
const isFolderEntry = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory

/** They come in parts; an empty part is the end. */
async function listEntries(name: string, reader: FileSystemDirectoryReader): Promise<readonly Dropped[]> {
  const next = () => new Promise<readonly FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, () => reject(unreadable(name))))
  const all: Dropped[] = []
  for (let part = await next(); part.length > 0; part = await next()) all.push(...part.map(fromEntry))
  return all
}
