/** Limits of `client`, each with its reason. */

/** How long a signed transaction may wait for its block: the ledger allows 600 s, wallets use at least half (PROTOCOL section 1). */
export const TRANSACTION_VALID_MS = 300_000

/** How long a policy holds when nothing else is asked for: a year, so that consent is asked for again. */
export const DEFAULT_POLICY_MS = 365 * 86_400_000

/** How long a link holds when nothing else is asked for; the ledger's readers allow 730 days. */
export const DEFAULT_LINK_MS = 365 * 86_400_000

/** Relationships in one wallet: one for each organization a person has ever been at. */
export const MAX_RELATIONSHIPS = 500

/** Policy versions, links and keys that a wallet remembers for one relationship. */
export const MAX_REMEMBERED = 2000

/** Epochs whose seal keys are tried on a copy, newest first; each is one rotation. */
export const MAX_EPOCHS_TRIED = 50

/** How long an access may stand under no seal before it counts as held back: honest logs are sealed within seconds. */
export const MAX_UNSEALED_MS = 3_600_000

/** Minutes from a decision's instant to its leaf: the record system behind a holder may take a while to answer. */
export const MAX_DECISION_SLOTS = 6

/** Minutes by which two honest clocks, and so an instant and a slot, may differ. */
export const CLOCK_SLOTS = 2
