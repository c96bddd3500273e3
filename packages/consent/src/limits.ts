/** Limits of `consent`, each with its reason. */

/** Grants in one policy: a person's choices fit many times over, and a decision stays within a few microseconds. */
export const MAX_GRANTS = 256

/** Alternatives in one dimension of a grant; a value set of a topic has a few hundred codes. */
export const MAX_ALTERNATIVES = 1024

/** Characters of one code, identifier or reference in a policy. */
export const MAX_NAME_LENGTH = 512

/** Commitments that one version may replace (PROTOCOL section 3). */
export const MAX_REPLACES = 16

/** Links that one version may take back. */
export const MAX_UNLINKED = 1024

/** Delegates whose changes one version bounds; a head lists at most four. */
export const MAX_FILTERS = 4

/** Values looked at in one resource before it counts as unreadable: the largest real claim forms stay below a tenth of it. */
export const MAX_RESOURCE_VALUES = 100_000

/** Nesting of one resource before it counts as unreadable; R4 resources with questionnaires stay below 40. */
export const MAX_RESOURCE_DEPTH = 64

/** Codings of one resource before it counts as unreadable. */
export const MAX_RESOURCE_CODES = 4096

/** Situations tried when a question names no resources: enough for every policy that a person makes by hand. */
export const MAX_SITUATIONS = 300_000

/** Code systems whose harmlessness is remembered; a record names a dozen, and invented names must not fill the memory. */
export const MAX_REMEMBERED_SYSTEMS = 512

/** Codings whose judgement is remembered: those of a hospital's records many times over, in a few megabytes. */
export const MAX_REMEMBERED_CODES = 16_384

/** Length of a system's name that is remembered: every published one is shorter. */
export const MAX_REMEMBERED_NAME = 200

/** Steps from one resource to the next when following what depends on something; records hang together in fewer than ten. */
export const MAX_LINK_STEPS = 32

/** Ways in which a policy is read as choices before it is taken for one of one's own; what we write has one or two. */
export const MAX_READINGS = 4
