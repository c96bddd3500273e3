import { describe, expect, it } from 'vitest'
import { chiSquareTail, lnGamma, normalTwoSided, tTwoSided } from './distributions.ts'

const near = (value: number, expected: number, relative = 1e-12) => expect(Math.abs(value / expected - 1)).toBeLessThan(relative)

/** Simpson's rule on a density from `from`, far enough: shares nothing with what it judges. */
function integral(density: (x: number) => number, from: number, to: number): number {
  const steps = 200_000
  const h = (to - from) / steps
  let sum = density(from) + density(to)
  for (let i = 1; i < steps; i += 1) sum += density(from + i * h) * (i % 2 === 1 ? 4 : 2)
  return (sum * h) / 3
}

describe('tails', () => {
  it('of the normal distribution', () => {
    for (const z of [0.01, 0.3, 1, 1.5, 1.96, 3, 6, 10])
      near(normalTwoSided(z), 2 * integral((x) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI), z, z + 12), 1e-11)
    expect(normalTwoSided(0)).toBe(1)
    expect(normalTwoSided(Number.POSITIVE_INFINITY)).toBe(0)
    // Mills' ratio: the tail at z is φ(z) (1/z - 1/z³ + 3/z⁵ - …).
    const z = 37
    near(
      normalTwoSided(-z),
      ((2 * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI)) * (1 / z - z ** -3 + 3 * z ** -5 - 15 * z ** -7 + 105 * z ** -9 - 945 * z ** -11),
      1e-11,
    )
  })

  it('of t: closed forms at 1, 2 and 4 degrees of freedom, and the normal one at many', () => {
    for (const t of [0.1, 0.9, 2, 7, 1e4, 1e9]) {
      near(tTwoSided(t, 1), (2 / Math.PI) * Math.atan(1 / t))
      near(tTwoSided(-t, 2), 2 / (Math.sqrt(2 + t * t) * (Math.sqrt(2 + t * t) + t)), 1e-11)
    }
    near(tTwoSided(2, 4), 1 - (2 / Math.sqrt(8)) * (1 + 2 / 8), 1e-12)
    for (const t of [0.5, 2, 5]) near(tTwoSided(t, 1e9), normalTwoSided(t), 1e-6)
    for (const [t, df] of [
      [0.5, 7],
      [2.2, 23],
      [4, 486],
    ] as const) {
      const c = Math.exp(lnGamma((df + 1) / 2) - lnGamma(df / 2)) / Math.sqrt(df * Math.PI)
      near(tTwoSided(t, df), 1 - 2 * integral((x) => c * (1 + (x * x) / df) ** (-(df + 1) / 2), 0, t), 1e-8)
    }
    expect([tTwoSided(0, 5), tTwoSided(Number.POSITIVE_INFINITY, 5), tTwoSided(Number.NaN, 5)]).toEqual([1, 0, Number.NaN])
  })

  it('of chi-square: sums of a Poisson distribution at even degrees of freedom, the normal tail at one', () => {
    for (const x of [0.01, 1, 5, 30, 200]) {
      near(chiSquareTail(x, 1), normalTwoSided(Math.sqrt(x)))
      for (const df of [2, 6, 20]) {
        let term = Math.exp(-x / 2)
        let sum = term
        for (let k = 1; k < df / 2; k += 1) sum += term *= x / 2 / k
        near(chiSquareTail(x, df), sum, 1e-11)
      }
    }
    expect([chiSquareTail(0, 3), chiSquareTail(-1, 3)]).toEqual([1, 1])
  })

  it('rest on the gamma function: factorials, and the reflection at halves', () => {
    let factorial = 1
    for (let n = 1; n < 100; n += 1) {
      near(lnGamma(n + 1) + 1, Math.log((factorial *= n)) + 1, 1e-13)
    }
    near(lnGamma(0.5), 0.5 * Math.log(Math.PI))
    near(lnGamma(1e6), 12815504.56914761, 1e-14)
  })
})
