import { ENGLISH_CODES } from './codes.en.ts'

/**
 * Everything that is said to people about a policy, in English. Another language is one more object with these keys: each
 * sentence is a whole with slots, which may stand in any order. A slot is `{name}`; a slot of a number may choose words,
 * `{count, plural, one {# item} other {# items}}` with the categories of `Intl.PluralRules`. A clause that is not needed
 * leaves its slot empty, so it brings the blanks and commas that it needs.
 */
const SENTENCES = {
  // One sentence for each grant.
  'grant.permit': '{who} may {actions} {data}{purposes}{valid}{within}{except}.',
  'grant.deny': '{who} may not {actions} {data}{purposes}{valid}{within}{except}.',
  'grant.deny.anyone': 'Nobody may {actions} {data}{purposes}{valid}{within}{except}.',

  // What a grant does not speak of.
  'except.clause': ', except that {exceptions}',
  'except.other-permits': ', unless another sentence here allows it',
  'except.permit': '{who} may {actions} {data}{purposes}{valid}{within}',
  'except.deny': '{who} may not {actions} {data}{purposes}{valid}{within}',
  'except.same-who': 'they',
  'except.same-data': 'it',

  // Lists: as many as needed.
  'list.and.two': '{a} and {b}',
  'list.and.more': '{a}, {b}',
  'list.and.last': '{a} and {b}',
  'list.or.two': '{a} or {b}',
  'list.or.more': '{a}, {b}',
  'list.or.last': '{a} or {b}',

  // Who. Of several names for one person a permit needs all, a deny any.
  'who.anyone': 'anyone',
  'who.nobody-named': 'nobody in particular',
  'who.practitioner': 'the practitioner {name}',
  'who.role': 'anyone with the role {name}',
  'who.organization': 'people at {name}',
  'who.group': 'people at the organizations of {name}',
  'who.study': 'the study {name}',
  'who.delegate': 'the delegate {name}',
  'who.identifier': 'whoever is known as {name}',
  'who.unresolved': 'somebody who could not be found ({name})',
  'who.approved-later': 'those who will be approved later',
  'who.all.more': '{a} (if also among {b})',
  'who.any.more': '{a}, or {b}',

  // What they do.
  'action.any.permit': 'see and use',
  'action.any.deny': 'see or use',
  'action.none': 'do nothing named with',
  'action.read': 'see',
  'action.search': 'search',
  'action.export': 'take along',
  'action.collect': 'collect',
  'action.use': 'use',
  'action.correct': 'correct',
  'action.other': 'perform “{code}” on',

  // Which data.
  'data.everything.permit': 'everything',
  'data.everything.deny': 'anything',
  'data.some': '{head}{labels}{codes}{sources}{authors}{encounters}{period}',
  'data.head.any': 'data',
  'data.head.types': '{types}',
  'data.head.items': '{items}',
  'data.head.both': '{items} (as far as these are {types})',
  'data.type.other': 'entries of the type {type}',
  'data.type.foreign': 'entries of the class {type}',
  'data.item': 'the item {name}',
  'data.item.related': 'all that belongs to the item {name}',
  'data.item.dependents': 'all that depends on the item {name}',
  'data.item.authored': 'all that was written by {names}',
  'data.item.unresolved': 'something that could not be found ({name})',
  'data.nothing-named': 'nothing in particular',
  'data.categories.permit': ' about {topics} and no other sensitive topic',
  'data.categories.deny': ' about {topics}',
  'data.sensitivity.permit': ' labelled {labels} and with nothing else',
  'data.sensitivity.deny': ' labelled {labels}',
  'data.codes': ' with the {count, plural, one {code} other {codes}} {codes}',
  'data.sources.permit': ', kept by {names} alone',
  'data.sources.deny': ', kept by {names}',
  'data.authors': ', written by {names}',
  'data.encounters': ', from {count, plural, one {the visit} other {the visits}} {names}',
  'data.period.from': ', dated {from} or later',
  'data.period.until': ', dated {until} or earlier',
  'data.period.both': ', dated {from} to {until}',
  'code.with-system': '{code} ({system})',

  // Confidentiality: a permit covers what is at most this, a deny what is at least this.
  'level.permit.U': ' open to everybody',
  'level.permit.L': ' of low sensitivity at most',
  'level.permit.M': ' of moderate sensitivity at most',
  'level.permit.N': ' not marked as sensitive',
  'level.permit.R': ' not marked as very sensitive',
  'level.permit.V': ' of any sensitivity',
  'level.deny.U': ' of any sensitivity',
  'level.deny.L': ' of low or higher sensitivity',
  'level.deny.M': ' of moderate or higher sensitivity',
  'level.deny.N': ' of normal or higher sensitivity',
  'level.deny.R': ' marked as sensitive',
  'level.deny.V': ' marked as very sensitive',

  // What for, and when.
  'purposes.clause': ', for {purposes}',
  'purposes.emergency': ' in an emergency, with a stated reason',
  'purposes.none': ', for no purpose that is named',
  'valid.from': ', from {from} on',
  'valid.until': ', until {until}',
  'valid.both': ', from {from} until {until}',
  'instant.day': '{date}',
  'instant.minute': '{date} {time} UTC',
  'instant.other': '{ms} ms after 1970',

  // The conditions of the provision that a grant stands in.
  'within.clause': ', provided that {conditions}',
  'within.recipients': 'it is asked for by {who}',
  'within.purposes': 'it is for {purposes}',
  'within.actions': 'they want to {actions} it',
  'within.valid.from': 'it is asked for on {from} or later',
  'within.valid.until': 'it is asked for on {until} or earlier',
  'within.valid.both': 'it is asked for from {from} until {until}',
  'within.sources.permit': 'it is kept by {names} alone',
  'within.sources.deny': 'it is kept by {names}',
  'within.authors': 'it was written by {names}',

  // What holds for the policy as a whole.
  'policy.closed': 'The record is closed: nobody sees it, not even in an emergency, whatever else is said here.',
  'policy.deny-wins': 'What one sentence forbids, no other allows, unless it says so itself.',
  'policy.until': 'All this is shared until {until}; after that nobody may see or use anything.',

  // Why, for each reason of a decision.
  'reason.PERMITTED': 'The patient allows it.',
  'reason.DEFAULT_PERMITS': 'The patient has said nothing about it, and the rules of the network allow it.',
  'reason.BREAK_GLASS': 'It is an emergency, and a reason was stated.',
  'reason.NO_CONSENT': 'The patient has not agreed to anything yet.',
  'reason.DENIED_BY_GRANT': 'The patient does not allow it.',
  'reason.LABEL_DENIED': 'It is more sensitive than what the patient shares.',
  'reason.NOT_COVERED': 'Neither the patient nor the rules of the network allow it.',
  'reason.POLICY_EXPIRED': 'What the patient agreed to has ended.',
  'reason.CLOSED': 'The patient has closed the record.',
  'reason.PURPOSE_UNKNOWN': 'Nobody here knows the purpose that was stated.',
  'reason.UNREADABLE_RESOURCE': 'The entry cannot be read, so it is not shared.',
  'reason.UNREADABLE_POLICY': 'What the patient agreed to cannot be read, so nothing is shared.',
  'reason.BREAK_GLASS_REASON_MISSING': 'Access in an emergency needs a stated reason.',

  // What a change does.
  'preview.loses': '{who} {people, plural, one {loses} other {lose}} sight of {items, plural, one {# item} other {# items}}.',
  'preview.gains': '{who} {people, plural, one {gains} other {gain}} sight of {items, plural, one {# item} other {# items}}.',
  'preview.people': '{people, plural, one {# person} other {# people}}',
  'preview.people.at': '{people, plural, one {# person} other {# people}} at {organizations, plural, one {# organization} other {# organizations}}',
  'preview.nobody-loses': 'Nobody loses sight of anything.',
  'preview.nobody-gains': 'Nobody gains.',
  'preview.nothing': 'Nothing changes for anybody.',
  'preview.safety': 'Doctors may miss something that matters in an emergency.',

  // Why a grant counts or does not.
  'explain.yes': 'yes',
  'explain.no': 'no',
  'explain.perhaps': 'perhaps',
  'explain.counts.permit': 'It applies, so it allows.',
  'explain.counts.deny': 'It applies, so it forbids.',
  'explain.counts.doubt': '{unknown} cannot be told; what forbids applies in doubt.',
  'explain.not.doubt': '{unknown} cannot be told; what allows does not apply in doubt.',
  'explain.not': '{dimensions} {count, plural, one {does} other {do}} not match.',
  'explain.not.except': 'An exception takes this out.',
  'explain.not.except.doubt': 'An exception may take this out; what allows does not apply in doubt.',
  'explain.not.expired': 'The policy has ended, and what it allowed with it.',
  'explain.not.unreadable': 'The entry cannot be read, so no rule is asked.',
  'dimension.recipients': 'who asks',
  'dimension.purposes': 'the purpose',
  'dimension.actions': 'the action',
  'dimension.valid': 'the time',
  'dimension.categories': 'the topic',
  'dimension.confidentiality': 'the level of sensitivity',
  'dimension.sensitivity': 'the label',
  'dimension.types': 'the type of entry',
  'dimension.codes': 'the code',
  'dimension.sources': 'who keeps it',
  'dimension.authors': 'who wrote it',
  'dimension.encounters': 'the visit',
  'dimension.items': 'the item',
  'dimension.period': 'the date of the entry',
  'dimension.within.recipients': 'who asks (condition)',
  'dimension.within.purposes': 'the purpose (condition)',
  'dimension.within.actions': 'the action (condition)',
  'dimension.within.valid': 'the time (condition)',
  'dimension.within.sources': 'who keeps it (condition)',
  'dimension.within.authors': 'who wrote it (condition)',
} as const

const MESSAGES = { ...SENTENCES, ...ENGLISH_CODES } as const

export type MessageKey = keyof typeof MESSAGES

/** One language. `locale` is a BCP 47 tag, which decides on plurals and capitals. */
export interface Catalog {
  readonly locale: string
  readonly messages: { readonly [key in MessageKey]: string }
}

export const ENGLISH: Catalog = { locale: 'en', messages: MESSAGES }
