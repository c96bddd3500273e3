import { existsSync } from 'node:fs'
import type { Bytes32, OrganizationId } from '@fiducia/core'
import { readNewestValues, readStateAt } from '@fiducia/engine'
import { batches, type LedgerState, reliability } from '@fiducia/ledger'
import { nodeFiles } from '../node-files.ts'
import type { Database } from '../store/database.ts'
import type { CountedBatch } from './query.ts'

/** What the ledger in a node's data directory says about who speaks in the directory, whether the node runs or not. */
export interface Judged {
  readonly height: number
  /** 0 to 1,000, from contests that were decided by then. */
  readonly reliability: (org: OrganizationId) => number
}

export interface KnownLedger extends Judged {
  /** Of the block, milliseconds. */
  readonly time: number
  /** Batches that counted by then. */
  readonly counted: ReadonlyMap<Bytes32, CountedBatch>
}

export const hasLedger = (data: string): boolean => existsSync(nodeFiles(data).ledger)

/** After the newest block, as it is stored. */
export const newestJudged = (data: string): Judged => judgedIn(readNewestValues(nodeFiles(data).ledger, 'merit/'))

/** After the block of a height, the state compared with the root in the block's entry; undefined for a height that is not there. */
export function ledgerAtHeight(data: string, height: number): KnownLedger | undefined {
  const state = readStateAt(nodeFiles(data).ledger, height)
  if (state === undefined) return undefined
  const counted = batches(state).flatMap(({ root, org, counted }) => (counted === null ? [] : [[root, { ...counted, org }] as const]))
  return { ...judgedIn(state), time: state.time, counted: new Map(counted) }
}

const judgedIn = (state: LedgerState): Judged => ({ height: state.height, reliability: (org) => reliability(state, org) })

/** How many of these batches have not come into a directory so far. */
export const missingOf = (database: Database, { counted }: KnownLedger): number =>
  [...counted.keys()].filter((root) => database.get('SELECT 1 FROM batch WHERE root = ?', root) === undefined).length
