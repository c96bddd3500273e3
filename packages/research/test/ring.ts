import type { Fit } from '../src/rounds/types.ts'

/** The same fit with each site's numbers as masked sums carry them: in steps of 2^-64, below 2^62. */
export function inTheRing<Data, Result>(fit: Fit<Data, Result>): Fit<Data, Result> {
  return {
    ...fit,
    contribute: (data, values) =>
      fit.contribute(data, values).map((value) => {
        if (!(Math.abs(value) < 2 ** 62)) throw new Error(`a site gives ${value}, which masked sums do not carry`)
        return Math.round(value * 2 ** 64) / 2 ** 64
      }),
  }
}
