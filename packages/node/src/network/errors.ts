/** Why a network is not made, started, exported or imported: one row each. A code is never renumbered or reused. */
export const NETWORK_ERRORS = {
  MANIFEST_INVALID: 'the manifest does not have the form that it must have; every problem is named with its place',
  MANIFEST_ENGINE: 'the manifest names an engine that this version does not run',
  NETWORK_EXISTS: 'there is a network already; nothing is overwritten',
  NETWORK_MISSING: 'the folder holds no network',
  NETWORK_RUNNING: 'another process runs the network of this folder',
  NETWORK_STOPPED: 'no process runs the network of this folder',
  KEYS_EXIST: 'there are keys already; nothing is overwritten',
  KEYS_FOREIGN: 'a key is not the one that the ledger has for this member',
  EXPORT_UNCOSIGNED: 'the ledger has no checkpoint that a quorum cosigned, or blocks beyond it',
  EXPORT_INVALID: 'the export is incomplete, changed or foreign; what is wrong is named with its place',
} as const
export type NetworkErrorCode = keyof typeof NETWORK_ERRORS

/** One line for each problem. */
export class NetworkError extends Error {
  readonly code: NetworkErrorCode

  constructor(code: NetworkErrorCode, message: string = NETWORK_ERRORS[code], options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.name = 'NetworkError'
    this.code = code
  }
}
