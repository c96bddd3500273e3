import { InputError } from '@fiducia/core'
import * as fc from 'fast-check'
import { expect } from 'vitest'

/** Hostile input for parsers: text of every sort, and a good document with one change. */

const oneChange = (good: string): fc.Arbitrary<string> =>
  fc.tuple(fc.nat(good.length), fc.nat(3), fc.string({ maxLength: 3 })).map(([at, removed, added]) => good.slice(0, at) + added + good.slice(at + removed))

export const hostileText = (...good: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.json(), ...good.map(oneChange))

/** Runs a parser on hostile text; whatever it throws is an `InputError` with words in it. */
export function expectOnlyInputErrors(parse: (text: string) => unknown, ...good: readonly string[]): void {
  for (const text of good) expect(() => parse(text)).not.toThrow()
  fc.assert(
    fc.property(hostileText(...good), (text) => {
      try {
        parse(text)
      } catch (error) {
        expect(error).toBeInstanceOf(InputError)
        expect(error instanceof Error ? error.message.length : 0).toBeGreaterThan(5)
      }
    }),
    { numRuns: 500 },
  )
}
