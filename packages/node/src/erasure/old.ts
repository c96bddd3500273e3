import { decodeLeaf } from '@fiducia/proofs'
import { type Handle, parseHandle } from '@fiducia/core'
import { COUNTED_AT_ONCE, LOOKED_AT_AT_ONCE } from '../limits.ts'
import { integerColumn, textColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'
import type { Held } from './retained.ts'

/** What a node keeps of entries that are older than a slot: contents of its own events, and copies of receipts. */
export interface Old {
  /** How many events and copies are not held, in parts whose sum it is: time for other work between them. */
  counts(before: number, held: Held): Iterable<number>
  /** Erases some of them in one transaction, at most `rows`; gives how many. */
  eraseSome(before: number, held: Held, rows: number): number
}

/** A log as far as its ages matter: slots never fall. */
interface AgedLog {
  readonly origin: string
  readonly size: number
  leaf(index: number): Uint8Array
}

interface Span {
  readonly origin: string
  readonly from: number
  readonly to: number
}

export function createOld(database: Database, logs: () => readonly AgedLog[]): Old {
  /** Entries of before the slot, without those that are held. */
  const spansOf = (before: number, { events }: Held): readonly Span[] =>
    logs().flatMap((log) => {
      const held = events.filter(({ origin }) => origin === log.origin).sort((a, b) => a.from - b.from)
      const end = firstAt(log, before)
      const starts = [0, ...held.map(({ to }) => to)]
      const ends = [...held.map(({ from }) => Math.min(from, end)), end]
      return starts.map((from, i) => ({ origin: log.origin, from, to: ends[i] ?? end })).filter(({ from, to }) => from < to)
    })

  function copiesOf(before: number, { copies }: Held, limit: number): readonly string[] {
    const held = new Set<string>(copies)
    const found = database.all('SELECT leaf_hash FROM copy WHERE slot < ? LIMIT ?', before, limit + held.size).map((row) => textColumn(row, 'leaf_hash'))
    return found.filter((hash) => !held.has(hash)).slice(0, limit)
  }

  function eraseEvents({ origin, from, to }: Span, rows: number): number {
    const found = database.all('SELECT idx FROM event WHERE origin = ? AND idx >= ? AND idx < ? ORDER BY idx LIMIT ?', origin, from, to, rows)
    const [first, last] = [found.at(0), found.at(-1)].map((row) => (row === undefined ? undefined : integerColumn(row, 'idx')))
    if (first === undefined || last === undefined) return 0
    const range = [origin, first, last] as const
    const counts = database.all(
      'SELECT handle, count(*) AS n FROM event WHERE origin = ? AND idx >= ? AND idx <= ? AND handle IS NOT NULL GROUP BY handle',
      ...range,
    )
    for (const row of counts)
      database.run('UPDATE next_n SET erased = erased + ? WHERE handle = ? AND origin = ?', integerColumn(row, 'n'), textColumn(row, 'handle'), origin)
    database.run('DELETE FROM event WHERE origin = ? AND idx >= ? AND idx <= ?', ...range)
    return found.length
  }

  function eraseCopies(hashes: readonly string[]): number {
    for (const hash of hashes) database.run('DELETE FROM copy WHERE leaf_hash = ?', hash)
    return hashes.length
  }

  return {
    *counts(before, held) {
      const rows = (sql: string, ...values: (string | number)[]) => integerColumn(database.get(sql, ...values) ?? {}, 'n')
      // A patient may have had some of the held ones erased since.
      const heldThere = held.copies.filter((hash) => database.get('SELECT 1 FROM copy WHERE leaf_hash = ?', hash) !== undefined)
      yield rows('SELECT count(*) AS n FROM copy WHERE slot < ?', before) - heldThere.length
      for (const { origin, from, to } of spansOf(before, held)) {
        for (let at = from; at < to; at += COUNTED_AT_ONCE)
          yield rows('SELECT count(*) AS n FROM event WHERE origin = ? AND idx >= ? AND idx < ?', origin, at, Math.min(at + COUNTED_AT_ONCE, to))
      }
    },
    eraseSome: (before, held, rows) =>
      database.transaction(() => {
        let erased = 0
        for (const span of spansOf(before, held)) if (erased < rows) erased += eraseEvents(span, rows - erased)
        return erased < rows ? erased + eraseCopies(copiesOf(before, held, rows - erased)) : erased
      }),
  }
}

/** The first entry of this slot or later. */
export function firstAt(log: AgedLog, slot: number): number {
  let [low, high] = [0, log.size]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (decodeLeaf(log.leaf(middle)).slot < slot) low = middle + 1
    else high = middle
  }
  return low
}

/** Relationships that are closed since before the slot, and of which no event is left; at most `limit`. */
export const endedBefore = (database: Database, before: number, limit: number): readonly string[] =>
  database
    .all(
      'SELECT handle FROM relationship WHERE closed < ? AND NOT EXISTS (SELECT 1 FROM event WHERE event.handle = relationship.handle) LIMIT ?',
      before,
      limit,
    )
    .map((row) => textColumn(row, 'handle'))

/** Notes when a relationship was first seen to be closed, as the ledger does not say when it was; a part of them at each step. */
export function* markClosed(database: Database, isClosed: (handle: Handle) => boolean, slot: number): Iterable<void> {
  for (let after = ''; ; ) {
    const rows = database.all('SELECT handle FROM relationship WHERE closed IS NULL AND handle > ? ORDER BY handle LIMIT ?', after, LOOKED_AT_AT_ONCE)
    const open = rows.map((row) => parseHandle(row['handle']))
    database.transaction(() => {
      for (const handle of open.filter(isClosed)) database.run('UPDATE relationship SET closed = ? WHERE handle = ?', slot, handle)
    })
    const last = open.at(-1)
    if (last === undefined) return
    after = last
    yield
  }
}
