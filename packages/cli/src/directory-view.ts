import type { OrganizationId } from '@fiducia/core'
import type { Attestation, SubjectKey } from '@fiducia/directory'
import { attestationsIn, attestationsOf, hasLedger, ledgerAtHeight, missingOf, newestJudged, type openExistingDirectory } from '@fiducia/node'
import { UsageError } from './output.ts'

/** A directory as it is looked at: which words stand, at which instant they are judged, and how reliable who says them was found. */
export interface DirectoryView {
  /** Milliseconds. */
  readonly time: number
  /** For people: up to when. */
  readonly until: string
  readonly reliability: (org: OrganizationId) => number
  readonly attestationsOf: (subject: SubjectKey) => readonly Attestation[]
}

type Directory = ReturnType<typeof openExistingDirectory>

/** In a folder without a ledger nobody was judged: every organization counts alike. */
const UNJUDGED = 500

/** All that counts now or is about to, as it stood at an instant; whoever says it is as reliable as the newest block of the folder's ledger has it. */
export function viewAtTime(database: Directory, data: string, time: number): DirectoryView {
  const reliability = hasLedger(data) ? newestJudged(data).reliability : () => UNJUDGED
  return { time, until: new Date(time).toISOString(), reliability, attestationsOf: (subject) => attestationsOf(database, subject, time) }
}

/** What the whole network knew after the block of a height, and nothing that this organization alone knew. */
export function viewAtHeight(database: Directory, data: string, height: number): DirectoryView {
  if (!hasLedger(data)) throw new UsageError('FOLDER_FOREIGN', `expected a node’s data directory for --at-height, found no ledger in \`${data}\``, data)
  const ledger = ledgerAtHeight(data, height)
  if (ledger === undefined)
    throw new UsageError(
      'BAD_USE',
      `expected --at-height with a height of the ledger, at most ${newestJudged(data).height}, found \`${height}\``,
      '--at-height',
    )
  const missing = missingOf(database, ledger)
  if (missing > 0)
    process.stderr.write(`fiducia: ${missing} of ${ledger.counted.size} batches that counted by then have not come here so far: what they say is missing\n`)
  return { ...ledger, until: `height ${height}`, attestationsOf: (subject) => attestationsIn(database, subject, ledger.counted) }
}
