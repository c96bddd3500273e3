import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { encodeHex, encodeUtf8, sha256 } from '@fiducia/core'
import { directoryFiles, fsckDirectory, openExistingDirectory } from '@fiducia/node'
import { createRegister } from '@fiducia/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** Loads in a process of their own, killed at random moments. What they leave is compared with loads that nobody disturbed. */
const scratch = mkdtempSync(path.join(tmpdir(), 'fiducia-kill-'))
const main = path.join(import.meta.dirname, '..', 'main.ts')
const register = createRegister({ seed: 'kill', practitioners: 6_000 })
const files = ([1, 2] as const).map((edition) => path.join(scratch, `register-${edition}.csv`))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const importOf = (dir: string, file: string) => [
  main,
  'directory',
  'import',
  '--format',
  'nppes',
  file,
  '--full',
  '--data',
  dir,
  '--max-change',
  '100',
  '--observed',
  '2026-11-20',
  '--json',
]

interface Ended {
  readonly code: number
  readonly json: any
  readonly stderr: string
}

const run = (args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: 120_000, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), json: JSON.parse(stdout), stderr }),
    )
  })

/** Hashes of all that readers could see, without what is random or of the hour. */
function contentOf(dir: string): readonly string[] {
  using database = openExistingDirectory(dir)
  return [
    'SELECT s.id, s.batch, k.key, s.json FROM statement s JOIN subject k ON k.id = s.subject ORDER BY s.id',
    'SELECT n.voice, k.key, hex(n.digest) FROM newest n JOIN subject k ON k.id = n.subject ORDER BY 1, 2',
    'SELECT id, first, count FROM batch ORDER BY id',
    'SELECT name, subject, voice FROM name ORDER BY 1, 2, 3',
    'SELECT subject, state, voice FROM place ORDER BY 1, 2, 3',
    'SELECT subject, via, location, voice FROM reach ORDER BY 1, 2, 3, 4',
  ].map((sql) => encodeHex(sha256(encodeUtf8(JSON.stringify(database.all(sql))))))
}

const undisturbed = path.join(scratch, 'undisturbed')
let durationMs = 0
let expected: readonly any[] = []

beforeAll(async () => {
  files.forEach((file, i) => writeFileSync(file, [register.header, ...register.rows(i === 0 ? 1 : 2)].join('\n')))
  const start = performance.now()
  expected = [(await run(importOf(undisturbed, files[0] ?? ''))).json, (await run(importOf(undisturbed, files[1] ?? ''))).json]
  durationMs = (performance.now() - start) / 2
})

/** Kills a load at the moment; false if it has ended before. */
async function killed(child: ChildProcess, moment: Promise<unknown>): Promise<boolean> {
  const ended = once(child, 'exit')
  await Promise.race([ended, moment])
  const wasRunning = child.exitCode === null
  child.kill('SIGKILL')
  await ended
  return wasRunning
}

/** The first kill of each load comes as soon as something is read, however fast the machine is. */
async function untilBegun(dir: string): Promise<void> {
  const { staging } = directoryFiles(dir)
  while (!existsSync(staging)) await setTimeout(1)
}

/** Without its number and what is named after it. */
const comparable = (answer: any) => ({ ...answer, exceptions: undefined, load: undefined })

describe('a load that is killed', () => {
  it.each(['a', 'b', 'c'])('again and again, run %s, ends like one that was not', async (name) => {
    const dir = path.join(scratch, name)
    let kills = 0
    for (const [i, file] of files.entries()) {
      for (let attempt = 0; attempt < 4; attempt += 1) {
        const moment = attempt === 0 ? untilBegun(dir) : setTimeout(durationMs * (0.2 + 0.7 * Math.random()))
        if (!(await killed(spawn(process.execPath, importOf(dir, file), { stdio: 'ignore' }), moment))) break
        kills += 1
      }
      const ended = await run(importOf(dir, file))
      // A load that was killed after its last commit is done: the same files are then another load, of what is all the same.
      if (ended.json.new === 0) expect(ended.json).toMatchObject({ changed: 0, withdrawn: 0, state: 'done' })
      else expect(comparable(ended.json)).toEqual(comparable(expected[i]))
    }
    expect(kills).toBeGreaterThan(0)
    expect(contentOf(dir)).toEqual(contentOf(undisturbed))
    expect(fsckDirectory(dir).findings).toEqual([])
  })
})
