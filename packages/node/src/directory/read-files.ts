import path from 'node:path'
import { DirectoryError, type FileReader, type ImportedRecord } from '@fiducia/directory'
import { RECORDS_PER_COMMIT } from './limits.ts'
import type { LoadPorts } from './load.ts'
import type { ReadContext } from './open-readers.ts'
import { type SourceFile, unpackedBytes } from './source-file.ts'
import type { Staging } from './staging.ts'

/** Reads all files of a load into its staging, from where an earlier run was killed. */
export async function readFiles(staging: Staging, context: ReadContext, ports: LoadPorts): Promise<void> {
  const { files } = context
  if (staging.isRead) return
  const readerOf = await ports.readers(context)
  const total = files.reduce((sum, { size }) => sum + size, 0)
  let taken = 0
  const onRead = (bytes: number) => {
    taken += bytes
    ports.onProgress?.({ phase: 'read', done: staging.counts.read, share: total === 0 ? 1 : taken / total })
  }
  for (const [place, file] of files.entries()) {
    if (place < staging.reached.file) taken += file.size
    else await readFile(staging, place, { file, reader: naming(file, () => readerOf(file)), onRead })
  }
  staging.finish()
}

interface Reading {
  readonly file: SourceFile
  readonly reader: FileReader
  readonly onRead: (bytes: number) => void
}

/** What is staged already is read again, for the reader to know what it knew, and not staged twice. */
async function readFile(staging: Staging, place: number, { file, reader, onRead }: Reading): Promise<void> {
  const skipped = staging.reached.file === place ? staging.reached.records : 0
  let seen = 0
  const take = (records: readonly ImportedRecord[]) => {
    if (reader.header !== undefined && seen === 0) staging.header(place, reader.header, path.basename(file.path))
    for (const record of records) {
      seen += 1
      if (seen > skipped) staging.add(place, record)
      if (seen > skipped && seen % RECORDS_PER_COMMIT === 0) staging.commit(place, seen)
    }
  }
  for await (const chunk of unpackedBytes(file, onRead)) take(naming(file, () => reader.push(chunk)))
  take(naming(file, () => reader.end()))
  staging.commit(place + 1, 0)
}

/** A file that is not of its format is named. */
export function naming<T>(file: SourceFile, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof DirectoryError) throw new DirectoryError(error.code, error.message, file.path)
    throw error
  }
}
