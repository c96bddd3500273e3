import type { Fault } from './file-layer.ts'
import type { WorkloadName } from './process.ts'

/**
 * What happens when a call fails, for each class of calls (file and call) of each workload. The tests read it, and
 * docs/reference/faults.md is made from it. Three things hold in every row, whatever the fault, and are not repeated: `fiducia fsck`
 * finds the folder sound, nothing that was acknowledged is lost, nothing is signed twice; and the process starts again and goes on.
 *
 *   `goes on`         every request after it is acknowledged, and what was acknowledged was durable
 *   a code            requests are refused with it; none of them is acknowledged
 *   `no start: CODE`  the process refuses to start
 *
 * Where there are several, it depends on which of the calls fails: at the start or at the end, in a commit or in a checkpoint.
 */
type GoingOn = 'sync-lost' | 'eio' | 'eio-read' | 'short' | 'enospc'

export type Row = Readonly<Partial<Record<GoingOn, readonly string[]>>>

export interface Part {
  readonly about: string
  readonly rows: Readonly<Record<string, Row>>
}

const ENDING: ReadonlySet<Fault> = new Set(['crash-before', 'crash-after', 'crash-then-power', 'power-before', 'power-after', 'torn'])

const isGoingOn = (fault: Fault): fault is GoingOn | 'enospc-brief' => !ENDING.has(fault)

/** What a process may do under this fault at a step of this class. */
export function expectedOf(workload: WorkloadName, stepClass: string, fault: Fault): readonly string[] {
  if (!isGoingOn(fault)) return ['ends']
  const row = TABLE[workload].rows[stepClass] ?? {}
  const expected = row[fault === 'enospc-brief' ? 'enospc' : fault] ?? []
  // Where a sync was lost, the power may go soon after.
  return fault === 'sync-lost' ? [...expected, 'ends'] : expected
}

export const TABLE: Readonly<Record<WorkloadName, Part>> = {
  block: {
    about: 'The operator: four transactions into blocks, a checkpoint signed after each.',
    rows: {
      '. · sync-folder': { 'sync-lost': ['no start: EIO'] },
      'ledger/lock · read': { 'eio-read': ['no start: STORE_FAILED'] },
      'ledger/lock-journal · create': { eio: ['no start: STORE_FAILED'], enospc: ['no start: STORE_FAILED'] },
      'ledger/lock-journal · write': { eio: ['no start: STORE_FAILED'], short: ['goes on'], enospc: ['no start: STORE_FAILED'] },
      'ledger/lock.pid · create': { eio: ['no start: EIO'], enospc: ['no start: ENOSPC'] },
      'ledger/lock.pid · write': { eio: ['no start: EIO'], short: ['goes on'], enospc: ['no start: ENOSPC'] },
      'ledger/ledger.sqlite · read': { 'eio-read': ['no start: STORE_FAILED', 'no start: STORE_DAMAGED'] },
      'ledger/ledger.sqlite-wal · create': { eio: ['no start: STORE_FAILED'], enospc: ['no start: STORE_FAILED'] },
      'ledger/ledger.sqlite-wal · truncate': { eio: ['no start: STORE_FAILED'] },
      'ledger/genesis.json · read': { 'eio-read': ['no start: EIO'] },
      'ledger/signed · read': { 'eio-read': ['no start: EIO'] },
      'ledger/signed · sync': { 'sync-lost': ['EIO', 'SIGNED_UNSURE', 'no start: EIO'] },
      'ledger/ledger.sqlite-wal · write': { eio: ['ENGINE_STOPPED'], short: ['goes on'], enospc: ['ENGINE_STOPPED'] },
      'ledger/ledger.sqlite-wal · sync': { 'sync-lost': ['ENGINE_STOPPED', 'goes on'] },
      'ledger · sync-folder': { 'sync-lost': ['goes on', 'no start: EIO', 'no start: STORE_FAILED'] },
      'ledger/signed · write': { eio: ['EIO', 'SIGNED_UNSURE'], short: ['goes on'], enospc: ['ENGINE_STOPPED', 'ENOSPC', 'SIGNED_UNSURE', 'no start: ENOSPC'] },
      'ledger/ledger.sqlite · write': { eio: ['goes on'], short: ['goes on'], enospc: ['goes on'] },
      'ledger/ledger.sqlite-wal · read': { 'eio-read': ['goes on'] },
      'ledger/ledger.sqlite · truncate': { eio: ['goes on'] },
      'ledger/ledger.sqlite · sync': { 'sync-lost': ['goes on'] },
      'ledger/ledger.sqlite-wal · unlink': { eio: ['goes on'] },
      'ledger/lock-journal · read': { 'eio-read': ['goes on'] },
      'ledger/lock-journal · unlink': { eio: ['goes on'] },
    },
  },
  follower: {
    about: 'A member that replays what the operator, whose disk is sound, has ordered, and cosigns what it holds.',
    rows: {
      '. · sync-folder': { 'sync-lost': ['no start: EIO'] },
      'ledger/lock · read': { 'eio-read': ['no start: STORE_FAILED'] },
      'ledger/lock-journal · create': { eio: ['no start: STORE_FAILED'], enospc: ['no start: STORE_FAILED'] },
      'ledger/lock-journal · write': { eio: ['no start: STORE_FAILED'], short: ['goes on'], enospc: ['no start: STORE_FAILED'] },
      'ledger/lock.pid · truncate': { eio: ['no start: EIO'] },
      'ledger/lock.pid · write': { eio: ['no start: EIO'], short: ['goes on'], enospc: ['no start: ENOSPC'] },
      'ledger/ledger.sqlite · read': { 'eio-read': ['no start: STORE_FAILED', 'no start: STORE_DAMAGED'] },
      'ledger/ledger.sqlite-wal · create': { eio: ['no start: STORE_FAILED'], enospc: ['no start: STORE_FAILED'] },
      'ledger/ledger.sqlite-wal · truncate': { eio: ['no start: STORE_FAILED'] },
      'ledger/genesis.json · read': { 'eio-read': ['no start: EIO'] },
      'ledger/ledger.sqlite-wal · write': { eio: ['STORE_FAILED'], short: ['goes on'], enospc: ['STORE_FAILED'] },
      'ledger/ledger.sqlite-wal · sync': { 'sync-lost': ['STORE_FAILED', 'goes on'] },
      'ledger · sync-folder': { 'sync-lost': ['goes on', 'no start: STORE_FAILED'] },
      'ledger/ledger.sqlite-wal · read': { 'eio-read': ['goes on'] },
      'ledger/ledger.sqlite · write': { eio: ['goes on'], short: ['goes on'], enospc: ['goes on'] },
      'ledger/ledger.sqlite · truncate': { eio: ['goes on'] },
      'ledger/ledger.sqlite · sync': { 'sync-lost': ['goes on'] },
      'ledger/ledger.sqlite-wal · unlink': { eio: ['goes on'] },
      'ledger/lock-journal · unlink': { eio: ['goes on'] },
      'ledger/lock-journal · read': { 'eio-read': ['goes on'] },
    },
  },
  'access-log': {
    about: 'A holder’s access log: an event, three events in one group commit, a seal, an event; a note for each commit.',
    rows: {
      'node.sqlite · read': { 'eio-read': ['STORE_FAILED', 'no start: STORE_FAILED'] },
      'node.sqlite-wal · create': { eio: ['no start: STORE_FAILED'], enospc: ['no start: STORE_FAILED'] },
      'node.sqlite-wal · truncate': { eio: ['no start: STORE_FAILED'] },
      'outside/signed-1 · read': { 'eio-read': ['no start: EIO'] },
      'outside/signed-1 · sync': { 'sync-lost': ['LOG_FROZEN', 'no start: EIO'] },
      'node.sqlite-wal · write': { eio: ['STORE_FAILED'], short: ['goes on'], enospc: ['STORE_FAILED'] },
      'node.sqlite-wal · sync': { 'sync-lost': ['STORE_FAILED', 'goes on'] },
      '. · sync-folder': { 'sync-lost': ['goes on', 'no start: EIO'] },
      'outside/signed-1 · write': { eio: ['LOG_FROZEN'], short: ['goes on'], enospc: ['LOG_FROZEN', 'STORE_FAILED'] },
      'node.sqlite-wal · read': { 'eio-read': ['goes on'] },
      'node.sqlite · write': { eio: ['goes on'], short: ['goes on'], enospc: ['goes on'] },
      'node.sqlite · truncate': { eio: ['goes on'] },
      'node.sqlite · sync': { 'sync-lost': ['goes on'] },
      'node.sqlite-wal · unlink': { eio: ['goes on'] },
      'outside · sync-folder': { 'sync-lost': ['no start: EIO'] },
    },
  },
  mirror: {
    about: 'A witness: three checkpoints of another member’s log, each with its leaves mirrored, and cosigned.',
    rows: {
      'node.sqlite-wal · create': { eio: ['no start: STORE_FAILED'], enospc: ['no start: STORE_FAILED'] },
      'node.sqlite · read': { 'eio-read': ['STORE_FAILED', 'no start: STORE_FAILED'] },
      'node.sqlite-wal · truncate': { eio: ['no start: STORE_FAILED'] },
      'node.sqlite-wal · write': { eio: ['422', 'STORE_FAILED'], short: ['goes on'], enospc: ['422', 'STORE_FAILED'] },
      'node.sqlite-wal · sync': { 'sync-lost': ['422', 'STORE_FAILED', 'goes on'] },
      '. · sync-folder': { 'sync-lost': ['goes on', 'no start: EIO'] },
      'node.sqlite-wal · read': { 'eio-read': ['goes on'] },
      'node.sqlite · write': { eio: ['goes on'], short: ['goes on'], enospc: ['goes on'] },
      'node.sqlite · truncate': { eio: ['goes on'] },
      'node.sqlite · sync': { 'sync-lost': ['goes on'] },
      'node.sqlite-wal · unlink': { eio: ['goes on'] },
    },
  },
  policy: {
    about:
      'A holder that acknowledges three versions of a policy, each handed over twice. A file for each version: the node has no other store of whole documents.',
    rows: {
      'outside/policies · mkdir': { eio: ['no start: EIO'], enospc: ['no start: ENOSPC'] },
      'outside · sync-folder': { 'sync-lost': ['no start: EIO'] },
      'outside/policies/POLICY.json.new · create': { eio: ['EIO'], enospc: ['ENOSPC'] },
      'outside/policies/POLICY.json.new · write': { eio: ['EIO'], short: ['goes on'], enospc: ['ENOSPC'] },
      'outside/policies/POLICY.json.new · sync': { 'sync-lost': ['EIO'] },
      'outside/policies/POLICY.json · rename': { eio: ['EIO'] },
      'outside/policies · sync-folder': { 'sync-lost': ['EIO'] },
    },
  },
  receipt: {
    about: 'A requester that keeps three receipts, each with its mirror entry, before the data is used.',
    rows: {
      'node.sqlite · read': { 'eio-read': ['STORE_FAILED', 'no start: STORE_FAILED'] },
      'node.sqlite-wal · create': { eio: ['no start: STORE_FAILED'], enospc: ['no start: STORE_FAILED'] },
      'node.sqlite-wal · truncate': { eio: ['no start: STORE_FAILED'] },
      'outside/signed-1.new · create': { eio: ['no start: EIO'], enospc: ['no start: ENOSPC'] },
      'outside/signed-1.new · write': { eio: ['no start: EIO'], short: ['goes on'], enospc: ['no start: ENOSPC'] },
      'outside/signed-1.new · sync': { 'sync-lost': ['no start: EIO'] },
      'outside/signed-1 · rename': { eio: ['no start: EIO'] },
      'outside · sync-folder': { 'sync-lost': ['no start: EIO'] },
      'node.sqlite-wal · write': { eio: ['STORE_FAILED'], short: ['goes on'], enospc: ['STORE_FAILED'] },
      'node.sqlite-wal · sync': { 'sync-lost': ['STORE_FAILED', 'goes on'] },
      '. · sync-folder': { 'sync-lost': ['goes on', 'no start: EIO'] },
      'outside/signed-1 · write': { eio: ['LOG_FROZEN'], short: ['goes on'], enospc: ['LOG_FROZEN', 'STORE_FAILED'] },
      'outside/signed-1 · sync': { 'sync-lost': ['LOG_FROZEN'] },
      'node.sqlite-wal · read': { 'eio-read': ['goes on'] },
      'node.sqlite · write': { eio: ['goes on'], short: ['goes on'], enospc: ['goes on'] },
      'node.sqlite · truncate': { eio: ['goes on'] },
      'node.sqlite · sync': { 'sync-lost': ['goes on'] },
      'node.sqlite-wal · unlink': { eio: ['goes on'] },
    },
  },
  retention: {
    about: 'A holder whose events grow too old: each day an event is written, the date moves, and the event goes, with every byte of it.',
    rows: {
      'node.sqlite · read': { 'eio-read': ['STORE_FAILED', 'no start: STORE_FAILED'] },
      'node.sqlite-wal · create': { eio: ['no start: STORE_FAILED'], enospc: ['no start: STORE_FAILED'] },
      'node.sqlite-wal · truncate': { eio: ['STORE_FAILED', 'no start: STORE_FAILED'] },
      '. · sync-folder': { 'sync-lost': ['goes on', 'no start: EIO'] },
      'outside/signed-1 · read': { 'eio-read': ['no start: EIO'] },
      'outside/signed-1 · sync': { 'sync-lost': ['LOG_FROZEN', 'no start: EIO'] },
      'outside · sync-folder': { 'sync-lost': ['EIO', 'no start: EIO'] },
      'node.sqlite-wal · write': { eio: ['STORE_FAILED'], short: ['goes on'], enospc: ['STORE_FAILED'] },
      'node.sqlite-wal · sync': { 'sync-lost': ['STORE_FAILED', 'goes on'] },
      'outside/signed-1 · write': { eio: ['LOG_FROZEN'], short: ['goes on'], enospc: ['LOG_FROZEN', 'STORE_FAILED'] },
      'outside/retained.json.new · create': { eio: ['EIO'], enospc: ['ENOSPC', 'STORE_FAILED'] },
      'outside/retained.json.new · write': { eio: ['EIO'], short: ['goes on'], enospc: ['ENOSPC', 'STORE_FAILED'] },
      'outside/retained.json.new · sync': { 'sync-lost': ['EIO'] },
      'outside/retained.json · rename': { eio: ['EIO'] },
      'node.sqlite-wal · read': { 'eio-read': ['STORE_FAILED', 'goes on'] },
      'node.sqlite · write': { eio: ['STORE_FAILED', 'goes on'], short: ['goes on'], enospc: ['STORE_FAILED', 'goes on'] },
      'node.sqlite · truncate': { eio: ['STORE_FAILED', 'goes on'] },
      'node.sqlite · sync': { 'sync-lost': ['STORE_FAILED', 'goes on'] },
      'node.sqlite-wal · unlink': { eio: ['goes on'] },
    },
  },
  'first-start': {
    about: 'A whole node in an empty folder, from nothing to its first transaction and its first entry: every file that it has is made here.',
    rows: {
      'outside · mkdir': { eio: ['no start: EIO'], enospc: ['no start: ENOSPC'] },
      '. · sync-folder': { 'sync-lost': ['goes on', 'no start: EIO'] },
      'ledger · mkdir': { eio: ['no start: EIO'], enospc: ['no start: ENOSPC'] },
      'ledger/lock · create': { eio: ['no start: STORE_FAILED'], enospc: ['no start: STORE_FAILED'] },
      'ledger/lock · read': { 'eio-read': ['no start: STORE_FAILED'] },
      'ledger/lock-journal · create': { eio: ['no start: STORE_FAILED'], enospc: ['no start: STORE_FAILED'] },
      'ledger/lock-journal · write': { eio: ['no start: STORE_FAILED'], short: ['goes on'], enospc: ['no start: STORE_FAILED'] },
      'ledger/lock.pid · create': { eio: ['no start: EIO'], enospc: ['no start: ENOSPC'] },
      'ledger/lock.pid · write': { eio: ['no start: EIO'], short: ['goes on'], enospc: ['no start: ENOSPC'] },
      'ledger/ledger.sqlite · create': { eio: ['no start: STORE_FAILED'], enospc: ['no start: STORE_FAILED'] },
      'ledger/ledger.sqlite · read': { 'eio-read': ['goes on', 'no start: STORE_DAMAGED', 'no start: STORE_FAILED'] },
      'ledger/ledger.sqlite-journal · create': { eio: ['no start: STORE_FAILED'], enospc: ['no start: STORE_FAILED'] },
      'ledger/ledger.sqlite-journal · write': { eio: ['no start: STORE_FAILED'], short: ['goes on'], enospc: ['no start: STORE_FAILED'] },
      'ledger/ledger.sqlite-journal · read': { 'eio-read': ['no start: STORE_FAILED'] },
      'ledger/ledger.sqlite-journal · sync': { 'sync-lost': ['no start: STORE_FAILED'] },
      'ledger · sync-folder': { 'sync-lost': ['goes on', 'no start: EIO', 'no start: STORE_FAILED'] },
      'ledger/ledger.sqlite · write': { eio: ['goes on', 'no start: STORE_FAILED'], short: ['goes on'], enospc: ['goes on', 'no start: STORE_FAILED'] },
      'ledger/ledger.sqlite · sync': { 'sync-lost': ['goes on', 'no start: STORE_FAILED'] },
      'ledger/ledger.sqlite-journal · unlink': { eio: ['no start: STORE_FAILED'] },
      'ledger/ledger.sqlite-wal · create': { eio: ['goes on'], enospc: ['no start: STORE_FAILED'] },
      'ledger/ledger.sqlite-wal · truncate': { eio: ['no start: STORE_FAILED'] },
      'ledger/ledger.sqlite-wal · write': {
        eio: ['ENGINE_STOPPED', 'no start: STORE_FAILED'],
        short: ['goes on'],
        enospc: ['ENGINE_STOPPED', 'ENOSPC', 'STORE_FAILED', 'no start: STORE_FAILED'],
      },
      'ledger/ledger.sqlite-wal · sync': { 'sync-lost': ['ENGINE_STOPPED', 'goes on', 'no start: STORE_FAILED'] },
      'ledger/genesis.json.new · create': { eio: ['no start: EIO'], enospc: ['no start: ENOSPC'] },
      'ledger/genesis.json.new · write': { eio: ['no start: EIO'], short: ['goes on'], enospc: ['no start: ENOSPC'] },
      'ledger/genesis.json.new · sync': { 'sync-lost': ['no start: EIO'] },
      'ledger/genesis.json · rename': { eio: ['no start: EIO'] },
      'ledger/signed.new · create': { eio: ['no start: EIO'], enospc: ['no start: ENOSPC'] },
      'ledger/signed.new · write': { eio: ['no start: EIO'], short: ['goes on'], enospc: ['no start: ENOSPC'] },
      'ledger/signed.new · sync': { 'sync-lost': ['no start: EIO'] },
      'ledger/signed · rename': { eio: ['no start: EIO'] },
      'node.sqlite · create': { eio: ['no start: STORE_FAILED'], enospc: ['no start: STORE_FAILED'] },
      'node.sqlite · read': { 'eio-read': ['STORE_FAILED', 'goes on', 'no start: STORE_FAILED'] },
      'node.sqlite-journal · create': { eio: ['no start: STORE_FAILED'], enospc: ['no start: STORE_FAILED'] },
      'node.sqlite-journal · write': { eio: ['no start: STORE_FAILED'], short: ['goes on'], enospc: ['no start: STORE_FAILED'] },
      'node.sqlite-journal · read': { 'eio-read': ['no start: STORE_FAILED'] },
      'node.sqlite-journal · sync': { 'sync-lost': ['no start: STORE_FAILED'] },
      'node.sqlite · write': { eio: ['goes on', 'no start: STORE_FAILED'], short: ['goes on'], enospc: ['goes on', 'no start: STORE_FAILED'] },
      'node.sqlite · sync': { 'sync-lost': ['goes on', 'no start: STORE_FAILED'] },
      'node.sqlite-journal · unlink': { eio: ['no start: STORE_FAILED'] },
      'node.sqlite-wal · create': { eio: ['goes on'], enospc: ['no start: STORE_FAILED'] },
      'node.sqlite-wal · truncate': { eio: ['no start: STORE_FAILED'] },
      'node.sqlite-wal · write': {
        eio: ['STORE_FAILED', 'goes on', 'no start: STORE_FAILED'],
        short: ['goes on'],
        enospc: ['ENOSPC', 'STORE_FAILED', 'goes on', 'no start: STORE_FAILED'],
      },
      'node.sqlite-wal · sync': { 'sync-lost': ['STORE_FAILED', 'goes on', 'no start: STORE_FAILED'] },
      'directory.sqlite · create': { eio: ['no start: EIO'], enospc: ['no start: ENOSPC'] },
      'directory.sqlite · read': { 'eio-read': ['STORE_FAILED', 'goes on', 'no start: STORE_FAILED'] },
      'directory.sqlite-journal · create': { eio: ['no start: STORE_FAILED'], enospc: ['no start: STORE_FAILED'] },
      'directory.sqlite-journal · write': { eio: ['no start: STORE_FAILED'], short: ['goes on'], enospc: ['no start: STORE_FAILED'] },
      'directory.sqlite-journal · read': { 'eio-read': ['no start: STORE_FAILED'] },
      'directory.sqlite-journal · sync': { 'sync-lost': ['no start: STORE_FAILED'] },
      'directory.sqlite · write': { eio: ['goes on', 'no start: STORE_FAILED'], short: ['goes on'], enospc: ['goes on', 'no start: STORE_FAILED'] },
      'directory.sqlite · sync': { 'sync-lost': ['goes on', 'no start: STORE_FAILED'] },
      'directory.sqlite-journal · unlink': { eio: ['no start: STORE_FAILED'] },
      'directory.sqlite-wal · create': { eio: ['goes on'], enospc: ['no start: STORE_FAILED'] },
      'directory.sqlite-wal · truncate': { eio: ['no start: STORE_FAILED'] },
      'directory.sqlite-wal · write': { eio: ['goes on', 'no start: STORE_FAILED'], short: ['goes on'], enospc: ['goes on', 'no start: STORE_FAILED'] },
      'directory.sqlite-wal · sync': { 'sync-lost': ['goes on', 'no start: STORE_FAILED'] },
      'directory.sqlite-wal · read': { 'eio-read': ['goes on'] },
      'directory.sqlite · truncate': { eio: ['goes on'] },
      'directory.sqlite-wal · unlink': { eio: ['goes on'] },
      'outside/signed-1.new · create': { eio: ['no start: EIO'], enospc: ['no start: ENOSPC'] },
      'outside/signed-1.new · write': { eio: ['no start: EIO'], short: ['goes on'], enospc: ['no start: ENOSPC'] },
      'outside/signed-1.new · sync': { 'sync-lost': ['no start: EIO'] },
      'outside/signed-1 · rename': { eio: ['no start: EIO'] },
      'outside · sync-folder': { 'sync-lost': ['no start: EIO'] },
      'outside/policies · mkdir': { eio: ['no start: EIO'], enospc: ['no start: ENOSPC'] },
      'outside/signed-1 · write': { eio: ['LOG_FROZEN'], short: ['goes on'], enospc: ['ENOSPC', 'LOG_FROZEN'] },
      'outside/signed-1 · sync': { 'sync-lost': ['LOG_FROZEN'] },
      'ledger/signed · write': { eio: ['EIO'], short: ['goes on'], enospc: ['ENOSPC'] },
      'ledger/signed · sync': { 'sync-lost': ['EIO'] },
      'node.sqlite-wal · read': { 'eio-read': ['goes on'] },
      'node.sqlite · truncate': { eio: ['goes on'] },
      'node.sqlite-wal · unlink': { eio: ['goes on'] },
      'ledger/ledger.sqlite · truncate': { eio: ['goes on'] },
      'ledger/ledger.sqlite-wal · read': { 'eio-read': ['goes on'] },
      'ledger/ledger.sqlite-wal · unlink': { eio: ['goes on'] },
      'ledger/lock-journal · read': { 'eio-read': ['goes on'] },
      'ledger/lock-journal · unlink': { eio: ['goes on'] },
    },
  },
  migration: {
    about: 'A store of the oldest version with two hundred rows, opened by the newest, and used.',
    rows: {
      'node.sqlite · read': { 'eio-read': ['STORE_FAILED', 'no start: STORE_FAILED'] },
      'node.sqlite-wal · create': { eio: ['no start: STORE_FAILED'], enospc: ['no start: STORE_FAILED'] },
      'node.sqlite-wal · truncate': { eio: ['no start: STORE_FAILED'] },
      '. · sync-folder': { 'sync-lost': ['goes on', 'no start: EIO'] },
      'node.sqlite-wal · write': { eio: ['STORE_FAILED', 'no start: STORE_FAILED'], short: ['goes on'], enospc: ['STORE_FAILED', 'no start: STORE_FAILED'] },
      'node.sqlite-wal · sync': { 'sync-lost': ['STORE_FAILED', 'goes on', 'no start: STORE_FAILED'] },
      'node.sqlite-wal · read': { 'eio-read': ['goes on'] },
      'node.sqlite · write': { eio: ['goes on'], short: ['goes on'], enospc: ['goes on'] },
      'node.sqlite · truncate': { eio: ['goes on'] },
      'node.sqlite · sync': { 'sync-lost': ['goes on'] },
      'node.sqlite-wal · unlink': { eio: ['goes on'] },
    },
  },
}
