import type { BundleFiles } from '../types.ts'

/** What an audit can find: a rule that somebody broke, or something that could not be checked. A code is never reused. */
export const AUDIT_FINDINGS = {
  MEMBER_SILENT: 'a member did not answer, so what it would have shown was not checked',
  LEDGER_WITHHELD: 'no member served the entries of the ledger up to a checkpoint that it signed',
  LEDGER_INVALID: 'an entry of the ledger breaks a rule, or a state root is not the one that follows',
  LEDGER_FORK: 'a checkpoint of the ledger is of another history than its entries',
  LEDGER_NOT_COSIGNED: 'a member shows a checkpoint of the ledger that no quorum of groups cosigned',
  LEDGER_STALE: 'the newest checkpoint of the ledger was cosigned too long ago: every node should be denying',
  STATE_DIFFERS: 'a member’s replica has another state at a height than the replay',
  LOG_WITHHELD: 'a member does not serve a log, or the entries up to a checkpoint that it signed',
  LOG_INVALID: 'an entry of an access log breaks a rule',
  LOG_NOT_COSIGNED: 'the newest checkpoint of an access log is not cosigned by a quorum of groups',
  LOG_ROOT: 'the entries that are served lead to another root than the log signed',
  LOG_FORK: 'somebody holds a signed checkpoint of an access log that its entries do not lead to',
  LOG_BEHIND: 'an access log shows fewer entries than its checkpoint on the ledger',
  TAG_TWICE: 'two entries of an access log carry one tag',
  DISPUTE_OPEN: 'a dispute about an access log is not answered so far',
  DISPUTE_UNANSWERED: 'a dispute about an access log was not answered in time',
} as const
export type AuditFindingCode = keyof typeof AUDIT_FINDINGS

export interface AuditFinding {
  readonly code: AuditFindingCode
  /** A log's origin, with the entry's index where one is meant, or a member. */
  readonly at: string
  readonly detail: string
  /** A fraud bundle that shows it to people who believe neither side, where there can be one. */
  readonly proof?: BundleFiles
}
