import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { accessLogOrigin, KEY_TYPE_LOG, type KeyId, makeVerifierKey, selfTest } from '@fiducia/core'
import { type Clock, makeFolderDurably, type Timers } from '@fiducia/engine'
import { type Genesis, logVerifierKey, parseGenesis } from '@fiducia/ledger'
import type { Logger } from 'pino'
import { type AccessLogOptions, openAccessLog } from './access-log/access-log.ts'
import { openOrigins } from './access-log/origins.ts'
import { openOwnLogs, type OwnLogs } from './access-log/own-logs.ts'
import { createStartCheck, type StartCheck } from './access-log/start-check.ts'
import type { MemberConfig, NodeConfig } from './config.ts'
import { createCustody } from './custody/custody.ts'
import { createAttestations } from './directory/attestations.ts'
import { createBatchExchange } from './directory/batch-exchange.ts'
import { createBatchStore } from './directory/batch-store.ts'
import { createDirectoryEvidence } from './directory/evidence.ts'
import { countedAttestationsOf } from './directory/query.ts'
import { createRoleDirectory } from './directory/role-word.ts'
import { openDirectory } from './directory/store.ts'
import { createErasure } from './erasure/erasure.ts'
import { createRedactions } from './erasure/redactions.ts'
import { openRetained, type RetainedFile } from './erasure/retained.ts'
import { createRetention } from './erasure/retention.ts'
import { openTombstones, type Tombstones } from './erasure/tombstones.ts'
import { type Contradictions, createContradictions } from './evidence/contradictions.ts'
import { createPatientEvidence } from './evidence/patient-evidence.ts'
import { createProven } from './evidence/proven.ts'
import { createTrustChain, readSteps, type TrustChain } from './evidence/trust-chain.ts'
import { createGates } from './gateway/gates.ts'
import { createRelease } from './gateway/release.ts'
import { connectSilo } from './gateway/silo.ts'
import { createServer } from './http/server.ts'
import type { Server } from './http/routes.ts'
import type { NodeServices } from './http/services.ts'
import { createAuditJob } from './jobs/audit.ts'
import { createAccessCheckpoints } from './jobs/access-checkpoints.ts'
import { createDisputes } from './jobs/disputes.ts'
import type { LedgerRounds } from './jobs/ledger-rounds.ts'
import { createScheduler } from './jobs/scheduler.ts'
import { AUDIT_LOOK_MS } from './limits.ts'
import { KeyError } from './keys/errors.ts'
import { openKeyring } from './keys/keyring.ts'
import { createOwnKeys } from './keys/own-keys.ts'
import type { NodeContext } from './node-context.ts'
import { type NodeFiles, nodeFiles } from './node-files.ts'
import { agreedTime, type CosignedHeads, createCosignedHeads } from './peers/cosigned-head.ts'
import { createHandOn, type HandOn } from './peers/hand-on.ts'
import { httpTransport, type Transport } from './peers/transport.ts'
import { createMirrors, type Mirrors } from './peers/mirrors.ts'
import { createWitness, type Witness } from './peers/witness.ts'
import { createCommittedPolicies } from './relationships/committed-policies.ts'
import { createHolder } from './relationships/holder.ts'
import { createLinks } from './relationships/links.ts'
import { createLocks } from './relationships/locks.ts'
import { openPolicyFiles } from './relationships/policy-files.ts'
import { createPolicyVersions } from './relationships/policy-versions.ts'
import { openUnconfirmed, type Unconfirmed } from './relationships/unconfirmed.ts'
import { createExchange } from './requester/exchange.ts'
import { createKeptReceipts } from './requester/kept-receipts.ts'
import { type OpenReplica, openReplicaOf } from './replica.ts'
import { type Database, openDatabase } from './store/database.ts'
import { createUsedTokens } from './store/tokens.ts'

/**
 * One member's node: opened from its configuration, closed as a whole. The parts are made here and handed to each other;
 * nothing else in the package constructs anything that lives.
 */
export interface NodePorts {
  readonly clock: Clock
  readonly logger: Logger
  readonly transport?: Transport
  readonly random?: (length: number) => Uint8Array
  /** The system's by default. */
  readonly timers?: Timers
  /** How the silo is reached; HTTP by default. */
  readonly siloTransport?: Transport
  /** Takes the place of a socket: gets the node's HTTP face and gives the address under which it is called. */
  readonly serve?: (face: Server) => Promise<string>
}

export interface FiduciaNode extends AsyncDisposable {
  readonly url: string
  readonly services: NodeServices
  /** Opens the access log's origins on the ledger; call once the network's other nodes answer. */
  join(): Promise<void>
  /** One round of everything that also runs in the background: catch up, cosign, seal, publish, compare. */
  round(): Promise<void>
  /** Makes the ledger's cosigned head current. */
  ledgerRound(): Promise<void>
}

export async function openNode(config: NodeConfig, ports: NodePorts): Promise<FiduciaNode> {
  await using cleanup = new AsyncDisposableStack()
  const member = await openMember(config, ports, cleanup)
  const { files, context } = member
  makeFolderDurably(path.dirname(files.unconfirmed))
  const logs = cleanup.use(openLogs(files, context, { timers: ports.timers, clockOffMs: () => member.heads.clockOffMs() }))
  member.mirrors.readOwn(logs)
  const unconfirmed = openUnconfirmed(files.unconfirmed)
  const tombstones = openTombstones(files.erased)
  const directory = cleanup.use(openDirectory(config.data))
  const retained = openRetained(files.retained)
  const services = createServices(config, member, { logs, unconfirmed, tombstones, retained, directory, siloTransport: ports.siloTransport })
  services.erasure.finish()
  services.retention.finish()
  // Somebody declared the file of signed sizes lost: what else was kept beside it may be lost too.
  if (logs.all.some(({ k, frozenBecause }) => frozenBecause !== undefined && !existsSync(files.signed(k))) && !existsSync(files.unconfirmed)) doubtAll()

  function doubtAll(): void {
    unconfirmed.add(services.holder.all.map(({ handle }) => handle))
  }
  services.policies.followLedger()
  const startCheck = createStartCheck(context, { logs, onRestored: doubtAll })
  const server = await createServer(services, ports.logger)
  cleanup.defer(() => server.close())
  const url = await serve(server, config, ports)
  const work = createWork(services, member.rounds, startCheck)
  const scheduler = cleanup.use(createScheduler(ports.logger, ports.timers))
  if (config.jobsEveryMs > 0) {
    scheduler.every('ledger', config.jobsEveryMs, work.ledgerRound)
    scheduler.every('access log', config.sealEverySeconds * 1000, work.publish)
    const audit = createAuditJob(context, { genesis: config.genesis, out: files.audit, everyHours: config.auditEveryHours })
    scheduler.every('audit', AUDIT_LOOK_MS, () => audit.run())
  }
  const owned = cleanup.move()
  return {
    url,
    services,
    async join() {
      await startCheck.run()
      await openOrigins(services.context, services.logs)
    },
    ledgerRound: () => work.ledgerRound(),
    async round() {
      await work.ledgerRound()
      await work.publish()
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** On a socket, or wherever the port says. Gives the address. */
export const serve = (face: Server, { listen }: MemberConfig, ports: NodePorts): Promise<string> =>
  ports.serve === undefined ? face.listen({ host: listen.host, port: listen.port }) : ports.serve(face)

/** What every member has, whether it holds records or only witnesses: its replica, its store, its place among the others. */
export interface OpenMember {
  readonly files: NodeFiles
  readonly replica: OpenReplica
  readonly heads: CosignedHeads
  readonly handOn: HandOn
  readonly context: NodeContext
  readonly mirrors: Mirrors
  readonly contradictions: Contradictions
  readonly witness: Witness
  readonly rounds: LedgerRounds
  readonly chain: TrustChain
}

/** What is opened goes onto `cleanup`. */
export async function openMember(config: MemberConfig, ports: NodePorts, cleanup: AsyncDisposableStack): Promise<OpenMember> {
  const wrong = selfTest()
  if (wrong.length > 0) throw new Error(`this platform judges signatures otherwise than the network (${wrong.join(', ')}); a node here must not run`)
  const genesis = parseGenesis(config.genesis)
  checkConfig(config, genesis)
  const files = nodeFiles(config.data)
  const transport = ports.transport ?? httpTransport
  const random = ports.random ?? ((length: number) => new Uint8Array(randomBytes(length)))
  const ring = await openKeyring(config.keys)
  const replica = cleanup.use(await openReplicaOf(config, genesis, { ...ports, transport, ring }))
  const database = cleanup.use(openDatabase(files.database))
  const heads = createCosignedHeads({ net: config.net, ledger: replica.ledger, database, clock: ports.clock }, ports.timers)
  const base: Omit<NodeContext, 'submit'> = {
    net: config.net,
    org: config.org,
    endpoint: genesis.members[config.org]?.endpoint ?? '',
    keys: createOwnKeys({ net: config.net, org: config.org, ledger: replica.ledger, ring }),
    outsideWitnesses: config.outside.witnesses,
    ledger: replica.ledger,
    database,
    clock: ports.clock,
    random,
    transport,
    logger: ports.logger,
  }
  const handOn = createHandOn(base, {
    order: replica.order,
    remember: (wire) => replica.handOn(wire),
    expiredUnincluded: () => replica.expiredUnincluded(),
    operator: genesis.operator,
    catchUp: () => replica.catchUp(),
  })
  const context: NodeContext = { ...base, submit: (wire) => handOn.take(wire, false) }
  const mirrors = createMirrors(context)
  const contradictions = createContradictions(database)
  // A fork is never well again, also after a restart: it is signed.
  for (const note of contradictions.of(replica.ledger.log.origin)) replica.judge(note)
  const { logs: outsideLogs } = config.outside
  const witness = createWitness(context, { catchUp: replica.catchUp, judgeLedgerCheckpoint: replica.judge, mirrors, contradictions, outsideLogs })
  const chain = createTrustChain(context, genesis, existsSync(files.trust) ? readSteps(readFileSync(files.trust, 'utf8')) : [])
  const rounds = handingOn(keepingForks(replica.rounds(context, heads), replica, contradictions), { heads, chain })
  lookForNewKeys(context)
  return { files, chain, replica, heads, handOn, context, mirrors, contradictions, witness, rounds }
}

/** What a round brought is what the next trust record is proved with. */
const handingOn = (rounds: LedgerRounds, { heads, chain }: Pick<OpenMember, 'heads' | 'chain'>): LedgerRounds => ({
  async run() {
    await rounds.run()
    if (heads.newest !== undefined) await chain.advance(heads.newest.whole)
  },
})

/** An own key that the ledger has and this node has not: somebody has put it into the folder or the agent since the start. */
function lookForNewKeys({ org, keys, ledger, logger }: NodeContext): void {
  const looked = new Set<KeyId>()
  ledger.onBlock(() => {
    const { index, height } = ledger.tip()
    const missing = (index.keys.get(org) ?? []).filter((keyId) => !looked.has(keyId) && keys.ring.find(keyId) === undefined)
    if (missing.length === 0) return
    for (const keyId of missing) looked.add(keyId)
    keys.ring
      .reload()
      .catch((error: unknown) => logger.warn({ height, reason: error instanceof Error ? error.message : 'unknown' }, 'the own keys could not be read again'))
  })
}

/** Whatever a round ends with, the note of a fork that it met is kept. */
const keepingForks = (rounds: LedgerRounds, { forked }: OpenReplica, contradictions: Contradictions): LedgerRounds => ({
  run: () =>
    rounds.run().finally(() => {
      const note = forked()
      if (note !== undefined) contradictions.keep(note)
    }),
})

function openLogs(files: NodeFiles, context: NodeContext, time: Pick<AccessLogOptions, 'timers' | 'clockOffMs'>): OwnLogs {
  const { net, org, keys, ledger, database, clock, random } = context
  return openOwnLogs({
    files,
    hasKey: (k) => keys.log(k) !== undefined,
    open(k, frozenBecause) {
      const origin = accessLogOrigin(net, org, k)
      const signer = keys.log(k)
      const key = logVerifierKey(ledger.tip(), origin) ?? (signer === undefined ? undefined : makeVerifierKey(origin, KEY_TYPE_LOG, signer.publicKey))
      if (key === undefined || (signer === undefined && frozenBecause === undefined))
        throw new KeyError('KEY_MISSING', `expected the key of the access log \`${origin}\` in the key folder or the agent, found none`)
      return openAccessLog({ origin, k, key, signer, database, signOnceFile: files.signed(k), clock, ...time, random, frozenBecause })
    },
  })
}

function checkConfig(config: MemberConfig, genesis: Genesis): void {
  const me = genesis.members[config.org]
  if (genesis.net !== config.net) throw new Error(`expected the genesis of network \`${config.net}\`, found \`${genesis.net}\``)
  if (me === undefined) throw new Error(`\`${config.org}\` is no member in the genesis of \`${config.net}\``)
}

interface ServiceParts {
  readonly logs: OwnLogs
  readonly unconfirmed: Unconfirmed
  readonly tombstones: Tombstones
  readonly retained: RetainedFile
  readonly directory: Database
  readonly siloTransport: Transport | undefined
}

function createServices(config: NodeConfig, member: OpenMember, parts: ServiceParts): NodeServices {
  const { logs, unconfirmed, tombstones, retained, directory, siloTransport } = parts
  const { context, heads, handOn, mirrors, contradictions, witness, replica, chain } = member
  const { log } = logs
  const checkpoints = createAccessCheckpoints(context, logs)
  const holder = createHolder(context)
  const files = openPolicyFiles(member.files.policies)
  const policies = createPolicyVersions(context, { files, committed: createCommittedPolicies(context), unconfirmed })
  const silo = connectSilo({ ...config.silo, transport: siloTransport })
  const locks = createLocks()
  const kept = createKeptReceipts(context, log)
  const redactions = createRedactions(context, log)
  const erasure = createErasure(context, { redactions, files, unconfirmed, tombstones, locks })
  const retention = createRetention(context, {
    logs,
    now: () => agreedTime(heads, context.clock),
    erasure,
    redactions,
    file: retained,
    days: config.retainEventsDays,
  })
  const proven = createProven(context, { checkpoints, heads, mirrors })
  const roles = createRoleDirectory(context, { attestationsOf: (subject, until) => countedAttestationsOf(directory, subject, until) })
  const gates = createGates(context, { holder, policies, heads, roles })
  // A store that cannot keep up is behind, which only denies; the next round reads on from where it stopped.
  context.ledger.onBlock(() => {
    try {
      policies.followLedger()
    } catch (error) {
      context.logger.warn({ reason: error instanceof Error ? error.message : 'unknown' }, 'the policies that the ledger committed could not be noted')
    }
  })
  return {
    context,
    genesis: config.genesis,
    heads,
    handOn,
    witness,
    log,
    logs,
    mirrors,
    contradictions,
    checkpoints,
    holder,
    policies,
    locks,
    silo,
    links: createLinks(context),
    exchange: createExchange(context, kept),
    kept,
    disputes: createDisputes(context, { kept, mirrors, logs }),
    evidence: createPatientEvidence(context, { logs, proven, chain, silo }),
    chain,
    attestations: createAttestations(context),
    batches: createBatchExchange(context, createBatchStore(directory, context)),
    directoryEvidence: createDirectoryEvidence(context, { directory, proven, chain }),
    release: createRelease(context, { gates, log, silo, locks }),
    erasure,
    retention,
    custody: config.custodian ? createCustody(context, erasure) : undefined,
    tokens: createUsedTokens(context.database),
    ledgerTip: replica.tipNote,
  }
}

function createWork(services: NodeServices, rounds: LedgerRounds, startCheck: StartCheck) {
  const ledgerRound = async (): Promise<void> => {
    if (services.log.heldBecause !== undefined) await startCheck.run()
    await rounds.run()
    services.policies.followLedger()
  }
  const publish = async (): Promise<void> => {
    if (!(await startCheck.run())) return
    await openOrigins(services.context, services.logs)
    await services.checkpoints.publish()
    await services.disputes.run()
    await services.erasure.run()
    await services.retention.run()
    await services.batches.run()
  }
  return { ledgerRound, publish }
}
