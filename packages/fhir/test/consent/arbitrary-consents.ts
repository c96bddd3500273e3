import * as fc from 'fast-check'
import { often, mostly, join, parts, period, somebody } from './arbitrary-people.ts'
import { action, actor, coding, concept, consent, level, logical, ofType, policyRule, practitioner, purpose, to, topic } from './build.ts'
import { SCOPES } from './case-codes.ts'
import type { Json } from './json.ts'

/** Consents in both profiles: mostly ones that can be represented, now and then with one thing that cannot. */

const list = <T>(one: fc.Arbitrary<T>, maxLength = 2): fc.Arbitrary<readonly T[]> => fc.array(one, { minLength: 1, maxLength })

const actors = list(
  fc
    .tuple(fc.constantFrom('IRCP', 'IRCP', 'PRCP', 'PRCP', 'CST', 'AUT'), mostly(somebody, fc.constantFrom(to('#c'), to('#d'))), fc.boolean())
    .map(([role, reference, bare]) => (bare ? { role: { coding: [{ code: role }] }, reference } : actor(role, reference))),
  3,
)
const purposes = list(
  mostly(
    fc.constantFrom('TREAT', 'TREAT', 'TREAT', 'ETREAT', 'BTG', 'HPAYMT', 'HRESCH', 'HOPERAT', 'PurposeOfUse').map(purpose),
    fc.constantFrom<Json>({ code: 'TREAT' }, coding('urn:odd', 'FooBar'), coding('urn:odd', 'TREAT'), purpose('ODD')),
  ),
  3,
)
const actions = list(
  mostly(
    fc.constantFrom('access', 'access', 'read', 'search', 'export', 'disclose', 'correct').map(action),
    fc.constantFrom(concept({ code: 'access' }), concept(coding('urn:odd', 'peek'))),
  ),
)
const labels = list(
  mostly(
    fc.oneof(
      { weight: 2, arbitrary: fc.constantFrom('U', 'N', 'N', 'R', 'V').map(level) },
      { weight: 2, arbitrary: fc.constantFrom('PSY', 'BH', 'SUD', 'ETHUD', 'HIV', 'SPI').map(topic) },
    ),
    fc.constantFrom<Json>({ code: 'N' }, { code: 'PSY' }, coding('urn:odd', 'PSY'), topic('NEWCODE'), level('X')),
    94,
  ),
)
const classes = list(
  mostly(fc.constantFrom('Observation', 'Observation', 'Condition', 'Encounter').map(ofType), fc.constant(coding('urn:ietf:bcp:13', 'text/xml')), 94),
)
const codes = list(fc.constantFrom('29463-7', '2339-0', '74013-4').map((code) => concept(coding('http://loinc.org', code))))
const dataPeriod = fc.constantFrom<Json>(
  { start: '2024-02-01', end: '2024-02-29' },
  { end: '2023' },
  { start: '2024' },
  { start: '2020', end: '2024-02' },
  { start: '2024-02-10T00:00:00Z', end: '2024-02-10T12:00:00Z' },
)
const items = fc.constantFrom<Json>(
  to('Observation/1'),
  to('Observation/2'),
  to('Encounter/e'),
  to('Encounter/e'),
  to('Condition/1'),
  to('Patient/p'),
  logical('urn:visit', 'e'),
  to('Task/nowhere'),
)
const entries = list(
  fc.oneof(
    { weight: 3, arbitrary: parts({ meaning: fc.constantFrom('instance', 'related', 'dependents'), reference: items }) },
    { weight: 1, arbitrary: parts({ meaning: fc.constant('authoredby'), reference: somebody }) },
  ),
)

/** Each dimension with its own chance; `scale` makes rules wider or narrower. */
const conditions = (scale: number): fc.Arbitrary<Json> =>
  parts({
    actor: often(actors, 26 * scale),
    purpose: often(purposes, 30 * scale),
    action: often(actions, 12 * scale),
    period: often(period, 12 * scale),
    securityLabel: often(labels, 22 * scale),
    class: often(classes, 10 * scale),
    code: often(codes, 7 * scale),
    dataPeriod: often(dataPeriod, 9 * scale),
    data: often(entries, 14 * scale),
  })

const typed = (type: 'permit' | 'deny' | undefined, scale: number): fc.Arbitrary<Json> =>
  conditions(scale).map((rule) => (type === undefined ? rule : { type, ...rule }))
const filled = (rule: fc.Arbitrary<Json>): fc.Arbitrary<Json> => rule.filter((one) => Object.keys(one).length > 0)
const withChildren = (root: fc.Arbitrary<Json>, child: fc.Arbitrary<Json>, percent: number): fc.Arbitrary<Json> =>
  join(root, parts({ provision: often(fc.array(child, { minLength: 1, maxLength: 3 }), percent) }))

const permits = withChildren(typed('permit', 0.5), fc.oneof(typed('deny', 1.6), typed('deny', 1.6), typed('permit', 1)), 45)
const denies = withChildren(typed('deny', 0.9), fc.oneof(typed('permit', 0.7), typed('permit', 0.7), typed('deny', 1.5)), 75)
const flipping = withChildren(typed('permit', 0.5), fc.oneof(filled(typed(undefined, 1.5)), typed('permit', 1)), 60)
const untyped = withChildren(filled(typed(undefined, 0.6)), fc.oneof(typed('permit', 0.7), typed('deny', 1.4)), 60)
const bare = parts({ provision: list(fc.oneof(typed('permit', 0.7), typed('permit', 0.7), typed('deny', 1.4)), 3) })
const anyhow = withChildren(filled(conditions(1)), fc.oneof(filled(typed(undefined, 1)), typed('permit', 1)), 70)
/** As PCF dissents with break-glass. */
const dissent = fc
  .tuple(typed('deny', 0.3), typed('permit', 0.4))
  .map(([root, child]): Json => ({ ...root, provision: [{ ...child, purpose: [purpose('BTG')] }] }))
const none = fc.constant(undefined)

type Opt = 'OPTIN' | 'OPTOUT' | undefined
const rule = (provision: fc.Arbitrary<Json | undefined>, profile: 'r4' | 'pcf', opt: Opt) =>
  provision.map((one) => ({ profile, provision: one, more: opt === undefined ? {} : { policyRule: policyRule(opt) } }))

const meant = fc.oneof(
  { weight: 18, arbitrary: rule(permits, 'pcf', undefined) },
  { weight: 6, arbitrary: rule(denies, 'pcf', undefined) },
  { weight: 2, arbitrary: rule(dissent, 'pcf', undefined) },
  { weight: 1, arbitrary: rule(dissent, 'r4', undefined) },
  { weight: 1, arbitrary: rule(permits, 'pcf', 'OPTIN') },
  { weight: 13, arbitrary: rule(permits, 'r4', undefined) },
  { weight: 4, arbitrary: rule(denies, 'r4', undefined) },
  { weight: 4, arbitrary: rule(flipping, 'r4', undefined) },
  { weight: 3, arbitrary: rule(bare, 'r4', undefined) },
  { weight: 2, arbitrary: rule(permits, 'r4', 'OPTIN') },
  { weight: 6, arbitrary: rule(denies, 'r4', 'OPTIN') },
  { weight: 6, arbitrary: rule(untyped, 'r4', 'OPTIN') },
  { weight: 3, arbitrary: rule(bare, 'r4', 'OPTIN') },
  { weight: 1, arbitrary: rule(none, 'r4', 'OPTIN') },
  { weight: 3, arbitrary: rule(bare, 'r4', 'OPTOUT') },
  { weight: 3, arbitrary: rule(permits, 'r4', 'OPTOUT') },
  { weight: 2, arbitrary: rule(denies, 'r4', 'OPTOUT') },
  { weight: 2, arbitrary: rule(untyped, 'r4', 'OPTOUT') },
  { weight: 2, arbitrary: rule(anyhow, 'r4', 'OPTOUT') },
  { weight: 1, arbitrary: rule(none, 'r4', 'OPTOUT') },
  { weight: 1, arbitrary: rule(anyhow, 'r4', undefined) },
)

/** Members that say that a Consent does not count, or that keep it from being represented. */
const oddities = fc.constantFrom<Json>(
  { status: 'draft' },
  { status: 'inactive' },
  { status: 'entered-in-error' },
  { status: 'proposed' },
  { scope: concept(coding(SCOPES, 'research')) },
  { scope: concept(coding(SCOPES, 'treatment')) },
  { scope: { coding: [{ code: 'patient-privacy' }] } },
  { scope: { coding: [{ code: 'adr' }] } },
  { policyRule: concept(coding('urn:law', '42CFR')) },
)
const faults = fc.constantFrom<Json>(
  { status: 'odd' },
  { scope: undefined },
  { scope: concept(coding('urn:odd', 'patient-privacy')) },
  { implicitRules: 'urn:odd' },
  { privacy: 'odd' },
  { category: [{ ...concept(topic('INFA')), modifierExtension: [{ url: 'urn:odd' }] }] },
  { policyRule: policyRule('OPTIN', 'OPTOUT') },
  { policyRule: policyRule('OPTINR') },
  { patient: undefined },
  { provision: {} },
  { provision: { type: 'permit', actor: [] } },
  { provision: { type: 'permit', provision: [{ type: 'permit', provision: [{ type: 'deny' }] }] } },
  { provision: { type: 'permit', period: { start: '2024', end: '2023' } } },
  { provision: { type: 'deny', code: [{ text: 'anything' }] } },
  { provision: { type: 'deny', purpose: 'TREAT' } },
  { provision: { type: 'deny', reason: 'none' } },
  { provision: { type: 'permit', actor: [actor('GUARD', to('Practitioner/a'))] } },
)
const contained: Json = { contained: [practitioner('c', { identifier: [{ system: 'urn:npi', value: '1' }] }), practitioner('d')] }

const oddly = fc.oneof({ weight: 88, arbitrary: fc.constant<Json>({}) }, { weight: 6, arbitrary: oddities }, { weight: 4, arbitrary: faults })

/** A Consent as it stands in a case. */
export const anyConsent: fc.Arbitrary<Json> = fc
  .tuple(meant, oddly, mostly(fc.constant<Json>({}), fc.constant<Json>({ patient: to('Patient/q') }), 99.5))
  .map(([{ profile, provision, more }, odd, other]) => consent(profile, provision, { ...contained, ...more, ...other, ...odd }))

/** One that cannot be represented, whatever it says. */
export const brokenConsent: fc.Arbitrary<Json> = fc
  .tuple(fc.constantFrom('r4' as const, 'pcf' as const), faults)
  .map(([profile, fault]) => consent(profile, { type: 'permit' }, fault))

/** One that only denies. */
export const denyingConsent: fc.Arbitrary<Json> = fc
  .tuple(fc.constantFrom('r4' as const, 'pcf' as const), typed('deny', 0.8))
  .map(([profile, one]) => consent(profile, one, contained))
