import type { Action, Category, DataSelector, Grant, Policy, Recipient } from './types.ts'

/** A policy in plain English, one sentence for each grant, in its order; the web app has the same sentences per language. */
export const describePolicy = (policy: Policy): readonly string[] => policy.grants.map(describeGrant)

function describeGrant(grant: Grant): string {
  const actions = list(
    (grant.actions ?? ['read', 'search', 'export']).map((action) => ACTION_WORDS[action]),
    'and',
  )
  const verb = grant.effect === 'permit' ? 'may' : 'may not'
  const parts = [
    `${describeRecipients(grant.recipients)} ${verb} ${actions} ${describeData(grant.data)}`,
    grant.purposes === undefined ? '' : `for ${list(grant.purposes.map(purposeWords), 'or')}`,
    describeTime(grant.valid),
    describeExcept(grant.except),
  ]
  const sentence = parts.filter((part) => part !== '').join(' ')
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`
}

const ACTION_WORDS: { readonly [action in Action]: string } = { read: 'see', search: 'search', export: 'take along' }

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
  if ('anyone' in recipient) return 'anyone'
  if ('organization' in recipient) return `people at ${recipient.organization}`
  if ('group' in recipient) return `people at organizations of ${recipient.group}`
  if ('role' in recipient) return `anyone with the role ${recipient.role}`
  if ('practitioner' in recipient) return `the practitioner ${recipient.practitioner}`
  if ('study' in recipient) return `the study ${recipient.study}`
  return `the delegate ${recipient.delegate}`
}

function describeData(data: DataSelector | undefined): string {
  if (data === undefined) return 'everything'
  const parts = [
    data.items === undefined
      ? ''
      : list(
          data.items.map((item) => `the item ${item}`),
          'and',
        ),
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
    data.sources === undefined ? '' : `kept by ${list(data.sources, 'or')}`,
    data.authors === undefined ? '' : `written by ${list(data.authors, 'or')}`,
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

function describeTime(valid: Grant['valid']): string {
  if (valid === undefined) return ''
  const { from, until } = valid
  return [from === undefined ? '' : `from ${instantWords(from)}`, until === undefined ? '' : `until ${instantWords(until)}`]
    .filter((part) => part !== '')
    .join(' ')
}

/** Minutes, UTC; an instant beyond the calendar is given in milliseconds. */
const instantWords = (ms: number): string => (ms <= 8.64e15 ? `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC` : `${ms} ms`)

function describeExcept(except: Grant['except']): string {
  if (except === undefined) return ''
  const parts = [
    except.recipients === undefined ? '' : describeRecipients(except.recipients),
    except.data === undefined ? '' : describeData(except.data),
    except.purposes === undefined ? '' : `for ${list(except.purposes.map(purposeWords), 'or')}`,
  ].filter((part) => part !== '')
  return `except ${parts.join(', ')}`
}
