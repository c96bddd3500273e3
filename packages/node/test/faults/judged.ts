import type { Bench, Trial } from './bench.ts'
import { classOf } from './sampling.ts'
import { expectedOf } from './table.ts'

const AT_ONCE = 2

/** Tries all of them, two at a time; gives one line for each that did something else than its row says, with what replays it. */
export async function judged(bench: Bench, trials: readonly Trial[]): Promise<readonly string[]> {
  const waiting = [...trials]
  const failures: string[] = []
  const work = async () => {
    for (let trial = waiting.shift(); trial !== undefined; trial = waiting.shift()) failures.push(...(await failuresOf(bench, trial)))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return failures
}

async function failuresOf(bench: Bench, trial: Trial): Promise<readonly string[]> {
  const { workload, fault, step, seed } = trial
  const { during, wrong } = await bench.try(trial)
  const expected = expectedOf(workload, classOf(step), fault)
  const unexpected = during.filter((one) => !expected.includes(one))
  const name = `${workload}, step ${step.number} (${classOf(step)}), ${fault}, seed ${seed}`
  return [...unexpected.map((one) => `${name}: expected ${expected.join(' or ')}, found ${one}`), ...wrong.map((one) => `${name}: ${one}`)]
}
