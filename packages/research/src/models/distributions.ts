/**
 * Tails of the normal, t and chi-square distributions, to about 12 digits also where they are 1e-300: p values are the area of a tail
 * and never 1 minus the rest. Everything comes from two functions, the incomplete gamma and beta functions (NIST Digital Library of
 * Mathematical Functions, 8.2, 8.9, 8.17, 8.22), by their series and continued fractions.
 */

/** P(|Z| ≥ |z|) for a standard normal Z. */
export const normalTwoSided = (z: number): number => upperGamma(0.5, (z * z) / 2)

/** P(X ≥ x) for a chi-square X with `df` > 0 degrees of freedom. */
export const chiSquareTail = (x: number, df: number): number => (x <= 0 ? 1 : upperGamma(df / 2, x / 2))

/** P(|T| ≥ |t|) for a Student T with `df` > 0 degrees of freedom. */
export function tTwoSided(t: number, df: number): number {
  if (df > MANY) return normalTwoSided(t)
  const square = t * t
  if (!Number.isFinite(square)) return Number.isNaN(square) ? Number.NaN : 0
  const a = df / 2
  // x^a (1 - x)^b / B(a, b) with x = df / (df + t²) and b = 1/2; by logarithms of what is near 1, so that a large df loses no digits.
  const scale = Math.exp(-a * Math.log1p(square / df) + 0.5 * Math.log(square / (df + square)) - lnBetaHalf(a))
  const x = df / (df + square)
  if (square === 0) return 1
  return x < (a + 1) / (a + 2.5) ? (scale / a) * betaFraction(a, 0.5, x) : 1 - 2 * scale * betaFraction(0.5, a, square / (df + square))
}

/** ln Γ(x) for x > 0: Stirling's series from 10 on, and below by the recurrence. */
export function lnGamma(x: number): number {
  let shift = 1
  let at = x
  while (at < 10) {
    shift *= at
    at += 1
  }
  return (at - 0.5) * Math.log(at) - at + HALF_LN_TWO_PI + stirlingRest(at) - Math.log(shift)
}

const HALF_LN_TWO_PI = 0.5 * Math.log(2 * Math.PI)

/** What Stirling's formula leaves out, to 1e-17 from 10 on: Bernoulli numbers B₂ₖ / (2k (2k - 1) x²ᵏ⁻¹). */
function stirlingRest(x: number): number {
  const square = 1 / (x * x)
  const bernoulli = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156]
  return bernoulli.reduceRight((sum, term) => sum * square + term, 0) / x
}

/** ln B(a, 1/2); for large a without the difference of two large logarithms. */
function lnBetaHalf(a: number): number {
  if (a < 10) return lnGamma(a) + lnGamma(0.5) - lnGamma(a + 0.5)
  return 0.5 * Math.log(Math.PI) - a * Math.log1p(0.5 / a) - 0.5 * Math.log(a) + 0.5 + stirlingRest(a) - stirlingRest(a + 0.5)
}

/** Q(a, x) = Γ(a, x) / Γ(a): the series of its complement below a + 1, the continued fraction above. */
function upperGamma(a: number, x: number): number {
  if (Number.isNaN(x)) return Number.NaN
  if (x === 0) return 1
  if (x === Number.POSITIVE_INFINITY) return 0
  const scale = Math.exp(a * Math.log(x) - x - lnGamma(a))
  return x < a + 1 ? 1 - scale * lowerSeries(a, x) : scale / continuedFraction(x + 1 - a, (i) => ({ a: -i * (i - a), b: x + 2 * i + 1 - a }))
}

function lowerSeries(a: number, x: number): number {
  let term = 1 / a
  let sum = term
  for (let i = 1; i < MOST_STEPS && term > sum * PRECISION; i += 1) {
    term *= x / (a + i)
    sum += term
  }
  return sum
}

/** The continued fraction of the incomplete beta function, without its scale. */
function betaFraction(a: number, b: number, x: number): number {
  const term = (i: number) => {
    const m = Math.floor(i / 2)
    if (i % 2 === 0) return { a: (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)), b: 1 }
    return { a: (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)), b: 1 }
  }
  return 1 / continuedFraction(1, term)
}

/** b₀ + a₁ / (b₁ + a₂ / (b₂ + …)) by the method of Lentz: from the front, until it stands still. */
function continuedFraction(first: number, term: (i: number) => { readonly a: number; readonly b: number }): number {
  let value = first === 0 ? TINY : first
  let c = value
  let d = 0
  for (let i = 1; i < MOST_STEPS; i += 1) {
    const { a, b } = term(i)
    d = 1 / notZero(b + a * d)
    c = notZero(b + a / c)
    value *= c * d
    if (Math.abs(c * d - 1) < PRECISION) break
  }
  return value
}

const notZero = (value: number): number => (value === 0 ? TINY : value)
const TINY = 1e-300
const PRECISION = 1e-16
/** Degrees of freedom, more than a study has rows, from which t is normal: relative to the tail the difference is t⁴ / 4 df. */
const MANY = 1e9
/** The fractions need about √a steps. */
const MOST_STEPS = 100_000
