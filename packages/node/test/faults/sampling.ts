import { FAULTS, type Fault, type Step } from './file-layer.ts'
import type { WorkloadName } from './process.ts'
import type { Trial } from './bench.ts'

/** Which steps of a trace are tried: all that do the same to the same kind of file are one class. */

/** File and call, names of policies left out. */
export const classOf = ({ file, call }: Step): string => `${file.replace(/[\w-]{43}\.[\w-]{43}/, 'POLICY')} · ${call}`

const SPACE = ['write', 'create', 'mkdir']
const SYNCS = ['sync', 'sync-folder']

/** Whether a fault can happen to a call. */
export function applies(fault: Fault, call: Step['call']): boolean {
  if (call === 'read' || fault === 'eio-read') return call === 'read' && fault === 'eio-read'
  if (fault === 'sync-lost') return SYNCS.includes(call)
  if (fault === 'eio') return !SYNCS.includes(call)
  if (fault === 'short') return call === 'write'
  return fault.startsWith('enospc') ? SPACE.includes(call) : true
}

/** Faults after which the process goes on, or the disk holds a mixture: what becomes of them depends on where they happen. */
const TRIED_OFTEN: ReadonlySet<Fault> = new Set(['crash-then-power', 'torn', 'sync-lost', 'eio', 'short', 'enospc', 'enospc-brief'])

/** The first start has every class that the other workloads have, so there one step of each is enough. */
const TRIED_ONCE: ReadonlySet<WorkloadName> = new Set(['first-start'])

/** Of the pairs of class and fault a run tries half, by its seed; of the first start a quarter. */
const SHARE = 0.5

/** Of each class some steps, for each fault that can happen to it: the first, the last and one between, or any one. */
export function sample(workload: WorkloadName, steps: readonly Step[], dice: () => number, faults: readonly Fault[] = FAULTS): readonly Trial[] {
  const classes = Map.groupBy(steps, classOf)
  return [...classes.values()].flatMap((some) =>
    faults
      .filter((fault) => applies(fault, some[0]?.call ?? 'read'))
      .filter(() => dice() < (TRIED_ONCE.has(workload) ? SHARE / 2 : SHARE))
      .flatMap((fault) => {
        const chosen = TRIED_OFTEN.has(fault) && !TRIED_ONCE.has(workload) ? firstBetweenLast(some, dice) : any(some, dice)
        return chosen.map((step) => ({ workload, fault, step, seed: 1 + Math.floor(dice() * 1_000_000) }))
      }),
  )
}

const any = (steps: readonly Step[], dice: () => number): readonly Step[] => steps.slice(Math.floor(dice() * steps.length)).slice(0, 1)

function firstBetweenLast(steps: readonly Step[], dice: () => number): readonly Step[] {
  return [...new Set([...steps.slice(0, 1), ...any(steps.slice(1, -1), dice), ...steps.slice(-1)])]
}

/** A small generator (mulberry32): what is tried follows from the seed. */
export function createDice(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
