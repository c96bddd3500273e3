import { existsSync, mkdtempSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, inject, it } from 'vitest'
import { openSimulator } from '../src/simulation/simulate.ts'

/** Hundreds of seeds, half of them new with each change of the sources, and the same wherever these are tested; `npm run simulate` runs thousands. */
const FIXED = 100
const NEW = 100
const memory = existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir()

it.each([
  ['the first seeds', 1, FIXED],
  ['new seeds', inject('seed'), NEW],
])('keeps its promises under %s, from %i on', { timeout: 600_000 }, async (_name, first, count) => {
  process.stderr.write(`simulation: seeds from ${first}\n`)
  using simulator = await openSimulator(mkdtempSync(path.join(memory, 'fiducia-simulation-')))
  for (let seed = first; seed < first + count; seed += 1) {
    const { violations } = await simulator.run(String(seed))
    expect(violations, `npm run simulate -- --seed ${seed} --trace`).toEqual([])
  }
})
