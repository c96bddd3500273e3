import { lnGamma } from './distributions.ts'

export type FamilyName = 'gaussian' | 'binomial' | 'poisson'

/**
 * A family with its canonical link: the derivative of the log likelihood by the linear predictor η is y - μ, and its curvature
 * is the variance at μ. Newton's method is then the same as Fisher scoring, R's IRLS.
 */
export interface Family {
  readonly name: FamilyName
  /** What an outcome has to be, or `undefined` where every number is one. */
  readonly expects: string | undefined
  readonly accepts: (y: number) => boolean
  /** η of a mean: where the model without terms begins. */
  readonly link: (mean: number) => number
  /** μ of a linear predictor, kept within what can be told from 0 and 1 or summed up. */
  readonly mean: (eta: number) => number
  readonly variance: (mu: number) => number
  /** Twice the log likelihood that a row lacks to the best one; never negative. */
  readonly deviance: (y: number, eta: number) => number
  /** Deviance over all rows from which on some mean may be one that is kept within bounds. */
  readonly mostDeviance: number
  /** η from which R starts, of the outcome alone. */
  readonly startEta: (y: number) => number
  /** Log likelihood of a row whose mean is its outcome, as far as the deviance does not know it. */
  readonly saturated: (y: number) => number
  /** Whether the spread is estimated from the data (then statistics are t, not z). */
  readonly dispersion: boolean
}

/** Beyond it, 1 - μ is smaller than a double can hold beside 1; R's bound too. */
const LOGIT_BOUND = 30
/** Means above e³⁰ are no counts of people. */
const LOG_BOUND = 30

const clamp = (value: number, bound: number): number => Math.min(Math.max(value, -bound), bound)
const logistic = (eta: number): number => 1 / (1 + Math.exp(-clamp(eta, LOGIT_BOUND)))
const exponential = (eta: number): number => Math.exp(clamp(eta, LOG_BOUND))
/** y ln y, which goes to 0 with y. */
const entropy = (y: number): number => (y === 0 ? 0 : y * Math.log(y))

const gaussian: Family = {
  name: 'gaussian',
  expects: undefined,
  accepts: Number.isFinite,
  link: (mean) => mean,
  mean: (eta) => eta,
  variance: () => 1,
  deviance: (y, eta) => (y - eta) * (y - eta),
  mostDeviance: Infinity,
  startEta: (y) => y,
  saturated: () => 0,
  dispersion: true,
}

const binomial: Family = {
  name: 'binomial',
  expects: '0 or 1',
  accepts: (y) => y === 0 || y === 1,
  link: (mean) => Math.log(mean / (1 - mean)),
  mean: logistic,
  variance: (mu) => mu * (1 - mu),
  // -2 ln μ or -2 ln(1 - μ), of the side on which nothing cancels.
  deviance: (y, eta) => 2 * Math.log1p(Math.exp(clamp(y === 1 ? -eta : eta, LOGIT_BOUND * 20))),
  // Bounds that are R's as well lead nowhere else.
  mostDeviance: Infinity,
  startEta: (y) => (y === 1 ? Math.log(3) : -Math.log(3)),
  saturated: () => 0,
  dispersion: false,
}

function poissonDeviance(y: number, eta: number): number {
  const mu = exponential(eta)
  return y === 0 ? 2 * mu : Math.max(0, 2 * (y * Math.log(y / mu) - (y - mu)))
}

const poisson: Family = {
  name: 'poisson',
  expects: 'a whole number from 0',
  accepts: (y) => Number.isSafeInteger(y) && y >= 0,
  link: Math.log,
  mean: exponential,
  variance: (mu) => mu,
  deviance: poissonDeviance,
  mostDeviance: Math.exp(LOG_BOUND),
  startEta: (y) => Math.log(y + 0.1),
  saturated: (y) => entropy(y) - y - lnGamma(y + 1),
  dispersion: false,
}

export const FAMILIES: Readonly<Record<FamilyName, Family>> = { gaussian, binomial, poisson }
