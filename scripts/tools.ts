import { spawnSync } from 'node:child_process'
import { hasCommand } from './run.ts'

/** What tests need beyond npm packages: found, installed where the system allows it, or skipped with a line that says how to get it. */
export interface Tools {
  /** Environment for the tests. */
  readonly env: Readonly<Record<string, string>>
  /** One line for each thing that is missing. */
  readonly missing: readonly string[]
}

const isRoot = process.getuid?.() === 0

function findChromium(): string | undefined {
  return ['chromium', 'chromium-browser', 'google-chrome'].find(hasCommand)
}

function aptInstall(name: string): void {
  if (!isRoot || !hasCommand('apt-get')) return
  process.stdout.write(`installing ${name} (Debian package)\n`)
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit', env: environment })
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], { stdio: ['ignore', 'ignore', 'inherit'], env: environment })
}

export function findTools(): Tools {
  if (findChromium() === undefined) aptInstall('chromium')
  if (!hasCommand('ssh-agent')) aptInstall('openssh-client')
  const chromium = findChromium()
  const missing = [
    ...(['gcc', 'cc'].some(hasCommand) ? [] : ['fault table: no C compiler; install the Debian packages `gcc` and `libc6-dev`']),
    ...(hasCommand('ssh-agent') ? [] : ['keys held by an agent: no ssh-agent; install the Debian package `openssh-client`']),
  ]
  if (chromium !== undefined) return { env: { FIDUCIA_CHROMIUM: chromium }, missing }
  return { env: {}, missing: [...missing, 'browser tests: no Chromium; install the Debian package `chromium`, or put one on the PATH'] }
}
