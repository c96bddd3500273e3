import { execFile } from 'node:child_process'
import path from 'node:path'

/** What `fiducia verify … --json` prints for an input that lies in `cwd`, without its line end. */
export function verifyCommand(cwd: string, args: readonly string[]): Promise<string> {
  const main = path.resolve(import.meta.dirname, '../../cli/src/main.ts')
  const { FIDUCIA_TRUST: _, ...env } = process.env
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'verify', ...args, '--json'], { cwd, env, timeout: 60_000 }, (_error, stdout) => resolve(stdout.replace(/\n$/, '')))
  })
}
