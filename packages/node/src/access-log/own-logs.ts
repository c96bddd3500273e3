import { existsSync, readFileSync } from 'node:fs'
import { encodeUtf8 } from '@fiducia/core'
import { writeDurably } from '@fiducia/engine'
import type { NodeFiles } from '../node-files.ts'
import type { AccessLog } from './access-log.ts'

/**
 * The organization's logs, one after the other: `net/log/ORG/1`, `…/2`, and so on. Exactly one is written. It is frozen for
 * good when its entries turn out not to extend what it signed before (an older copy was restored); then the next one, whose key
 * is registered as a standby, takes its place. That a log is frozen stands in a file beside the last signed sizes, so that no
 * later start forgets it.
 */
export interface OwnLogs extends Disposable {
  /** The log that is written now: one object, which speaks for another log after a freeze. */
  readonly log: AccessLog
  /** From k = 1 to the one that is written. */
  readonly all: readonly AccessLog[]
  /** Whether there is a standby. */
  hasNext(): boolean
  /** Ends the log that is written now, and goes on under its standby. Where there is none, it stays, and takes no entry. */
  freeze(reason: string): void
  /** Goes on under the next log where the last one is frozen and there is a key for another by now. */
  goOn(): void
  /** Reads a frozen log again, after entries that it had lost were put back. */
  reload(k: number): void
}

export interface OwnLogsOptions {
  readonly files: Pick<NodeFiles, 'frozen' | 'signed'>
  /** Whether there is a key for log k. */
  readonly hasKey: (k: number) => boolean
  /** Opens log k; with a reason it is opened as a frozen one. */
  readonly open: (k: number, frozenBecause: string | undefined) => AccessLog
}

export function openOwnLogs({ files, hasKey, open }: OwnLogsOptions): OwnLogs {
  const logs: AccessLog[] = []
  const current = (): AccessLog => {
    const last = logs.at(-1)
    if (last === undefined) throw new Error('an organization has at least one access log')
    return last
  }

  function openNext(): void {
    const k = logs.length + 1
    logs.push(open(k, readReason(files, k)))
    const because = current().frozenBecause
    if (because !== undefined) end(because)
  }

  /** The reason is durable before anything is written under the next origin. */
  function end(reason: string): void {
    const { k } = current()
    if (!existsSync(files.frozen(k))) writeDurably(files.frozen(k), encodeUtf8(`${reason}\n`))
    if (hasKey(k + 1)) openNext()
  }

  openNext()
  return {
    log: followingLog(current),
    get all() {
      return logs
    },
    hasNext: () => hasKey(current().k + 1),
    freeze(reason) {
      current().freeze(reason)
      end(reason)
    },
    goOn() {
      if (current().frozenBecause !== undefined && hasKey(current().k + 1)) openNext()
    },
    reload(k) {
      logs[k - 1]?.[Symbol.dispose]()
      logs[k - 1] = open(k, readReason(files, k))
    },
    [Symbol.dispose]() {
      for (const log of logs) log[Symbol.dispose]()
    },
  }
}

function readReason(files: Pick<NodeFiles, 'frozen' | 'signed'>, k: number): string | undefined {
  if (existsSync(files.frozen(k))) return readFileSync(files.frozen(k), 'utf8').trim()
  return existsSync(files.signed(k + 1)) ? 'a later origin was used before' : undefined
}

/** Speaks for whichever log is written at the moment. */
const followingLog = (current: () => AccessLog): AccessLog => ({
  get origin() {
    return current().origin
  },
  get k() {
    return current().k
  },
  get key() {
    return current().key
  },
  get size() {
    return current().size
  },
  get sealedSize() {
    return current().sealedSize
  },
  get hashes() {
    return current().hashes
  },
  get heldBecause() {
    return current().heldBecause
  },
  get frozenBecause() {
    return current().frozenBecause
  },
  append: (entry) => current().append(entry),
  seal: () => current().seal(),
  sealedNote: () => current().sealedNote(),
  leaf: (index) => current().leaf(index),
  entries: (from, to) => current().entries(from, to),
  tagMap: (sealedSize) => current().tagMap(sealedSize),
  indexOfTag: (tag) => current().indexOfTag(tag),
  hold: (reason) => current().hold(reason),
  freeze: (reason) => current().freeze(reason),
  [Symbol.dispose]: () => current()[Symbol.dispose](),
})
