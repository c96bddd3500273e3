import { actor, group, level, observation, organization, practitioner, purpose, role, to, topic } from './build.ts'
import type { Json } from './json.ts'
import { asked, both, emergency, by, deny, nobody, npi, pcf, permit, r4, row, type Row } from './rule-rows.ts'

/** Section 5 of the page, and Consents as PCF makes them. */

const team = {
  references: [
    group('g', [{ entity: to('Practitioner/a') }]),
    practitioner('a', npi('1')),
    practitioner('b', npi('2')),
    organization('o', { identifier: [{ system: 'urn:org', value: 'o' }] }),
    organization('part', { partOf: to('Organization/o') }),
  ],
}
const toGroup = actor('IRCP', to('Group/g'))
const inGroup = (member: Json, more: Json = {}): Json => ({
  references: [group('g', [{ entity: to('Practitioner/a'), ...member }], more), practitioner('a', npi('1'))],
})
const denyGroup = r4(permit({ provision: [deny({ actor: [toGroup] })] }))
const permitGroup = r4(permit({ actor: [toGroup] }))
const atRole = (of: string, at: string | undefined, more: Json = {}): Json => ({ references: [...team.references, role('r', of, at, more)] })
const permitRole = r4(permit({ actor: [actor('IRCP', to('PractitionerRole/r'))] }))
const denyRole = r4(permit({ provision: [deny({ actor: [actor('IRCP', to('PractitionerRole/r'))] })] }))
const inBoth = by({ reference: 'Practitioner/a' }, { reference: 'Organization/o' })

const who: readonly Row[] = [
  row('5', 'a reference that resolves to nothing never matches in a permit', { consents: [r4(permit({ actor: [nobody] }))] }, []),
  row('5', 'a reference that resolves to nothing matches in a deny', { consents: [r4(permit({ provision: [deny({ actor: [nobody] })] }))] }, []),
  row(
    '5',
    'one who asks by a reference that resolves to nothing is unknown',
    { ...team, consents: [r4(permit({ provision: [deny({ actor: [actor('IRCP', to('Practitioner/b'))] })] }))], ...by({ reference: 'Practitioner/x' }) },
    [],
  ),
  row(
    '5',
    'an actor on another server resolves to nothing',
    { ...team, consents: [r4(permit({ actor: [actor('IRCP', to('http://elsewhere/Practitioner/a'))] }))] },
    [],
  ),
  row('5', 'a contained actor is found', { consents: [r4(permit({ actor: [actor('IRCP', to('#a'))] }), { contained: [practitioner('a', npi('1'))] })] }, ['1']),
  row(
    '5',
    'without identifiers type and id match',
    { consents: [r4(permit({ actor: [actor('IRCP', to('Practitioner/z'))] }))], references: [practitioner('z')], ...by({ reference: 'Practitioner/z' }) },
    ['1'],
  ),
  row('5', 'a member of a group is meant', { ...team, consents: [permitGroup] }, ['1']),
  row('5', 'an inactive member is not permitted', { ...inGroup({ inactive: true }), consents: [permitGroup] }, []),
  row('5', 'an inactive member is denied', { ...inGroup({ inactive: true }), consents: [denyGroup] }, []),
  row('5', 'a member whose period is over is not permitted', { ...inGroup({ period: { end: '2023' } }), consents: [permitGroup] }, []),
  row('5', 'nobody of an inactive group is permitted', { ...inGroup({}, { active: false }), consents: [permitGroup] }, []),
  row(
    '5',
    'a group that is not actual may be anybody in a deny',
    { ...inGroup({}, { actual: false }), consents: [denyGroup], ...by({ system: 'urn:npi', value: '9' }) },
    [],
  ),
  row(
    '5',
    'a permitted role needs its practitioner and its organization',
    { ...atRole('Practitioner/a', 'Organization/o'), consents: [permitRole], ...inBoth },
    ['1'],
  ),
  row(
    '5',
    'a permitted role does not match its practitioner elsewhere',
    { ...atRole('Practitioner/a', 'Organization/o'), consents: [permitRole], ...by({ reference: 'Practitioner/a' }) },
    [],
  ),
  row('5', 'a denied role matches its organization', { ...atRole('Practitioner/b', 'Organization/o'), consents: [denyRole], ...inBoth }, []),
  row('5', 'an inactive role matches no permit', { ...atRole('Practitioner/a', 'Organization/o', { active: false }), consents: [permitRole], ...inBoth }, []),
  row(
    '5',
    'one who asks in a role is followed to the organization and what it is part of',
    {
      ...atRole('Practitioner/a', 'Organization/part'),
      consents: [r4(permit({ actor: [actor('IRCP', to('Organization/o'))] }))],
      ...by({ reference: 'PractitionerRole/r' }),
    },
    ['1'],
  ),
  row(
    '5',
    'what follows from an inactive role gives possible names only',
    {
      ...atRole('Practitioner/a', 'Organization/part', { active: false }),
      consents: [r4(permit({ actor: [actor('IRCP', to('Organization/o'))] }))],
      ...by({ reference: 'PractitionerRole/r' }),
    },
    [],
  ),
  row(
    '5',
    'a possible name counts in a deny',
    {
      ...atRole('Practitioner/a', 'Organization/part', { active: false }),
      consents: [r4(permit({ provision: [deny({ actor: [actor('IRCP', to('Organization/o'))] })] }))],
      ...by({ reference: 'PractitionerRole/r' }),
    },
    [],
  ),
  row(
    '5',
    'a participant of a care team is meant in a deny only',
    {
      references: [{ resourceType: 'CareTeam', id: 't', participant: [{ member: to('Practitioner/a') }] }, practitioner('a', npi('1'))],
      consents: [r4(permit({ actor: [actor('IRCP', to('CareTeam/t'))] }))],
    },
    [],
  ),
  row(
    '5',
    'somebody who is not active is not permitted',
    { references: [practitioner('a', { ...npi('1'), active: false })], consents: [r4(permit({ actor: [actor('IRCP', to('Practitioner/a'))] }))] },
    [],
  ),
  row(
    '5',
    'an organization means its parts as a source',
    {
      ...team,
      consents: [r4(permit({ actor: [actor('CST', to('Organization/o'))] }))],
      resources: [observation('1', { performer: [to('Organization/part')] })],
    },
    ['1'],
  ),
  row(
    '5',
    'a practitioner means each of their roles as an author',
    {
      ...atRole('Practitioner/a', 'Organization/o'),
      consents: [r4(permit({ actor: [actor('AUT', to('Practitioner/a'))] }))],
      resources: [observation('1', { performer: [to('PractitionerRole/r')] })],
    },
    ['1'],
  ),
  row('5', 'a group that was met on the way already adds nobody new', { references: [group('g', [{ entity: to('Group/g') }])], consents: [denyGroup] }, ['1']),
  row(
    '5',
    'with no actor at all the one who asks is unknown',
    { ...team, consents: [r4(permit({ provision: [deny({ actor: [actor('IRCP', to('Practitioner/b'))] })] }))], ...by() },
    [],
  ),
  row(
    '5',
    'a reference with an identifier means whoever carries it',
    {
      references: [group('g', [{ entity: to('Practitioner/a') }], { identifier: [{ system: 'urn:group', value: 'g' }] }), practitioner('a', npi('1'))],
      consents: [r4(permit({ actor: [actor('IRCP', { identifier: { system: 'urn:group', value: 'g' } })] }))],
    },
    ['1'],
  ),
]

/** The rows of a set of consents that stands for PCF's own examples, told with ids of ours. */
const patterns: readonly Row[] = [
  row(
    'pcf',
    'treatment, payment and operations are shared, marketing is not',
    { consents: [pcf(permit({ purpose: ['TREAT', 'HPAYMT', 'HOPERAT'].map(purpose) }))], request: asked({ purpose: ['HMARKT'] }) },
    [],
  ),
  row(
    'pcf',
    'research covers clinical trials',
    { consents: [pcf(permit({ purpose: [purpose('HRESCH')] }))], request: asked({ purpose: ['CLINTRCH'] }), resources: both },
    ['1', '2'],
  ),
  row(
    'pcf',
    'normal data for all, psychiatric data for one',
    {
      ...team,
      consents: [
        pcf(permit({ securityLabel: [level('N')], provision: [permit({ securityLabel: [topic('PSY')], actor: [actor('IRCP', to('Practitioner/a'))] })] })),
      ],
      ...by({ reference: 'Practitioner/a' }),
      resources: both,
    },
    ['1', '2'],
  ),
  row(
    'pcf',
    'normal data for all, psychiatric data not for another',
    {
      ...team,
      consents: [
        pcf(permit({ securityLabel: [level('N')], provision: [permit({ securityLabel: [topic('PSY')], actor: [actor('IRCP', to('Practitioner/a'))] })] })),
      ],
      ...by({ reference: 'Practitioner/b' }),
      resources: both,
    },
    ['1'],
  ),
  row('pcf', 'two levels stand for the higher one', { consents: [pcf(permit({ securityLabel: [level('N'), level('R')] }))], resources: both }, ['1', '2']),
  row(
    'pcf',
    'a year is left out, and what has no date',
    {
      consents: [pcf(permit({ provision: [deny({ dataPeriod: { start: '2022-01-01', end: '2022-12-31' } })] }))],
      resources: [observation('1', { effectiveDateTime: '2016-03-28' }), observation('2', { effectiveDateTime: '2022-06-13' }), observation('3')],
    },
    ['1'],
  ),
  row(
    'pcf',
    'dissent is opened for a privileged user in an emergency',
    { ...team, consents: [pcf(deny({ provision: [permit({ purpose: [purpose('BTG')], actor: [toGroup] })] }))], ...emergency() },
    ['1'],
  ),
  row(
    'pcf',
    'dissent is not opened for anybody else',
    {
      ...team,
      consents: [pcf(deny({ provision: [permit({ purpose: [purpose('BTG')], actor: [toGroup] })] }))],
      ...emergency({ actors: [{ reference: 'Practitioner/b' }] }),
    },
    [],
  ),
]

export const ROWS_OF_PEOPLE: readonly Row[] = [...who, ...patterns]
