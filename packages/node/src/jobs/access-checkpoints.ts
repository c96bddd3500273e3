import { encodeBase64Url, type JsonObject } from '@fiducia/core'
import { accessLog } from '@fiducia/ledger'
import type { AccessLog } from '../access-log/access-log.ts'
import type { OwnLogs } from '../access-log/own-logs.ts'
import { recoverEntries } from '../access-log/recover.ts'
import { createSealedNotes, type SealedNote, type SealedNotes } from '../access-log/sealed-notes.ts'
import { NodeFailure } from '../failures.ts'
import { ACCESS_CHECKPOINT_MS } from '../limits.ts'
import type { NodeContext } from '../node-context.ts'
import { transact } from '../transact.ts'

/**
 * The access log's way to the public: seal the batch, let the members' witnesses mirror and cosign it, put its checkpoint
 * on the ledger. From there on the whole network holds the organization to this size and root. A log that was frozen is
 * brought to its end: what its database lost comes back from the mirrors, and its last seal goes on the ledger.
 */
export interface AccessCheckpoints {
  /** The newest sealed note of the log that is written, with the cosignatures it got; undefined before its first seal. */
  readonly newest: SealedNote | undefined
  /** The same of any own log. */
  newestOf(origin: string): SealedNote | undefined
  /** Ends the log that is written with a seal, and goes on under its standby; gives the one that ended. Throws `LOG_FROZEN` where there is no standby. */
  rotate(): Promise<AccessLog>
  /** One round; does only what is due. Returns whether anything was sealed or put on the ledger. */
  publish(): Promise<boolean>
}

export function createAccessCheckpoints(context: NodeContext, logs: OwnLogs): AccessCheckpoints {
  const { ledger, clock } = context
  const sealed = createSealedNotes(context)
  const bringToEnd = createEnding(context, logs, sealed)

  /** Also the last seal again, as long as a witness has not seen it: nothing else would bring its leaves to the members before the next. */
  async function sealAndCollect({ log }: OwnLogs): Promise<boolean> {
    const appended = await log.seal()
    const isKept = sealed.of(log.origin)?.size === log.sealedSize && sealed.isComplete(log.origin)
    const note = appended?.note ?? (isKept ? undefined : await log.sealedNote())
    if (note !== undefined) await sealed.keepCosigned(log, note)
    return appended !== undefined
  }

  /** Only when the ledger's record is smaller and its interval is over. */
  async function putOnLedger(log: AccessLog): Promise<boolean> {
    const record = accessLog(ledger.tip(), log.origin)
    const newest = sealed.of(log.origin)
    if (newest === undefined || record === undefined || record.size >= newest.size) return false
    // What no quorum has mirrored could be lost with this disk; with its size on the ledger, no list of it would ever be complete again.
    if (!sealed.hasQuorum(log.origin)) return false
    if (record.size > 0 && clock.now() < record.at + ACCESS_CHECKPOINT_MS) return false
    const body: JsonObject = {
      origin: log.origin,
      size: newest.size,
      root: encodeBase64Url(log.hashes.root(newest.size)),
      note: ownLineOf(newest.note),
      consistency: record.size === 0 ? [] : log.hashes.consistency(record.size, newest.size).map(encodeBase64Url),
    }
    const { result } = await transact(context, 'access.checkpoint', body)
    if (!result.accepted) context.logger.warn({ origin: log.origin, code: result.code }, 'the ledger refused the checkpoint of the access log')
    return result.accepted
  }

  return {
    get newest() {
      return sealed.of(logs.log.origin)
    },
    newestOf: (origin) => sealed.of(origin),
    async rotate() {
      const { k } = logs.log
      const ending = logs.all[k - 1]
      if (ending === undefined || !logs.hasNext()) throw new NodeFailure('LOG_FROZEN', 'the access log has no standby that could go on')
      const appended = await ending.seal()
      // Nothing can have come between: the next commit waits for a timer.
      logs.freeze('its keys were rotated')
      if (appended !== undefined) await sealed.keepCosigned(ending, appended.note)
      return ending
    },
    async publish() {
      const frozen = logs.all.filter(({ frozenBecause }) => frozenBecause !== undefined)
      for (const log of frozen) await bringToEnd(log)
      const done = [logs.log.frozenBecause === undefined && (await sealAndCollect(logs))]
      for (const log of logs.all) done.push(await putOnLedger(log))
      return done.includes(true)
    },
  }
}

/** The log's own line of a note, without any cosignature. */
const ownLineOf = (note: string): string => note.slice(0, note.indexOf('\n', note.indexOf('\n\n') + 2) + 1)

/** Gives a frozen log back what its database lost, once the members that may have it answer, and shows its last seal to every witness. */
function createEnding(context: NodeContext, logs: OwnLogs, sealed: SealedNotes): (frozen: AccessLog) => Promise<void> {
  const { database, logger } = context
  const ended = new Set<string>()

  /** True when every member has answered and none has more: what one gave back may be less than what a silent one has. */
  async function giveBack(frozen: AccessLog): Promise<boolean> {
    const { origin, k, size } = frozen
    const recovered = await recoverEntries(context, frozen, sealed.of(origin)?.size ?? 0)
    if (typeof recovered === 'string') return recovered === 'nothing'
    database.transaction(() => {
      for (const [i, leaf] of recovered.leaves.entries()) database.run('INSERT INTO leaf (origin, idx, bytes) VALUES (?, ?, ?)', origin, size + i, leaf)
    })
    logs.reload(k)
    await sealed.keepCosigned(logs.all[k - 1] ?? frozen, recovered.note)
    logger.warn({ origin, entries: recovered.leaves.length }, 'entries of the frozen access log came back from the members’ mirrors')
    return false
  }

  return async (frozen) => {
    const { origin, k } = frozen
    if (!ended.has(origin) && (await giveBack(frozen))) ended.add(origin)
    const kept = sealed.of(origin)
    if (kept !== undefined && !sealed.isComplete(origin)) await sealed.keepCosigned(logs.all[k - 1] ?? frozen, ownLineOf(kept.note))
  }
}
