import { accessLogOrigin, type Bytes32, type OrganizationId } from '@fiducia/core'
import { ANSWER_WAIT_MS } from '../../limits.ts'
import { noteName, readRecord } from '../../state.ts'
import type { LedgerState } from '../../types.ts'
import type { AccessLogRecord, AnswerRecord, DisputeRecord } from './types.ts'

/** Access logs as the ledger knows them, and disputes about their notes. */

export const accessLogKey = (origin: string): string => `alog/${origin}`

export const accessLog = (state: LedgerState, origin: string): AccessLogRecord | undefined => readRecord<AccessLogRecord>(state, accessLogKey(origin))

export interface OpenedAccessLog extends AccessLogRecord {
  readonly origin: string
  readonly k: number
}

/** Every opened log of an organization, k = 1, 2, …; the last may be a standby (size 0). */
export function accessLogsOf(state: LedgerState, org: OrganizationId): readonly OpenedAccessLog[] {
  const opened: OpenedAccessLog[] = []
  for (let k = 1; ; k += 1) {
    const origin = accessLogOrigin(state.net, org, k)
    const record = accessLog(state, origin)
    if (record === undefined) return opened
    opened.push({ origin, k, ...record })
  }
}

export const dispute = (state: LedgerState, id: Bytes32): DisputeRecord | undefined => readRecord<DisputeRecord>(state, `dispute/${id}`)

export const answer = (state: LedgerState, id: Bytes32): AnswerRecord | undefined => readRecord<AnswerRecord>(state, `answer/${id}`)

export interface FiledDispute extends DisputeRecord {
  readonly id: Bytes32
}

/** Disputes without an answer, oldest first. */
export function openDisputes(state: LedgerState): readonly FiledDispute[] {
  const filed = state.index.openDisputes.flatMap((id) => {
    const record = dispute(state, id)
    return record === undefined ? [] : [{ id, ...record }]
  })
  return filed.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
}

/** Disputes that nobody answered within 24 h, as everybody may see them at instant `t`. */
export const publicFlags = (state: LedgerState, t: number): readonly FiledDispute[] => openDisputes(state).filter(({ at }) => t > at + ANSWER_WAIT_MS)

/** An answer stands for this very note of the log. */
export const isAnswered = (state: LedgerState, note: { readonly origin: string; readonly size: number; readonly root: Bytes32 }): boolean =>
  state.index.answeredNotes.has(noteName(note))
