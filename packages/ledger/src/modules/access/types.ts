import type { Bytes32, KeyId } from '@fiducia/core'

export type { AccessLogRecord, AnswerRecord, DisputeRecord } from '../../types.ts'

/** Bodies of this module's transactions. Notes are texts, hashes base64url. */

export interface OpenAccessLog {
  readonly origin: string
  readonly key: KeyId
  /** Registered for the case that the log before it is lost; ends nothing until its own first checkpoint. */
  readonly standby?: true
}

export interface CheckpointAccessLog {
  readonly origin: string
  readonly size: number
  readonly root: Bytes32
  readonly note: string
  readonly consistency: readonly Bytes32[]
}

export interface DisputeNote {
  readonly origin: string
  readonly note: string
  readonly index: number
  readonly leafHash: Bytes32
  readonly path: readonly Bytes32[]
}

export interface AnswerDispute {
  readonly dispute: Bytes32
  readonly consistency: readonly Bytes32[]
}
