import { isKnownAction } from '../actions.ts'
import { keyOf } from '../choices/choices.ts'
import { BREAK_GLASS_PURPOSE } from '../purposes.ts'
import { exceptionsOf } from '../scope.ts'
import type { Effect, Frame, Grant, Policy, ReasonCode, Recipient, Scope, Validity } from '../types.ts'
import { sayCoding, sayData, sayEach, sayParties } from './data.ts'
import { isAnyone, sayRecipients } from './people.ts'
import { sayCode, sayList, type Speaker, sentence, speakerOf, type Voice } from './render.ts'

/** A policy for people: one sentence for each grant, in its order. What holds for the whole is said by `describeTerms`. */
export function describePolicy(policy: Policy, voice: Voice = {}): readonly string[] {
  const speaker = speakerOf(voice)
  const permits = policy.grants.filter(({ effect }) => effect === 'permit').map(scopeKey)
  return policy.grants.map((grant) => sayGrant(speaker, grant, permits.length > 0 && opensAll(grant, permits)))
}

/** One grant by itself. */
export const describeGrant = (grant: Grant, voice: Voice = {}): string => sayGrant(speakerOf(voice), grant, false)

/** What holds for the policy as a whole: that it is closed, which sentence wins, and when it ends. */
export function describeTerms({ grants, preset, until }: Policy, voice: Voice = {}): readonly string[] {
  const speaker = speakerOf(voice)
  const isMixed = grants.some(({ effect }) => effect === 'permit') && grants.some(({ effect }) => effect === 'deny')
  return [
    ...(isMixed ? [speaker.say('policy.deny-wins')] : []),
    ...(preset === 'closed' ? [speaker.say('policy.closed')] : []),
    ...(until === undefined ? [] : [sentence(speaker.say('policy.until', { until: sayInstant(speaker, until, 'end') }), speaker)]),
  ]
}

/** Why something was decided, to the one whom it concerns. */
export const describeReason = (code: ReasonCode, voice: Voice = {}): string => speakerOf(voice).say(`reason.${code}`)

const scopeKey = (grant: Grant): string => keyOf({ ...grant, effect: undefined })

/** A deny that exactly the other sentences open need not repeat them. */
function opensAll(grant: Grant, permits: readonly string[]): boolean {
  const opened = exceptionsOf(grant).map(keyOf)
  return grant.effect === 'deny' && permits.every((key) => opened.includes(key)) && opened.every((key) => permits.includes(key))
}

function sayGrant(speaker: Speaker, grant: Grant, opensTheRest: boolean): string {
  const { effect, recipients, data } = grant
  const slots = {
    who: sayRecipients(speaker, recipients, effect),
    actions: sayActions(speaker, grant.actions, effect),
    data: sayData(speaker, data, effect),
    ...sayConditions(speaker, grant, effect),
    except: opensTheRest ? speaker.say('except.other-permits') : sayExceptions(speaker, grant),
  }
  return sentence(speaker.say(effect === 'deny' && isAnyone(recipients) ? 'grant.deny.anyone' : `grant.${effect}`, slots), speaker)
}

/** The exceptions of a deny may, those of a permit may not. */
function sayExceptions(speaker: Speaker, grant: Grant): string {
  const { say } = speaker
  const effect = grant.effect === 'deny' ? 'permit' : 'deny'
  const scopes = exceptionsOf(grant)
  if (scopes.length === 0) return ''
  const exceptions = scopes.map((scope) =>
    say(`except.${effect}`, {
      who: scope.recipients === undefined ? sayAgain(speaker, grant.recipients) : sayRecipients(speaker, scope.recipients, effect),
      actions: sayActions(speaker, scope.actions ?? grant.actions, effect),
      data: scope.data === undefined ? say('except.same-data') : sayData(speaker, scope.data, effect),
      ...sayConditions(speaker, scope, effect),
    }),
  )
  return say('except.clause', { exceptions: sayList(speaker, 'list.and', exceptions) })
}

const sayAgain = ({ say }: Speaker, recipients: readonly Recipient[] | undefined): string => say(isAnyone(recipients) ? 'who.anyone' : 'except.same-who')

function sayConditions(speaker: Speaker, { purposes, valid, within }: Scope, effect: Effect) {
  return {
    purposes: sayPurposes(speaker, purposes),
    valid: valid === undefined ? '' : sayValidity(speaker, valid, 'valid'),
    within: within === undefined ? '' : sayFrame(speaker, within, effect),
  }
}

function sayActions(speaker: Speaker, actions: readonly string[] | undefined, effect: Effect): string {
  if (actions === undefined) return speaker.say(`action.any.${effect}`)
  if (actions.length === 0) return speaker.say('action.none')
  const words = actions.map((action) =>
    isKnownAction(action) ? speaker.say(`action.${action}`) : speaker.say('action.other', { code: sayCoding(speaker, action) }),
  )
  return sayList(speaker, effect === 'permit' ? 'list.and' : 'list.or', words)
}

function sayPurposes(speaker: Speaker, purposes: readonly string[] | undefined): string {
  const { say } = speaker
  if (purposes === undefined) return ''
  if (purposes.length === 0) return say('purposes.none')
  if (purposes.every((code) => code === BREAK_GLASS_PURPOSE)) return say('purposes.emergency')
  return say('purposes.clause', { purposes: sayEach(speaker, purposes, (code) => sayPurpose(speaker, code)) })
}

const sayPurpose = (speaker: Speaker, code: string): string =>
  sayCode(speaker, 'purpose', code) ?? speaker.say('purpose.other', { code: sayCoding(speaker, code) })

function sayValidity(speaker: Speaker, { from, until }: Validity, key: 'valid' | 'within.valid'): string {
  const { say } = speaker
  const start = from === undefined ? '' : sayInstant(speaker, from, 'start')
  const end = until === undefined ? '' : sayInstant(speaker, until, 'end')
  if (from !== undefined && until !== undefined) return say(`${key}.both`, { from: start, until: end })
  if (from !== undefined) return say(`${key}.from`, { from: start })
  return until === undefined ? '' : say(`${key}.until`, { until: end })
}

const DAY_MS = 86_400_000
/** The last instant that has a date. */
const LAST_DATE_MS = 8.64e15

/** A whole day, UTC, where it is the first or the last instant of one; a minute otherwise. */
function sayInstant({ say }: Speaker, ms: number, edge: 'start' | 'end'): string {
  if (!(Math.abs(ms) <= LAST_DATE_MS)) return say('instant.other', { ms })
  const [date = '', time = ''] = new Date(ms).toISOString().split('T')
  const isDay = (edge === 'start' ? ms : ms + 1) % DAY_MS === 0
  return isDay ? say('instant.day', { date }) : say('instant.minute', { date, time: time.slice(0, 5) })
}

function sayFrame(speaker: Speaker, frame: Frame, effect: Effect): string {
  const { say } = speaker
  const { recipients, purposes, actions, valid, sources, authors } = frame
  const conditions = [
    recipients === undefined ? '' : say('within.recipients', { who: sayRecipients(speaker, recipients, effect) }),
    purposes === undefined ? '' : say('within.purposes', { purposes: sayEach(speaker, purposes, (code) => sayPurpose(speaker, code)) }),
    actions === undefined ? '' : say('within.actions', { actions: sayActions(speaker, actions, 'deny') }),
    valid === undefined ? '' : sayValidity(speaker, valid, 'within.valid'),
    sources === undefined ? '' : say(`within.sources.${effect}`, { names: sayParties(speaker, 'source', sources) }),
    authors === undefined ? '' : say('within.authors', { names: sayParties(speaker, 'author', authors) }),
  ].filter((one) => one !== '')
  return conditions.length === 0 ? '' : say('within.clause', { conditions: sayList(speaker, 'list.and', conditions) })
}
