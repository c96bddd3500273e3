/**
 * A rule of the protocol that a model (docs/spec/model) says is needed: where the code keeps it, how the code reads without
 * it, and the test that plays the attack which is then possible.
 */
export interface Rule {
  /** Names of the model's configurations without this rule: `MODEL_x_NAME`. The test's title begins with the first. */
  readonly configuration: string
  readonly rule: string
  /** What happens without it. */
  readonly attack: string
  /** All of these lines are taken out together; more than one where the code keeps the rule twice. */
  readonly kept: readonly [Place, ...(readonly Place[])]
  /** Below packages/testkit/test/attacks/model. */
  readonly test: string
}

/** A piece of source text that keeps a rule, and the text without it. */
export interface Place {
  /** Relative to the repository. */
  readonly file: string
  /** The function or constant in which it stands. */
  readonly symbol: string
  /** Stands exactly once in the file. */
  readonly find: string
  readonly replace: string
}

/** What no rule prevents: a test shows that it is as documented. */
export interface Limit {
  readonly configuration: string
  readonly limit: string
  readonly test: string
}
