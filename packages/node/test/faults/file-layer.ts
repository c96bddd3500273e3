import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Said } from './workload.ts'

/** Running a real process over `tools/faults/faultfs.c`, which stands between it and its files: see there for the model of the disk. */
export const FAULTS = [
  'crash-before',
  'crash-after',
  'crash-then-power',
  'power-before',
  'power-after',
  'torn',
  'sync-lost',
  'eio',
  'eio-read',
  'short',
  'enospc',
  'enospc-brief',
] as const
export type Fault = (typeof FAULTS)[number]

/** The status of a process that the fault ended. */
export const ENDED = 86

export interface Step {
  readonly number: number
  readonly call: 'create' | 'write' | 'truncate' | 'sync' | 'sync-folder' | 'rename' | 'unlink' | 'mkdir' | 'read'
  /** Relative to the folder under faults. */
  readonly file: string
}

export interface Run {
  readonly said: readonly Said[]
  readonly status: number | null
  readonly steps: readonly Step[]
  /** Whether the fault came to pass. */
  readonly injected: boolean
  readonly stderr: string
}

export interface FaultOptions {
  /** The program and its arguments. */
  readonly program: readonly string[]
  /** Only files below it are looked at. */
  readonly dir: string
  readonly trace: string
  readonly fault?: { readonly kind: Fault; readonly step: number; readonly seed: number }
  /** What the process before this one, which crashed, left durable; power is lost at the end. */
  readonly adopt?: string
}

/** Where a process that crashes leaves what is durable of a folder. */
export const durableOf = (dir: string): string => `${dir}.durable`

const SOURCE = path.join(import.meta.dirname, '../../../../tools/faults/faultfs.c')
const CACHE = path.join(tmpdir(), 'fiducia-faults')

/** The library, compiled once for each state of its source; undefined where no C compiler is, or no glibc. */
export function buildFileLayer(): string | undefined {
  const source = readFileSync(SOURCE)
  const library = path.join(CACHE, `faultfs-${createHash('sha256').update(source).digest('hex').slice(0, 16)}.so`)
  if (existsSync(library)) return library
  mkdirSync(CACHE, { recursive: true })
  const compiler = ['gcc', 'cc'].find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0)
  if (compiler === undefined || process.platform !== 'linux') return undefined
  const made = `${library}.${process.pid}`
  const { status, stderr } = spawnSync(compiler, ['-O1', '-shared', '-fPIC', '-o', made, SOURCE, '-ldl', '-lpthread'], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`tools/faults/faultfs.c does not compile: ${stderr}`)
  renameSync(made, library)
  return library
}

export const NO_COMPILER = 'fault table: no C compiler on Linux; install the Debian package `gcc` (with `libc6-dev`)'

const MAX_RUN_MS = 30_000

export function runUnderFault(library: string, { program, dir, trace, fault, adopt }: FaultOptions): Promise<Run> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...program], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: path.join(CACHE, 'compiled'),
      // A ring of io_uring would write past the layer.
      UV_USE_IO_URING: '0',
      LD_PRELOAD: library,
      FAULT_ROOT: dir,
      FAULT_TRACE: trace,
      ...(adopt === undefined ? {} : { FAULT_ADOPT: adopt }),
      ...(fault === undefined ? {} : faultEnvironment(fault, dir)),
    },
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), MAX_RUN_MS)
  const said: Said[] = []
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr = `${stderr}${chunk.toString()}`.slice(-4_000)))
  createInterface({ input: child.stdout }).on('line', (line) => said.push(JSON.parse(line) as Said))
  return new Promise((resolve) => {
    child.once('close', (status) => {
      clearTimeout(timer)
      const lines = existsSync(trace) ? readFileSync(trace, 'utf8').split('\n') : []
      resolve({ said, status, stderr, steps: lines.flatMap(stepOf), injected: lines.some((line) => line.startsWith('!')) })
    })
  })
}

function faultEnvironment({ kind, step, seed }: NonNullable<FaultOptions['fault']>, dir: string): Readonly<Record<string, string>> {
  const at = { FAULT_STEP: String(step), FAULT_SEED: String(seed) }
  return kind === 'crash-then-power' ? { ...at, FAULT_KIND: 'crash-before', FAULT_KEEP: durableOf(dir) } : { ...at, FAULT_KIND: kind }
}

function stepOf(line: string): readonly Step[] {
  const [kind, number, call, file] = line.split(' ')
  return kind === 's' || kind === 'r' ? [{ number: Number(number), call: call as Step['call'], file: file ?? '' }] : []
}
