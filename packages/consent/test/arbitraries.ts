import * as fc from 'fast-check'
import {
  CATEGORIES,
  CONFIDENTIALITY,
  type DataSelector,
  type Frame,
  type Grant,
  type Item,
  type NetworkDefault,
  type Party,
  type Policy,
  type Question,
  type Recipient,
  type ResourceFacts,
  type Scope,
} from '../src/types.ts'

/** Random policies, questions and resources from few values each, so that they meet, empty and unknown ones included. */

/** There `percent` times out of a hundred. */
const present = <T>(value: fc.Arbitrary<T>, percent = 70): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: percent, arbitrary: value }, { weight: 100 - percent, arbitrary: fc.constant(undefined) })
/** Members that are undefined are left out. */
type Compact<T> = { [K in keyof T]: Exclude<T[K], undefined> } extends infer U ? Partial<U> : never
const compact = <T extends object>(value: T): Compact<T> => Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Compact<T>
/** Now and then none, which says nothing that can be relied on. */
const some = <T>(...values: readonly T[]): fc.Arbitrary<readonly T[]> =>
  fc.oneof({ weight: 12, arbitrary: fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 3 }) }, { weight: 1, arbitrary: fc.constant([]) })

const purposes = ['TREAT', 'ETREAT', 'BTG', 'COC', 'HPAYMT', 'CLMATTCH', 'HRESCH', 'CLINTRCH', 'HMARKT', 'PurposeOfUse', 'ODD'] as const
const organizations = ['alder', 'birch', 'cedar'] as const
const types = ['Observation', 'Condition'] as const
const classes = [...types, 'odd|class'] as const
const refs = ['Observation/1', 'Observation/2', 'Condition/1'] as const
const codes = ['s|a', 's|b', 's|c'] as const
const sensitivities = ['PSY', 'MH', 'BH', 'SUD', 'ETHUD', 'HIV', 'SEX', 'SPI', 'GDIS', 'ODD'] as const
const days = ['2019-12-31', '2020-01-01', '2020-06-15', '2020-12-31', '2021-01-01'] as const
const instants = [999, 1000, 1500, 2000, 2001] as const
const practitioners = ['npi|1', 'npi|2', 'npi|3'] as const
const encounters = ['Encounter/1', 'Encounter/2'] as const
const actions = ['read', 'search', 'export', 'correct', 'odd|act'] as const

const recipient: fc.Arbitrary<Recipient> = fc.oneof(
  fc.constant({ anyone: true } as const),
  fc.record({ organization: fc.constantFrom(...organizations) }),
  fc.record({ group: fc.constantFrom('g1', 'g2') }),
  fc.record({ role: fc.constantFrom('physician', 'nurse') }),
  fc.record({ practitioner: fc.constantFrom(...practitioners) }),
  fc.record({ study: fc.constantFrom('st1', 'st2') }),
  fc.record({ delegate: fc.constantFrom('d1', 'd2') }),
  fc.record({ identifier: fc.constantFrom(...practitioners) }),
  fc.record({ practitioner: fc.constantFrom(...practitioners), organization: fc.constantFrom(...organizations) }),
  fc.constant({ unresolved: 'Practitioner/nobody' }),
)
const recipients = fc.oneof({ weight: 12, arbitrary: fc.array(recipient, { minLength: 1, maxLength: 3 }) }, { weight: 1, arbitrary: fc.constant([]) })

const period = fc.record({ from: present(fc.constantFrom(...days)), until: present(fc.constantFrom(...days)) }).map(compact)

const selector: fc.Arbitrary<DataSelector> = fc
  .record(
    {
      categories: some(...CATEGORIES),
      confidentiality: fc.constantFrom(...CONFIDENTIALITY),
      sensitivity: some(...sensitivities),
      types: some(...classes),
      codes: some(...codes),
      sources: some<Party>(...organizations, 'org|alder', 'Organization/1', ['alder', 'Organization/1']),
      authors: some<Party>(...practitioners, 'Practitioner/1', ['npi|2', 'Practitioner/1'], 'other|1'),
      encounters: some(...encounters),
      items: some<Item>(
        ...refs,
        { related: 'Observation/1' },
        { dependents: 'Condition/1' },
        { authoredBy: ['npi|1'] },
        { authoredBy: [['npi|1', 'Practitioner/1'], 'npi|2'] },
        { unresolved: 'Basic/none' },
      ),
      period: period,
    },
    { noNullPrototype: true },
  )
  .chain((whole) =>
    fc
      .subarray(Object.keys(whole), { maxLength: 3 })
      .map((kept) => compact(Object.fromEntries(Object.entries(whole).filter(([name]) => kept.includes(name))) as DataSelector)),
  )

const valid = fc.record({ from: present(fc.constantFrom(...instants)), until: present(fc.constantFrom(...instants)) }).map(compact)

const frame: fc.Arbitrary<Frame> = fc
  .record({
    recipients: present(recipients, 25),
    purposes: present(some(...purposes), 60),
    actions: present(some(...actions), 10),
    valid: present(valid, 10),
    sources: present(some(...organizations), 20),
    authors: present(some(...practitioners), 20),
  })
  .map(compact)

/** Each dimension is there as often as its percentage says. */
const scope = (percent: { readonly recipients: number; readonly purposes: number; readonly data: number }): fc.Arbitrary<Scope> =>
  fc
    .record(
      {
        recipients: present(recipients, percent.recipients),
        purposes: present(some(...purposes), percent.purposes),
        data: present(selector, percent.data),
        actions: present(some(...actions), 15),
        valid: present(valid, 15),
        within: present(frame, 15),
      },
      { noNullPrototype: true },
    )
    .map(compact)

const exception = scope({ recipients: 40, purposes: 40, data: 60 })

export const grant: fc.Arbitrary<Grant> = fc
  .tuple(
    fc.constantFrom('permit' as const, 'permit' as const, 'deny' as const),
    scope({ recipients: 40, purposes: 50, data: 60 }),
    present(fc.oneof(exception, fc.array(exception, { maxLength: 2 })), 35),
  )
  .map(([effect, whole, except]) => ({ effect, ...whole, ...(except === undefined ? {} : { except }) }))

export const policy: fc.Arbitrary<Policy> = fc
  .record(
    {
      v: fc.constant(1 as const),
      grants: fc.array(grant, { maxLength: 5 }),
      preset: present(fc.constantFrom('care-team' as const, 'ask-me' as const, 'emergency-only' as const, 'closed' as const), 25),
      until: present(fc.constantFrom(...instants), 15),
    },
    { noNullPrototype: true },
  )
  .map((whole) => compact(whole) as Policy)

export const version = fc.oneof(
  {
    weight: 10,
    arbitrary: fc
      .record({ policy, expires: present(fc.constantFrom(...instants), 15) }, { noNullPrototype: true })
      .map((whole) => compact(whole) as { policy: Policy; expires?: number }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ policy: 'unreadable' as const }, { policy: 'absent' as const }) },
)

export const question: fc.Arbitrary<Question> = fc
  .record(
    {
      actor: fc
        .record(
          {
            identifiers: some(...practitioners, 'birch'),
            possible: present(some(...practitioners, 'alder'), 15),
            unidentified: present(fc.constant(true as const), 8),
            organization: present(fc.constantFrom(...organizations)),
            group: present(fc.constantFrom('g1', 'g2')),
            roles: fc.subarray(['physician', 'nurse']),
            study: present(fc.constantFrom('st1'), 20),
            delegate: present(fc.constantFrom('d1'), 20),
          },
          { noNullPrototype: true },
        )
        .map(compact),
      purposes: fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(...purposes).map((one) => [one]) },
        { weight: 2, arbitrary: fc.constant(['TREAT']) },
        { weight: 1, arbitrary: fc.array(fc.constantFrom(...purposes), { maxLength: 3 }) },
      ),
      action: fc.constantFrom('read', 'read', 'search', ...actions, 'odd'),
      at: fc.constantFrom(...instants),
      default: fc.constantFrom<NetworkDefault>('deny', 'normal-treatment', 'all-treatment', 'break-glass-only'),
      careRelationship: fc.boolean(),
      breakGlass: present(fc.record({ reason: fc.constantFrom('', ' ', 'unconscious') }), 60),
    },
    { noNullPrototype: true },
  )
  .map((whole) => compact(whole) as Question)

const startOf = (day: string): number => Date.parse(`${day}T00:00:00.000Z`)
const span = fc.tuple(fc.constantFrom(...days), fc.constantFrom(...days)).map(([from, until]) => ({ from: startOf(from), until: startOf(until) + 86_399_999 }))

const reach = fc
  .tuple(fc.subarray([...refs]), fc.subarray([...refs]), fc.boolean())
  .map(([names, more, complete]) => ({ names: new Set<string>(names), possible: new Set<string>([...names, ...more]), complete }))
const links = fc.record({ related: reach, dependsOn: reach }, { noNullPrototype: true })

export const facts: fc.Arbitrary<ResourceFacts> = fc
  .record(
    {
      ref: fc.constantFrom(...refs),
      type: fc.constantFrom(...types),
      codes: fc.subarray([...codes]),
      confidentiality: fc.constantFrom(...CONFIDENTIALITY, 'N' as const, 'N' as const),
      sensitivity: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.subarray([...sensitivities], { maxLength: 2 }) }),
      categories: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.subarray([...CATEGORIES], { maxLength: 2 }) }),
      sources: present(fc.subarray<Party>([...organizations, 'Organization/1', ['org|alder', 'Organization/2']])),
      authors: present(fc.subarray<Party>([...practitioners, 'Practitioner/1', ['npi|2', 'Practitioner/2']])),
      encounter: present(fc.constantFrom(...encounters, '')),
      period: present(span),
      links: present(links, 50),
    },
    { noNullPrototype: true },
  )
  .map((whole) => {
    const { links: hanging, ...rest } = whole
    return hanging === undefined ? rest : whole
  })
