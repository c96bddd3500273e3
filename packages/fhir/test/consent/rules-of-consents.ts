import { actor, coding, concept, level, logical, observation, ofType, policyRule, purpose, to, topic } from './build.ts'

import { asked, both, deny, one, pcf, permit, r4, row, type Row } from './rule-rows.ts'

/** Sections 1 and 2 of the page, and its section 4. */

const cases: readonly Row[] = [
  row('1', 'a deny beats a permit, whatever the order', { consents: [r4(permit()), r4(deny())] }, []),
  row('1', 'a deny beats a permit, also in front and older', { consents: [r4(deny(), { dateTime: '2001-01-01' }), r4(permit())] }, []),
  row(
    '1',
    'where no rule of a pool matches the default is asked',
    { default: 'all-treatment', request: asked({ careRelationship: true }), consents: [r4(permit({ purpose: [purpose('HRESCH')] }))] },
    ['1'],
  ),
  row('1', 'with no consent in force only the default is asked: deny', {}, []),
  row(
    '1',
    'with no consent in force only the default is asked: normal treatment',
    { default: 'normal-treatment', request: asked({ careRelationship: true }), resources: both },
    ['1'],
  ),
  row(
    '1',
    'several purposes get what each of them alone would get',
    { consents: [r4(permit({ purpose: [purpose('TREAT')] }))], request: asked({ purpose: ['TREAT', 'HPAYMT'] }) },
    [],
  ),
  row('1', 'without a purpose no permit matches', { consents: [r4(permit())], request: asked({ purpose: [] }) }, []),
  row('1', 'a Consent that names no patient cannot be represented', { consents: [r4(permit()), r4(permit(), { patient: undefined })] }, []),
  row(
    '1',
    'patients are the same if their references are, but for the version',
    { consents: [r4(permit()), r4(permit(), { patient: to('Patient/p/_history/2') })] },
    ['1'],
  ),
  row(
    '1',
    'a patient of another server is another patient',
    { consents: [r4(permit())], resources: [observation('1', { subject: to('http://elsewhere.example/Patient/p') }), observation('2')] },
    ['2'],
  ),
  row('2', 'a member of a Consent that R4 does not define cannot be represented', { consents: [r4(permit(), { restricted: true })] }, []),
  row('1', 'consents of different patients are refused', { consents: [r4(permit()), r4(permit(), { patient: to('Patient/q') })] }, 'refused'),
  row(
    '1',
    'a resource of another patient is withheld',
    { consents: [r4(permit())], resources: [observation('1', { subject: to('Patient/q') }), observation('2')] },
    ['2'],
  ),
  row(
    '1',
    'a resource that cannot be read is withheld',
    { consents: [r4(permit())], resources: [{ resourceType: 'Observation' }, observation('2', { meta: 7 }), observation('3')] },
    ['3'],
  ),
  row(
    '1',
    'of two resources with one name the stricter verdict counts',
    { consents: [r4(permit({ securityLabel: [level('N')] }))], resources: [observation('1'), { ...both[1], id: '1' }] },
    [],
  ),
  row('1', 'an unreadable case is refused', { at: 'yesterday' }, 'refused'),
]

const whichCount: readonly Row[] = [
  row('2', 'a draft is ignored', { consents: [r4(permit()), r4(deny(), { status: 'draft' })] }, ['1']),
  row('2', 'entered in error is ignored', { consents: [r4(permit()), r4(deny(), { status: 'entered-in-error' })] }, ['1']),
  row('2', 'another status cannot be represented', { consents: [r4(permit()), r4(permit(), { status: 'whatever' })] }, []),
  row('2', 'no status cannot be represented', { consents: [r4(permit()), r4(permit(), { status: undefined })] }, []),
  row(
    '2',
    'a scope of research alone is ignored',
    { consents: [r4(permit()), r4(deny(), { scope: concept(coding('http://terminology.hl7.org/CodeSystem/consentscope', 'research')) })] },
    ['1'],
  ),
  row('2', 'no scope cannot be represented', { consents: [r4(permit()), r4(permit(), { scope: undefined })] }, []),
  row(
    '2',
    'a scope of another system cannot be represented',
    { consents: [r4(permit()), r4(permit(), { scope: concept(coding('urn:odd', 'patient-privacy')) })] },
    [],
  ),
  row('2', 'a scope without system is read in the system of R4', { consents: [r4(permit(), { scope: { coding: [{ code: 'patient-privacy' }] } })] }, ['1']),
  row('2', 'implicit rules cannot be represented', { consents: [r4(permit(), { implicitRules: 'urn:odd' })] }, []),
  row(
    '2',
    'a modifierExtension at any depth cannot be represented',
    { consents: [r4(permit(), { category: [{ ...concept(topic('INFA')), modifierExtension: [{ url: 'urn:odd' }] }] })] },
    [],
  ),
  row('2', 'a member that R4 does not define cannot be represented', { consents: [r4(permit({ except: [] }))] }, []),
  row('2', 'a value of another type cannot be represented', { consents: [r4(permit({ purpose: 'TREAT' }))] }, []),
  row('2', 'an empty list cannot be represented', { consents: [r4(permit({ actor: [] }))] }, []),
  row(
    '2',
    'a Consent that cannot be represented denies everything, beside a permit',
    { consents: [r4(permit()), r4(permit({ provision: [permit({ provision: [deny()] })] }))] },
    [],
  ),
]

const rootsAndChildren: readonly Row[] = [
  row(
    '4',
    'a child permit also needs the purposes of the root',
    { consents: [r4(permit({ purpose: [purpose('HPAYMT')], provision: [permit({ purpose: [purpose('TREAT')] })] }))] },
    [],
  ),
  row(
    '4',
    'a child that permits BTG matches below a root for TREAT',
    {
      consents: [pcf(deny({ purpose: [purpose('TREAT')], provision: [permit({ purpose: [purpose('BTG')] })] }))],
      request: asked({ purpose: ['BTG'], breakGlass: { reason: 'unconscious' } }),
    },
    ['1'],
  ),
  row(
    '4',
    'a child deny takes the period from the root where it states none',
    { consents: [r4(permit()), r4(permit({ period: { end: '2023' }, provision: [deny()] }))] },
    ['1'],
  ),
  row(
    '4',
    'a child deny has its own recipients where it states some',
    { consents: [r4(permit({ actor: [one], provision: [deny({ actor: [actor('IRCP', logical('urn:npi', '2'))] })] }))] },
    ['1'],
  ),
  row(
    '4',
    'the labels of the root do not limit a child',
    { consents: [r4(permit({ securityLabel: [level('N')], provision: [permit({ securityLabel: [topic('PSY')] })] }))], resources: both },
    ['1', '2'],
  ),
  row(
    '4',
    'a child deny counts against every Consent',
    { consents: [r4(permit()), r4(permit({ securityLabel: [level('U')], provision: [deny({ securityLabel: [topic('PSY')] })] }))], resources: both },
    ['1'],
  ),
  row('4', 'a child permit opens the deny of its own root', { consents: [r4(deny({ provision: [permit({ class: [ofType('Observation')] })] }))] }, ['1']),
  row('4', 'a child permit does not open the deny of another Consent', { consents: [r4(deny({ provision: [permit()] })), r4(deny())] }, []),
  row('4', 'pcf: an untyped root cannot be represented', { consents: [pcf({ provision: [permit()] })] }, []),
  row('4', 'pcf: an untyped child cannot be represented', { consents: [pcf(permit({ provision: [{ securityLabel: [topic('PSY')] }] }))] }, []),
  row('4', 'pcf: OPTOUT cannot be represented', { consents: [pcf(permit(), { policyRule: policyRule('OPTOUT') })] }, []),
  row('4', 'pcf: OPTIN is ignored', { consents: [pcf(permit(), { policyRule: policyRule('OPTIN') })] }, ['1']),
  row('4', 'r4: OPTOUT denies everything', { consents: [r4(undefined, { policyRule: policyRule('OPTOUT') }), r4(permit())] }, []),
  row(
    '4',
    'r4: OPTOUT is opened by a typed permit of the same Consent',
    { consents: [r4({ provision: [permit({ securityLabel: [level('N')] })] }, { policyRule: policyRule('OPTOUT') })], resources: both },
    ['1'],
  ),
  row('4', 'r4: a typed root permit opens an OPTOUT', { consents: [r4(permit(), { policyRule: policyRule('OPTOUT') })] }, ['1']),
  row(
    '4',
    'r4: OPTIN without provision says nothing',
    { default: 'all-treatment', request: asked({ careRelationship: true }), consents: [r4(undefined, { policyRule: policyRule('OPTIN') })] },
    ['1'],
  ),
  row('4', 'r4: OPTIN adds nothing to a permit', { consents: [r4(permit({ purpose: [purpose('HPAYMT')] }), { policyRule: policyRule('OPTIN') })] }, []),
  row(
    '4',
    'r4: OPTIN with a root that denies somebody else permits treatment',
    { consents: [r4(deny({ actor: [actor('PRCP', logical('urn:npi', '2'))] }), { policyRule: policyRule('OPTIN') })] },
    ['1'],
  ),
  row('4', 'r4: OPTIN with an untyped root denies whom it names', { consents: [r4({ actor: [one] }, { policyRule: policyRule('OPTIN') })] }, []),
  row(
    '4',
    'r4: OPTIN permits the purposes that are named',
    { consents: [r4({ purpose: [purpose('HPAYMT')], actor: [actor('PRCP', logical('urn:npi', '2'))] }, { policyRule: policyRule('OPTIN') })] },
    [],
  ),
  row(
    '4',
    'r4: OPTIN with an untyped period only cannot be represented',
    { consents: [r4(permit()), r4({ period: { start: '2020' } }, { policyRule: policyRule('OPTIN') })] },
    [],
  ),
  row('4', 'r4: an untyped root with conditions cannot be represented', { consents: [r4(permit()), r4({ purpose: [purpose('HPAYMT')] })] }, []),
  row('4', 'r4: no provision cannot be represented', { consents: [r4(permit()), r4(undefined)] }, []),
  row('4', 'r4: the children of a root that says nothing are rules', { consents: [r4({ provision: [permit()] })] }, ['1']),
  row('4', 'r4: both OPTIN and OPTOUT cannot be represented', { consents: [r4(permit(), { policyRule: policyRule('OPTIN', 'OPTOUT') })] }, []),
  row('4', 'r4: a code of another system names a regulation', { consents: [r4(permit(), { policyRule: concept(coding('urn:law', '42CFR')) })] }, ['1']),
  row('4', 'r4: an untyped child of a permit root is a deny', { consents: [r4(permit({ provision: [{ securityLabel: [topic('PSY')] }] }))], resources: both }, [
    '1',
  ]),
  row(
    '4',
    'r4: an untyped child of a deny root cannot be represented',
    { consents: [r4(permit()), r4(deny({ securityLabel: [topic('PSY')], provision: [{ actor: [one] }] }))] },
    [],
  ),
]

export const ROWS_OF_CONSENTS: readonly Row[] = [...cases, ...whichCount, ...rootsAndChildren]
