/** Every way in which a study cannot be read, run or released, one row each; `docs/reference/errors.md` is made from this table. */
export const RESEARCH_ERRORS = {
  STUDY_SPEC: 'a study is not written as it must be',
  STUDY_FORMULA: 'a formula cannot be read, or names what is not there',
  STUDY_COLUMN: 'a column of a study is missing at a site, or has values of another kind',
  STUDY_DATA: 'the rows of all sites together do not allow the method: no rows, no events, a constant outcome, separation',
  STUDY_RANGE: 'a number is beyond what masked sums can carry',
  STUDY_POLICY: 'the policy of a site refuses the study',
  STUDY_SITE_POLICY: 'the policy of a site is not written as it must be, or a file that it names cannot be used',
  STUDY_WITHDRAWN: 'somebody of the cohort has withdrawn: the run ends before its next round',
  STUDY_ROUND: 'a message of a round is not what the protocol says, or comes when it does not',
  STUDY_ABORTED: 'a round cannot be finished: too few sites are left, or one of them lies',
} as const

export type ResearchErrorCode = keyof typeof RESEARCH_ERRORS

/** What was expected, what came, and where (`at`, such as `formula, character 7`). Values of rows are never quoted: they are about people. */
export class ResearchError extends Error {
  readonly code: ResearchErrorCode
  readonly at: string | undefined

  constructor(code: ResearchErrorCode, message: string, at?: string) {
    super(at === undefined ? message : `${at}: ${message}`)
    this.name = 'ResearchError'
    this.code = code
    this.at = at
  }
}
