import type { Action } from './actions.ts'
import { exceptionsOf } from './scope.ts'
import type { Category, DataSelector, Grant, Item, Party, Policy, Recipient, Scope, Validity } from './types.ts'

/** A policy in plain English, one sentence for each grant, in its order; the web app has the same sentences per language. */
export const describePolicy = (policy: Policy): readonly string[] => policy.grants.map(describeGrant)

function describeGrant(grant: Grant): string {
  const actions = list((grant.actions ?? ['read', 'search', 'export']).map(actionWords), 'and')
  const verb = grant.effect === 'permit' ? 'may' : 'may not'
  const parts = [
    `${describeRecipients(grant.recipients)} ${verb} ${actions} ${describeData(grant.data)}`,
    grant.purposes === undefined ? '' : `for ${list(grant.purposes.map(purposeWords), 'or')}`,
    describeTime(grant.valid),
    ...exceptionsOf(grant).map(describeExcept),
  ]
  const sentence = parts.filter((part) => part !== '').join(' ')
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`
}

const ACTION_WORDS: { readonly [action in Action]: string } = {
  read: 'see',
  search: 'search',
  export: 'take along',
  collect: 'collect',
  use: 'use',
  correct: 'correct',
}
const actionWords = (action: string): string => Object.entries(ACTION_WORDS).find(([name]) => name === action)?.[1] ?? `do ${action} with`

const CATEGORY_WORDS: { readonly [category in Category]: string } = {
  'mental-health': 'mental health',
  'substance-use': 'substance use',
  hiv: 'HIV',
  'sexual-reproductive': 'sexual and reproductive health',
  violence: 'violence',
  genetics: 'genetics',
}

const LEVEL_WORDS = { U: 'unrestricted', L: 'low', M: 'moderate', N: 'normal', R: 'restricted', V: 'very restricted' } as const

const PURPOSE_WORDS: ReadonlyMap<string, string> = new Map([
  ['TREAT', 'treatment'],
  ['ETREAT', 'emergency treatment'],
  ['BTG', 'an emergency with a stated reason'],
  ['COC', 'coordination of care'],
  ['HPAYMT', 'payment'],
  ['HOPERAT', 'running the organization'],
  ['HRESCH', 'research'],
  ['CLINTRCH', 'a clinical trial'],
  ['PUBHLTH', 'public health'],
  ['PATRQT', 'the patient’s own request'],
  ['FAMRQT', 'a request of the family'],
  ['HMARKT', 'marketing'],
  ['PurposeOfUse', 'any purpose'],
])

const purposeWords = (code: string): string => PURPOSE_WORDS.get(code) ?? `the purpose ${code}`

function list(words: readonly string[], last: 'and' | 'or'): string {
  if (words.length <= 1) return words[0] ?? 'nothing'
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1) ?? ''}`
}

function describeRecipients(recipients: readonly Recipient[] | undefined): string {
  return recipients === undefined ? 'anyone' : list(recipients.map(recipientWords), 'and')
}

function recipientWords(recipient: Recipient): string {
  const { organization, group, role, practitioner, study, delegate, identifier, unresolved } = recipient
  const parts = [
    recipient.anyone === undefined ? '' : 'anyone',
    practitioner === undefined ? '' : `the practitioner ${practitioner}`,
    role === undefined ? '' : `anyone with the role ${role}`,
    organization === undefined ? '' : `people at ${organization}`,
    group === undefined ? '' : `people at organizations of ${group}`,
    study === undefined ? '' : `the study ${study}`,
    delegate === undefined ? '' : `the delegate ${delegate}`,
    identifier ?? '',
    unresolved === undefined ? '' : `somebody unknown (${unresolved})`,
  ]
  return parts.filter((part) => part !== '').join(' at the same time ')
}

const partyWords = (party: Party): string => (typeof party === 'string' ? party : (party[0] ?? 'nobody'))

function itemWords(item: Item): string {
  if (typeof item === 'string') return `the item ${item}`
  if ('related' in item) return `what belongs to ${item.related}`
  if ('dependents' in item) return `what depends on ${item.dependents}`
  return 'authoredBy' in item ? `what ${list(item.authoredBy.map(partyWords), 'or')} wrote` : `something unknown (${item.unresolved})`
}

function describeData(data: DataSelector | undefined): string {
  if (data === undefined) return 'everything'
  const parts = [
    data.items === undefined ? '' : list(data.items.map(itemWords), 'and'),
    data.types === undefined ? '' : `entries of the kind ${list(data.types, 'or')}`,
    data.categories === undefined
      ? ''
      : `about ${list(
          data.categories.map((category) => CATEGORY_WORDS[category]),
          'or',
        )}`,
    data.sensitivity === undefined ? '' : `labelled ${list(data.sensitivity, 'or')}`,
    data.confidentiality === undefined ? '' : `of ${LEVEL_WORDS[data.confidentiality]} confidentiality`,
    data.codes === undefined ? '' : `with the code ${list(data.codes, 'or')}`,
    data.sources === undefined ? '' : `kept by ${list(data.sources.map(partyWords), 'or')}`,
    data.authors === undefined ? '' : `written by ${list(data.authors.map(partyWords), 'or')}`,
    data.encounters === undefined ? '' : `from the visit ${list(data.encounters, 'or')}`,
    data.period === undefined ? '' : periodWords(data.period),
  ].filter((part) => part !== '')
  const named = data.items !== undefined || data.types !== undefined
  return named ? parts.join(', ') : `what is ${parts.join(', ')}`
}

function periodWords({ from, until }: NonNullable<DataSelector['period']>): string {
  if (from === undefined) return `dated up to ${until ?? 'any day'}`
  return until === undefined ? `dated ${from} or later` : `dated from ${from} to ${until}`
}

function describeTime(valid: Validity | undefined): string {
  if (valid === undefined) return ''
  const { from, until } = valid
  return [from === undefined ? '' : `from ${instantWords(from)}`, until === undefined ? '' : `until ${instantWords(until)}`]
    .filter((part) => part !== '')
    .join(' ')
}

/** Minutes, UTC; an instant beyond the calendar is given in milliseconds. */
const instantWords = (ms: number): string => (ms <= 8.64e15 ? `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC` : `${ms} ms`)

function describeExcept(except: Scope): string {
  const parts = [
    except.recipients === undefined ? '' : describeRecipients(except.recipients),
    except.data === undefined ? '' : describeData(except.data),
    except.purposes === undefined ? '' : `for ${list(except.purposes.map(purposeWords), 'or')}`,
  ].filter((part) => part !== '')
  return `except ${parts.join(', ')}`
}
