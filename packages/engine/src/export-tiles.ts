import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseCheckpoint, parseNote } from '@fiducia/core'
import { tilePath, tilesOfSize } from '@fiducia/proofs'
import { EngineError } from './errors.ts'

/** A log that can be published: the ledger's, or an access log. */
export interface PublishedLog {
  size(): number
  /** The bytes of a path below `tile/`, undefined when the log does not hold them. */
  tile(path: string): Uint8Array | undefined
}

/**
 * Writes a C2SP tlog-tiles directory: every tile and bundle of the log at the size of the note, then `checkpoint`, so that
 * a reader never sees a checkpoint without its tiles. Gives the number of files.
 */
export function exportTiles(log: PublishedLog, note: string, dir: string): number {
  const { size } = parseCheckpoint(parseNote(note).text)
  if (size > log.size()) throw new EngineError('STORE_DAMAGED', `the note is for size ${size}, the log ends at ${log.size()}`)
  const tiles = tilesOfSize(size)
  for (const tile of tiles) {
    const bytes = log.tile(tilePath(tile))
    if (bytes === undefined) throw new EngineError('STORE_DAMAGED', `the log has no tile \`${tilePath(tile)}\``)
    writeFile(path.join(dir, 'tile', tilePath(tile)), bytes)
  }
  writeFile(path.join(dir, 'checkpoint'), note)
  return tiles.length + 1
}

function writeFile(file: string, content: string | Uint8Array): void {
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, content)
}
