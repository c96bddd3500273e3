/**
 * The checks that `verify` prints, each with what it means in plain words. A bundle is valid when every check that its kind
 * asks for was made and held. The list is closed; names are never given another meaning.
 */
export const CHECKS = {
  files: 'the bundle has exactly the files of its kind',
  'trust-root': 'the reader said from outside whom to trust',
  'trust-chain': 'each change of the set of witnesses was cosigned by the set before',
  'trust-age': 'how old the trust from outside is; retired keys could forge what an old trust file accepts',
  block: 'the block stands in the ledger',
  current: 'the block is the last that its checkpoint covers, so the state was the current one',
  state: 'the record stood in the state that the block closed',
  custody: 'who can use the key of this relationship',
  policy: 'the head commits to this policy',
  access: 'the access was written to a log of the holder',
  disclosure: 'the log entry commits to this disclosure and no other',
  handle: 'the disclosure is of this relationship',
  decision: 'the log entry commits to this decision',
  fresh: 'the head was known to be current in the minute of the access',
  mirror: 'the requester wrote down the same access in its own log',
  seal: 'the log was closed with a seal at the end of its checkpoint',
  chain: 'the tag key is the one that the head commits to',
  tags: 'every listed access stands in the log, numbered without a gap',
  absence: 'the log has no further access of this relationship',
  'earlier-logs': 'the logs before the last one had ended',
  'next-log': 'the holder had no later log in use',
  role: 'the ledger has this attestation of a role',
  opening: 'the role that is attested is this one',
  entry: 'the entry stands in the log',
  cosigned: 'the log signed each checkpoint, and witnesses of enough groups cosigned it',
  unwitnessed: 'the log signed each checkpoint; nobody else stands for it',
  readable: 'the verifier came to an end',
} as const
export type CheckName = keyof typeof CHECKS
