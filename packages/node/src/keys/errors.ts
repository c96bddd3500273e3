/** Every problem with a node's own keys, one row each. A code is never renumbered or reused. */
export const KEY_ERRORS = {
  AGENT_FAILED: 'the agent that holds keys does not answer, refuses, or signs wrongly',
  KEY_MISSING: 'none of the keys that are valid on the ledger is at hand',
  KEY_REFUSED: 'the node or the ledger refused the change of a key',
  NODE_SILENT: 'the organization’s own node does not answer',
} as const
export type KeyErrorCode = keyof typeof KEY_ERRORS

export class KeyError extends Error {
  readonly code: KeyErrorCode

  constructor(code: KeyErrorCode, message: string = KEY_ERRORS[code], options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.name = 'KeyError'
    this.code = code
  }
}
