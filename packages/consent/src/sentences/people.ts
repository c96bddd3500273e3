import { APPROVED_LATER } from '../choices/grants.ts'
import type { Effect, Recipient } from '../types.ts'
import { type NameKind, sayList, type Speaker } from './render.ts'

/** Those whom a grant speaks of, for the middle of a sentence. */
export function sayRecipients(speaker: Speaker, recipients: readonly Recipient[] | undefined, effect: Effect): string {
  if (recipients === undefined) return speaker.say('who.anyone')
  if (recipients.length === 0) return speaker.say('who.nobody-named')
  return sayList(
    speaker,
    'list.and',
    recipients.map((recipient) => sayRecipient(speaker, recipient, effect)),
  )
}

/** Whether everybody is meant. */
export const isAnyone = (recipients: readonly Recipient[] | undefined): boolean => recipients?.some(({ anyone }) => anyone === true) !== false

const NAMED = ['practitioner', 'role', 'organization', 'group', 'study', 'delegate', 'identifier'] as const satisfies readonly (keyof Recipient & NameKind)[]

function sayRecipient(speaker: Speaker, recipient: Recipient, effect: Effect): string {
  const { say, name } = speaker
  const { anyone, unresolved } = recipient
  const parts = [
    ...(anyone === undefined ? [] : [say('who.anyone')]),
    ...NAMED.flatMap((kind) => {
      const id = recipient[kind]
      return id === undefined ? [] : [say(`who.${kind}`, { name: name(kind, id) })]
    }),
    ...(unresolved === undefined ? [] : [sayUnresolved(speaker, unresolved)]),
  ]
  if (parts.length === 0) return say('who.nobody-named')
  return parts.reduce((a, b) => say(effect === 'permit' ? 'who.all.more' : 'who.any.more', { a, b }))
}

const sayUnresolved = ({ say }: Speaker, unresolved: string): string =>
  APPROVED_LATER.some((one) => one.unresolved === unresolved) ? say('who.approved-later') : say('who.unresolved', { name: unresolved })
