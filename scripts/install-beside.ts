import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root, runStep } from './run.ts'

/** A tool below `tools/` with what it needs, as its own lock file names it; installed once. False if that failed. */
export function installBeside(name: string, what: string): boolean {
  const folder = path.join(root, 'tools', name)
  const stamp = path.join(folder, 'node_modules', '.installed')
  const wanted = createHash('sha256')
    .update(readFileSync(path.join(folder, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return true
  if (!runStep({ title: `installing ${what} beside the project`, command: ['npm', 'ci', '--prefix', folder] })) return false
  writeFileSync(stamp, wanted)
  return true
}
