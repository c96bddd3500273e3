import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, openBench } from './bench.ts'
import { buildFileLayer, NO_COMPILER } from './file-layer.ts'
import { judged } from './judged.ts'
import { isWorkload, WORKLOADS } from './process.ts'
import { createDice, sample } from './sampling.ts'

/** Every row of docs/reference/faults.md, at some of its steps: real processes, judged by fsck, by what they said, and by what comes after. */
const library = buildFileLayer()
if (library === undefined) process.stderr.write(`skipped: ${NO_COMPILER}\n`)
const seed = Number(process.env['FIDUCIA_SEED'] ?? 20_261_122)

describe.skipIf(library === undefined)('under every fault', () => {
  let bench: Bench
  beforeAll(async () => {
    process.stderr.write(`seed ${seed}\n`)
    bench = await openBench(library ?? '')
  })
  afterAll(() => bench[Symbol.asyncDispose]())

  it.each(Object.keys(WORKLOADS).filter(isWorkload))('`%s` holds what its rows say', async (workload) => {
    const trials = sample(workload, await bench.steps(workload), createDice(seed))
    expect(await judged(bench, trials)).toEqual([])
  })
})
