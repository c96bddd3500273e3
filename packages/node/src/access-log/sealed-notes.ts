import { parseCheckpoint, parseNote } from '@fiducia/core'
import type { NodeContext } from '../node-context.ts'
import { collectCosignatures } from '../peers/cosigning.ts'
import { integerColumn, textColumn } from '../store/columns.ts'
import type { AccessLog } from './access-log.ts'

/** The newest sealed note of each own log, with the cosignatures that it got. */
export interface SealedNotes {
  of(origin: string): SealedNote | undefined
  /** Collects what the witnesses add to a sealed note of the log's own, and keeps it. */
  keepCosigned(log: AccessLog, sealed: string): Promise<void>
}

export interface SealedNote {
  readonly size: number
  readonly note: string
}

export function createSealedNotes(context: NodeContext): SealedNotes {
  const { database } = context
  return {
    of(origin) {
      const row = database.get('SELECT size, note FROM sealed_note WHERE origin = ?', origin)
      return row === undefined ? undefined : { size: integerColumn(row, 'size'), note: textColumn(row, 'note') }
    },
    async keepCosigned(log, sealed) {
      const { size } = parseCheckpoint(parseNote(sealed).text)
      const { note, missing } = await collectCosignatures(context, { note: sealed, consistency: (oldSize) => log.hashes.consistency(oldSize, size) })
      if (missing.length > 0) context.logger.warn({ origin: log.origin, size, missing }, 'some witnesses did not cosign')
      database.run(
        'INSERT INTO sealed_note (origin, size, note) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET size = excluded.size, note = excluded.note',
        log.origin,
        size,
        note,
      )
    },
  }
}
