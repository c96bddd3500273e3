import * as fc from 'fast-check'
import { expect } from 'vitest'
import { hostileInput } from './mutations.ts'
import type { Subject } from './subject.ts'

/** Repeats one run: fast-check prints the seed of a failing one, with the smallest input it found. */
export const seed = Number(process.env['FIDUCIA_SEED'] ?? 20_261_122)

/** Words for the reader, and none that only say where the code broke. */
const WORDS = /^(?=.*\S+ \S+ \S+)(?!.*(?:undefined|is not a function|Cannot read|out of range|call stack))/s

/** True when the input was read. What is thrown is a refusal with words in it; what is read is written the same again. */
export function tryInput(subject: Subject, input: string): boolean {
  let again: (() => string) | undefined
  try {
    again = subject.read(input)
  } catch (error) {
    if (!subject.isRefusal(error)) throw error
    expect(error instanceof Error ? error.message : '').toMatch(WORDS)
    return false
  }
  if (again !== undefined && again() !== input) expect(again()).toBe(input)
  return true
}

/** How many of the inputs were read. */
export function tryMany(subject: Subject, runs: number): number {
  let read = 0
  fc.assert(
    fc.property(hostileInput(subject.good, subject.isBinary), (input) => {
      if (tryInput(subject, input)) read += 1
    }),
    { numRuns: runs, seed },
  )
  return read
}
