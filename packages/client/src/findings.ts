/** What a patient's checks can find; one line each. A code is never renumbered or reused. */

/** Differences between a logged decision and the same decision taken again. */
export const DIFFERENCES = {
  OTHER_RULES: 'the labels were made by other rules than those at hand, so nothing could be decided again',
  POLICY_UNKNOWN: 'the decision names a policy version that this wallet did not sign',
  RELEASED_UNKNOWN: 'an item was released that is not in the own copy of the record',
  RELEASED_OTHER_VERSION: 'an item was released in another version than the own copy has',
  RELEASED_BUT_DENIED: 'an item was released that the policy denies',
  WITHHELD_UNKNOWN: 'an item was withheld that is not in the own copy of the record',
  WITHHELD_BUT_PERMITTED: 'an item was withheld that the policy permits',
  WITHHELD_FOR_ANOTHER_REASON: 'an item was withheld for another reason than the policy gives',
  REFUSED_BUT_PERMITTED: 'the whole request was refused for lack of consent, though the policy could permit it',
} as const
export type DifferenceCode = keyof typeof DIFFERENCES

/** What is wrong with a log, its list or its copies. */
export const LOG_FINDINGS = {
  LIST_INVALID: 'the bundle that should prove the list complete does not verify',
  LIST_FOREIGN: 'the list is of another relationship',
  COPY_MISSING: 'an access stands in the log whose copy the holder does not give out',
  COPY_UNREADABLE: 'the copy of an access does not open with the keys of this relationship',
  COPY_DIFFERS: 'the copy of an access is not what the log commits to',
  COPY_UNLISTED: 'a copy is of an access that should stand in the sealed list, and does not',
  RECEIPT_UNREADABLE: 'the copy of a requester cannot be understood',
  RECEIPT_FOREIGN: 'the copy of a requester is of another relationship',
  RECEIPT_UNPROVEN: 'the copy of a requester is not signed by a log of the holder',
  RECEIPT_UNLISTED: 'a requester has a receipt for an access that the holder left out of the list',
  ACCESS_UNSEALED: 'an access of more than an hour ago is beyond the seal up to which the holder proves its list',
  POLICY_PASSED_OVER: 'something was released without asking a policy version that the holder had acknowledged before',
  INSTANT_DIFFERS: 'the decision says another time than the log',
} as const
export type LogFindingCode = keyof typeof LOG_FINDINGS

/** What a patient is told without anybody being at fault. */
export const LOG_NOTICES = {
  RETENTION_ENDED: 'the copy of an access is gone by age: that it was, and when, still stands in the log',
} as const
export type LogNoticeCode = keyof typeof LOG_NOTICES
