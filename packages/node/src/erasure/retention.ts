import { setImmediate } from 'node:timers/promises'
import { type Bytes32, encodeBase64Url, encodeCanonical, type Handle, parseBytes32, parseCheckpoint, parseHandle, parseNote, sha256 } from '@fiducia/core'
import { effectiveHead, openDisputes, relationship } from '@fiducia/ledger'
import { parseReceipt, parseTlogProof, SLOT_SECONDS, slotOf } from '@fiducia/proofs'
import type { OwnLogs } from '../access-log/own-logs.ts'
import { ENDED_PER_ROUND, ERASED_PER_TRANSACTION, GROUP_COMMIT_ENTRIES, TRANSACTIONS_PER_ROUND } from '../limits.ts'
import type { NodeContext } from '../node-context.ts'
import { SETTLED } from '../requester/kept-receipts.ts'
import { textColumn } from '../store/columns.ts'
import type { Erasure } from './erasure.ts'
import { createOld, endedBefore, markClosed } from './old.ts'
import type { Redactions } from './redactions.ts'
import type { Held, Retained, RetainedFile } from './retained.ts'

/**
 * Retention by age (DESIGN section 5): what an event said is erased when it is older than the organization keeps it; so are copies
 * of receipts. The leaf stays, and with K the list of a patient's accesses is as complete as before.
 *
 *   once a day    the date moves: what is older is counted, what is under dispute is held; written outside the database
 *   each round    some rows go, a small transaction at a time, so that the node goes on answering
 *   when done     closed relationships without an event end: K, binding, policies; and no byte is left on disk
 *   a day later   one redaction leaf for the whole batch, at a random time
 *
 * A date, not a tombstone for each event, makes a backup that is put back erase again.
 */
export interface Retention {
  /** Erases again what a backup has brought back; to be called before anything is served. */
  finish(): void
  run(): Promise<void>
}

export interface RetentionPorts {
  readonly logs: Pick<OwnLogs, 'all'>
  /** Milliseconds, as a quorum has it: a clock that runs ahead alone must erase nothing. */
  readonly now: () => number
  readonly erasure: Erasure
  readonly redactions: Redactions
  readonly file: RetainedFile
  readonly days: number
}

const GROUND = 'retention'
const SLOTS_PER_DAY = (24 * 3_600) / SLOT_SECONDS

export function createRetention(context: NodeContext, { logs, now, erasure, redactions, file, days }: RetentionPorts): Retention {
  const { database, clock, ledger } = context
  const old = createOld(database, () => logs.all)
  const change = (changes: Partial<Retained>) => file.put({ ...file.state, ...changes })

  /** Whole days: a date each minute would be a leaf for each event, and say when it was. */
  async function advance(): Promise<void> {
    const before = SLOTS_PER_DAY * (Math.floor(slotOf(now() / 1000) / SLOTS_PER_DAY) - days)
    if (before <= file.state.before) return
    const held = whatIsHeld(context, logs, before)
    let count = 0
    for (const some of old.counts(before, held)) {
      count += some
      await setImmediate()
    }
    const due = count === 0 ? [] : [{ count, due: redactions.due(), request: ruleOf(context, before, days) }]
    for (const _ of markClosed(database, isClosed, slotOf(now() / 1000))) await setImmediate()
    change({ before, held, redactions: [...file.state.redactions, ...due], isDone: false, isScrubbed: file.state.isScrubbed && count === 0 })
  }

  function isClosed(handle: Handle): boolean {
    const head = relationship(ledger.tip(), handle)
    return head !== undefined && effectiveHead(head, now()).status === 'closed'
  }

  const eraseSome = () => old.eraseSome(file.state.before, file.state.held, ERASED_PER_TRANSACTION)

  async function erase(): Promise<void> {
    for (let i = 0; i < TRANSACTIONS_PER_ROUND; i += 1) {
      if (eraseSome() < ERASED_PER_TRANSACTION) return endClosed()
      await setImmediate()
    }
  }

  async function endClosed(): Promise<void> {
    const ended = endedBefore(database, file.state.before, ENDED_PER_ROUND)
    for (const handle of ended) await erasure.endRelationship(parseHandle(handle), ruleOf(context, file.state.before, days))
    if (ended.length < ENDED_PER_ROUND) change({ isDone: true })
  }

  async function redact(): Promise<void> {
    for (const one of file.state.redactions.filter(({ due }) => clock.now() >= due)) {
      await redactions.write({ count: one.count, ground: GROUND, request: one.request })
      change({ redactions: file.state.redactions.filter(({ request }) => request !== one.request) })
    }
  }

  return {
    finish() {
      if (!file.state.isDone) return
      let erased = 0
      for (let some = -1; some !== 0; erased += some) some = eraseSome()
      if (erased === 0) return
      change({ isScrubbed: false })
      context.logger.warn({ erased }, 'what had been erased by age was there again, and is erased again')
    },
    async run() {
      if (file.state.isDone) await advance()
      if (!file.state.isDone) await erase()
      if (redactions.isPossible) await redact()
      if (file.state.isDone && !file.state.isScrubbed && database.scrub()) change({ isScrubbed: true })
    },
  }
}

/** What stands for the request where nobody asked: the rule, of which nothing is secret. */
const ruleOf = ({ net, org }: NodeContext, before: number, retainEventsDays: number): Bytes32 =>
  parseBytes32(encodeBase64Url(sha256(encodeCanonical({ before, net, org, retainEventsDays }))))

/** Under an open dispute: the entries of the group commit whose note it shows, and the own receipts that it is about. Not compared: the receipt. */
function whatIsHeld({ database, ledger }: NodeContext, logs: RetentionPorts['logs'], before: number): Held {
  const disputes = openDisputes(ledger.tip())
  const own = new Set(logs.all.map(({ origin }) => origin))
  const events = disputes
    .filter(({ origin }) => own.has(origin))
    .map(({ origin, size }) => ({ origin, from: Math.max(0, size - GROUP_COMMIT_ENTRIES), to: size }))
  const isDisputed = (receipt: string): boolean => {
    const { origin, size } = parseCheckpoint(parseNote(parseTlogProof(parseReceipt(receipt).proof).note).text)
    return disputes.some((one) => one.origin === origin && one.size === size)
  }
  const hashOf = (row: Readonly<Record<string, unknown>>) => parseBytes32(textColumn(row, 'leaf_hash'))
  const open = database.all('SELECT leaf_hash FROM copy WHERE settled = ? AND slot < ?', SETTLED.open, before)
  const disputed = database
    .all('SELECT leaf_hash, receipt FROM copy WHERE settled = ? AND slot < ?', SETTLED.disputed, before)
    .filter((row) => isDisputed(textColumn(row, 'receipt')))
  return { copies: [...open, ...disputed].map(hashOf), events }
}
