import * as fc from 'fast-check'
import { answerOfOracle, answerTo } from './against-oracle.ts'
import { anyCase } from './arbitrary-cases.ts'
import type { Fault } from './faults.ts'
import { type Json, listOf, nameOf } from './json.ts'

/** Cases that are understood, without two resources of one name. */
const soundCase: fc.Arbitrary<Json> = anyCase.map((document) => {
  const resources = listOf(document['resources'])
  return { ...document, resources: resources.filter((one, i) => resources.findIndex((other) => nameOf(other) === nameOf(one)) === i) }
})

/** Injects one kind of fault so many times. Throws, shrunk, when something is released that may not be. Gives how often the fault made less released. */
export function injectFault(fault: Fault, runs: number, seed: number): number {
  let narrowed = 0
  fc.assert(
    fc.property(soundCase, fc.infiniteStream(fc.nat(1_000_000)), (document, numbers) => {
      const before = answerTo(JSON.stringify(document))
      const text = fault.inject(document, (count) => (numbers.next().value as number) % count)
      fc.pre(text !== undefined && before.decision !== 'refused' && text !== JSON.stringify(document))
      if (text === undefined) return
      const after = answerTo(text)
      const allowed = fault.promise === 'narrower' ? before : answerOfOracle(JSON.parse(text))
      const wider = after.released.filter((one) => !allowed.released.includes(one))
      if (wider.length > 0) throw new Error(`${fault.kind} releases ${wider.join(', ')}: ${text.slice(0, 20_000)}`)
      if (after.released.length < before.released.length) narrowed += 1
    }),
    { numRuns: runs, seed, maxSkipsPerRun: 1000 },
  )
  return narrowed
}
