/** A site's rows. */
export interface CoxData {
  /** Not negative. */
  readonly time: Float64Array
  /** 1 where the event happened at `time`, 0 where the row was last seen without it. */
  readonly event: Float64Array
  /** Numbers of a row of the model matrix after another; there is no intercept. */
  readonly x: Float64Array
  readonly columns: number
  /** Of each row, the stratum within the site; absent where the site is one stratum. */
  readonly strata?: Uint32Array
}

export type Ties = 'efron' | 'breslow'

export interface CoxOptions {
  /** Of the coefficients, in the order of the columns. */
  readonly names: readonly string[]
  readonly ties: Ties
  /** λ ≥ 0: the log likelihood is lowered by λ/2 × the sum of squared coefficients, as R's `ridge(theta = λ, scale = FALSE)`. */
  readonly ridge: number
  /** Events, and rows without, that there have to be in total. */
  readonly minimumCell: number
  /** Absent: every site has its own baseline hazard, and every stratum within it. */
  readonly pooled?: PooledBaseline
}

/** One baseline hazard for all sites, on a public grid of times; or one for each of the strata that all sites number alike. */
export interface PooledBaseline {
  readonly grid: readonly number[]
  readonly strata: number
}

export interface CoxCoefficient {
  readonly name: string
  /** `aliased`: a combination of earlier columns (R's `NA`). `infinite`: the likelihood grows as long as the coefficient does. */
  readonly kind: 'estimated' | 'aliased' | 'infinite'
  /** Logarithm of the hazard ratio; this and what follows is `null` unless estimated. */
  readonly estimate: number | null
  readonly se: number | null
  readonly z: number | null
  /** Two-sided. */
  readonly p: number | null
}

export interface Test {
  readonly chisq: number
  readonly df: number
  readonly p: number
}

/** Pairs of rows of one stratum that can be compared: one had the event while the other was still without (R's `concordance`). */
export interface Concordance {
  readonly concordant: number
  readonly discordant: number
  readonly tiedRisk: number
  readonly tiedTime: number
  readonly tiedBoth: number
  /** (concordant + tiedRisk / 2) / (concordant + discordant + tiedRisk); `null` without such pairs. */
  readonly concordance: number | null
}

export interface CoxResult {
  readonly coefficients: readonly CoxCoefficient[]
  readonly rows: number
  readonly events: number
  /** With all coefficients 0. */
  readonly nullLogLikelihood: number
  /** Without the penalty. */
  readonly logLikelihood: number
  /** Columns that are not aliased. */
  readonly df: number
  readonly likelihoodRatioTest: Test
  readonly scoreTest: Test
  /** `null` where a coefficient is infinite. */
  readonly waldTest: Test | null
  /** `null` with a pooled baseline: pairs over two sites cannot be compared by sums. */
  readonly concordance: Concordance | null
  /** Times the likelihood was asked for. */
  readonly iterations: number
  /** Largest part of the last step, relative to the largest scaled coefficient; of coefficients that are not infinite. */
  readonly lastStep: number
}
