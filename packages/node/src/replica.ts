import { ed25519KeyId } from '@fiducia/core'
import {
  type Clock,
  createWitnessGuard,
  type Engine,
  type FollowFault,
  type Follower,
  type Inclusion,
  type Judgement,
  type Ledger,
  type LedgerSigners,
  openEmbeddedEngine,
  openFollower,
  systemTimers,
  type Timers,
} from '@fiducia/engine'
import { decodeTransaction, type Genesis } from '@fiducia/ledger'
import type { Logger } from 'pino'
import type { MemberConfig } from './config.ts'
import { createFollowerRounds, createOperatorRounds, type LedgerRounds } from './jobs/ledger-rounds.ts'
import type { Keyring } from './keys/keyring.ts'
import type { NodeContext } from './node-context.ts'
import { nodeFiles } from './node-files.ts'
import type { CosignedHeads } from './peers/cosigned-head.ts'
import { ledgerSourceOf } from './peers/ledger-source.ts'
import type { Transport } from './peers/transport.ts'

/** The replica as the rest of the node sees it, whether it orders or follows. */
export interface OpenReplica extends AsyncDisposable {
  readonly ledger: Ledger
  readonly order: ((wire: Uint8Array) => Promise<Inclusion>) | undefined
  readonly handOn: (wire: Uint8Array) => void
  readonly expiredUnincluded: () => number
  readonly catchUp: () => Promise<void>
  readonly judge: (note: string) => Judgement
  readonly tipNote: () => Promise<string>
  /** The note that proves a fork of the ledger, once there is one. */
  readonly forked: () => string | undefined
  readonly rounds: (context: NodeContext, heads: CosignedHeads) => LedgerRounds
}

interface ReplicaPorts {
  readonly clock: Clock
  readonly timers?: Timers
  readonly logger: Logger
  readonly transport: Transport
  readonly ring: Keyring
}

export async function openReplicaOf(
  config: MemberConfig,
  genesis: Genesis,
  { clock, logger, timers = systemTimers, transport, ring }: ReplicaPorts,
): Promise<OpenReplica> {
  const onExpired = (wire: Uint8Array): void => {
    const { id, type } = decodeTransaction(wire)
    logger.error({ id, type }, 'a transaction that was passed on expired, and the operator never included it')
  }
  const dir = nodeFiles(config.data).ledger
  if (genesis.operator === config.org) {
    const signers: LedgerSigners = (keys) => keys.flatMap(({ publicKey }) => ring.find(ed25519KeyId(publicKey)) ?? [])
    const engine = await openEmbeddedEngine({ dir, genesis: config.genesis, signers, clock, timers })
    return operatorReplica(engine, clock, onExpired)
  }
  const operatorUrl = genesis.members[genesis.operator]?.endpoint ?? ''
  const follower = await openFollower({ dir, genesis: config.genesis, clock, timers, source: ledgerSourceOf(operatorUrl, transport), onExpired })
  return followerReplica(follower, operatorUrl)
}

function operatorReplica(engine: Engine, clock: Clock, onExpired: (wire: Uint8Array) => void): OpenReplica {
  const guard = createWitnessGuard({ ledger: engine, clock, onExpired })
  return {
    ledger: engine,
    order: (wire) => engine.submit(wire),
    handOn: (wire) => guard.handOn(wire),
    expiredUnincluded: () => guard.expiredUnincluded(),
    catchUp: async () => {},
    judge: (note) => guard.judge(note),
    tipNote: () => engine.checkpoint(),
    forked: () => forkNote(guard.fault),
    rounds: (context, heads) => createOperatorRounds(context, engine, heads),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  }
}

function followerReplica(follower: Follower, operatorUrl: string): OpenReplica {
  return {
    ledger: follower,
    order: undefined,
    handOn: (wire) => follower.handOn(wire),
    expiredUnincluded: () => follower.expiredUnincluded(),
    catchUp: async () => void (await follower.follow()),
    judge: (note) => follower.judgeCheckpoint(note),
    tipNote: () => Promise.resolve(''),
    forked: () => forkNote(follower.fault()),
    rounds: (context, heads) => createFollowerRounds(context, follower, heads, operatorUrl),
    [Symbol.asyncDispose]: () => follower[Symbol.asyncDispose](),
  }
}

const forkNote = (fault: FollowFault | undefined): string | undefined => (fault?.code === 'FORK' ? fault.note : undefined)
