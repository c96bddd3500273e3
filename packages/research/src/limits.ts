/** Limits of studies, each with its reason. */

/** Below three groups a sum minus one's own part is the other's. */
export const MIN_GROUPS = 3

/** Characters of a formula: more than any model that its readers could read. */
export const MAX_FORMULA = 10_000

/** Parentheses within each other in a formula: a reader by recursion must not run out of stack. */
export const MAX_PARENTHESES = 50

/** Variables in all pairs of terms that a formula crosses by `*`, `:` and `^`: models have some thousands, and seventy characters can ask for millions. */
export const MAX_CROSSED_VARIABLES = 1_000_000

/** Variables of one term: nobody reads an interaction of ten, and with each more the work of writing out grows by all before it. */
export const MAX_TERM_VARIABLES = 50

/** Columns of a model matrix: a masked Gram matrix of them is eight million numbers of sixteen bytes. */
export const MAX_MODEL_COLUMNS = 4_000

/** Rounds after which an iteration that has not converged is given up (R's `glm` stops at 25). */
export const MAX_ROUNDS = 50

/** No sum over sites reaches it: masked sums have 128 bits, 64 of them after the point, one for the sign, and one is left for the masks' own range check. */
export const MAX_SUM = 2 ** 62

/** Rounds in which the coefficients of a GLM are looked for: with those for means and spreads within `MAX_ROUNDS`. Fits that exist need about ten. */
export const MAX_GLM_ROUNDS = 40

/** Sites of one masked sum: each pair has a mask, and each site a share of every other's keys. */
export const MAX_SITES = 100

/** Numbers of one masked sum: a Gram matrix of `MAX_MODEL_COLUMNS` columns, each entry once. */
export const MAX_SUM_LENGTH = (MAX_MODEL_COLUMNS * (MAX_MODEL_COLUMNS + 1)) / 2 + MAX_MODEL_COLUMNS + 1

/** Bytes of a message of a round, its vector aside: keys or shares of `MAX_SITES` sites, some 450 bytes each. */
export const MAX_ROUND_MESSAGE = 64 * 1024

/** Bytes of a level's text: codes, words and the categories of questionnaires fit; what is longer is a remark, and remarks are about people. */
export const MAX_LEVEL_BYTES = 64

/** Levels of one factor: the levels of a column are found in about ten rounds; more could be no parameters of a model anyway. */
export const MAX_LEVELS = 500

/** Points of a grid: the days of thirteen years, and each is a cell of sums. */
export const MAX_GRID = 5_000

/** Steps of Newton for a Cox model: a coefficient that runs to infinity is known for one after about thirty. */
export const MAX_COX_STEPS = 40

/** Characters of a title: a line. */
export const MAX_TITLE = 200

/** Characters of a column's name. */
export const MAX_NAME = 200

/** Columns that a study declares: no file of a study has as many. */
export const MAX_COLUMNS = 5_000

/** Cells of a contingency table: what is suppressed with a small cell is looked for over the whole table, for each of them. */
export const MAX_TABLE_CELLS = 2_500

/** Characters of the name of a file in a site's policy. */
export const MAX_PATH = 1_000

/** Conditions, or diseases, of one permission for data use: the ontology has about twenty conditions. */
export const MAX_DATA_USE_CODES = 100

/** Characters of the reference to an ethics approval: a number and the board's name. */
export const MAX_REFERENCE = 200
