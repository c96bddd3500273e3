import { denyCoversAction, isKnownAction } from './actions.ts'
import { BREAK_GLASS_PURPOSE, denyCoversPurpose, isKnownPurpose, permitCoversPurpose, purposeSubsumes } from './purposes.ts'
import { recipientsMatch } from './recipients.ts'
import { defined } from './stated.ts'
import type { DataSelector, Frame, Grant, Question, Scope, Validity } from './types.ts'

/**
 * Whether a scope speaks of a question: everything of it that does not depend on a resource. Each dimension is a function
 * of its own, so that the decision and its explanation cannot differ. `eager` is how denies are matched (doubt matches),
 * strict how permits are (doubt does not).
 */

/** The exceptions of a grant, however many are written. */
export const exceptionsOf = ({ except }: Grant): readonly Scope[] => (except === undefined ? [] : isList(except) ? except : [except])
const isList = (except: Scope | readonly Scope[]): except is readonly Scope[] => Array.isArray(except)

/** Everything of a scope but its data. */
export function speaksOf(scope: Scope, question: Question, purpose: string | undefined, eager: boolean): boolean {
  const { within } = scope
  return (
    recipientsMatch(scope.recipients, question.actor, eager) &&
    purposesMatch(scope.purposes, purpose, eager) &&
    actionsMatch(scope.actions, question.action, eager) &&
    timeMatches(scope.valid, question.at, eager) &&
    (within === undefined || frameMatches(within, question, purpose, eager))
  )
}

function frameMatches(frame: Frame, question: Question, purpose: string | undefined, eager: boolean): boolean {
  return (
    recipientsMatch(frame.recipients, question.actor, eager) &&
    framePurposesMatch(frame.purposes, purpose, eager) &&
    (frame.actions === undefined || actionsMatch(frame.actions, question.action, eager)) &&
    timeMatches(frame.valid, question.at, eager)
  )
}

/** A request without a purpose is denied by every deny; a purpose that means nothing to us, and an emergency, only by name. */
export function purposesMatch(granted: readonly string[] | undefined, asked: string | undefined, eager: boolean): boolean {
  if (asked === undefined) return eager
  if (granted === undefined) return eager || (isKnownPurpose(asked) && asked !== BREAK_GLASS_PURPOSE)
  if (granted.length === 0) return eager
  return granted.some((code) => (eager ? denyCoversPurpose(code, asked) : permitCoversPurpose(code, asked)))
}

export function framePurposesMatch(granted: readonly string[] | undefined, asked: string | undefined, eager: boolean): boolean {
  if (granted === undefined) return true
  if (asked === undefined || granted.length === 0) return eager
  return granted.some((code) => (eager ? denyCoversPurpose(code, asked) : purposeSubsumes(code, asked)))
}

export function actionsMatch(granted: readonly string[] | undefined, asked: string, eager: boolean): boolean {
  if (granted === undefined) return eager || isKnownAction(asked)
  if (granted.length === 0) return eager
  return granted.includes(asked) || (eager && granted.some((one) => denyCoversAction(one, asked)))
}

export function timeMatches(valid: Validity | undefined, at: number, eager: boolean): boolean {
  if (valid === undefined) return true
  const from = valid.from ?? Number.MIN_SAFE_INTEGER
  const until = valid.until ?? Number.MAX_SAFE_INTEGER
  if (!Number.isFinite(at) || !(from <= until)) return eager
  return from <= at && at <= until
}

/** The part of a frame that speaks of data. */
export const frameSelector = ({ sources, authors }: Frame): DataSelector => defined({ sources, authors })
