import { type FiduciaNode, loadConfig, openNode, silentLogger, startBuiltInSilo } from '@fiducia/node'
import { encodeLeaf, slotOf } from '@fiducia/proofs'
import { wallClock } from '@fiducia/testkit'
import type { AccessLog, NewEntry } from '../packages/node/src/access-log/access-log.ts'
import { ownCast } from '../packages/testkit/src/story/cast.ts'
import { underLoad } from './measure.ts'
import type { Command } from './two-nodes.ts'

/**
 * One node of `two-nodes.ts` with its silo, in a process of its own, with its jobs as they run by default: answers each
 * command with one message, and ends when its parent lets go of it.
 */

/** Makes an entry like every other, and keeps it nowhere. */
function appendNothing(log: AccessLog): AccessLog['append'] {
  return async (entry: NewEntry) => {
    const com = 'relationship' in entry ? entry.make({ k: log.k, n: 0, tag: new Uint8Array(32) }).com : entry.com
    const leaf = encodeLeaf({ kind: 'entry', slot: slotOf(wallClock.now() / 1000), tag: new Uint8Array(32), com })
    return { index: 0, leaf, checkpoint: { origin: log.origin, size: 1, root: new Uint8Array(32) }, note: `${log.origin}\n1\n\n`, path: [] }
  }
}

function keepLog(log: AccessLog, keeps: boolean): void {
  if (keeps) Reflect.deleteProperty(log, 'append')
  else Object.defineProperty(log, 'append', { value: appendNothing(log), configurable: true })
}

async function obey(node: FiduciaNode, command: Command): Promise<readonly number[]> {
  const { services } = node
  if (command.kind === 'join') {
    await node.join()
    return []
  }
  if (command.kind === 'memory') return [process.memoryUsage().rss]
  if (command.kind === 'keep-log') {
    keepLog(services.log, command.keeps)
    return []
  }
  const work = async () => {
    const { status } = await services.exchange.ask(command.question)
    if (status !== 200) throw new Error(`expected a released observation, found status ${status}`)
  }
  return underLoad({ perSecond: command.perSecond, seconds: command.seconds, work })
}

const config = loadConfig(process.argv[2] ?? '')
const silo = await startBuiltInSilo({ port: Number(new URL(config.silo.base).port), resources: ownCast().resources(config.org) })
const node = await openNode(config, { clock: wallClock, logger: silentLogger })

process.on('message', (command: Command) => {
  obey(node, command).then(
    (samples) => process.send?.({ samples }),
    (error: unknown) => process.send?.({ failed: String(error) }),
  )
})
process.on('disconnect', () => {
  // Kept-alive connections to the other node must not keep this process.
  void node[Symbol.asyncDispose]()
    .then(() => silo[Symbol.asyncDispose]())
    .then(() => process.exit())
})
process.send?.({ samples: [] })
