import { afterAll, describe, expect, it } from 'vitest'
import { openCounter } from './steps.ts'

const counter = openCounter((url) => /\/packages\/(?:core|ledger|proofs|consent|fhir|client|node|directory|research)\/src\/|fflate/.test(url))
afterAll(() => counter[Symbol.dispose]())

// Loaded here, since only what is compiled while the counter runs is counted.
const { SUBJECTS } = await import('./subjects.ts')
const { nastyInput } = await import('./nasty.ts')

const SIZE = 2000
/** Four times the input, and more for what sorting adds and for what begins only beyond some length; quadratic work would be sixteen times. */
const MOST = 6

describe('the counter', () => {
  it('counts the same twice, and sees quadratic work, in the code and in built-in functions', async () => {
    const { parseCanonicalString } = await import('@fiducia/core')
    const text = `[${'0,'.repeat(500)}0]`
    counter.begin()
    const once = counter.steps(() => parseCanonicalString(text))
    expect(once).toBeGreaterThan(text.length)
    expect(counter.steps(() => parseCanonicalString(text))).toBe(once)
    const careless = (n: number) => counter.steps(() => Array.from({ length: n }, () => 'x'.repeat(n).includes('y')))
    expect(careless(4000) / careless(1000)).toBeGreaterThan(12)
  })
})

describe('four times the input takes about four times the steps', () => {
  it.each(SUBJECTS.map((subject) => [subject.name, subject] as const))('%s', (_, subject) => {
    const steep: string[] = []
    counter.begin()
    for (const { what, make } of nastyInput(subject)) {
      const [small, large] = [make(SIZE), make(4 * SIZE)]
      const [few, many] = [counter.steps(() => subject.read(small)), counter.steps(() => subject.read(large))]
      // What is refused at once costs next to nothing: from there to a step for each character is no growth yet.
      if (many > MOST * Math.max(few, small.length)) steep.push(`${what}: ${few} steps, then ${many}`)
    }
    expect(steep).toEqual([])
  })
})
