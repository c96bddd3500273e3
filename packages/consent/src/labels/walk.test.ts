import { describe, expect, it } from 'vitest'
import { MAX_RESOURCE_CODES, MAX_RESOURCE_DEPTH, MAX_RESOURCE_VALUES } from '../limits.ts'
import { readFacts } from './read-facts.ts'
import { RULE_SET } from './rules/index.ts'

const LOINC = 'http://loinc.org'
const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm'
const UNITS = 'http://unitsofmeasure.org'
const SNOMED = 'http://snomed.info/sct'
const ATC = 'http://www.whocc.no/atc'
const LEVEL = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const TOPIC = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const coding = (code: string, display?: string, system = LOINC) => ({ system, code, ...(display === undefined ? {} : { display }) })
const weight = { coding: [coding('29463-7')] }
const alcohol = coding('74013-4')
/** The level and the topics of an observation of nothing remarkable, with something more. */
const read = (more: object, narrativeRemoved = false) => {
  const facts = readFacts({ resourceType: 'Observation', id: '1', code: weight, ...more }, RULE_SET, { narrativeRemoved })
  return facts === undefined ? 'unreadable' : [facts.confidentiality, ...facts.sensitivity].join(' ')
}
const reads = (cases: readonly (readonly [name: string, more: object, expected: string])[]) =>
  it.each(cases)('%s', (_, more, expected) => {
    expect(read(more)).toBe(expected)
  })

describe('what a resource is about', () => {
  const order = (more: object) => ({ resourceType: 'MedicationRequest', code: undefined, ...more })
  const drug = (...codings: readonly unknown[]) => order({ medicationCodeableConcept: { coding: codings } })
  const called = (text: unknown, ...codings: readonly object[]) => order({ medicationCodeableConcept: { coding: codings, text } })
  reads([
    ['is coded', {}, 'N'],
    ['is not said', { code: undefined }, 'R'],
    ['is said in words', { code: { text: 'weight' } }, 'R'],
    ['is said in words that mean something', { code: { text: 'HIV' } }, 'R HIV'],
    ['is an empty list', { code: { coding: [] } }, 'unreadable'],
    ['is an empty list with words', { code: { coding: [], text: 'weight' } }, 'unreadable'],
    ['is neither coded nor said', { code: { id: 'x' } }, 'unreadable'],
    ['is a number', { code: { text: 7 } }, 'unreadable'],
    ['is null', { code: null }, 'unreadable'],
    ['is of a type without such an element', { resourceType: 'Encounter', code: undefined }, 'N'],
    ['is a drug that is not said', order({}), 'R UNIDENTIFIED'],
    ['is a drug in another resource', order({ medicationReference: { reference: 'Medication/1' } }), 'R UNIDENTIFIED'],
    ['is a drug that is contained', order({ medicationReference: { reference: '#1' } }), 'R'],
    ['is a drug by a text for a reference', order({ medicationReference: '#1' }), 'R UNIDENTIFIED'],
    ['is a known drug by its name', drug(coding('0', 'aspirin', RXNORM)), 'N'],
    ['is a known drug by one of several codings', drug(coding('0', undefined, 'urn:x'), coding('0', 'methadone', RXNORM)), 'R OPIOIDUD'],
    ['is a known drug in words', order({ medicationCodeableConcept: { text: 'methadone' } }), 'R OPIOIDUD'],
    ['is an unknown drug in words', order({ medicationCodeableConcept: { text: 'novelty' } }), 'R UNIDENTIFIED'],
    ['is a known drug by the words beside its code', called('aspirin', coding('0', undefined, RXNORM)), 'N'],
    ['is a known drug by the name of its code, whatever the words say', called('as agreed', coding('0', 'aspirin', RXNORM)), 'N'],
    ['is an unknown drug by the name of its code, whatever the words say', called('aspirin', coding('0', 'novelty', RXNORM)), 'R UNIDENTIFIED'],
    ['is an unknown drug by the name of its code', drug(coding('0', 'novelty', RXNORM)), 'R UNIDENTIFIED'],
    ['is an unknown drug beside words that are none', called(7, coding('0', undefined, RXNORM)), 'R UNIDENTIFIED'],
    ['is a drug by a reference that is none', order({ medicationReference: { reference: 7 } }), 'R UNIDENTIFIED'],
    ['is a drug by a topic without a code', drug({ system: SNOMED, display: 'alcohol' }), 'R UNIDENTIFIED ETHUD'],
    ['is a drug by a name that nobody knows, without a code', drug({ system: ATC, display: 'novelty' }), 'R UNIDENTIFIED'],
    ['is a drug by null', drug(null), 'unreadable'],
    ['is a drug by a system that is none', drug({ system: 1, code: '0' }), 'unreadable'],
    ['is a code of no drug', drug(coding('0', undefined, UNITS)), 'R UNIDENTIFIED'],
    ['is a code of no drug with the name of one', drug(coding('0', 'aspirin', UNITS)), 'N'],
  ])
})

describe('text', () => {
  const race = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race'
  /** Elements of R4 whose text somebody wrote for somebody. */
  const written =
    'valueString valueMarkdown description comment conclusion patientInstruction instruction summary details contentString reasonString data div textEquivalent disposition'
  reads([
    ...written.split(' ').map((member): [string, object, string] => [`in ${member} is free`, { deep: [{ [member]: 'x' }] }, 'R']),
    ['in other members is none', { status: 'final', title: 'x' }, 'N'],
    ['of a note is free', { note: [{ text: 'x' }] }, 'R'],
    ['beside codings is read with them', { method: { coding: [alcohol], text: 'as coded' } }, 'R ETHUD'],
    ['beside an empty list of codings cannot be', { method: { coding: [], text: 'x' } }, 'unreadable'],
    [
      'of a name is no statement',
      {
        name: [
          { text: 'A B', family: 'B' },
          { text: 'A', given: ['A'] },
        ],
      },
      'N',
    ],
    [
      'of an address is no statement',
      {
        address: [
          { text: 'x', line: ['x'] },
          { text: 'x', city: 'x' },
        ],
      },
      'N',
    ],
    ['of who somebody is, is no statement', { extension: [{ url: race, extension: [{ url: 'text', valueString: 'x' }] }] }, 'N'],
    ['of another extension is free', { extension: [{ url: 'urn:x', valueString: 'x' }] }, 'R'],
    ['of such a name elsewhere is free', { component: [{ url: race, valueString: 'x' }] }, 'R'],
    ['that says more than its codes is read', { method: { coding: [coding('29463-7', 'Body weight')], text: 'HIV' } }, 'R HIV'],
    ['that says what a code says is not read again', { method: { coding: [coding('29463-7', 'Body weight')], text: 'Body weight' } }, 'N'],
    ['beside harmless codes is not read', { unit: { coding: [coding('kg', 'kg', UNITS)], text: 'HIV' } }, 'N'],
    ['beside harmless codes and others is read', { unit: { coding: [coding('kg', 'kg', UNITS), coding('29463-7', 'Body weight')], text: 'HIV' } }, 'R HIV'],
    ['of one coding is a name of the next', { unit: { coding: [coding('0'), coding('29463-7', 'HIV')] } }, 'R HIV'],
  ])

  it('of the narrative of the resource itself may leave unread if it does not leave', () => {
    const narrative = { text: { status: 'generated', div: '<div/>' } }
    expect([read(narrative), read(narrative, true)]).toEqual(['R', 'N'])
    expect(read({ contained: [{ resourceType: 'Basic', ...narrative }] }, true)).toBe('R')
    expect(read({ note: [{ text: 'x' }] }, true)).toBe('R')
  })
})

describe('codings', () => {
  reads([
    ['are found in lists of lists', { odd: [[{ coding: [alcohol] }]] }, 'R ETHUD'],
    ['stand alone too', { class: alcohol }, 'R ETHUD'],
    ['stand alone without a system', { class: { code: '74013-4' } }, 'R'],
    ['stand alone without a system and say what they are called', { class: { code: '1', display: 'HIV clinic' } }, 'R HIV'],
    ['stand alone without a code and say what they are called', { class: { system: 'urn:x', display: 'HIV clinic' } }, 'R HIV'],
    ['stand alone with a system of another type', { class: { system: 1, code: '74013-4' } }, 'unreadable'],
    ['are no references', { performer: [{ reference: 'Practitioner/1', display: 'x' }] }, 'N'],
    ['are no quantities', { valueQuantity: { ...alcohol, value: 1 } }, 'N'],
    ['are none with a system alone', { identifier: [{ system: 'urn:x' }] }, 'N'],
    ['are no quantities without a system', { valueQuantity: { code: 'kg', value: 1 } }, 'N'],
    ['without a code are unknown, but for what they are called', { method: { coding: [{ system: LOINC, display: 'weight' }] } }, 'R'],
    ['without a code say what they are called', { method: { coding: [{ system: LOINC, display: 'HIV' }] } }, 'R HIV'],
    ['without code and name cannot be read', { method: { coding: [{ system: LOINC }] } }, 'unreadable'],
    ['with a code of another type cannot be read', { method: { coding: [{ system: LOINC, code: 1 }] } }, 'unreadable'],
    ['with a system of another type cannot be read', { method: { coding: [{ system: 1, code: '1' }] } }, 'unreadable'],
    ['with a modifier cannot be read', { method: { coding: [{ ...alcohol, modifierExtension: [] }] } }, 'unreadable'],
    ['of unknown systems count as R', { method: { coding: [coding('1', undefined, 'urn:x')] } }, 'R'],
    ['of unknown systems say what they are called', { method: { coding: [coding('1', 'HIV', 'urn:x')] } }, 'R HIV'],
    ['that repeat a topic repeat nothing', { method: { coding: [alcohol] }, component: [{ code: { coding: [alcohol] } }] }, 'R ETHUD'],
  ])

  it('together say what none says alone', () => {
    const [positive, hpv] = [coding('1', 'positive', SNOMED), coding('2', 'HPV', SNOMED)]
    expect(read({ method: { coding: [hpv] } })).toBe('N')
    expect(read({ method: { coding: [positive] } })).toBe('N')
    expect(read({ method: { coding: [hpv] }, interpretation: [{ coding: [positive] }] })).toBe('R STD')
  })
})

describe('labels by the source', () => {
  const security = (...labels: readonly unknown[]) => ({ meta: { security: labels } })
  const level = (code: string) => ({ system: LEVEL, code })
  reads([
    ['say a level', security(level('L')), 'L'],
    ['say the highest of several', security(level('V'), level('N')), 'V'],
    ['say a level by its code alone', security({ code: 'V' }), 'V'],
    ['say a level that is none', security(level('secret')), 'V'],
    ['say a topic', security({ system: TOPIC, code: 'HIV' }), 'R HIV'],
    ['say a topic by its code alone', security({ code: 'HIV' }), 'R HIV'],
    ['say something of an unknown system', security({ system: 'urn:x', code: 'HIV' }), 'R urn:x|HIV'],
    ['say something without a system', security({ code: 'WHO' }), 'R |WHO'],
    ['say what is to be done with it', security({ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'MASKED' }), 'N'],
    ['are none in a meta that says other things', { meta: { versionId: '1' } }, 'N'],
    ['are in contained resources too', { contained: [{ resourceType: 'Basic', ...security({ system: TOPIC, code: 'HIV' }) }] }, 'R HIV'],
    ['cannot be an empty list', security(), 'unreadable'],
    ['cannot be text', security('R'), 'unreadable'],
    ['cannot be without a code', security({ system: LEVEL, display: 'restricted' }), 'unreadable'],
    ['cannot have a system of another type', security({ system: 1, code: 'N' }), 'unreadable'],
    ['cannot be in an empty meta', { meta: {} }, 'unreadable'],
    ['cannot be in a list of metas', { meta: [{ security: [] }] }, 'unreadable'],
    ['cannot stand beside a modifier', { meta: { versionId: '1', modifierExtension: [] } }, 'unreadable'],
  ])
})

describe('what nobody can read', () => {
  const structure = ['coding', 'meta', 'modifierExtension', 'implicitRules']
  reads(
    structure.flatMap((member) =>
      ['x', 7, true, null].map((value): [string, object, string] => [`${member} ${value}`, { deep: { [member]: value } }, 'unreadable']),
    ),
  )
  reads(['modifierExtension', 'implicitRules'].map((member) => [`${member} as an object`, { deep: [{ [member]: {} }] }, 'unreadable']))

  it('is what is larger, deeper or has more codes than anything real', () => {
    const depth = (levels: number): object => (levels === 0 ? { status: 'x' } : { in: depth(levels - 1) })
    expect(read(depth(MAX_RESOURCE_DEPTH - 1))).toBe('N')
    expect(read(depth(MAX_RESOURCE_DEPTH))).toBe('unreadable')
    const list = (levels: number): unknown => (levels === 0 ? { status: 'x' } : [list(levels - 1)])
    expect(read({ in: list(MAX_RESOURCE_DEPTH + 1) })).toBe('unreadable')
    const values = (count: number) => ({ in: Array.from({ length: count }, () => 1) })
    // The list itself, the code, its list and its coding are values as well.
    expect(read(values(MAX_RESOURCE_VALUES - 4))).toBe('N')
    expect(read({ ...values(MAX_RESOURCE_VALUES - 5), one: { status: 'x' } })).toBe('N')
    expect(read(values(MAX_RESOURCE_VALUES - 3))).toBe('unreadable')
    const codes = (count: number) => ({ method: { coding: Array.from({ length: count }, () => coding('29463-7')) } })
    expect(read(codes(MAX_RESOURCE_CODES - 1))).toBe('N')
    expect(read(codes(MAX_RESOURCE_CODES))).toBe('unreadable')
    const labels = (count: number) => ({ meta: { security: Array.from({ length: count }, () => ({ system: LEVEL, code: 'N' })) } })
    expect([read(labels(MAX_RESOURCE_CODES)), read(labels(MAX_RESOURCE_CODES + 1))]).toEqual(['N', 'unreadable'])
  })
})
