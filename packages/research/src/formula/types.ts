/** What a study asks: what is explained, by which terms, in R's order. */
export interface Formula {
  readonly outcome: Outcome
  readonly intercept: boolean
  /** In the order in which the formula first names them: so are they written within a term. */
  readonly variables: readonly Variable[]
  /** Distinct, by their number of variables, then by appearance; each an ascending list of indices into `variables`. */
  readonly terms: readonly (readonly number[])[]
  /** Columns of `strata(x)`: each group of rows has its own baseline. */
  readonly strata: readonly string[]
}

export type Outcome =
  | { readonly kind: 'variable'; readonly variable: Variable }
  /** `Surv(time, event)`: follow-up until `time`; `event` is 1 where it ended with the event, 0 where it was cut off. */
  | { readonly kind: 'survival'; readonly time: string; readonly event: string }

/** A column, or with `factor` one whose distinct values are taken as levels. */
export interface Variable {
  readonly column: string
  readonly factor: boolean
}
