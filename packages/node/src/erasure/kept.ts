import { type Bytes32, parseHandle } from '@fiducia/core'
import type { PolicyFiles } from '../relationships/policy-files.ts'
import type { Unconfirmed } from '../relationships/unconfirmed.ts'
import { integerColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'
import type { Tombstone } from './tombstones.ts'

/** What a node keeps of a relationship as its holder, under a link as a requester, or as a custodian, and how it goes. */
export interface Kept {
  /** Events of a relationship, copies under a link, or one ciphertext. */
  count(kind: Tombstone['kind'], name: Bytes32): number
  isThere(tombstone: Tombstone): boolean
  /** Rows in one transaction, then files; safe to repeat. */
  erase(kind: Tombstone['kind'], name: Bytes32): void
}

/** The tables with their column; the first is what is counted. */
const TABLES = {
  relationship: [
    ['event', 'handle'],
    ['relationship', 'handle'],
    ['next_n', 'handle'],
    ['committed_policy', 'handle'],
  ],
  link: [
    ['copy', 'link'],
    ['link', 'hash'],
  ],
  custody: [['custody', 'id']],
} as const satisfies Record<Tombstone['kind'], readonly (readonly [string, string])[]>

export function createKept({
  database,
  files,
  unconfirmed,
}: {
  readonly database: Database
  readonly files: PolicyFiles
  readonly unconfirmed: Unconfirmed
}): Kept {
  const rows = ([table, column]: readonly [string, string], name: string): number =>
    integerColumn(database.get(`SELECT count(*) AS n FROM ${table} WHERE ${column} = ?`, name) ?? {}, 'n')

  return {
    count: (kind, name) => rows(TABLES[kind][0], name),
    isThere: ({ kind, name }) => TABLES[kind].some((table) => rows(table, name) > 0) || (kind === 'relationship' && files.of(parseHandle(name)).length > 0),
    erase(kind, name) {
      database.transaction(() => {
        for (const [table, column] of TABLES[kind]) database.run(`DELETE FROM ${table} WHERE ${column} = ?`, name)
      })
      if (kind !== 'relationship') return
      files.remove(parseHandle(name))
      unconfirmed.confirm(parseHandle(name))
    },
  }
}
