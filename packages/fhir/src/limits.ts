/** Limits of `fhir`, each with its reason. */

/** Entries on one page; a page is decided, logged and sent as a whole. */
export const MAX_PAGE_ENTRIES = 200

/** What a search without `_count` gets. */
export const DEFAULT_PAGE_ENTRIES = 50

/** Alternatives in one search parameter: a clinician's panel of tests fits several times. */
export const MAX_SEARCH_ALTERNATIVES = 64

/** Characters of one search parameter. */
export const MAX_SEARCH_VALUE_LENGTH = 2048

/** Bounds on one date parameter: from and until. */
export const MAX_DATE_BOUNDS = 2

/** Nesting that stripping follows; what lies deeper is cut off. R4 resources stay below 40. */
export const MAX_STRIP_DEPTH = 64

/** Released references named in one audit event: a page and its outcome. */
export const MAX_RELEASED_REFERENCES = 1000

/** Alternatives in one dimension of a Consent's provision, and provisions below a root; as many as a policy may name. */
export const MAX_CONSENT_ALTERNATIVES = 1024

/** Nesting of a Consent; the deepest that R4 defines stays below 12. */
export const MAX_CONSENT_DEPTH = 64

/** Groups in groups, organizations in organizations, roles of practitioners: steps from one to the next that are followed. */
export const MAX_ACTOR_STEPS = 8

/** Characters of a FHIRPath expression of a view; those that people publish stay below 500. */
export const MAX_EXPRESSION_LENGTH = 4096

/** Parts of an expression within each other: brackets, arguments, signs. Reading it uses the stack. */
export const MAX_EXPRESSION_DEPTH = 64

/** Nesting that a comparison of two elements follows, and that a column may hold; R4 resources stay below 40. */
export const MAX_COMPARED_DEPTH = 128

/** Characters that an expression puts together; the longest strings of the machine are eight times as long. */
export const MAX_TEXT_LENGTH = 64 * 1024 * 1024

/** Selects of a view within each other. */
export const MAX_SELECT_DEPTH = 32

/** Selects, columns, constants and conditions of a view, each; PostgreSQL takes 1600 columns. */
export const MAX_VIEW_PARTS = 1600

/** Loops and unions of a view together; a row goes through all of them on the stack. */
export const MAX_VIEW_LOOPS = 256

/** Steps of a `repeat` from an element to those below it; an expression that gives its own input back would go on for ever. */
export const MAX_REPEAT_DEPTH = 128

/** Rows that a view makes of one resource; they are in memory together. A long questionnaire gives some hundred. */
export const MAX_ROWS_PER_RESOURCE = 100_000

/** Items that a view looks at one by one for one resource: products of long lists otherwise take hours without making a row. */
export const MAX_ITEMS_PER_RESOURCE = 5_000_000

/** Bundles within each other: a batch's answer holds the Bundles of searches, and nothing needs more. */
export const MAX_BUNDLE_DEPTH = 8
