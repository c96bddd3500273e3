import path from 'node:path'
import { createHeaderReader, DirectoryError, type FileReader, type ImportedRecord, isMainFile } from '@fiducia/directory'
import { RECORDS_PER_COMMIT } from './limits.ts'
import type { LoadPorts } from './load.ts'
import type { ReadContext } from './open-readers.ts'
import { type SourceFile, unpackedBytes } from './source-file.ts'
import type { Staging } from './staging.ts'

/**
 * Reads all files of a load into its staging, from where an earlier run was killed. How far it is counts files in the order in which they are
 * read, which follows from the files alone.
 */
export async function readFiles(staging: Staging, context: ReadContext, ports: LoadPorts): Promise<void> {
  const { files } = context
  if (staging.isRead) return
  const { observedAt } = context.terms
  const readerOf = await ports.readers({ ...context, terms: { ...context.terms, observedAt: observedAt ?? ports.now() } })
  const total = files.reduce((sum, { size }) => sum + size, 0)
  let taken = 0
  const onRead = (bytes: number) => {
    taken += bytes
    ports.onProgress?.({ phase: 'read', done: staging.counts.read, share: total === 0 ? 1 : taken / total })
  }
  for (const [turn, { file, place }] of (await inReadingOrder(context)).entries()) {
    if (turn < staging.reached.file) taken += file.size
    else await readFile(staging, turn, { file, place, reader: naming(file, () => readerOf(file)), onRead })
  }
  staging.finish()
}

/** A file, and which of the load's files it is. */
interface PlacedFile {
  readonly file: SourceFile
  readonly place: number
}

/** As they were named; of the national register main files first, because no other one says what its NPIs name. */
async function inReadingOrder({ terms, files }: ReadContext): Promise<readonly PlacedFile[]> {
  const placed = files.map((file, place) => ({ file, place }))
  if (terms.format !== 'nppes' || files.length === 1) return placed
  const mains = new Set<number>()
  for (const { file, place } of placed) if (isMainFile(await headerOf(file))) mains.add(place)
  return [...placed.filter(({ place }) => mains.has(place)), ...placed.filter(({ place }) => !mains.has(place))]
}

/** Empty where the file has none: that is told when its turn comes. */
async function headerOf(file: SourceFile): Promise<readonly string[]> {
  const reader = createHeaderReader()
  try {
    for await (const chunk of unpackedBytes(file, () => {})) {
      const header = reader.push(chunk)
      if (header !== undefined) return header
    }
    return reader.end()
  } catch (error) {
    if (error instanceof DirectoryError) return []
    throw error
  }
}

interface Reading extends PlacedFile {
  readonly reader: FileReader
  readonly onRead: (bytes: number) => void
}

/** What is staged already is read again, for the reader to know what it knew, and not staged twice. */
async function readFile(staging: Staging, turn: number, { file, place, reader, onRead }: Reading): Promise<void> {
  const skipped = staging.reached.file === turn ? staging.reached.records : 0
  let seen = 0
  const take = (records: readonly ImportedRecord[]) => {
    if (reader.header !== undefined && seen === 0)
      staging.header(place, reader.header, { name: path.basename(file.path), isCorrection: reader.isCorrection ?? false })
    for (const record of records) {
      seen += 1
      if (seen > skipped) staging.add(place, record)
      if (seen > skipped && seen % RECORDS_PER_COMMIT === 0) staging.commit(turn, seen)
    }
  }
  for await (const chunk of unpackedBytes(file, onRead)) take(naming(file, () => reader.push(chunk)))
  take(naming(file, () => reader.end()))
  staging.commit(turn + 1, 0)
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
