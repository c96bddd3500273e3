import { type Bytes32, type Handle, parseBytes32 } from '@fiducia/core'
import { effectiveHead, relationship } from '@fiducia/ledger'
import { NodeFailure } from '../failures.ts'
import type { NodeContext } from '../node-context.ts'
import type { Locks } from '../relationships/locks.ts'
import type { PolicyFiles } from '../relationships/policy-files.ts'
import type { Unconfirmed } from '../relationships/unconfirmed.ts'
import { SETTLED } from '../requester/kept-receipts.ts'
import { createKept } from './kept.ts'
import type { Redactions } from './redactions.ts'
import type { Tombstone, Tombstones } from './tombstones.ts'

/**
 * Erasure on a patient-signed request (DESIGN section 5). At a holder: K, the binding, every event's content with its salts, the
 * sealed copies, the policy bodies. At a requester: the receipts under a link, and the link. At a key custodian: the ciphertext.
 * What stays is on the ledger and in the logs: handles, keys, leaves that open to nothing any more; so every other proof verifies
 * as before. What goes by age goes through `retention.ts`.
 *
 *   tombstone, outside the database    → then the rows, in one transaction → then the files
 *   later, at a random time            → a redaction leaf, which looks like any other
 *   with the next job                  → small tables and the write-ahead log are rewritten: no byte is left on disk
 *
 * A crash anywhere leaves a tombstone, and the next start finishes. Not erased: what others hold, the silo's own record, and
 * backups, which are erased when they are put back.
 */
export interface Erasure {
  /** Throws `RELATIONSHIP_OPEN` while the relationship is not closed. Gives the number of events that were erased. */
  eraseRelationship(handle: Handle, request: Bytes32): Promise<number>
  /** Throws `COPIES_OPEN` while a receipt is not compared with the holder's public log. Gives the number of copies. */
  eraseLink(hash: Bytes32, request: Bytes32): Promise<number>
  /** The ciphertext that a custodian keeps under this id; nothing is ever kept under it again. No leaf: none of the log was about it. */
  eraseCustody(id: Bytes32, request: Bytes32): Promise<void>
  /** What is left of a closed relationship whose events have gone by age, each with the leaf of its batch: keys, binding, policies. */
  endRelationship(handle: Handle, request: Bytes32): Promise<void>
  /** Whether a tombstone says that this was erased. */
  isErased(kind: Tombstone['kind'], name: string): boolean
  /** Erases again what a backup, or an answer that was under way, has brought back; to be called before anything is served. */
  finish(): void
  /** Writes redactions that are due, and leaves no byte of what was erased in the store. */
  run(): Promise<void>
}

export interface ErasurePorts {
  readonly redactions: Redactions
  readonly files: PolicyFiles
  readonly unconfirmed: Unconfirmed
  readonly tombstones: Tombstones
  readonly locks: Locks
}

const GROUND = 'patient-request'

export function createErasure(context: NodeContext, { redactions, files, unconfirmed, tombstones, locks }: ErasurePorts): Erasure {
  const { database, clock, ledger } = context

  const kept = createKept({ database, files, unconfirmed })

  /** The tombstone first: what a crash leaves, the next round or start erases. */
  function erase(kind: Tombstone['kind'], name: Bytes32, request: Bytes32, redacted = false): number {
    const count = kept.count(kind, name)
    if (tombstones.find(kind, name) === undefined) tombstones.put({ kind, name, request, count, due: redactions.due(), redacted, scrubbed: false })
    kept.erase(kind, name)
    return count
  }

  function finish(): void {
    for (const tombstone of tombstones.all.filter((one) => kept.isThere(one))) {
      kept.erase(tombstone.kind, tombstone.name)
      tombstones.put({ ...tombstone, scrubbed: false })
      context.logger.warn({ kind: tombstone.kind }, 'what had been erased was there again, and is erased again')
    }
  }

  function insistClosed(handle: Handle): void {
    const head = relationship(ledger.tip(), handle)
    const now = Math.max(clock.now(), ledger.tip().time)
    if (head !== undefined && effectiveHead(head, now).status !== 'closed')
      throw new NodeFailure('RELATIONSHIP_OPEN', 'expected a closed relationship: nothing could be logged for the patient any more')
  }

  return {
    eraseRelationship: (handle, request) =>
      locks.run(handle, () => {
        insistClosed(handle)
        return erase('relationship', parseBytes32(handle), request)
      }),
    endRelationship: (handle, request) =>
      locks.run(handle, () => {
        insistClosed(handle)
        erase('relationship', parseBytes32(handle), request, true)
      }),
    eraseLink: (hash, request) =>
      locks.run(hash, () => {
        if (database.get('SELECT 1 FROM copy WHERE link = ? AND settled = ?', hash, SETTLED.open) !== undefined)
          throw new NodeFailure(
            'COPIES_OPEN',
            'expected receipts that are compared with the holder’s public log, found some that are not so far; ask again within the hour',
          )
        return erase('link', hash, request)
      }),
    eraseCustody: (id, request) => locks.run(id, () => void erase('custody', id, request, true)),
    isErased: (kind, name) => tombstones.find(kind, name) !== undefined,
    finish,
    async run() {
      finish()
      const due = tombstones.all.filter(({ redacted, due: at }) => !redacted && clock.now() >= at)
      if (redactions.isPossible) {
        for (const tombstone of due) {
          await redactions.write({ count: tombstone.count, ground: GROUND, request: tombstone.request })
          tombstones.put({ ...tombstone, redacted: true })
        }
      }
      const unscrubbed = tombstones.all.filter(({ scrubbed }) => !scrubbed)
      if (unscrubbed.length === 0 || !database.scrub()) return
      for (const tombstone of unscrubbed) tombstones.put({ ...tombstone, scrubbed: true })
    },
  }
}
