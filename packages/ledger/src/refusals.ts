/**
 * Every reason for which the ledger refuses a transaction, one row each; the reference page is made from this table. A
 * refusal is a value: it is the same on all nodes and changes no state. A code is never renumbered or reused.
 */
export const REFUSALS = {
  TX_MALFORMED: 'the wire bytes are not a transaction: not canonical, too large, or another envelope',
  TX_NETWORK: 'the transaction is for another network',
  TX_EXPIRED: 'the block is later than validUntil',
  TX_TOO_FAR_AHEAD: 'validUntil is further ahead of the block than allowed',
  TX_BODY: 'the body does not have the members or types that its type demands',
  TX_SIGNERS: 'the signatures are not exactly those that the type requires',
  TX_NODE_KEY: 'no valid node key of the organization in question signed',
  TX_SIGNATURE: 'a signature does not verify',
  KEY_INADMISSIBLE: 'a new public key is not canonical, of small order, or not of prime order',
  KEY_EXISTS: 'the key stands on the ledger: a key serves one organization in one role, once',
  KEY_ROLE: 'the organization may not have a key of this role, or not one more',
  KEY_UNKNOWN: 'the organization has no such key',
  KEY_RETIRED: 'the key is retired, and what the transaction says about it is nothing new',
  KEY_LAST: 'the organization would have no valid key of this role left',
  KEY_HEIGHT: 'compromisedFrom is not between the height from which the key counts and that of the block',
  TRUST_TWICE: 'the trust record has changed in this block, and each of its records stands at the end of one: submit again',
  REL_UNKNOWN: 'no relationship has this handle',
  REL_EXISTS: 'a relationship with this handle exists',
  REL_HANDLE: 'the handle does not follow from network, organization, control key and rand32',
  REL_CLOSED: 'the relationship is closed',
  REL_RECOVERING: 'a recovery is pending: only a veto is accepted',
  REL_VERSION: 'the policy version is not the next one',
  REL_EPOCH: 'the epoch is not the one that the type demands',
  REL_EXPIRES: 'expires is not 00:00 UTC of the first of a month',
  REL_KEY_REUSED: 'the new control key is the old one or a delegate of this relationship',
  REL_DELEGATE_CONTROL: 'the control key may not be a delegate',
  REL_DELEGATE_RIGHT: 'the delegate has neither right set nor right restrict',
  REL_DELEGATE_EXPIRED: 'the time of the delegate is over',
  REL_DELEGATE_BASE: 'a delegate may not set a policy before control has signed one after the recovery',
  REL_BODIES: 'too many bodies since the last version that control signed',
  REL_RECOVERY_KEYS: 'the recovery keys do not open enough of the recovery hashes',
  REL_NOTHING_TO_VETO: 'no recovery is pending',
  REL_PENDING: 'a close is already pending',
  ROLE_VERSION: 'the version of the attestation is not the next one of this group',
  BATCH_EXISTS: 'a batch with this root was offered before',
  BATCH_UNKNOWN: 'no batch with this root was offered',
  BATCH_LAPSED: 'no quorum of groups had the batch in time: it never counts',
  BATCH_UNCOUNTED: 'the batch does not count yet, so there is nothing to contest',
  HOLD_EXISTS: 'the group has said before that it holds the batch',
  HOLD_UNKNOWN: 'the organization never said that it holds the batch',
  MISS_EXISTS: 'the group has said before that it did not get the batch there',
  CONTEST_EXISTS: 'this field of this statement was contested before',
  CONTEST_OWN: 'a group does not contest or miss what is its own',
  CONTEST_PATH: 'the path does not lead from the commitment to the root of the batch',
  CONTEST_PANEL: 'there are not three members whose groups have no part in it',
  CONTEST_UNKNOWN: 'no such contest is open',
  CONTEST_DECIDED: 'the contest is decided',
  CONTEST_RULER: 'the organization is not on the panel, or has ruled',
  STUDY_EXISTS: 'a study with this spec was proposed before',
  STUDY_UNKNOWN: 'no study with this spec was proposed',
  STUDY_SITES: 'the sites are not members of three groups at least, each once and in order',
  STUDY_VOTER: 'the organization is no site of the study, or proposed it: a proposer does not review',
  STUDY_VERSION: 'the vote is not the next one of this site',
  STUDY_PROPOSER: 'the organization did not propose the study',
  RUN_NUMBER: 'the run is not the next one, or the one before it has not ended',
  RUN_ROSTER: 'the roster is not of sites that approve the study now',
  RUN_UNKNOWN: 'no such run was opened',
  RUN_ENDED: 'the run has ended',
  RUN_PARTY: 'the organization has no part in the run',
  RUN_EMPTY: 'a run without a finished round has no result',
  ROUND_NUMBER: 'the round is not the next one, or the one before it has no survivors',
  ROUND_UNKNOWN: 'no such round was begun',
  ROUND_NAMED: 'the survivors of the round are named',
  ROUND_INPUT: 'the site has given its commitment, or the survivors of the round are named',
  ROUND_TRANSCRIPT: 'the site saw other keys or shares of the round than the sites before it',
  ROUND_SURVIVORS: 'the survivors did not all give their commitment, or are too few, or of too few groups',
  ROUND_CHANGED: 'another round or run had other survivors, and adding and subtracting its sums would leave fewer than three groups',
  ACCESS_ORIGIN: 'the origin is not an access log of this network',
  ACCESS_EXISTS: 'the access log is already open',
  ACCESS_ORDER: 'the access log before this one was never opened',
  ACCESS_KEY: 'the key is no valid registered log key of the organization',
  ACCESS_KEY_USED: 'the key serves another access log',
  ACCESS_LOGS: 'the trust record has no room for another access log',
  ACCESS_UNKNOWN: 'the access log was never opened',
  ACCESS_NOTE: 'the note is not a checkpoint of this log, signed by its key, with cosignatures of registered witnesses only',
  ACCESS_NOT_OF_NOTE: 'size and root are not those of the note',
  ACCESS_NOT_GROWN: 'the access log has not grown',
  ACCESS_TOO_SOON: 'the checkpoint before this one is less than 10 s old',
  ACCESS_CONSISTENCY: 'the consistency proof does not lead from the old checkpoint to the new one',
  DISPUTE_EXISTS: 'this dispute is already filed',
  DISPUTE_PATH: 'the path does not lead from the leaf to the root of the note',
  DISPUTE_COVERED: 'the note is covered by the checkpoint on the ledger or by an answer',
  DISPUTE_UNKNOWN: 'no such dispute is filed',
  ANSWER_EXISTS: 'the dispute is already answered',
  ANSWER_BEHIND: 'the checkpoint on the ledger is smaller than the disputed note',
} as const

export type RefusalCode = keyof typeof REFUSALS

export interface Refusal {
  readonly accepted: false
  readonly code: RefusalCode
  /** For the reader: expected and found; never anything personal. */
  readonly message: string
}

export const refuse = (code: RefusalCode, message: string = REFUSALS[code]): Refusal => ({ accepted: false, code, message })

/** Every way in which a stream of log entries can fail to be a ledger, one row each. */
export const LOG_FAULTS = {
  LOG_ENTRY: 'the bytes are no log entry',
  LOG_GENESIS: 'the log does not begin with a genesis entry, or one stands inside a block',
  LOG_OPENING: 'a genesis entry is not followed by a block entry of count 0',
  LOG_COUNT: 'a block entry counts other transactions than the log holds',
  LOG_EMPTY_BLOCK: 'a block that accepted nothing has an entry',
  LOG_HEIGHT: 'the height does not rise',
  LOG_TIME: 'the block time falls',
  LOG_CUT: 'the log ends inside a block',
  LOG_APP_VERSION: 'the block was made by another version of the rules',
  LOG_REFUSED: 'the log holds a transaction that the rules refuse',
  LOG_STATE: 'the state after the block differs from the root in its entry',
} as const

export type LogFaultCode = keyof typeof LOG_FAULTS

/** A log that is no ledger; `index` is that of the entry at fault. */
export class LogFault extends Error {
  readonly code: LogFaultCode
  readonly index: number

  constructor(code: LogFaultCode, index: number, message: string = LOG_FAULTS[code]) {
    super(`entry ${index}: ${message}`)
    this.name = 'LogFault'
    this.code = code
    this.index = index
  }
}
