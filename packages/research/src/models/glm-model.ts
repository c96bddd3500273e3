import type { Family, FamilyName } from './glm-families.ts'

export interface GlmOptions {
  readonly family: FamilyName
  /** Of the coefficients, in the order of the columns; `(Intercept)`, if there is one, is a column of ones. */
  readonly names: readonly string[]
  /**
   * λ ≥ 0, 0 if absent: deviance + λ × the sum of squares of all coefficients but the intercept is made smallest, on the scale on which they are
   * reported. No column is aliased then, and standard errors are those of the curvature with the penalty.
   */
  readonly ridge?: number
  /**
   * `global`: every column of the model matrix but the intercept is centered at its mean over all rows of all sites and divided by its n - 1
   * standard deviation, and estimates are those of such columns.
   */
  readonly standardize?: 'none' | 'global'
}

/** A site's rows. */
export interface GlmData {
  /** Row after row. */
  readonly x: Float64Array
  readonly y: Float64Array
  /** Numbers in a row of `x`: as many as there are names. */
  readonly columns: number
}

/** A coefficient as R's `summary(glm)` has it; `null` where it is aliased (R's `NA`), has no degrees of freedom or no error. */
export interface Coefficient {
  readonly name: string
  readonly estimate: number | null
  readonly se: number | null
  /** z, or t where the dispersion is estimated. */
  readonly statistic: number | null
  /** Two-sided. */
  readonly p: number | null
}

export interface GlmResult {
  readonly family: FamilyName
  readonly coefficients: readonly Coefficient[]
  readonly rows: number
  readonly deviance: number
  /** Of the model with the intercept alone, or without an intercept of the model that says 0 everywhere on the scale of the link. */
  readonly nullDeviance: number
  /** Residual degrees of freedom: rows without the rank. */
  readonly df: number
  readonly nullDf: number
  readonly rank: number
  /** Residual variance of a gaussian model (`null` without degrees of freedom); 1 for the others. */
  readonly dispersion: number | null
  /** `null` where a gaussian model leaves nothing unexplained: it has no bound then. */
  readonly logLikelihood: number | null
  readonly aic: number | null
  /** Rounds in which coefficients were looked for. */
  readonly iterations: number
  /** Largest part of the last step, relative to the largest scaled coefficient: what is left to find is about its square. */
  readonly lastStep: number
  /** Of each column, with `standardize: global`; 0 and 1 for the intercept and for constant columns. */
  readonly standardization: { readonly mean: Float64Array; readonly deviation: Float64Array } | null
}

/** Options, looked at once. */
export interface GlmModel {
  readonly family: Family
  readonly names: readonly string[]
  /** Place of the intercept. */
  readonly intercept: number | undefined
  readonly ridge: number
  readonly standardize: 'none' | 'global'
}
