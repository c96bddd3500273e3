import { MAX_NOTE_BYTES, MAX_ORIGIN_LENGTH, MAX_TREE_PATH, parseBytes32, parseKeyId, parseOrganizationId, shape } from '@fiducia/core'
import type { AccessLogRecord, AnswerDispute, CheckpointAccessLog, DisputeNote, DisputeRecord, OpenAccessLog } from './types.ts'

const { array, integer, literal, object, text } = shape

/** `net/log/ORG/k`; whether it is a log of this network is judged by the transition. */
const parseOrigin = text(MAX_ORIGIN_LENGTH)
const parseNoteText = text(MAX_NOTE_BYTES)
const parsePath = array(parseBytes32, MAX_TREE_PATH)

export const parseOpenAccessLog: shape.Parser<OpenAccessLog> = object({ origin: parseOrigin, key: parseKeyId }, { standby: literal(true) })

export const parseCheckpointAccessLog: shape.Parser<CheckpointAccessLog> = object({
  origin: parseOrigin,
  size: integer(1),
  root: parseBytes32,
  note: parseNoteText,
  consistency: parsePath,
})

export const parseDisputeNote: shape.Parser<DisputeNote> = object({
  origin: parseOrigin,
  note: parseNoteText,
  index: integer(),
  leafHash: parseBytes32,
  path: parsePath,
})

export const parseAnswerDispute: shape.Parser<AnswerDispute> = object({ dispute: parseBytes32, consistency: parsePath })

/** The record at `dispute/<id>`. */
export const parseDisputeRecord: shape.Parser<DisputeRecord> = object({
  at: integer(),
  by: parseOrganizationId,
  origin: parseOrigin,
  root: parseBytes32,
  size: integer(),
})

/** The record at `alog/<origin>`. */
export const parseAccessLogRecord: shape.Parser<AccessLogRecord> = object({ size: integer(), root: parseBytes32, height: integer(), at: integer() })
