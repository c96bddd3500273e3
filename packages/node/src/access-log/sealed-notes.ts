import { isSignatureBy, parseCheckpoint, parseNote } from '@fiducia/core'
import { witnessKeys } from '@fiducia/ledger'
import { type TrustPolicy, verifyCosigned, withSignatures } from '@fiducia/proofs'
import type { NodeContext } from '../node-context.ts'
import { trustPolicyOfLedger } from '../peers/cosigned-head.ts'
import { collectCosignatures } from '../peers/cosigning.ts'
import { integerColumn, textColumn } from '../store/columns.ts'
import type { AccessLog } from './access-log.ts'

/** The newest sealed note of each own log, with the cosignatures that it got. */
export interface SealedNotes {
  of(origin: string): SealedNote | undefined
  /** Whether every witness that is asked has cosigned the note that is kept, with a key that counts now. */
  isComplete(origin: string): boolean
  /** Whether a quorum has. */
  hasQuorum(origin: string): boolean
  /** Collects what the witnesses add to a sealed note of the log's own, and keeps it; what was collected for it before stays. */
  keepCosigned(log: AccessLog, sealed: string): Promise<void>
}

export interface SealedNote {
  readonly size: number
  readonly note: string
}

export function createSealedNotes(context: NodeContext): SealedNotes {
  const { database } = context
  function of(origin: string): SealedNote | undefined {
    const row = database.get('SELECT size, note FROM sealed_note WHERE origin = ?', origin)
    return row === undefined ? undefined : { size: integerColumn(row, 'size'), note: textColumn(row, 'note') }
  }

  return {
    of,
    isComplete(origin) {
      const kept = of(origin)
      if (kept === undefined) return false
      const { signatures } = parseNote(kept.note)
      const keys = [...witnessKeys(context.ledger.tip()), ...context.outsideWitnesses.map(({ key }) => key)]
      return [...Map.groupBy(keys, ({ name }) => name).values()].every((its) => its.some((key) => signatures.some((line) => isSignatureBy(line, key))))
    },
    hasQuorum(origin) {
      const kept = of(origin)
      return kept !== undefined && isCosigned(kept.note, origin, trustPolicyOfLedger(context.ledger))
    },
    async keepCosigned(log, sealed) {
      const { size } = parseCheckpoint(parseNote(sealed).text)
      const { note, missing } = await collectCosignatures(context, { note: sealed, consistency: (oldSize) => log.hashes.consistency(oldSize, size) })
      if (missing.length > 0) context.logger.warn({ origin: log.origin, size, missing }, 'some witnesses did not cosign')
      database.run(
        'INSERT INTO sealed_note (origin, size, note) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET size = excluded.size, note = excluded.note',
        log.origin,
        size,
        withLinesOf(of(log.origin)?.note, note),
      )
    },
  }
}

function isCosigned(note: string, origin: string, policy: TrustPolicy): boolean {
  try {
    verifyCosigned(note, policy, { origin })
    return true
  } catch {
    return false
  }
}

/** The note with the lines of an earlier one of the same text, by those whose line it does not carry itself. */
function withLinesOf(earlier: string | undefined, note: string): string {
  if (earlier === undefined) return note
  const before = parseNote(earlier)
  return before.text === parseNote(note).text ? withSignatures(note, before.signatures, false) : note
}
