import path from 'node:path'

/**
 * Where a node keeps what below its data directory. `outside` holds what must survive a restored database: put it on
 * another disk, or at least outside the database's backups.
 */
export interface NodeFiles {
  readonly ledger: string
  readonly database: string
  readonly policies: string
  /** Relationships whose restrictions may have been forgotten. */
  readonly unconfirmed: string
  /** What was erased on request. */
  readonly erased: string
  /** How trust was handed on before this node's ledger was made from an export; absent where it was not. */
  readonly trust: string
  /** How far contents were erased by age. */
  readonly retained: string
  /** The report of the last audit of the network. */
  readonly audit: string
  /** The last signed size of access log k. */
  signed(k: number): string
  /** Why access log k is frozen; absent while it is not. */
  frozen(k: number): string
}

export const nodeFiles = (data: string): NodeFiles => ({
  ledger: path.join(data, 'ledger'),
  database: path.join(data, 'node.sqlite'),
  policies: path.join(data, 'outside', 'policies'),
  unconfirmed: path.join(data, 'outside', 'unconfirmed.json'),
  erased: path.join(data, 'outside', 'erased.json'),
  trust: path.join(data, 'trust.json'),
  retained: path.join(data, 'outside', 'retained.json'),
  audit: path.join(data, 'audit'),
  signed: (k) => path.join(data, 'outside', `signed-${k}`),
  frozen: (k) => path.join(data, 'outside', `frozen-${k}`),
})
