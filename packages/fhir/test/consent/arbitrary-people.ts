import * as fc from 'fast-check'
import { group, logical, organization, practitioner, role, to } from './build.ts'
import type { Json } from './json.ts'

/** People, organizations and groups from few names, so that the rules of a case meet the ones who ask and the ones who wrote. */

export const AT = ['2024-06-01T12:00:00Z', '2024-06-01T12:00:00.500Z'] as const

/** There `percent` times out of a hundred. */
export const often = <T>(value: fc.Arbitrary<T>, percent: number): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: Math.round(percent * 10), arbitrary: value }, { weight: 1000 - Math.round(percent * 10), arbitrary: fc.constant(undefined) })
/** The usual one most of the time. */
export const mostly = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>, percent = 90): fc.Arbitrary<T> =>
  fc.oneof({ weight: Math.round(percent * 10), arbitrary: usual }, { weight: 1000 - Math.round(percent * 10), arbitrary: odd })
/** A record without the members that are undefined. */
export const parts = (members: { readonly [name: string]: fc.Arbitrary<unknown> }): fc.Arbitrary<Json> =>
  fc.record(members, { noNullPrototype: true }).map((whole) => Object.fromEntries(Object.entries(whole).filter(([, member]) => member !== undefined)))
export const join = (...records: readonly fc.Arbitrary<Json>[]): fc.Arbitrary<Json> => fc.tuple(...records).map((all) => Object.assign({}, ...all) as Json)

/** Periods around `at`: now, over, not yet, ending in this second, and zones. */
export const period: fc.Arbitrary<Json> = fc.constantFrom<Json>(
  { start: '2020' },
  { end: '2024' },
  { start: '2024-06-01', end: '2024-06-01' },
  { start: '2024-01', end: '2024-06' },
  { end: '2024-06-01T12:00:00Z' },
  { start: '2024-06-01T14:00:00+02:00' },
  { start: '2024-06-01T12:00:00.400Z' },
  { end: '2024-05' },
  { start: '2024-07' },
  { end: '2023-12-31' },
)

/** Now and then a member that makes somebody count in denies only. */
const faded = parts({ active: mostly(fc.constantFrom(true, undefined), fc.constant(false)), period: often(period, 8) })
const inactive = parts({ active: mostly(fc.constantFrom(true, undefined), fc.constant(false)) })

const known = (system: string, ...values: readonly string[]): Json => ({ identifier: values.map((value) => ({ system, value })) })
const knownAs = (system: string, value: string): fc.Arbitrary<Json> =>
  fc.constantFrom<Json>(known(system, value), known(system, value), known(system, value, `${value}0`), {})

const ROLES = ['PractitionerRole/r1', 'PractitionerRole/r2'] as const
const GROUPS = ['Group/g1', 'Group/g2'] as const
const PRACTITIONERS = ['Practitioner/a', 'Practitioner/b'] as const
const ORGANIZATIONS = ['Organization/o', 'Organization/part', 'Organization/other'] as const
const NOBODY = fc.constantFrom<Json>(
  to('Practitioner/nowhere'),
  to('http://elsewhere.example/Practitioner/a'),
  { display: 'somebody' },
  to('#nothing'),
  logical('urn:npi', '9'),
  to('urn:uuid:0'),
)
const LOGICAL = fc.constantFrom<Json>(logical('urn:npi', '1'), logical('urn:npi', '2'), logical('urn:org', 'o'), logical('urn:npi', '10'))
const PERSON = fc.constantFrom(...PRACTITIONERS).map(to)
const PLACE = fc.constantFrom(...ORGANIZATIONS).map(to)

/** Whoever a rule or a record may name. */
export const somebody: fc.Arbitrary<Json> = fc.oneof(
  { weight: 8, arbitrary: PERSON },
  { weight: 5, arbitrary: PLACE },
  { weight: 3, arbitrary: fc.constantFrom(...ROLES).map(to) },
  { weight: 4, arbitrary: fc.constantFrom(...GROUPS).map(to) },
  { weight: 1, arbitrary: fc.constant(to('CareTeam/t')) },
  { weight: 3, arbitrary: LOGICAL },
  { weight: 1, arbitrary: NOBODY },
)
/** An author, a performer, a keeper. */
export const author: fc.Arbitrary<Json> = fc.oneof(
  { weight: 8, arbitrary: PERSON },
  { weight: 4, arbitrary: fc.constantFrom(...ROLES).map(to) },
  { weight: 4, arbitrary: PLACE },
  { weight: 2, arbitrary: LOGICAL },
  { weight: 1, arbitrary: NOBODY },
)
export const keeper: fc.Arbitrary<Json> = mostly(PLACE, fc.oneof(NOBODY, PERSON))

const member = join(parts({ entity: somebody }), parts({ inactive: mostly(fc.constantFrom(false, undefined), fc.constant(true)), period: often(period, 10) }))
const place = (id: string, value: string, above: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc.tuple(knownAs('urn:org', value), above, inactive).map((more) => organization(id, Object.assign({}, ...more)))

const partOf = (name: string, percent: number): fc.Arbitrary<Json> => parts({ partOf: often(fc.constant(to(name)), percent) })
const practitioners = PRACTITIONERS.map((name, i) =>
  fc.tuple(knownAs('urn:npi', String(i + 1)), inactive).map((more) => practitioner(name.slice(-1), Object.assign({}, ...more))),
)
const organizations = [
  place('o', 'o', partOf('Organization/part', 3)),
  place('part', 'part', mostly(partOf('Organization/o', 80), fc.constant({ partOf: logical('urn:org', 'o') }))),
  place('other', 'other', partOf('Organization/nowhere', 4)),
]
const roles = ROLES.map((name, i) =>
  fc
    .tuple(mostly(PERSON, NOBODY), mostly(PLACE, fc.constantFrom(undefined, to('Organization/nowhere'))), knownAs('urn:role', String(i)), faded)
    .map(([of, at, names, more]) => ({
      ...role(name.slice(17), 'Practitioner/a', undefined, more),
      practitioner: of,
      ...(at === undefined ? {} : { organization: at }),
      ...names,
    })),
)
const groups = GROUPS.map((name) =>
  fc
    .tuple(
      fc.array(member, { minLength: 1, maxLength: 2 }),
      inactive,
      mostly(fc.constant(true), fc.constantFrom(false, undefined)),
      often(fc.constant(known('urn:group', name)), 20),
    )
    .map(([members, more, actual, names]) => {
      const { actual: _, ...whole } = group(name.slice(6), members, more)
      return { ...whole, ...(actual === undefined ? {} : { actual }), ...names }
    }),
)
const team = fc
  .array(parts({ member: somebody }), { minLength: 1, maxLength: 2 })
  .map((participant): Json => ({ resourceType: 'CareTeam', id: 't', participant }))
const patient: Json = { resourceType: 'Patient', id: 'p' }
const encounter: Json = { resourceType: 'Encounter', id: 'e', status: 'finished', subject: to('Patient/p'), ...known('urn:visit', 'e') }

/** Most of them are there; what is missing cannot be resolved. */
export const references: fc.Arbitrary<readonly Json[]> = fc
  .tuple(
    ...[...practitioners, ...organizations].map((one) => often(one, 95)),
    ...[...roles, ...groups, team, fc.constant(encounter), fc.constant(patient)].map((one) => often(one, 85)),
  )
  .map((all) => all.flatMap((one) => (one === undefined ? [] : [one])))

const ASKERS = ['Practitioner/a', 'Practitioner/b', 'Organization/part', 'PractitionerRole/r1', 'Organization/o'] as const
const asker: fc.Arbitrary<Json> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom<Json>(
      { system: 'urn:npi', value: '1' },
      { system: 'urn:npi', value: '1' },
      { system: 'urn:npi', value: '2' },
      { system: 'urn:org', value: 'o' },
    ),
  },
  { weight: 6, arbitrary: fc.constantFrom(...ASKERS).map(to) },
  { weight: 1, arbitrary: fc.constant(to('Practitioner/nowhere')) },
)

const FOREIGN = { system: 'urn:odd', code: 'FooBar' }

export const purposes: fc.Arbitrary<readonly unknown[]> = fc.oneof<fc.MaybeWeightedArbitrary<readonly unknown[]>[]>(
  { weight: 14, arbitrary: fc.constantFrom(['TREAT'], ['TREAT'], ['ETREAT'], ['COC']) },
  { weight: 3, arbitrary: fc.constant(['BTG']) },
  { weight: 4, arbitrary: fc.constantFrom<readonly unknown[]>(['HPAYMT'], ['CLINTRCH'], ['HMARKT'], [FOREIGN], ['ODD']) },
  { weight: 3, arbitrary: fc.constantFrom<readonly unknown[]>(['TREAT', 'HPAYMT'], ['TREAT', 'BTG'], ['TREAT', 'ETREAT'], ['HRESCH', 'TREAT', 'HOPERAT'], []) },
)

export const request: fc.Arbitrary<Json> = parts({
  actors: fc.oneof({ weight: 24, arbitrary: fc.array(asker, { minLength: 1, maxLength: 3 }) }, { weight: 1, arbitrary: fc.constant([]) }),
  purpose: purposes,
  action: fc.constantFrom('read', 'read', 'read', 'read', 'search', 'search', 'export', 'export', 'correct'),
  careRelationship: fc.constantFrom(true, true, false, undefined),
  breakGlass: often(fc.constantFrom({ reason: 'unconscious' }, { reason: 'unconscious' }, { reason: ' ' }), 75),
})
