import { httpTransport } from '@fiducia/node'
import { benchFolder, type Figure, milliseconds, percentile, printTable, times, underLoad } from './measure.ts'
import { startTwoNodes, type TwoNodes } from './two-nodes.ts'

/**
 * What it costs that a read is in the access log, durably and signed, before a byte leaves: one observation of one patient,
 * 200 reads a second. Compared with the silo asked directly, and with the same gateway whose log keeps nothing.
 *
 * The holder and its silo are one process, the requester another, the load a third; all share the machine's cores, jobs
 * included. The whole exchange has the requester's checks, mirror entry and sealed copy on top.
 */
const READS_PER_SECOND = 200
const SECONDS = 3
const ROUNDS = 3
const WARM_UP_SECONDS = 1

async function readSilo({ siloUrl }: TwoNodes, seconds: number): Promise<readonly number[]> {
  const work = async () => expectRead((await httpTransport(siloUrl)).status)
  return underLoad({ perSecond: READS_PER_SECOND, seconds, work })
}

async function readGateway(nodes: TwoNodes, seconds: number): Promise<readonly number[]> {
  const requests = await nodes.signedRequests(READS_PER_SECOND * seconds)
  const work = async (call: number) => {
    const request = requests[call]
    expectRead(request === undefined ? 0 : (await httpTransport(request.url, { headers: request.headers })).status)
  }
  return underLoad({ perSecond: READS_PER_SECOND, seconds, work })
}

async function readUnlogged(nodes: TwoNodes, seconds: number): Promise<readonly number[]> {
  await nodes.keepLog(false)
  const samples = await readGateway(nodes, seconds)
  await nodes.keepLog(true)
  return samples
}

function expectRead(status: number): void {
  if (status !== 200) throw new Error(`expected a released observation, found status ${status}`)
}

const PATHS = {
  silo: readSilo,
  unlogged: readUnlogged,
  gateway: readGateway,
  exchange: (nodes: TwoNodes, seconds: number) => nodes.exchange(READS_PER_SECOND, seconds),
} as const
type Path = keyof typeof PATHS

using folder = benchFolder()
await using nodes = await startTwoNodes(folder.dir)
const samples: Record<Path, number[]> = { silo: [], unlogged: [], gateway: [], exchange: [] }
const paths = ['silo', 'unlogged', 'gateway', 'exchange'] as const
for (const path of paths) await PATHS[path](nodes, WARM_UP_SECONDS)
for (let round = 0; round < ROUNDS; round += 1) for (const path of paths) samples[path].push(...(await PATHS[path](nodes, SECONDS)))

const SHARES = { p50: 0.5, p99: 0.99 } as const
const of = (path: Path, share: keyof typeof SHARES) => percentile(samples[path], SHARES[share])

/** The rare slow answer comes from the jobs that both paths share, so a difference of the p99 can be smaller than its noise. */
function added(share: keyof typeof SHARES): string {
  const difference = of('gateway', share) - of('unlogged', share)
  return difference > 0 ? milliseconds(difference) : 'less than the noise'
}

const figures = (share: keyof typeof SHARES, goal: string): readonly Figure[] => [
  {
    what: `log before release adds, ${share}`,
    measured: added(share),
    goal,
    comparedWith: `gateway without the log, ${milliseconds(of('unlogged', share))}: ${times(of('gateway', share), of('unlogged', share))} in all`,
  },
  {
    what: `read through the gateway, ${share}`,
    measured: milliseconds(of('gateway', share)),
    comparedWith: `silo directly, ${milliseconds(of('silo', share))}: ${times(of('gateway', share), of('silo', share))}`,
  },
  {
    what: `whole exchange with the requester's part, ${share}`,
    measured: milliseconds(of('exchange', share)),
    comparedWith: `silo directly: ${times(of('exchange', share), of('silo', share))}`,
  },
]
printTable(`log before release: ${READS_PER_SECOND} reads a second, ${ROUNDS} rounds of ${SECONDS} s for each path`, [
  ...figures('p50', '<= 25 ms'),
  ...figures('p99', '<= 100 ms'),
])
