import { spawn, spawnSync } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'

/**
 * A peer in another language, in a process of its own. It is started once and told to begin one piece of work at a time, so
 * that it takes turns with ours, and it times itself, so that neither its start nor reading the data counts.
 */
export interface Peer<Answer> extends Disposable {
  /** The peer does its work once. Rejects when it has ended. */
  ask(): Promise<Answer>
}

/** `file` lies in `bench/peers`: it prints a line of JSON when it is ready and one for each line that it reads. */
export async function openPeer<Answer>(command: string, file: string, ...args: readonly string[]): Promise<Peer<Answer>> {
  const child = spawn(command, [path.join(import.meta.dirname, 'peers', file), ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async (): Promise<Answer> => {
    const line = await lines.next()
    if (line.done === true) throw new Error(`${file} has ended`)
    return JSON.parse(line.value) as Answer
  }
  await answer()
  return {
    ask: () => {
      child.stdin.write('\n')
      return answer()
    },
    [Symbol.dispose]: () => child.stdin.end(),
  }
}

const PYTHON = process.env['FIDUCIA_PYTHON'] ?? 'python3'

/** A peer made of Flower. Undefined where Python cannot import it. */
export async function openFlower<Answer>(file: string, ...args: readonly string[]): Promise<Peer<Answer> | undefined> {
  if (spawnSync(PYTHON, ['-c', 'import flwr, ray']).status !== 0) return undefined
  return openPeer(PYTHON, file, ...args)
}

export const WITHOUT_FLOWER =
  'Flower is not installed here: `python3 -m venv DIR && DIR/bin/pip install "flwr[simulation]"`, then FIDUCIA_PYTHON=DIR/bin/python, and it is measured beside.'
