import { createLogger, type FiduciaNode, loadConfig, loadWitnessConfig, openNode, openWitnessNode } from '@fiducia/node'
import type { Answer } from '../output.ts'
import { untilStoppedOrAlone } from '../until-stopped.ts'

const clock = { now: () => Date.now() }

/** `fiducia serve --config FILE`: one node, until Ctrl-C. */
export async function serve(configFile: string): Promise<Answer> {
  const config = loadConfig(configFile)
  const node = await openNode(config, { clock, logger: createLogger(config.org) })
  process.stderr.write(`fiducia: ${config.org} listens on ${node.url}\n`)
  void node
    .join()
    .catch((error: unknown) =>
      process.stderr.write(`fiducia: the access log could not be opened on the ledger so far: ${error instanceof Error ? error.message : 'no answer'}\n`),
    )
  return untilClosed(node)
}

/** `fiducia witness --config FILE`: a node that follows the ledger and witnesses, until Ctrl-C. */
export async function witness(configFile: string): Promise<Answer> {
  const config = loadWitnessConfig(configFile)
  const node = await openWitnessNode(config, { clock, logger: createLogger(config.org) })
  process.stderr.write(`fiducia: ${config.org} witnesses on ${node.url}\n`)
  return untilClosed(node)
}

async function untilClosed(node: Pick<FiduciaNode, 'ledgerRound'> & AsyncDisposable): Promise<Answer> {
  await untilStoppedOrAlone()
  // What was ordered last should stand under a quorum when the members are still there to give it.
  await node.ledgerRound().catch(() => undefined)
  await node[Symbol.asyncDispose]()
  if (process.connected) process.disconnect()
  return { exitCode: 0, json: { stopped: true }, text: 'stopped' }
}
