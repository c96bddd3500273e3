import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Category, decide, type Grant, MAX_RESOURCE_DEPTH, readFacts, RULE_SET, type Question } from '../index.ts'
import { policy as anyPolicy } from '../../test/arbitraries.ts'

const SECURITY = {
  level: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
  topic: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  reason: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
}
const labelled = (...labels: readonly (readonly [keyof typeof SECURITY, string])[]) => ({
  meta: { security: labels.map(([system, code]) => ({ system: SECURITY[system], code })) },
})
const coded = (system: string, code: string, display?: string) => ({
  code: { coding: [{ system, code, ...(display === undefined ? {} : { display }) }], text: 'as coded' },
})
const loinc = coded('http://loinc.org', '29463-7')
const observation = (more: object) => ({ resourceType: 'Observation', id: '1', ...loinc, ...more })
const levelOf = (resource: unknown) => {
  const facts = readFacts(resource)
  return facts === undefined ? 'unreadable' : [facts.confidentiality, ...facts.sensitivity].join(' ')
}

describe('labels', () => {
  it.each([
    ['nothing said', {}, 'N'],
    ['a source label', labelled(['level', 'L']), 'L'],
    ['several source labels', labelled(['level', 'N'], ['level', 'V']), 'V'],
    ['a source label that is none', labelled(['level', 'X']), 'V'],
    ['a topic by the source', labelled(['level', 'N'], ['topic', 'HIV']), 'R HIV'],
    ['a topic that is unknown', labelled(['topic', 'WHO']), 'R WHO'],
    ['a test label', labelled(['reason', 'HTEST']), 'N'],
    ['a label of an unknown system', { meta: { security: [{ system: 'urn:x', code: 'N' }] } }, 'R urn:x|N'],
    ['a note', { note: [{ text: 'x' }] }, 'R'],
    ['a note that the source labelled', { ...labelled(['level', 'N']), note: [{ text: 'x' }] }, 'N'],
    ['a note and only a test label', { ...labelled(['reason', 'HTEST']), note: [{ text: 'x' }] }, 'R'],
    ['a narrative', { text: { status: 'generated', div: '<div/>' } }, 'R'],
    ['a value in words', { valueString: 'x' }, 'R'],
    ['a code in words', { code: { text: 'x' } }, 'R'],
    ['no code', { code: undefined }, 'R'],
    ['an unknown code system', coded('urn:local', 'x'), 'R'],
    ['an unknown code system that the source labelled', { ...labelled(['level', 'N']), ...coded('urn:local', 'x') }, 'R'],
    ['drugs by their national code', coded('http://hl7.org/fhir/sid/ndc', '1'), 'R UNIDENTIFIED'],
    ['a code without a system', { code: { coding: [{ code: 'x' }] } }, 'R'],
    ['a mood score', coded('http://loinc.org', '44261-6'), 'R PSY'],
    ['alcohol by object identifier', coded('urn:oid:2.16.840.1.113883.6.1', '74013-4'), 'R ETHUD'],
    ['a topic in a component', { component: [coded('http://loinc.org', '74013-4')] }, 'R ETHUD'],
    ['a topic in a contained resource', { contained: [{ resourceType: 'Condition', ...coded('http://hl7.org/fhir/sid/icd-10-cm', 'B20') }] }, 'R HIV'],
    ['a label on a contained resource', { contained: [{ resourceType: 'Condition', ...loinc, ...labelled(['level', 'V']) }] }, 'V'],
    ['a quantity', { valueQuantity: { value: 1, system: 'http://unitsofmeasure.org', code: 'kg' } }, 'N'],
    ['a modifier that nobody knows', { modifierExtension: [{ url: 'x' }] }, 'unreadable'],
    ['rules that nobody knows', { implicitRules: 'x' }, 'unreadable'],
    ['labels that are no list', { meta: { security: {} } }, 'unreadable'],
    ['a label without a code', { meta: { security: [{ system: SECURITY.level }] } }, 'unreadable'],
    ['a coding that is none', { code: { coding: ['x'] } }, 'unreadable'],
    ['structure that is text', { meta: 'x' }, 'unreadable'],
    ['codings that are no list', { code: { coding: {} } }, 'unreadable'],
    ['a code that is a number', { code: { coding: [{ system: 'http://loinc.org', code: 1 }] } }, 'unreadable'],
    ['a concept that is text', { code: 'x' }, 'unreadable'],
    ['no id', { id: undefined }, 'unreadable'],
  ])('%s', (_, more, expected) => {
    expect(levelOf(observation(more))).toBe(expected)
  })

  /** The grammars of R4 for types and ids, and both ends of each range of letters. */
  it.each<[member: string, read: readonly string[], refused: readonly unknown[]]>([
    [
      'resourceType',
      ['Aa', 'Zz', 'ZA', 'Basic', 'X'.repeat(64)],
      ['', 'A', 'aa', '@a', '[a', 'A@', 'A[', 'A`', 'A{', 'A1', 'A-', 'X'.repeat(65), ['Basic'], 7],
    ],
    [
      'id',
      ['a', 'z', 'A', 'Z', '0', '9', '-', '.', 'a-1.B', 'x'.repeat(64)],
      ['', '_', '/', ':', '@', '[', '`', '{', ',', 'a b', 'é', 'x'.repeat(65), ['a'], 7],
    ],
  ])('the %s is as R4 writes it, or nothing can be read', (member, read, refused) => {
    const canRead = (value: unknown) => readFacts({ resourceType: 'Basic', id: '1', [member]: value }) !== undefined
    expect(read.filter((value) => !canRead(value))).toEqual([])
    expect(refused.filter(canRead)).toEqual([])
  })

  it('name the topics that follow from the codes, each once', () => {
    const topicsOf = (...codes: readonly string[]) =>
      readFacts(observation(labelled(['level', 'N'], ...codes.map((code) => ['topic', code] as const))))?.categories
    expect([topicsOf(), topicsOf('HIV', 'PSY', 'MH'), topicsOf('BH')]).toEqual([[], ['hiv', 'mental-health'], ['mental-health', 'substance-use']])
  })

  it('counts Binary as restricted, whatever the source says', () => {
    expect(levelOf({ resourceType: 'Binary', id: '1', ...labelled(['level', 'N']) })).toBe('R')
  })

  it('need not judge a narrative that does not leave', () => {
    const resource = observation({ text: { status: 'generated', div: '<div/>' } })
    expect(readFacts(resource, RULE_SET, { narrativeRemoved: true })?.confidentiality).toBe('N')
  })

  it('finds a drug by its ingredient, in products too', () => {
    const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm'
    const order = (code: string, display: string) => ({
      resourceType: 'MedicationRequest',
      id: '1',
      medicationCodeableConcept: { coding: [{ system: rxnorm, code, display }] },
    })
    expect(levelOf(order('1819', 'buprenorphine'))).toBe('R OPIOIDUD')
    expect(levelOf(order('1', 'Buprenorphine 8 MG / naloxone 2 MG Sublingual Film'))).toBe('R OPIOIDUD')
    expect(levelOf(order('29046', 'lisinopril'))).toBe('N')
    expect(levelOf({ resourceType: 'MedicationRequest', id: '1', medicationReference: { reference: 'Medication/1' } })).toBe('R UNIDENTIFIED')
  })

  it('rules a chapter by its beginning', () => {
    const icd = (code: string) => levelOf({ resourceType: 'Condition', id: '1', ...coded('http://hl7.org/fhir/sid/icd-10-cm', code) })
    expect(icd('F10.20')).toBe('R ETHUD')
    expect(icd('F17.210')).toBe('N')
    expect(icd('F33.1')).toBe('R PSY')
    expect(icd('I10')).toBe('N')
    expect(icd('O99.324')).toBe('R PREGNANT SUD')
  })

  it('gives up on what is too deep, and on nothing else', () => {
    let deep: object = { coding: [{ system: 'http://loinc.org', code: '74013-4' }] }
    for (let i = 0; i < MAX_RESOURCE_DEPTH + 1; i += 1) deep = { extension: [deep] }
    expect(levelOf(observation({ extension: [deep] }))).toBe('unreadable')
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        readFacts(value)
        readFacts(observation({ extension: value, meta: undefined, component: value }))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('provenance', () => {
  it('names authors, source, encounter and days', () => {
    expect(
      readFacts(
        observation({
          performer: [{ reference: 'Practitioner/7/_history/2' }, { reference: 'Organization/alder' }],
          encounter: { reference: 'Encounter/3' },
          effectiveDateTime: '2024-05',
        }),
      ),
    ).toMatchObject({
      authors: ['Practitioner/7', 'Organization/alder'],
      sources: ['Organization/alder'],
      encounter: 'Encounter/3',
      period: { from: Date.UTC(2024, 4, 1), until: Date.UTC(2024, 5, 1) - 1 },
    })
  })

  it('knows nothing of what it cannot follow', () => {
    expect(
      readFacts(
        observation({ performer: [{ reference: 'Practitioner/7' }, { reference: '#doctor' }], effectiveDateTime: 'soon', encounter: { display: 'x' } }),
      ),
    ).toMatchObject({ authors: undefined, sources: undefined, encounter: undefined, period: undefined })
  })

  it('knows nobody by an id of another server', () => {
    expect(readFacts(observation({ performer: [{ reference: 'https://a.example/fhir/Practitioner/7' }] }))).toMatchObject({
      authors: undefined,
      sources: undefined,
    })
  })

  it('takes the holder’s word for the source', () => {
    expect(readFacts(observation({}), RULE_SET, { sources: ['alder'] })?.sources).toEqual(['alder'])
  })
})

describe('damage', () => {
  const intact = {
    ...observation({ performer: [{ reference: 'Practitioner/7' }], encounter: { reference: 'Encounter/1' }, effectiveDateTime: '2020-06-15' }),
    ...coded('http://loinc.org', '44261-6'),
    ...labelled(['level', 'R'], ['topic', 'HIV']),
  }
  const question: Question = {
    actor: { identifiers: ['npi|1'], organization: 'birch', group: 'g1', roles: ['physician'] },
    purposes: ['TREAT'],
    action: 'read',
    at: 1500,
    default: 'all-treatment',
    careRelationship: true,
  }

  /** Every place in the parts that the decision reads. */
  function placesOf(value: unknown): ((junk: unknown) => void)[] {
    if (typeof value !== 'object' || value === null) return []
    return Object.keys(value).flatMap((name) =>
      name === 'text' || name === 'display' ? [] : [(junk: unknown) => void Object.assign(value, { [name]: junk }), ...placesOf(Reflect.get(value, name))],
    )
  }

  it('to a resource never widens what is released', () => {
    const hide = (...categories: readonly Category[]): readonly Grant[] => (categories.length === 0 ? [] : [{ effect: 'deny', data: { categories } }])
    const hidden = fc.constantFrom(hide(), hide('hiv'), hide('mental-health'))
    fc.assert(
      fc.property(anyPolicy, hidden, fc.nat(), fc.constantFrom<unknown>(null, 0, true, [], {}, [null], [0]), (policy, hiding, at, junk) => {
        const asked = { ...policy, grants: [...policy.grants, ...hiding] }
        const damaged = structuredClone(intact)
        const places = placesOf(damaged)
        places[at % places.length]?.(junk)
        return decide(asked, question, readFacts(damaged)).effect === 'deny' || decide(asked, question, readFacts(intact)).effect === 'permit'
      }),
      { numRuns: 10_000 },
    )
  })
})
