import { httpTransport, isRunning, type MemberStatus, networkStatus, parseGenesis, readNetwork, stopNetwork } from '@fiducia/node'
import { STOP_WAIT_MS } from '../limits.ts'
import { type Answer, UsageError } from '../output.ts'
import { folderOf, readInput } from '../read-input.ts'
import { tableOf } from '../table.ts'

/** `fiducia network status DIR|--genesis FILE` and `fiducia network stop DIR`. */
export async function status(dir: string | undefined, genesisFile: string | undefined): Promise<Answer> {
  if ((dir === undefined) === (genesisFile === undefined))
    throw new UsageError('BAD_USE', 'expected the folder of a network, or --genesis with its genesis file')
  if (dir !== undefined) folderOf(dir, 'the folder of a network')
  const genesis = dir === undefined ? parseGenesis(readInput(genesisFile ?? '', 'the genesis file of a network')) : readNetwork(dir).genesis
  const { ok, ...found } = await networkStatus({ genesis, transport: httpTransport, now: () => Date.now() })
  const head = found.height === null ? `network ${found.net}: nobody answers` : `network ${found.net} at height ${found.height}, app hash ${found.appHash}`
  const rows = [['member', 'height', 'witnessing', 'reachable', ''], ...found.members.map(rowOf)]
  return { exitCode: ok ? 0 : 1, json: found, text: [head, ...tableOf(rows).map((row) => `  ${row}`)].join('\n') }
}

const rowOf = ({ name, height, witnessing, reachable, problem }: MemberStatus) => [
  name,
  height === null ? '-' : String(height),
  witnessing ? 'yes' : 'NO',
  reachable ? 'yes' : 'NO',
  problem ?? '',
]

export async function stop(dir: string): Promise<Answer> {
  folderOf(dir, 'the folder of a network')
  const { genesis } = readNetwork(dir)
  if (!isRunning(dir)) return { exitCode: 1, json: { stopped: false, net: genesis.net }, text: `no process runs network ${genesis.net} of ${dir}` }
  await stopNetwork(dir, STOP_WAIT_MS)
  return { exitCode: 0, json: { stopped: true, net: genesis.net }, text: `network ${genesis.net} is stopped` }
}
