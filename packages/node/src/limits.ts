/** Limits of `node`, each with its reason. */

/** How long group commit waits for company when another commit is under way, milliseconds (PROTOCOL section 4). */
export const GROUP_COMMIT_MS = 5

/** Entries in one group commit: bounds the memory and the time of one SQLite transaction. */
export const GROUP_COMMIT_ENTRIES = 512

/** Leaves that are read at once when a log is opened: so few that what is made of them is forgotten while it is young. */
export const LOAD_STEP = 500

/** Entries that may wait for a commit; beyond that a request is refused instead of piling up. */
export const APPEND_QUEUE = 8192

/** How long a silo may take to answer one request. */
export const SILO_TIMEOUT_MS = 5_000

/** A silo's answer to one request: a page of a hundred large resources fits. */
export const SILO_MAX_BYTES = 16 * 1024 * 1024

/** Resources that one search may gather from a silo before it is refused as too broad. */
export const SILO_MAX_RESOURCES = 1_000

/** Pages of one silo search: a server that repeats its last page must not hold a request for ever. */
export const SILO_MAX_PAGES = 50

/** How long another member may take to answer. */
export const PEER_TIMEOUT_MS = 10_000

/** Another member's answer: a receipt and one response. */
export const PEER_MAX_BYTES = 24 * 1024 * 1024

/** Life of a client assertion, seconds (PROTOCOL section 4, DESIGN section 5). */
export const ASSERTION_SECONDS = 300

/** How far the clocks of two members may be apart when an assertion is judged, seconds. */
export const ASSERTION_TOLERANCE_SECONDS = 30

/** How far a wallet's signed request may be from the node's clock, milliseconds. */
export const WALLET_REQUEST_SKEW_MS = 300_000

/** A policy body, so that a holder can keep one for each version of each patient. */
export const MAX_POLICY_BYTES = 64 * 1024

/** Pending versions of one relationship; a wallet that needs more replaces some. */
export const MAX_PENDING_VERSIONS = 16

/** `access.checkpoint` may follow the one before after this, by block time (PROTOCOL section 4). */
export const ACCESS_CHECKPOINT_MS = 10_000

/** How far the own clock may be off the quorum's when an entry is appended to the access log, milliseconds (PROTOCOL section 4). */
export const MAX_CLOCK_OFF_MS = 60_000

/** The body of any request to the node, bytes. */
export const MAX_REQUEST_BYTES = 1024 * 1024

/** Validity of a transaction that a node signs itself, milliseconds. */
export const TRANSACTION_VALID_MS = 300_000

/** A redaction leaf is written at a random time, at least this and at most twice this after the request, milliseconds (PROTOCOL section 4). */
export const REDACTION_DELAY_MS = 24 * 3_600_000

/** Rows that are erased by age in one transaction: measured 15 ms on a disk of its own, 27 at most, in which the node answers nothing. */
export const ERASED_PER_TRANSACTION = 100

/** Such transactions in one round of the job, which also seals the log: 20,000 rows every ten seconds are more than any node writes. */
export const TRANSACTIONS_PER_ROUND = 200

/** Entries that are counted at once before they are erased: measured 28 ms. */
export const COUNTED_AT_ONCE = 10_000

/** Relationships of which it is looked at once whether they are closed. */
export const LOOKED_AT_AT_ONCE = 5_000

/** Closed relationships that end by age in one round: each writes the file of tombstones. */
export const ENDED_PER_ROUND = 20

/** The longest retention that is accepted, days: a century. */
export const MAX_RETENTION_DAYS = 36_600

/** A ciphertext at a key custodian: a wallet's own has 81 bytes, and forms to come have room. */
export const MAX_CUSTODY_BYTES = 1024

/** Ciphertexts at one key custodian: about a gigabyte of its store. */
export const MAX_CUSTODIES = 200_000

/** New ciphertexts that a key custodian takes in an hour: nobody is asked who they are, so a stranger must not fill it in a day. */
export const CUSTODY_NEW_PER_HOUR = 500

/** Requests of one address to a key custodian in a minute; a new device needs one. */
export const CUSTODY_REQUESTS_PER_MINUTE = 30

/** Addresses that are counted apart; beyond that new ones are refused until the next window. */
export const MAX_RATE_NAMES = 10_000

/** Notes kept of one log that contradict what was mirrored; two would do. */
export const MAX_CONTRADICTIONS = 20

/** How often it is looked whether an audit is due, milliseconds. */
export const AUDIT_LOOK_MS = 10 * 60_000

/** A desk code lives this long, milliseconds: a patient at the counter types it at once. */
export const DESK_CODE_MS = 15 * 60_000

/** Minutes after which a receipt that the holder's sealed log does not reach is disputed: seals are seconds apart, and an honest holder that was away has a day to answer. */
export const UNSEALED_SLOTS = 60

/** Entries of another member's log that a witness holds in memory before it can compare them with the signed root: 72 MB. */
export const MAX_MIRROR_STEP = 1_000_000

/** How long an agent may take for one signature, milliseconds: it may ask a token. */
export const AGENT_TIMEOUT_MS = 10_000

/** An agent's answer: its list of keys. */
export const AGENT_MAX_BYTES = 256 * 1024

/** Lines of a batch in one answer: with usual statements half a megabyte, with the largest that any file gave far below what an answer may have. */
export const BATCH_PAGE_LINES = 500

/** Batches that are offered, and fetched, in one round: the access log's work waits no longer than for these. */
export const BATCHES_PER_ROUND = 20

/** Rounds in which a holder gives out no batch before it is named for that. */
export const MISS_AFTER_ROUNDS = 3

/** How long a node may take for a sample of its directory, milliseconds: some hundredths of a second for each batch of 10,000 that is drawn. */
export const SAMPLE_TIMEOUT_MS = 300_000

/** Cohorts that a site remembers: with each more a study is compared with one more. */
export const MAX_COHORTS = 10_000

/** Persons of one cohort that a site remembers: those of a large hospital. */
export const MAX_COHORT_PERSONS = 10_000_000

/** Bytes of a site's resources for a study, unpacked: they are read whole, and beyond it JSON is too long for a text. */
export const MAX_STUDY_RESOURCES_BYTES = 256 * 1024 * 1024
