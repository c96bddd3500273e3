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
