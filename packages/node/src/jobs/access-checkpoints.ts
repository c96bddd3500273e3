import { encodeBase64Url, type JsonObject } from '@fiducia/core'
import { accessLog, buildTransaction } from '@fiducia/ledger'
import type { AccessLog } from '../access-log/access-log.ts'
import { ACCESS_CHECKPOINT_MS, TRANSACTION_VALID_MS } from '../limits.ts'
import type { NodeContext } from '../node-context.ts'
import { collectCosignatures } from '../peers/cosigning.ts'
import { integerColumn, textColumn } from '../store/columns.ts'

/**
 * The access log's way to the public: seal the batch, let the members' witnesses mirror and cosign it, put its checkpoint
 * on the ledger. From there on the whole network holds the organization to this size and root.
 */
export interface AccessCheckpoints {
  /** The newest sealed note with the cosignatures it got, undefined before the first seal. */
  readonly newest: { readonly size: number; readonly note: string } | undefined
  /** Opens the own origin and its standby on the ledger where they are not. */
  openOrigins(): Promise<void>
  /** One round; does only what is due. Returns whether anything was sealed or put on the ledger. */
  publish(): Promise<boolean>
}

export interface OriginKey {
  readonly origin: string
  readonly keyId: string
}

export function createAccessCheckpoints(
  context: NodeContext,
  log: AccessLog,
  origins: { readonly current: OriginKey; readonly standby: OriginKey },
): AccessCheckpoints {
  const { database, ledger, clock } = context
  let newest = load()

  function load(): AccessCheckpoints['newest'] {
    const row = database.get('SELECT size, note FROM sealed_note WHERE origin = ?', log.origin)
    return row === undefined ? undefined : { size: integerColumn(row, 'size'), note: textColumn(row, 'note') }
  }

  const sign = (type: 'access.open' | 'access.checkpoint', body: JsonObject): Uint8Array =>
    buildTransaction({ net: context.net, type, body, validUntil: Math.max(clock.now(), ledger.tip().time) + TRANSACTION_VALID_MS }, [context.nodeKey.seed])

  async function openOrigins(): Promise<void> {
    if (accessLog(ledger.tip(), origins.current.origin) === undefined)
      await context.submit(sign('access.open', { origin: origins.current.origin, key: origins.current.keyId }))
    if (accessLog(ledger.tip(), origins.standby.origin) === undefined)
      await context.submit(sign('access.open', { origin: origins.standby.origin, key: origins.standby.keyId, standby: true }))
  }

  async function sealAndCollect(): Promise<boolean> {
    const sealed = await log.seal()
    if (sealed === undefined) return false
    const { note, missing } = await collectCosignatures(context, {
      note: sealed.note,
      consistency: (oldSize) => log.hashes.consistency(oldSize, sealed.checkpoint.size),
    })
    if (missing.length > 0) context.logger.warn({ origin: log.origin, size: sealed.checkpoint.size, missing }, 'some witnesses did not cosign')
    newest = { size: sealed.checkpoint.size, note }
    database.run(
      'INSERT INTO sealed_note (origin, size, note) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET size = excluded.size, note = excluded.note',
      log.origin,
      newest.size,
      note,
    )
    return true
  }

  /** Only when the ledger's record is smaller and its interval is over. */
  async function putOnLedger(): Promise<boolean> {
    const record = accessLog(ledger.tip(), log.origin)
    if (newest === undefined || record === undefined || record.size >= newest.size) return false
    if (record.size > 0 && clock.now() < record.at + ACCESS_CHECKPOINT_MS) return false
    const ownLine = newest.note.slice(0, newest.note.indexOf('\n', newest.note.indexOf('\n\n') + 2) + 1)
    const body: JsonObject = {
      origin: log.origin,
      size: newest.size,
      root: encodeBase64Url(log.hashes.root(newest.size)),
      note: ownLine,
      consistency: record.size === 0 ? [] : log.hashes.consistency(record.size, newest.size).map(encodeBase64Url),
    }
    const { result } = await context.submit(sign('access.checkpoint', body))
    if (!result.accepted) context.logger.warn({ origin: log.origin, code: result.code }, 'the ledger refused the checkpoint of the access log')
    return result.accepted
  }

  return {
    get newest() {
      return newest
    },
    openOrigins,
    async publish() {
      const sealed = await sealAndCollect()
      const placed = await putOnLedger()
      return sealed || placed
    },
  }
}
