import { encodeBase64Url, InputError } from '@fiducia/core'
import { describe, expect, it } from 'vitest'
import { MAX_ALTERNATIVES, MAX_FILTERS, MAX_GRANTS, MAX_NAME_LENGTH, MAX_REPLACES, MAX_UNLINKED } from './limits.ts'
import { parsePolicy } from './policy.ts'

/** What a policy document may hold, member by member: it comes back as it was, or is refused with its place and what was expected. */
const granting = (member: object) => ({ v: 1, grants: [{ effect: 'permit', ...member }] })
const comesBack = (document: unknown) => expect(parsePolicy(document)).toEqual(document)
function faultOf(document: unknown): string {
  try {
    parsePolicy(document)
  } catch (error) {
    expect(error).toBeInstanceOf(InputError)
    return error instanceof InputError ? `${error.code} ${error.message}` : ''
  }
  return 'accepted'
}

const names = {
  accepted: ['a', 'urn:x|1', 'Organization/1', 'x'.repeat(MAX_NAME_LENGTH)],
  refused: ['', ' ', ' a', 'a ', 'x'.repeat(MAX_NAME_LENGTH + 1), 7, null],
}
const identifiers = { accepted: ['s|1', 'http://x|a b'], refused: ['1', '|1', 's|', 's|1|2', 's|1 ', 's| 1', ' s|1', 's t|1', 7] }
const codes = { accepted: ['TREAT', '1', 'a.b_c-d', 'x'.repeat(64), 's|1', 's|a b'], refused: ['', '-a', 'a b', 'é', 'x'.repeat(65), 's|', '|1', 7, ' s|1'] }
const references = {
  accepted: ['Observation/1', 'Observation/A-b.9', `Xy/${'x'.repeat(64)}`, `${'X'.repeat(64)}/1`],
  refused: [
    'Observation',
    'Observation/',
    'observation/1',
    'O/1',
    'Observation/1/2',
    'Observation/a_b',
    `Xy/${'x'.repeat(65)}`,
    `${'X'.repeat(65)}/1`,
    ' Observation/1',
    7,
  ],
}
interface Values {
  readonly accepted: readonly unknown[]
  readonly refused: readonly unknown[]
}
const each = ({ accepted, refused }: Values, wrap: (value: unknown) => unknown): Values => ({ accepted: accepted.map(wrap), refused: refused.map(wrap) })
/** A list of such alternatives: one at least, and not endlessly many. */
const listOf = ({ accepted, refused }: Values): Values => ({
  accepted: [accepted, [accepted[0]], Array.from({ length: MAX_ALTERNATIVES }, () => accepted[0])],
  refused: [[], accepted[0], {}, Array.from({ length: MAX_ALTERNATIVES + 1 }, () => accepted[0]), ...refused.map((one) => [accepted[0], one])],
})
const both = (...values: readonly Values[]): Values => ({
  accepted: values.flatMap(({ accepted }) => accepted),
  refused: values.flatMap(({ refused }) => refused),
})
const parties = both(names, { accepted: [['a', 's|1']], refused: [[], [['a']]] })
const recipients = both(
  ...['organization', 'group', 'role', 'study', 'delegate', 'identifier', 'unresolved'].map((kind) => each(names, (value) => ({ [kind]: value }))),
  each(identifiers, (value) => ({ practitioner: value })),
  { accepted: [{ anyone: true }, { organization: 'a', practitioner: 's|1' }], refused: [{}, { anyone: false }, { patient: 'a' }, 'a', { anyone: true, x: 1 }] },
)
const actions = { accepted: ['read', 'search', 'export', 'collect', 'use', 'correct', 's|1'], refused: ['delete', 'READ', 's|', 7] }
const validity = {
  accepted: [{ from: 1 }, { until: 1 }, { from: 1, until: 1 }],
  refused: [{}, { from: 2, until: 1 }, { from: '2024' }, { from: 1.5 }, { at: 1 }, 7],
}
const items = both(
  references,
  ...['related', 'dependents'].map((kind) => each(references, (value) => ({ [kind]: value }))),
  each(listOf(parties), (value) => ({ authoredBy: value })),
  each(names, (value) => ({ unresolved: value })),
  { accepted: [], refused: [{}, { instance: 'Observation/1' }, { related: 'Encounter/1', unresolved: 'x' }] },
)
const periods = {
  accepted: [
    { from: '2024' },
    { until: '2024-06' },
    { from: '2024-06-01', until: '2024-06-01' },
    { from: '2024', until: '2024-01' },
    { from: '2024-06', until: '2024' },
    { from: '2024-06-01T10:00:00Z' },
  ],
  refused: [{}, { from: 'soon' }, { from: ' 2024' }, { until: '2024-06-01T10:00:00' }, { from: '2025', until: '2024' }, { from: 2024 }, { on: '2024' }],
}
const selectors: { readonly [member: string]: Values } = {
  categories: listOf({
    accepted: ['mental-health', 'substance-use', 'hiv', 'sexual-reproductive', 'violence', 'genetics'],
    refused: ['other', 7],
  }),
  confidentiality: { accepted: ['U', 'L', 'M', 'N', 'R', 'V'], refused: ['X', '', ['N']] },
  sensitivity: listOf(codes),
  types: listOf({ accepted: ['Observation', 'Xy', 'X'.repeat(64), 's|1'], refused: ['observation', 'X', 'X1', 'X'.repeat(65), 'Xy ', 's|', 7] }),
  codes: listOf(identifiers),
  sources: listOf(parties),
  authors: listOf(parties),
  encounters: listOf(references),
  items: listOf(items),
  period: periods,
}
const data = both(...Object.entries(selectors).map(([member, values]) => each(values, (value) => ({ [member]: value }))), {
  accepted: [{ types: ['Observation'], confidentiality: 'N' }],
  refused: [{}, [], { tags: ['x'] }],
})
const frames = both(
  each(listOf(recipients), (value) => ({ recipients: value })),
  each(listOf(codes), (value) => ({ purposes: value })),
  each(listOf(actions), (value) => ({ actions: value })),
  each(validity, (value) => ({ valid: value })),
  each(listOf(parties), (value) => ({ sources: value })),
  each(listOf(parties), (value) => ({ authors: value })),
  { accepted: [], refused: [{}, { data: { types: ['Observation'] } }, 7] },
)
const members: { readonly [member: string]: Values } = {
  recipients: listOf(recipients),
  purposes: listOf(codes),
  actions: listOf(actions),
  valid: validity,
  data,
  within: frames,
}
const exceptions = both(...Object.entries(members).map(([member, values]) => each(values, (value) => ({ [member]: value }))), {
  accepted: [],
  refused: [{}, { except: { data: { types: ['Observation'] } } }, { effect: 'permit' }],
})

describe.each(
  Object.entries({ ...members, except: both(exceptions, { accepted: [exceptions.accepted.slice(0, 3)], refused: [[], [{}], [[exceptions.accepted[0]]]] }) }),
)('the member %s of a grant', (member, { accepted, refused }) => {
  it('comes back as it was', () => {
    for (const value of accepted) comesBack(granting({ [member]: value }))
  })

  it('is refused in another form, with its place', () => {
    for (const value of refused) expect(faultOf(granting({ [member]: value }))).toContain(`SHAPE grants[0].${member}`)
  })
})

describe('the document around the grants', () => {
  const hashes = (count: number) => Array.from({ length: count }, (_, i) => encodeBase64Url(new Uint8Array(32).fill(i)))
  const filters = (count: number) => Object.fromEntries(hashes(count).map((key) => [key, { types: ['Observation'] }]))
  const documents: Values = {
    accepted: [
      { v: 1, grants: [{ effect: 'permit' }, { effect: 'deny' }] },
      { v: 1, grants: Array.from({ length: MAX_GRANTS }, () => ({ effect: 'deny' })) },
      ...['care-team', 'ask-me', 'emergency-only', 'closed'].map((preset) => ({ v: 1, grants: [], preset })),
      { v: 1, grants: [], until: 0, replaces: hashes(MAX_REPLACES), unlinked: Array.from({ length: MAX_UNLINKED }, () => hashes(1)[0]) },
      { v: 1, grants: [], replaces: [], unlinked: [], filters: filters(MAX_FILTERS) },
    ],
    refused: [
      { v: 1, grants: [], preset: 'open' },
      { v: 1, grants: [], until: '2024' },
      { v: 1, grants: [], replaces: hashes(MAX_REPLACES + 1) },
      { v: 1, grants: [], unlinked: Array.from({ length: MAX_UNLINKED + 1 }, () => hashes(1)[0]) },
      { v: 1, grants: [], filters: filters(MAX_FILTERS + 1) },
      { v: 1, grants: [], filters: { x: { types: ['Observation'] } } },
      { v: 1, grants: [], filters: { [hashes(1)[0] ?? '']: {} } },
      { v: 1, grants: {} },
      { v: '1', grants: [] },
      { grants: [] },
    ],
  }
  it('comes back as it was, or is refused', () => {
    for (const document of documents.accepted) comesBack(document)
    for (const document of documents.refused) expect(faultOf(document)).not.toBe('accepted')
  })

  it.each<[member: object, expected: RegExp]>([
    [{ recipients: [{}] }, /recipients\[0\].*expected at least one member in a recipient, found none/],
    [{ recipients: [{ practitioner: '1' }] }, /practitioner.*a practitioner `system\|value`/],
    [{ recipients: [{ group: ' a' }] }, /group.*expected text without blanks around it/],
    [{ purposes: ['a b'] }, /purposes\[0\].*a code/],
    [{ purposes: ['s|'] }, /purposes\[0\].*`system\|code`/],
    [{ valid: {} }, /valid.*at least one member in a time of validity/],
    [{ valid: { from: 2, until: 1 } }, /valid.*expected `from` not to lie after `until`/],
    [{ within: {} }, /within.*at least one member in a frame/],
    [{ data: {} }, /data.*at least one member in a data selector/],
    [{ data: { types: ['x'] } }, /types\[0\].*a resource type/],
    [{ data: { codes: ['x'] } }, /codes\[0\].*a code `system\|code`/],
    [{ data: { encounters: ['x'] } }, /encounters\[0\].*a reference `Type\/id`/],
    [{ data: { items: [{}] } }, /items\[0\].*expected `Type\/id`, or one of `related`, `dependents`, `authoredBy`, `unresolved`/],
    [{ data: { period: {} } }, /period.*at least one member in a period/],
    [{ data: { period: { from: 'x' } } }, /period\.from.*expected a date such as `2024`/],
    [{ except: {} }, /except.*at least one member in an exception/],
  ])('says of %j what was expected', (member, expected) => {
    expect(faultOf(granting(member))).toMatch(expected)
  })
})
