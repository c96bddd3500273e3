import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Bench, openBench } from './bench.ts'
import { buildFileLayer, NO_COMPILER } from './file-layer.ts'
import { judged } from './judged.ts'
import { isWorkload, WORKLOADS } from './process.ts'
import { classOf, createDice, sample } from './sampling.ts'
import { kindOf } from './steps.ts'
import { TABLE } from './table.ts'

/** The table says something about each step that there is, and about no other; and one workload holds what it says. */
const library = buildFileLayer()
if (library === undefined) process.stderr.write(`skipped: ${NO_COMPILER}\n`)
const seed = inject('seed')

describe.skipIf(library === undefined)('the fault table', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench(library ?? '')
  })
  afterAll(() => bench[Symbol.asyncDispose]())

  it.each(Object.keys(WORKLOADS).filter(isWorkload))('has a row for each step of `%s`, and a step for each row', async (workload) => {
    const classes = [...new Set((await bench.steps(workload)).map(classOf))].sort()
    expect(Object.keys(TABLE[workload].rows).sort()).toEqual(classes)
    expect(classes.filter((name) => kindOf(name) === undefined)).toEqual([])
  })

  it('holds for a policy that is acknowledged', async () => {
    process.stderr.write(`seed ${seed}\n`)
    const dice = createDice(seed)
    const trials = sample('policy', await bench.steps('policy'), dice).filter(() => dice() < 0.3)
    expect(await judged(bench, trials)).toEqual([])
  })
})
