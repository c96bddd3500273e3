import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'

/** The real command, as a user's shell would start it. */
export const root = path.join(import.meta.dirname, '..')
const launcher = path.join(root, 'scripts', 'launch.cjs')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export function runFiducia(args: readonly string[]): Promise<Ended> {
  const { ended } = startFiducia(args)
  return ended
}

export interface Started {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves with the first match in what it prints on standard error. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>
}

export function startFiducia(args: readonly string[]): Started {
  const child = spawn(process.execPath, [launcher, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  const watchers = new Set<() => void>()
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
    for (const watch of watchers) watch()
  })
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
  return {
    process: child,
    ended,
    waitFor: (pattern) =>
      new Promise((resolve, reject) => {
        const watch = () => {
          const match = pattern.exec(stderr)
          if (match !== null) resolve(match)
        }
        watchers.add(watch)
        void ended.then(() => reject(new Error(`it ended without ${pattern}: ${stderr}`)))
        watch()
      }),
  }
}
