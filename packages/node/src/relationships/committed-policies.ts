import type { Handle } from '@fiducia/core'
import { decodeLogEntry, decodeTransaction, type Transaction } from '@fiducia/ledger'
import type { NodeContext } from '../node-context.ts'
import { integerColumn, textColumn } from '../store/columns.ts'
import { readSetPolicy } from './read-policy.ts'

/** Which policy versions of the relationships held here stand on the ledger: read from its log, once, entry by entry. */
export interface CommittedPolicies {
  commitmentOf(handle: Handle, version: number): string | undefined
  /** Every commitment that was ever committed. */
  commitmentsOf(handle: Handle): ReadonlySet<string>
  /** Reads the log from where it stopped; where that is, is durable with what was read. */
  followLedger(): void
}

export function createCommittedPolicies({ database, ledger }: Pick<NodeContext, 'database' | 'ledger'>): CommittedPolicies {
  const isHeld = (handle: Handle) => database.get('SELECT handle FROM relationship WHERE handle = ?', handle) !== undefined

  function note(transaction: Transaction): void {
    if (transaction.type !== 'policy.set') return
    const { handle, version, commitment } = readSetPolicy(transaction)
    if (isHeld(handle))
      database.run('INSERT INTO committed_policy (handle, version, commitment) VALUES (?, ?, ?) ON CONFLICT DO NOTHING', handle, version, commitment)
  }

  return {
    commitmentOf(handle, version) {
      const row = database.get('SELECT commitment FROM committed_policy WHERE handle = ? AND version = ?', handle, version)
      return row === undefined ? undefined : textColumn(row, 'commitment')
    },
    commitmentsOf: (handle) =>
      new Set(database.all('SELECT commitment FROM committed_policy WHERE handle = ?', handle).map((row) => textColumn(row, 'commitment'))),
    followLedger() {
      const row = database.get("SELECT value FROM progress WHERE name = 'policies'")
      const from = row === undefined ? 0 : integerColumn(row, 'value')
      const to = ledger.block().index + 1
      if (from >= to) return
      database.transaction(() => {
        for (const bytes of ledger.log.entries(from, to)) {
          const entry = decodeLogEntry(bytes)
          if (entry.kind === 'transaction') note(decodeTransaction(entry.wire))
        }
        database.run("INSERT INTO progress (name, value) VALUES ('policies', ?) ON CONFLICT DO UPDATE SET value = excluded.value", to)
      })
    },
  }
}
