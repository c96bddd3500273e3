import { type Bytes32, decodeU64, formatCanonical, type Handle, parseBytes32 } from '@fiducia/core'
import { effectiveHead, relationship } from '@fiducia/ledger'
import { type Redaction, redactionCom } from '@fiducia/proofs'
import type { AccessLog } from '../access-log/access-log.ts'
import { NodeFailure } from '../failures.ts'
import { REDACTION_DELAY_MS } from '../limits.ts'
import type { NodeContext } from '../node-context.ts'
import type { Locks } from '../relationships/locks.ts'
import type { PolicyFiles } from '../relationships/policy-files.ts'
import type { Unconfirmed } from '../relationships/unconfirmed.ts'
import { SETTLED } from '../requester/kept-receipts.ts'
import { createKept } from './kept.ts'
import type { Tombstone, Tombstones } from './tombstones.ts'

/**
 * Erasure on a patient-signed request (DESIGN section 5). At a holder: K, the binding, every event's content with its salts, the
 * sealed copies, the policy bodies. At a requester: the receipts under a link, and the link. What stays is on the ledger and in
 * the logs: handles, keys, leaves that open to nothing any more; so every other proof verifies as before.
 *
 *   tombstone, outside the database    → then the rows, in one transaction → then the files
 *   later, at a random time            → a redaction leaf, which looks like any other
 *   with the next job                  → free pages and the write-ahead log are rewritten: no byte is left on disk
 *
 * A crash anywhere leaves a tombstone, and the next start finishes. Not erased: what others hold, the silo's own record, and
 * backups, which are erased when they are put back.
 */
export interface Erasure {
  /** Throws `RELATIONSHIP_OPEN` while the relationship is not closed. Gives the number of events that were erased. */
  eraseRelationship(handle: Handle, request: Bytes32): Promise<number>
  /** Throws `COPIES_OPEN` while a receipt is not compared with the holder's public log. Gives the number of copies. */
  eraseLink(hash: Bytes32, request: Bytes32): Promise<number>
  /** Erases again what a backup, or an answer that was under way, has brought back; to be called before anything is served. */
  finish(): void
  /** Writes redactions that are due, and rewrites the free pages where something was erased. */
  run(): Promise<void>
}

export interface ErasurePorts {
  readonly log: AccessLog
  readonly files: PolicyFiles
  readonly unconfirmed: Unconfirmed
  readonly tombstones: Tombstones
  readonly locks: Locks
}

const GROUND = 'patient-request'

export function createErasure(context: NodeContext, { log, files, unconfirmed, tombstones, locks }: ErasurePorts): Erasure {
  const { database, clock, ledger, random } = context

  const kept = createKept({ database, files, unconfirmed })

  function bury(kind: Tombstone['kind'], name: Bytes32, request: Bytes32, count: number): void {
    const delay = REDACTION_DELAY_MS + (decodeU64(Uint8Array.of(0, 0, 0, 0, ...random(4))) % REDACTION_DELAY_MS)
    const known = tombstones.find(kind, name)
    if (known === undefined) tombstones.put({ kind, name, request, count, due: clock.now() + delay, redacted: false, scrubbed: false })
  }

  /** The tombstone first: what a crash leaves, the next round or start erases. */
  function erase(kind: Tombstone['kind'], name: Bytes32, request: Bytes32): number {
    const count = kept.count(kind, name)
    bury(kind, name, request, count)
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

  async function redact(tombstone: Tombstone): Promise<void> {
    const { count, request } = tombstone
    const redaction: Redaction = { count, ground: GROUND, request }
    const content = formatCanonical({ count, ground: GROUND, request })
    // A crash between leaf and tombstone must not make it two.
    if (database.get('SELECT idx FROM redaction WHERE content = ?', content) === undefined) {
      const salt = random(32)
      const keep = (index: number) => database.run('INSERT INTO redaction (origin, idx, salt, content) VALUES (?, ?, ?, ?)', log.origin, index, salt, content)
      await log.append({ tag: random(32), com: redactionCom(salt, redaction), alongside: keep })
    }
    tombstones.put({ ...tombstone, redacted: true })
  }

  return {
    eraseRelationship: (handle, request) =>
      locks.run(handle, () => {
        const head = relationship(ledger.tip(), handle)
        const now = Math.max(clock.now(), ledger.tip().time)
        if (head !== undefined && effectiveHead(head, now).status !== 'closed')
          throw new NodeFailure('RELATIONSHIP_OPEN', 'expected a closed relationship: nothing could be logged for the patient any more')
        return erase('relationship', parseBytes32(handle), request)
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
    finish,
    async run() {
      finish()
      const due = tombstones.all.filter(({ redacted, due: at }) => !redacted && clock.now() >= at)
      if (log.heldBecause === undefined && log.frozenBecause === undefined) for (const tombstone of due) await redact(tombstone)
      const unscrubbed = tombstones.all.filter(({ scrubbed }) => !scrubbed)
      if (unscrubbed.length === 0 || !database.scrub()) return
      for (const tombstone of unscrubbed) tombstones.put({ ...tombstone, scrubbed: true })
    },
  }
}
