import type { ReasonCode } from './types.ts'

/** One line of meaning for each reason of a verdict; `docs/reference` is made from this table. A code is never renumbered or reused. */
export const REASONS: { readonly [code in ReasonCode]: string } = {
  PERMITTED: 'a grant of the patient permits it and none denies it',
  DEFAULT_PERMITS: 'no grant speaks of it and the default of the network permits it',
  BREAK_GLASS: 'emergency access with a stated reason',
  NO_CONSENT: 'there is no policy to decide by',
  DENIED_BY_GRANT: 'a grant of the patient denies it',
  LABEL_DENIED: 'it is more sensitive than what is shared',
  NOT_COVERED: 'no grant permits it and the default of the network does not either',
  POLICY_EXPIRED: 'the policy has expired: its permits and the default no longer apply',
  CLOSED: 'the patient has closed the record, emergencies included',
  PURPOSE_UNKNOWN: 'a purpose of the request is none that this code knows, and no grant names it',
  UNREADABLE_RESOURCE: 'the resource cannot be read, so nothing can be said about it',
  UNREADABLE_POLICY: 'the policy cannot be read, so it is taken to deny',
  BREAK_GLASS_REASON_MISSING: 'emergency access needs a stated reason',
}
