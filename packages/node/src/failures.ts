/** Every refusal that a node can give over HTTP: code, status and what it means. `docs/reference/errors.md` is made from this. */
export const NODE_FAILURES = {
  ASSERTION_INVALID: [401, 'the client assertion is missing, expired, replayed, for another node, or not signed by a member’s node key'],
  WALLET_REQUEST_INVALID: [401, 'the signed request is missing, too old, replayed or not signed by the key that governs the relationship'],
  OPERATOR_REQUEST_INVALID: [401, 'the signed request is missing, too old, replayed or not signed by a valid node key of this organization'],
  ACCESS_DENIED: [403, 'the request was decided and refused; the reason is told to the patient, not to the requester'],
  NOT_FOUND: [404, 'there is nothing here, or nothing that may be seen'],
  BODY_INVALID: [400, 'the request does not have the form that the route demands'],
  EVENT_ERASED: [410, 'the event is older than contents are kept here; that it was, and when, still stands in the log'],
  CUSTODY_REFUSED: [403, 'nothing is kept under this id, or the request is not signed by the key that it is made of; which of the two is not said'],
  CUSTODY_VERSION: [409, 'another ciphertext is kept under this version, or a later one'],
  RATE_LIMITED: [429, 'too many requests of this kind; try again later'],
  SEARCH_UNSUPPORTED: [400, 'the search uses a type, parameter or modifier that is not on the list'],
  DESK_CODE_INVALID: [403, 'the code is unknown, used or expired'],
  RELATIONSHIP_EXISTS: [409, 'the record already has an open relationship'],
  RELATIONSHIP_UNKNOWN: [404, 'this node holds no such relationship'],
  RELATIONSHIP_OPEN: [409, 'the relationship is open; close it before its records are erased'],
  COPIES_OPEN: [409, 'receipts are not compared with the holder’s public log so far, so they cannot be erased yet'],
  POLICY_REFUSED: [409, 'the policy does not open its commitment, is not the next version, or was signed by a key without the right'],
  TRANSACTION_REFUSED: [409, 'the ledger refused the transaction'],
  NOTHING_COUNTED: [409, 'no statement of this member about providers counts on the ledger so far'],
  SAMPLE_TOO_LARGE: [409, 'the sample does not fit into a bundle: ask for fewer statements'],
  NODE_BEHIND: [503, 'this node has no fresh checkpoint that a quorum cosigned, so it denies everything but emergencies'],
  SILO_FAILED: [502, 'the organization’s own FHIR server did not answer, or answered something that cannot be trusted'],
  PEER_FAILED: [502, 'another member did not answer, or answered something that does not hold'],
  RECEIPT_REFUSED: [502, 'the answer came without a receipt that holds; the data was not used'],
  CLOCK_OFF: [503, 'the node’s clock is more than a minute off the members’: nothing is logged, and so nothing released, until it is right'],
  OVERLOADED: [503, 'too many requests wait; try again'],
  STORE_FAILED: [503, 'the node’s disk refused a read or a write, or gave back a damaged store: it is full, or it fails'],
  LOG_FROZEN: [503, 'the access log does not extend what it signed before; nothing is released until an operator has looked'],
} as const satisfies Record<string, readonly [number, string]>

export type NodeFailureCode = keyof typeof NODE_FAILURES

/** A refusal with its reason in the operator's words. Never carries patient data. */
export class NodeFailure extends Error {
  readonly code: NodeFailureCode
  readonly status: number

  constructor(code: NodeFailureCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.name = 'NodeFailure'
    this.code = code
    this.status = NODE_FAILURES[code][0]
  }
}
