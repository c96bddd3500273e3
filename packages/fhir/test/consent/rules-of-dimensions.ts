import { action, actor, coding, concept, data, level, logical, observation, ofType, organization, practitioner, purpose, to, topic } from './build.ts'
import type { Json } from './json.ts'
import { asked, both, emergency, deny, one, permit, r4, row, type Row } from './rule-rows.ts'

/** Sections 3, 6 and 7 of the page. */

const dimensions: readonly Row[] = [
  row('3', 'a permit matches whom it names', { consents: [r4(permit({ actor: [one] }))] }, ['1']),
  row('3', 'a permit does not match anybody else', { consents: [r4(permit({ actor: [actor('PRCP', logical('urn:npi', '2'))] }))] }, []),
  row('3', 'an actor with another role cannot be represented', { consents: [r4(permit()), r4(permit({ actor: [actor('GUARD', to('Patient/p'))] }))] }, []),
  row(
    '3',
    'classes of actors are all needed',
    { consents: [r4(permit({ actor: [one, actor('CST', to('Organization/a'))] }))], references: [organization('a')] },
    [],
  ),
  row(
    '3',
    'every source has to be named by a permit',
    {
      consents: [r4(permit({ actor: [actor('CST', to('Organization/a'))] }))],
      references: [organization('a')],
      resources: [observation('1', { performer: [to('Organization/a')] }), observation('2', { performer: [to('Organization/a'), to('Organization/b')] })],
    },
    ['1'],
  ),
  row(
    '3',
    'an unknown source matches a deny',
    {
      consents: [r4(permit({ provision: [deny({ actor: [actor('CST', to('Organization/a'))] })] }))],
      references: [organization('a')],
      resources: [observation('1'), observation('2', { performer: [to('Organization/b')] })],
    },
    ['2'],
  ),
  row(
    '3',
    'some author is enough',
    {
      consents: [r4(permit({ actor: [actor('AUT', to('Practitioner/a'))] }))],
      references: [practitioner('a')],
      resources: [observation('1', { performer: [to('Practitioner/a'), to('Practitioner/b')] }), observation('2')],
    },
    ['1'],
  ),
  row('3', 'a purpose covers what it subsumes', { consents: [r4(permit({ purpose: [purpose('TREAT')] }))], request: asked({ purpose: ['ETREAT'] }) }, ['1']),
  row('3', 'a purpose does not cover what stands above it', { consents: [r4(permit({ purpose: [purpose('ETREAT')] }))] }, []),
  row('3', 'an unknown purpose of a deny matches', { consents: [r4(permit()), r4(deny({ purpose: [coding('urn:odd', 'ODD')] }))] }, []),
  row('3', 'a permit without purposes does not cover an unknown one', { consents: [r4(permit())], request: asked({ purpose: ['ODD'] }) }, []),
  row('3', 'a permit of access covers reading', { consents: [r4(permit({ action: [action('access')] }))] }, ['1']),
  row('3', 'a permit of access does not cover export', { consents: [r4(permit({ action: [action('access')] }))], request: asked({ action: 'export' }) }, []),
  row('3', 'a deny of access covers export', { consents: [r4(permit()), r4(deny({ action: [action('access')] }))], request: asked({ action: 'export' }) }, []),
  row(
    '3',
    'a deny of reading covers export, since nothing is taken along unseen',
    { consents: [r4(permit()), r4(deny({ action: [action('read')] }))], request: asked({ action: 'export' }) },
    [],
  ),
  row(
    '3',
    'a deny of reading does not cover searching',
    { consents: [r4(permit()), r4(deny({ action: [action('read')] }))], request: asked({ action: 'search' }) },
    ['1'],
  ),
  row('3', 'disclose covers export', { consents: [r4(permit({ action: [action('disclose')] }))], request: asked({ action: 'export' }) }, ['1']),
  row('3', 'a deny of correcting does not touch reading', { consents: [r4(permit()), r4(deny({ action: [action('correct')] }))] }, ['1']),
  row('3', 'an unknown action of a deny matches', { consents: [r4(permit()), r4(deny({ action: [concept(coding('urn:odd', 'peek'))] }))] }, []),
  row('3', 'a code of ours names one action', { consents: [r4(permit({ action: [action('search')] }))] }, []),
  row(
    '3',
    'the end of a period is inclusive, and a partial one stands for its whole span',
    { consents: [r4(permit({ period: { start: '2023', end: '2024-06' } }))] },
    ['1'],
  ),
  row('3', 'a period that is over does not match', { consents: [r4(permit({ period: { end: '2024-05' } }))] }, []),
  row('3', 'a period that ends before it starts cannot be represented', { consents: [r4(permit()), r4(deny({ period: { start: '2024', end: '2023' } }))] }, []),
  row('3', 'a class has to be the type', { consents: [r4(permit({ class: [ofType('Condition')] }))] }, []),
  row(
    '3',
    'a class that is not a resource type matches in a deny',
    { consents: [r4(permit()), r4(deny({ class: [coding('urn:ietf:bcp:13', 'application/xml')] }))] },
    [],
  ),
  row(
    '3',
    'a code has to be carried',
    {
      consents: [r4(permit({ code: [concept(coding('http://loinc.org', '29463-7'))] }))],
      resources: [observation('1'), observation('2', { code: concept(coding('http://loinc.org', '2339-0')) })],
    },
    ['1'],
  ),
  row('3', 'a code without system cannot be represented', { consents: [r4(permit()), r4(deny({ code: [concept({ code: 'x' })] }))] }, []),
  row(
    '3',
    'a permit needs the whole span of the data inside',
    {
      consents: [r4(permit({ dataPeriod: { start: '2024-02-01', end: '2024-02-29' } }))],
      resources: [observation('1', { effectiveDateTime: '2024-02' }), observation('2', { effectiveDateTime: '2024' }), observation('3')],
    },
    ['1'],
  ),
  row(
    '3',
    'a deny needs any part of the span of the data',
    {
      consents: [r4(permit({ provision: [deny({ dataPeriod: { start: '2024-02-01' } })] }))],
      resources: [observation('1', { effectiveDateTime: '2024-01' }), observation('2', { effectiveDateTime: '2024' }), observation('3')],
    },
    ['1'],
  ),
  row(
    '3',
    'dates are UTC',
    {
      consents: [r4(permit({ dataPeriod: { end: '2023' } }))],
      resources: [observation('1', { effectiveDateTime: '2024-01-01T00:30:00+01:00' }), observation('2', { effectiveDateTime: '2023-12-31T23:30:00-01:00' })],
    },
    ['1'],
  ),
]

const away = [
  observation('1', { focus: [to('http://elsewhere.example/Encounter/e')] }),
  observation('2', { focus: [logical('urn:visit', 'e')] }),
  observation('3'),
]
const visit = { resourceType: 'Encounter', id: 'e', status: 'finished', class: topic('AMB'), subject: to('Patient/p') }
const linked = [observation('1', { encounter: to('Encounter/e') }), observation('2'), observation('3', { derivedFrom: [to('Observation/1')] })]
const entry = (meaning: string, effect: 'permit' | 'deny', reference = 'Encounter/e'): Json =>
  r4(effect === 'permit' ? permit({ data: [data(meaning, reference)] }) : permit({ provision: [deny({ data: [data(meaning, reference)] })] }))

const which: readonly Row[] = [
  row('6', 'instance is the resource itself', { consents: [entry('instance', 'permit', 'Observation/2')], resources: linked }, ['2']),
  row('6', 'related is what refers to it, one step', { consents: [entry('related', 'permit')], resources: linked, references: [visit] }, ['1']),
  row('6', 'related is what it refers to, too', { consents: [entry('related', 'permit', 'Observation/3')], resources: linked }, ['1', '3']),
  row('6', 'dependents are followed on', { consents: [entry('dependents', 'deny')], resources: linked, references: [visit] }, ['2']),
  row('6', 'an entry that resolves to nothing never permits', { consents: [entry('related', 'permit', 'Task/x')], resources: linked }, []),
  row('6', 'an entry that resolves to nothing denies', { consents: [entry('related', 'deny', 'Task/x')], resources: linked }, []),
  row(
    '6',
    'authoredby is what has the one named among its authors',
    {
      consents: [entry('authoredby', 'permit', 'Practitioner/a')],
      references: [practitioner('a')],
      resources: [observation('1', { performer: [to('Practitioner/a')] }), observation('2')],
    },
    ['1'],
  ),
  row(
    '6',
    'an unknown author is denied',
    {
      consents: [entry('authoredby', 'deny', 'Practitioner/a')],
      references: [practitioner('a')],
      resources: [observation('1', { performer: [to('Practitioner/b')] }), observation('2')],
    },
    ['1'],
  ),
  row(
    '6',
    'a reference by identifier counts where somebody carries it',
    { consents: [entry('related', 'permit')], resources: away, references: [{ ...visit, identifier: [{ system: 'urn:visit', value: 'e' }] }] },
    ['2'],
  ),
  row(
    '6',
    'a reference to another server may be to anything',
    { consents: [entry('related', 'deny')], resources: away, references: [{ ...visit, identifier: [{ system: 'urn:visit', value: 'e' }] }] },
    ['3'],
  ),
  row(
    '6',
    'an author on another server is unknown',
    {
      consents: [entry('authoredby', 'deny', 'Practitioner/a')],
      references: [practitioner('a')],
      resources: [
        observation('1', { performer: [to('http://elsewhere.example/Practitioner/b')] }),
        observation('2', { performer: [{ display: 'somebody' }] }),
        observation('3', { performer: [to('Practitioner/b')] }),
      ],
    },
    ['3'],
  ),
  row(
    '6',
    'an identifier and a type and id that nothing connects may be the same',
    {
      consents: [entry('authoredby', 'deny', 'Practitioner/a')],
      references: [practitioner('a')],
      resources: [observation('1', { performer: [logical('urn:npi', '5')] }), observation('2', { performer: [to('Practitioner/b')] })],
    },
    ['2'],
  ),
  row('6', 'a permit for a level covers what is at most that', { consents: [r4(permit({ securityLabel: [level('N')] }))], resources: both }, ['1']),
  row(
    '6',
    'a deny for a level covers what is at least that',
    { consents: [r4(permit({ provision: [deny({ securityLabel: [level('R')] })] }))], resources: both },
    ['1'],
  ),
  row('6', 'sensitivity codes subsume', { consents: [r4(permit({ provision: [deny({ securityLabel: [topic('BH')] })] }))], resources: both }, ['1']),
  row('6', 'a permit by sensitivity covers what carries some', { consents: [r4(permit({ securityLabel: [topic('PSY')] }))], resources: both }, ['2']),
  row(
    '6',
    'a permit by sensitivity needs each code that is carried',
    { consents: [r4(permit({ securityLabel: [topic('PSY')] }))], resources: [observation('1', { meta: { security: [topic('PSY'), topic('HIV')] } })] },
    [],
  ),
  row(
    '6',
    'a permit by sensitivity never goes above R',
    { consents: [r4(permit({ securityLabel: [topic('PSY')] }))], resources: [observation('1', { meta: { security: [topic('PSY'), level('V')] } })] },
    [],
  ),
  row(
    '6',
    'a sensitivity code that means nothing may be any in a deny',
    { consents: [r4(permit({ provision: [deny({ securityLabel: [topic('NEWCODE')] })] }))] },
    [],
  ),
  row(
    '6',
    'a code that means nothing on an item may be any',
    {
      consents: [r4(permit({ provision: [deny({ securityLabel: [topic('HIV')] })] }))],
      resources: [observation('1', { meta: { security: [topic('NEWCODE')] } }), observation('2')],
    },
    ['2'],
  ),
  row('6', 'levels and sensitivity codes are alternatives', { consents: [r4(permit({ securityLabel: [level('N'), topic('PSY')] }))], resources: both }, [
    '1',
    '2',
  ]),
]

const live = { request: asked({ careRelationship: true }) }

const defaults: readonly Row[] = [
  row('7', 'normal treatment needs a live link', { default: 'normal-treatment' }, []),
  row('7', 'all treatment covers all data', { default: 'all-treatment', ...live, resources: both }, ['1', '2']),
  row('7', 'the default does not export', { default: 'all-treatment', request: asked({ careRelationship: true, action: 'export' }) }, []),
  row('7', 'break-glass-only permits no treatment', { default: 'break-glass-only', ...live }, []),
  row(
    '7',
    'an emergency needs a reason',
    { default: 'all-treatment', consents: [r4(permit({ purpose: [purpose('BTG')] }))], ...emergency({ breakGlass: { reason: ' ' } }) },
    [],
  ),
  row('7', 'an emergency has no other purpose beside it', { default: 'all-treatment', ...emergency({ purpose: ['BTG', 'TREAT'] }) }, []),
  row(
    '7',
    'under the default deny a permit of TREAT does not grant an emergency',
    { consents: [r4(permit({ purpose: [purpose('TREAT')] }))], ...emergency() },
    [],
  ),
  row('7', 'under the default deny a rule that names BTG opens', { consents: [r4(permit({ purpose: [purpose('BTG')] }))], ...emergency() }, ['1']),
  row(
    '7',
    'a deny of TREAT covers an emergency',
    { consents: [r4(permit({ purpose: [purpose('BTG')] })), r4(deny({ purpose: [purpose('TREAT')] }))], ...emergency() },
    [],
  ),
  row(
    '7',
    'under another default it overrides every deny, also what cannot be represented',
    { default: 'break-glass-only', consents: [r4(deny()), r4({ provision: 7 })], ...emergency() },
    ['1'],
  ),
  row('7', 'an emergency does not export', { default: 'break-glass-only', consents: [r4(deny())], ...emergency({ action: 'export' }) }, []),
  row('7', 'a reason alone is no emergency', { default: 'break-glass-only', consents: [r4(deny())], ...emergency({ purpose: ['TREAT'] }) }, []),
]

export const ROWS_OF_DIMENSIONS: readonly Row[] = [...dimensions, ...which, ...defaults]
