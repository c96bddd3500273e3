import type { NetworkId, OrganizationId } from '@fiducia/core'
import type { Clock, Inclusion, Ledger } from '@fiducia/engine'
import type { Logger } from 'pino'
import type { OwnKeys } from './keys/own-keys.ts'
import type { OutsideWitness } from './peers/cosigning.ts'
import type { Transport } from './peers/transport.ts'
import type { Database } from './store/database.ts'

/** What every part of a node may use; made once at start, in `node.ts`. */
export interface NodeContext {
  readonly net: NetworkId
  readonly org: OrganizationId
  /** The node's own base URL, as it stands on the ledger. */
  readonly endpoint: string
  readonly keys: OwnKeys
  /** Witnesses outside the network that are asked too. */
  readonly outsideWitnesses: readonly OutsideWitness[]
  readonly ledger: Ledger
  /** Hands a transaction to the operator and to every other member; resolves once it is durable in a block or refused. */
  readonly submit: (wire: Uint8Array) => Promise<Inclusion>
  readonly database: Database
  readonly clock: Clock
  readonly random: (length: number) => Uint8Array
  readonly transport: Transport
  readonly logger: Logger
}
