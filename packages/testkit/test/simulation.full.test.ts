import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import { openSimulator } from '../src/simulation/simulate.ts'

/** Hundreds of seeds, half of them new with each change of the sources, and the same wherever these are tested; `npm run simulate` runs thousands. */
const FIXED = 100
const NEW = 100
const memory = existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir()

/** Without a repository, the clock. */
function seedOfSources(): number {
  const { stdout } = spawnSync('git', ['rev-parse', '--short=8', 'HEAD^{tree}'], { cwd: import.meta.dirname, encoding: 'utf8' })
  const seed = Number.parseInt(stdout, 16)
  return Number.isNaN(seed) ? Math.floor(Date.now() / 1000) : seed
}

it.each([
  ['the first seeds', 1, FIXED],
  ['new seeds', seedOfSources(), NEW],
])('keeps its promises under %s, from %i on', { timeout: 600_000 }, async (_name, first, count) => {
  process.stderr.write(`simulation: seeds from ${first}\n`)
  using simulator = await openSimulator(mkdtempSync(path.join(memory, 'fiducia-simulation-')))
  for (let seed = first; seed < first + count; seed += 1) {
    const { violations } = await simulator.run(String(seed))
    expect(violations, `npm run simulate -- --seed ${seed} --trace`).toEqual([])
  }
})
