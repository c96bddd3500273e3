import type { Actor, Recipient } from './types.ts'

/**
 * Whether the one who asks is among a grant's recipients. An identifier of the request may stand for any kind of recipient
 * (`system|value`, or `Type/id` in a case document), since people name one another by external identifiers.
 */
export function recipientsMatch(recipients: readonly Recipient[] | undefined, actor: Actor, eager: boolean): boolean {
  if (recipients === undefined) return true
  if (eager && (recipients.length === 0 || actor.unidentified === true)) return true
  return recipients.some((recipient) => recipientMatches(recipient, actor, eager))
}

/** Of several members a permit needs all, a deny any; a recipient that names nobody is meant by denies only. */
function recipientMatches(recipient: Recipient, actor: Actor, eager: boolean): boolean {
  const statements = statementsOf(recipient, actor)
  if (statements.length === 0) return eager
  return eager ? statements.some((one) => one !== 'no') : statements.every((one) => one === 'yes')
}

/** Whether it cannot be told if one of the recipients is the one who asks. */
export const recipientsAreDoubtful = (recipients: readonly Recipient[], actor: Actor): boolean =>
  recipients.length === 0 ||
  actor.unidentified === true ||
  recipients.some((recipient) => {
    const statements = statementsOf(recipient, actor)
    return statements.length === 0 || statements.includes('unknown')
  })

type Statement = 'yes' | 'no' | 'unknown'

function statementsOf(recipient: Recipient, actor: Actor): readonly Statement[] {
  const { anyone, organization, group, role, practitioner, study, delegate, identifier, unresolved } = recipient
  const statements: Statement[] = []
  if (anyone !== undefined) statements.push(anyone === true ? 'yes' : 'unknown')
  if (organization !== undefined) statements.push(belongs(actor.organization, organization, actor))
  if (group !== undefined) statements.push(belongs(actor.group, group, actor))
  if (role !== undefined) statements.push(actor.roles.includes(role) ? 'yes' : 'no')
  if (practitioner !== undefined) statements.push(isNamed(practitioner, actor))
  if (study !== undefined) statements.push(actor.study === study ? 'yes' : 'no')
  if (delegate !== undefined) statements.push(actor.delegate === delegate ? 'yes' : 'no')
  if (identifier !== undefined) statements.push(isNamed(identifier, actor))
  if (unresolved !== undefined) statements.push('unknown')
  return statements
}

/** Everybody belongs to an organization and a group, so one that is not stated is unknown; not so a study or a delegation. */
function belongs(stated: string | undefined, named: string, actor: Actor): Statement {
  if (stated === named || actor.identifiers.includes(named)) return 'yes'
  return stated === undefined || actor.possible?.includes(named) === true ? 'unknown' : 'no'
}

function isNamed(name: string, actor: Actor): Statement {
  if (actor.identifiers.includes(name)) return 'yes'
  return actor.identifiers.length === 0 || actor.possible?.includes(name) === true ? 'unknown' : 'no'
}
