import { parseGenesis } from '@fiducia/ledger'
import { ConfigError, type WitnessConfig } from './config.ts'
import { createWitnessServer } from './http/server.ts'
import { createAuditJob } from './jobs/audit.ts'
import { createScheduler } from './jobs/scheduler.ts'
import { AUDIT_LOOK_MS } from './limits.ts'
import { type NodePorts, openMember, serve } from './node.ts'

/**
 * A member that holds no records: it replays the ledger, mirrors every member's access log, and cosigns what holds. Its node
 * has no silo, no access log, no gateway and no route about a patient.
 */
export interface WitnessNode extends AsyncDisposable {
  readonly url: string
  /** Catches up with the ledger and takes the cosigned head over. */
  ledgerRound(): Promise<void>
}

export async function openWitnessNode(config: WitnessConfig, ports: NodePorts): Promise<WitnessNode> {
  requireWitnessOnly(config)
  await using cleanup = new AsyncDisposableStack()
  const { files, replica, rounds, ...member } = await openMember(config, ports, cleanup)
  const kept = { openNotesOf: () => [] }
  const services = { ...member, genesis: config.genesis, kept, ledgerTip: replica.tipNote }
  const server = await createWitnessServer(services, ports.logger)
  cleanup.defer(() => server.close())
  const url = await serve(server, config, ports)
  const scheduler = cleanup.use(createScheduler(ports.logger, ports.timers))
  if (config.jobsEveryMs > 0) {
    scheduler.every('ledger', config.jobsEveryMs, () => rounds.run())
    const audit = createAuditJob(member.context, { genesis: config.genesis, out: files.audit, everyHours: config.auditEveryHours })
    scheduler.every('audit', AUDIT_LOOK_MS, () => audit.run())
  }
  const owned = cleanup.move()
  return { url, ledgerRound: () => rounds.run(), [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** A member that has an access log, or orders the ledger, must not be silent about it. */
function requireWitnessOnly({ genesis, org }: WitnessConfig): void {
  const keys = parseGenesis(genesis).members[org]?.keys ?? []
  const other = keys.find(({ role }) => role === 'log' || role === 'ledger')
  if (other !== undefined)
    throw new ConfigError(
      `expected a member with node and witness keys only, found a ${other.role} key of \`${org}\` in the genesis: run it with \`fiducia serve\``,
    )
}
