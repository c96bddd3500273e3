import * as fc from 'fast-check'
import { anyConsent } from './arbitrary-consents.ts'
import { AT, author, join, keeper, mostly, often, parts, references, request } from './arbitrary-people.ts'
import { coding, concept, level, logical, to, topic } from './build.ts'
import type { Json } from './json.ts'

/** Whole case documents from few values each, so that rules, people and records meet. */

const NAMES = [
  'Observation/1',
  'Observation/2',
  'Observation/3',
  'Condition/1',
  'Condition/2',
  'DocumentReference/1',
  'MedicationRequest/1',
  'Encounter/e',
  'Patient/p',
] as const

const subject = fc.oneof(
  { weight: 40, arbitrary: fc.constant(to('Patient/p')) },
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom(to('Patient/q'), to('http://elsewhere.example/Patient/p'), logical('urn:mrn', '1'), { display: 'p' }) },
)
const security = fc.oneof(
  { weight: 10, arbitrary: fc.constant(undefined) },
  { weight: 6, arbitrary: fc.constantFrom([level('N')], [level('R')], [level('V')], [level('U')]) },
  {
    weight: 6,
    arbitrary: fc.subarray(['PSY', 'MH', 'ETHUD', 'SUD', 'HIV', 'NEWCODE'], { minLength: 1, maxLength: 2 }).map((codes) => [level('R'), ...codes.map(topic)]),
  },
  { weight: 1, arbitrary: fc.constant([topic('PSY'), level('V')]) },
)
const code = mostly(
  fc.constantFrom('29463-7', '2339-0', '74013-4').map((one) => concept(coding('http://loinc.org', one))),
  fc.constantFrom<unknown>(concept(coding('urn:odd', 'x')), { text: 'told in words' }, 'no concept'),
  94,
)
const moment = fc.constantFrom(
  '2024',
  '2024-02',
  '2024-02-10',
  '2024-02-10T12:00:00.500Z',
  '2024-02-29T23:30:00-01:00',
  '2023-12-31T23:59:59.999Z',
  '2023',
  '2024-13',
)
const span = fc.constantFrom<Json>(
  { start: '2024-02-01', end: '2024-02-10' },
  { start: '2024-02' },
  { end: '2023' },
  { start: '2024-03', end: '2024-02' },
  { start: '2023-12-31', end: '2024-01-01' },
)
const link = fc.constantFrom(
  ...NAMES.map((name) => to(name)),
  to('Encounter/e'),
  to('Encounter/e'),
  to('http://elsewhere.example/Encounter/e'),
  logical('urn:visit', 'e'),
  to('Observation/1/_history/2'),
)

const dated = fc.oneof(
  { weight: 5, arbitrary: moment.map((one): Json => ({ effectiveDateTime: one })) },
  { weight: 3, arbitrary: span.map((one): Json => ({ effectivePeriod: one })) },
  { weight: 1, arbitrary: moment.map((one): Json => ({ issued: one })) },
  { weight: 2, arbitrary: fc.constant<Json>({}) },
)
const written = fc.oneof(
  { weight: 5, arbitrary: fc.array(author, { minLength: 1, maxLength: 2 }).map((performer): Json => ({ performer })) },
  { weight: 1, arbitrary: author.map((asserter): Json => ({ asserter })) },
  { weight: 1, arbitrary: author.map((actor): Json => ({ performer: [{ actor }] })) },
  { weight: 2, arbitrary: fc.constant<Json>({}) },
)
const kept = parts({ custodian: often(keeper, 40) })
const linked = parts({
  encounter: often(link, 40),
  derivedFrom: often(fc.array(link, { minLength: 1, maxLength: 2 }), 25),
  focus: often(fc.array(link, { minLength: 1, maxLength: 1 }), 10),
})

const resource: fc.Arbitrary<Json> = fc
  .tuple(
    fc.constantFrom(...NAMES),
    join(parts({ subject, code, meta: security.map((labels) => (labels === undefined ? undefined : { security: labels })) }), dated, written, kept, linked),
  )
  .map(([name, more]) => withName(name, more))

/** The members that a type has; an Encounter has an identifier by which it is also found. */
function withName(name: string, more: Json): Json {
  const [resourceType, id] = name.split('/')
  const { code: stated, subject: about, encounter, ...rest } = more
  const main =
    resourceType === 'MedicationRequest' ? { medicationCodeableConcept: stated } : resourceType === 'DocumentReference' ? { type: stated } : { code: stated }
  const where = encounter === undefined ? {} : resourceType === 'DocumentReference' ? { context: { encounter: [encounter] } } : { encounter }
  if (resourceType === 'Patient') return { resourceType, id, ...(rest['meta'] === undefined ? {} : { meta: rest['meta'] }) }
  if (resourceType === 'Encounter')
    return { resourceType, id, ...rest, ...(about === undefined ? {} : { subject: about }), identifier: [{ system: 'urn:visit', value: 'e' }] }
  return { resourceType, id, ...main, ...(about === undefined ? {} : { subject: about }), ...where, ...rest }
}

const unreadable = fc.constantFrom<unknown>(
  { resourceType: 'Observation', id: '1', meta: { security: 'R' }, code: concept(coding('http://loinc.org', '29463-7')) },
  { resourceType: 'Condition', id: '2', modifierExtension: [{ url: 'urn:odd' }] },
  { resourceType: 'Observation', id: '3', meta: {} },
)

export const fallback = fc.constantFrom('deny', 'deny', 'deny', 'deny', 'normal-treatment', 'all-treatment', 'break-glass-only')

export const anyCase: fc.Arbitrary<Json> = parts({
  at: fc.constantFrom(...AT),
  default: fallback,
  consents: fc.oneof(
    { weight: 1, arbitrary: fc.constant<readonly Json[]>([]) },
    { weight: 20, arbitrary: fc.array(anyConsent, { minLength: 1, maxLength: 1 }) },
    { weight: 8, arbitrary: fc.array(anyConsent, { minLength: 2, maxLength: 3 }) },
  ),
  references,
  request,
  resources: fc.array(mostly<unknown>(resource, unreadable, 97), { minLength: 2, maxLength: 6 }),
})
