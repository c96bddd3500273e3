/** Every reason for which an engine or a follower stops or refuses, one row each. A code is never renumbered or reused. */
export const ENGINE_ERRORS = {
  ENGINE_LOCKED: 'another process uses this directory',
  ENGINE_CLOSED: 'the engine is closed',
  ENGINE_STOPPED: 'the engine has stopped after a failure and must be started again',
  ENGINE_BUSY: 'too many transactions wait; try again later',
  ENGINE_KEY: 'no key of the ledger that is valid now is at hand',
  STORE_NEWER: 'the directory was written by a newer version',
  STORE_OTHER_GENESIS: 'the directory holds the ledger of another genesis',
  STORE_FAILED: 'the disk refused a read or a write: it is full, or it fails',
  STORE_DAMAGED: 'what is stored does not fit together',
  SIGNED_LOST: 'the file with the last signed size is gone or unreadable, though the ledger is not empty',
  SIGNED_UNSURE: 'the last signed size could not be written: nothing is signed until the process is started again over a disk that works',
  SIGNED_AHEAD: 'the ledger ends before the last signed size: it was restored from an older copy',
  SIGNED_FORK: 'another root was signed for this size',
} as const
export type EngineErrorCode = keyof typeof ENGINE_ERRORS

export class EngineError extends Error {
  readonly code: EngineErrorCode

  constructor(code: EngineErrorCode, message: string = ENGINE_ERRORS[code], options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.name = 'EngineError'
    this.code = code
  }
}

/** Why a member does not follow the operator, or does not cosign its checkpoint. */
export const FOLLOW_FAULTS = {
  SOURCE_UNREACHABLE: 'the operator did not answer, or not with what was asked for',
  NOTE_INVALID: 'the note is not a checkpoint of this ledger, signed by its key',
  FORK: 'the checkpoint contradicts what this member has replayed',
  SHRUNK: 'the checkpoint is smaller than one that this member has replayed',
  TILES_DIFFER: 'the entries do not lead to the root of the checkpoint',
  NOT_A_LEDGER: 'the entries break the rules of the log or of the state machine',
  OTHER_STATE: 'the state after replay is not the one that the operator states',
  TIME_AHEAD: 'a block lies too far ahead of the own clock',
  TIME_BEHIND: 'a block came in too late while this member was in step',
  NOT_FOLLOWED: 'this member has not replayed the ledger up to this checkpoint',
  NOT_A_BLOCK_END: 'the checkpoint does not end with a block',
  DROPPED: 'a transaction that this member passed on has waited too long',
} as const
export type FollowFaultCode = keyof typeof FOLLOW_FAULTS

export class FollowFault extends Error {
  readonly code: FollowFaultCode
  /** The signed note that shows it, where there is one: whoever has it can prove the fault to others. */
  readonly note: string | undefined

  constructor(code: FollowFaultCode, message: string = FOLLOW_FAULTS[code], options: { readonly cause?: unknown; readonly note?: string } = {}) {
    super(message, { cause: options.cause })
    this.name = 'FollowFault'
    this.code = code
    this.note = options.note
  }
}
