/** Limits of `ledger`, each with its reason. Times in milliseconds. */

/** How far ahead of the block a transaction may be valid: long enough for a wallet, short enough to forget it. */
export const VALID_UNTIL_WINDOW_MS = 600_000

/** The largest signer set of any type: the control key and four recovery keys. */
export const MAX_SIGNATURES = 5

/** Delegates of one relationship: each adds a key to every read of the head. */
export const MAX_DELEGATES = 4

/** Recovery keys of one relationship: phrase, custodian, delegate, desk. */
export const MAX_RECOVERY_KEYS = 4

/** Bodies that a release has to consult when a delegate only restricts. */
export const MAX_RESTRICTED_BODIES = 8

/** A recovery waits this long, so that whoever still has the control key can veto it. */
export const RECOVERY_WAIT_MS = 72 * 3_600_000

/** A holder's close waits this long, so that the patient can move. */
export const HOLDER_CLOSE_WAIT_MS = 30 * 86_400_000

/** Checkpoints of one access log on the ledger: at most one in this time, so that logs cannot crowd out consent. */
export const CHECKPOINT_INTERVAL_MS = 10_000

/** A dispute without an answer for this long becomes a public flag. */
export const ANSWER_WAIT_MS = 24 * 3_600_000

/** A link is renewed at least every two years. */
export const MAX_LINK_MS = 730 * 86_400_000

/** Members of one network: a genesis stays readable and a quorum countable. */
export const MAX_MEMBERS = 200

/** Keys of one member in a genesis: a few for each role. */
export const MAX_MEMBER_KEYS = 32

/** Keys that one member ever had on the ledger: a rotation of every role each week for years. */
export const MAX_KEYS_OF_MEMBER = 1_024

/** Valid witness keys of one member: the one that serves, and the one that takes over. */
export const MAX_WITNESS_KEYS = 2

/** Verifier keys of all logs in a trust record, and of all witnesses in one group: a few for each member. */
export const MAX_TRUST_KEYS = 4 * MAX_MEMBERS

/** A member's name as people read it. */
export const MAX_NAME_LENGTH = 120

/** A member's base URL. */
export const MAX_ENDPOINT_LENGTH = 200

/** T may be from ten seconds to an hour: below it clocks decide, above it a restriction binds too late. */
export const MIN_FRESH_SECONDS = 10
export const MAX_FRESH_SECONDS = 3_600

/** Statements in a batch: its blob is fetched and checked by every member. */
export const MAX_BATCH_STATEMENTS = 10_000

/** A batch that no quorum of groups has after this long never counts: its offerer makes a new one. */
export const BATCH_WAIT_MS = 7 * 86_400_000

/** Members of a panel: an odd number that two of the same opinion decide. */
export const PANEL_MEMBERS = 3

/** A contest without an outcome after this long is overdue: ten business days. */
export const CONTEST_WAIT_MS = 14 * 86_400_000

/** Groups in every sum of a study: with two, each would know the other's part. */
export const MIN_STUDY_GROUPS = 3

/** Runs of one study: the survivors of each are compared with those of all before it. */
export const MAX_STUDY_RUNS = 1_000

/** Rounds of one run: no method that is offered needs a tenth of them. */
export const MAX_RUN_ROUNDS = 10_000

/** Texts of a role opening: a code, and an identifier with its system. */
export const MAX_ROLE_TEXT = 400

/** Version of the rules in this package, as the block entries carry it. */
export const APP_VERSION = 1

/** Keys that are remembered as admissible, between a check on arrival and the block. */
export const MAX_ADMITTED_KEYS = 4_096
