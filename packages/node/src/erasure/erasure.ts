import { type Bytes32, decodeU64, type Handle, type JsonObject, parseBytes32 } from '@fiducia/core'
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
import { integerColumn } from '../store/columns.ts'
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
  /** Erases again what a backup has brought back; to be called before anything is served. */
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

  const countOf = (sql: string, ...values: readonly string[]): number => integerColumn(database.get(sql, ...values) ?? {}, 'n')

  function bury(kind: Tombstone['kind'], name: Bytes32, request: Bytes32, count: number): void {
    const delay = REDACTION_DELAY_MS + (decodeU64(Uint8Array.of(0, 0, 0, 0, ...random(4))) % REDACTION_DELAY_MS)
    const known = tombstones.find(kind, name)
    if (known === undefined) tombstones.put({ kind, name, request, count, due: clock.now() + delay, redacted: false, scrubbed: false })
  }

  /** Safe to repeat. */
  function eraseRows({ kind, name }: Pick<Tombstone, 'kind' | 'name'>): void {
    database.transaction(() => {
      if (kind === 'link') {
        database.run('DELETE FROM copy WHERE link = ?', name)
        database.run('DELETE FROM link WHERE hash = ?', name)
        return
      }
      for (const table of ['event', 'next_n', 'committed_policy', 'relationship']) database.run(`DELETE FROM ${table} WHERE handle = ?`, name)
    })
    if (kind === 'relationship') files.remove(name as Handle)
    if (kind === 'relationship') unconfirmed.confirm(name as Handle)
  }

  const isThere = ({ kind, name }: Tombstone): boolean =>
    kind === 'link'
      ? countOf('SELECT (SELECT count(*) FROM copy WHERE link = ?) + (SELECT count(*) FROM link WHERE hash = ?) AS n', name, name) > 0
      : countOf('SELECT (SELECT count(*) FROM event WHERE handle = ?) + (SELECT count(*) FROM relationship WHERE handle = ?) AS n', name, name) > 0 ||
        files.of(name as Handle).length > 0

  async function redact(tombstone: Tombstone): Promise<void> {
    const { count, request } = tombstone
    const redaction: Redaction = { count, ground: GROUND, request }
    const salt = random(32)
    const content: JsonObject = { ...redaction }
    const keep = (index: number) =>
      database.run('INSERT INTO redaction (origin, idx, salt, content) VALUES (?, ?, ?, ?)', log.origin, index, salt, JSON.stringify(content))
    await log.append({ tag: random(32), com: redactionCom(salt, redaction), alongside: keep })
    tombstones.put({ ...tombstone, redacted: true })
  }

  return {
    eraseRelationship: (handle, request) =>
      locks.run(handle, () => {
        const head = relationship(ledger.tip(), handle)
        const now = Math.max(clock.now(), ledger.tip().time)
        if (head !== undefined && effectiveHead(head, now).status !== 'closed')
          throw new NodeFailure('RELATIONSHIP_OPEN', 'expected a closed relationship: nothing could be logged for the patient any more')
        const count = countOf('SELECT count(*) AS n FROM event WHERE handle = ?', handle)
        bury('relationship', parseBytes32(handle), request, count)
        eraseRows({ kind: 'relationship', name: parseBytes32(handle) })
        return count
      }),
    eraseLink: (hash, request) =>
      locks.run(hash, () => {
        if (countOf(`SELECT count(*) AS n FROM copy WHERE link = ? AND settled = ${SETTLED.open}`, hash) > 0)
          throw new NodeFailure('COPIES_OPEN', 'some receipts under this link are not compared with the holder’s public log so far; ask again within the hour')
        const count = countOf('SELECT count(*) AS n FROM copy WHERE link = ?', hash)
        bury('link', hash, request, count)
        eraseRows({ kind: 'link', name: hash })
        return count
      }),
    finish() {
      for (const tombstone of tombstones.all.filter(isThere)) {
        eraseRows(tombstone)
        tombstones.put({ ...tombstone, scrubbed: false })
        context.logger.warn({ kind: tombstone.kind }, 'a copy that was put back held what had been erased; it is erased again')
      }
    },
    async run() {
      const due = tombstones.all.filter(({ redacted, due: at }) => !redacted && clock.now() >= at)
      if (log.heldBecause === undefined && log.frozenBecause === undefined) for (const tombstone of due) await redact(tombstone)
      const unscrubbed = tombstones.all.filter(({ scrubbed }) => !scrubbed)
      if (unscrubbed.length === 0 || !database.scrub()) return
      for (const tombstone of unscrubbed) tombstones.put({ ...tombstone, scrubbed: true })
    },
  }
}
