import { createLogger, loadConfig, openNode } from '@fiducia/node'
import type { Answer } from '../output.ts'
import { untilStopped } from '../until-stopped.ts'

/** `fiducia serve --config FILE`: one node, until Ctrl-C. */
export async function serve(configFile: string): Promise<Answer> {
  const config = loadConfig(configFile)
  const node = await openNode(config, { clock: { now: () => Date.now() }, logger: createLogger(config.org) })
  process.stderr.write(`fiducia: ${config.org} listens on ${node.url}\n`)
  void node
    .join()
    .catch((error: unknown) =>
      process.stderr.write(`fiducia: the access log could not be opened on the ledger so far: ${error instanceof Error ? error.message : 'no answer'}\n`),
    )
  await untilStopped()
  await node[Symbol.asyncDispose]()
  return { exitCode: 0, json: { stopped: true }, text: 'stopped' }
}
