import { formatNote, InputError, isSignatureBy, parseCheckpoint, parseNote } from '@fiducia/core'
import { verifyCosigned } from '@fiducia/proofs'
import type { NodeContext } from '../node-context.ts'
import { trustPolicyOfLedger } from '../peers/cosigned-head.ts'
import { collectCosignatures } from '../peers/cosigning.ts'
import { integerColumn, textColumn } from '../store/columns.ts'
import type { AccessLog } from './access-log.ts'

/** The newest sealed note of each own log, with the cosignatures that it got. */
export interface SealedNotes {
  of(origin: string): SealedNote | undefined
  /** Collects what the witnesses add to a sealed note of the log's own, and keeps it. */
  keepCosigned(log: AccessLog, sealed: string): Promise<void>
  /** Collects again where the cosignatures are too few by now: a witness was away, or has another key since. */
  renew(log: AccessLog): Promise<void>
}

export interface SealedNote {
  readonly size: number
  readonly note: string
}

export function createSealedNotes(context: NodeContext): SealedNotes {
  const { database } = context

  const reachesQuorum = ({ note }: SealedNote, origin: string): boolean => {
    try {
      verifyCosigned(note, trustPolicyOfLedger(context.ledger), { origin })
      return true
    } catch (error) {
      if (error instanceof InputError) return false
      throw error
    }
  }

  const notes: SealedNotes = {
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
    async renew(log) {
      const known = notes.of(log.origin)
      if (known === undefined || reachesQuorum(known, log.origin)) return
      const { text, signatures } = parseNote(known.note)
      await notes.keepCosigned(log, formatNote({ text, signatures: signatures.filter((line) => isSignatureBy(line, log.key)) }))
    },
  }
  return notes
}
