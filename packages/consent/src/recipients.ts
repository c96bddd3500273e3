import type { Actor, Recipient } from './types.ts'

/**
 * Whether the one who asks is among a grant's recipients. An identifier of the request may stand for any kind of recipient
 * (`system|value`, or `Type/id` in a case document), since people name one another by external identifiers.
 */
export function recipientsMatch(recipients: readonly Recipient[] | undefined, actor: Actor, eager: boolean): boolean {
  if (recipients === undefined) return true
  if (recipients.length === 0) return eager
  return recipients.some((recipient) => recipientMatches(recipient, actor, eager))
}

function recipientMatches(recipient: Recipient, actor: Actor, eager: boolean): boolean {
  if ('anyone' in recipient) return recipient.anyone === true || eager
  if ('organization' in recipient) return known(actor.organization, recipient.organization, actor, eager)
  if ('group' in recipient) return known(actor.group, recipient.group, actor, eager)
  if ('role' in recipient) return actor.roles.includes(recipient.role)
  if ('practitioner' in recipient) return actor.identifiers.length === 0 ? eager : actor.identifiers.includes(recipient.practitioner)
  if ('study' in recipient) return actor.study === recipient.study
  if ('delegate' in recipient) return actor.delegate === recipient.delegate
  return eager
}

/** Everybody belongs to an organization and a group, so one that is not stated is unknown; not so a study or a delegation. */
const known = (stated: string | undefined, named: string, actor: Actor, eager: boolean): boolean =>
  stated === named || actor.identifiers.includes(named) || (stated === undefined && eager)
