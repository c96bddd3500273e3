import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'

/** Running the project's own tools, one after the other, with their output shown. */
export const root = path.join(import.meta.dirname, '..')

export interface Step {
  readonly title: string
  readonly command: readonly [string, ...string[]]
  readonly env?: Readonly<Record<string, string>>
}

/** True when it ended well. */
export function runStep({ title, command: [file, ...args], env }: Step): boolean {
  process.stdout.write(`\n== ${title}\n`)
  const local = path.join(root, 'node_modules', '.bin', file)
  const result = spawnSync(existsSync(local) ? local : file, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
  return result.status === 0
}

export const hasCommand = (name: string): boolean => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0
