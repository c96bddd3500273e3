/** Every way in which a load into the directory cannot begin, go on or be decided, or an erasure cannot end, one row each. A code is never renumbered or reused. */
export const LOAD_ERRORS = {
  LOAD_RUNNING: 'another load into this directory is under way',
  LOAD_OPEN: 'an earlier load is neither finished nor dropped',
  LOAD_UNKNOWN: 'there is no load with this number',
  LOAD_STATE: 'the load is in a state in which this cannot be done',
  LOAD_SAME_PERSON: 'a load is approved by somebody else than who loaded it',
  LOAD_FILE: 'a file of a load cannot be read to its end; the load goes on when it can',
  LOAD_FILE_CHANGED: 'a file changed while it was loaded, and nothing of it is used',
  LOAD_FILE_DAMAGED: 'a file is damaged or cut off, and nothing of it is used',
  LOAD_LOST: 'what was read of a load is gone',
  ERASURE_UNFINISHED: 'statements were erased, but their bytes are not gone so far',
  DIRECTORY_MISSING: 'there is no directory where one is looked for',
} as const
export type LoadErrorCode = keyof typeof LOAD_ERRORS

export class LoadError extends Error {
  readonly code: LoadErrorCode

  constructor(code: LoadErrorCode, message: string = LOAD_ERRORS[code], options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.name = 'LoadError'
    this.code = code
  }
}
