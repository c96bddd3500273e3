import type { JsonObject } from '@fiducia/core'

/** OperationOutcomes, with texts of our own only: what a silo said never reaches a requester. */
interface OutcomeText {
  readonly severity: 'error' | 'warning' | 'information'
  /** FHIR issue-type. */
  readonly code: string
  readonly text: string
}

export const OUTCOMES = {
  invalid: { severity: 'error', code: 'invalid', text: 'The request cannot be understood.' },
  'not-supported': { severity: 'error', code: 'not-supported', text: 'This interaction or parameter is not offered.' },
  login: { severity: 'error', code: 'login', text: 'The request does not say who asks.' },
  /** One text for no consent, no link, no record and a closed record: they must look alike. */
  forbidden: { severity: 'error', code: 'forbidden', text: 'Nothing is shared with you for this purpose.' },
  'role-not-attested': { severity: 'error', code: 'forbidden', text: 'Too few members vouch for the role of the practitioner.' },
  /** One text for absent and withheld. */
  'not-found': { severity: 'error', code: 'not-found', text: 'There is nothing here that is shared with you.' },
  stale: { severity: 'error', code: 'transient', text: 'This node is behind the ledger and refuses until it catches up.' },
  'source-timeout': { severity: 'error', code: 'timeout', text: 'The record system behind this node did not answer in time.' },
  'source-failed': { severity: 'error', code: 'exception', text: 'The record system behind this node gave no usable answer.' },
  'too-much': { severity: 'error', code: 'too-costly', text: 'The answer is larger than this node gives at once.' },
  failed: { severity: 'error', code: 'exception', text: 'The request failed at this node.' },
  withheld: { severity: 'warning', code: 'suppressed', text: 'Withheld. This list is limited for you. It does not mean none. Ask the patient.' },
  limited: { severity: 'warning', code: 'suppressed', text: 'Limited: there may be more that is not shared with you.' },
} as const satisfies { readonly [name: string]: OutcomeText }

export type OutcomeName = keyof typeof OUTCOMES

/** `diagnostics` must be text of this code (a parameter's name, a limit), never of a silo or a patient. */
export function operationOutcome(name: OutcomeName, diagnostics?: string): JsonObject {
  const { severity, code, text } = OUTCOMES[name]
  return { resourceType: 'OperationOutcome', issue: [{ severity, code, details: { text }, ...(diagnostics === undefined ? {} : { diagnostics }) }] }
}
