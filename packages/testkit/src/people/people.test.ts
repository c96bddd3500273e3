import { RULE_SET, readFacts } from '@fiducia/consent'
import { type FhirResource, isAboutPatient, referenceOf } from '@fiducia/fhir'
import { describe, expect, it } from 'vitest'
import { LAST_RECORDED_DAY } from './days.ts'
import { completeNpi, createRosa, DEMO_ORGANIZATIONS, generatePeople, type Person, PRACTITIONERS } from './index.ts'

const people = generatePeople('test', 120)
const rosa = createRosa()
const everybody: readonly Person[] = [...people, rosa.person]
const records = everybody.flatMap((person) =>
  DEMO_ORGANIZATIONS.map((organization) => ({ person, organization, resources: person.records[organization] })).filter(({ resources }) => resources.length > 0),
)

function collect(value: unknown, wanted: string): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap((entry) => collect(entry, wanted))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, child]) => (name === wanted ? [child] : collect(child, wanted)))
}

const valueOf = (resource: FhirResource): number | undefined => (resource as { valueQuantity?: { value: number } }).valueQuantity?.value
const codeOf = (resource: unknown): string | undefined => (resource as { code?: { coding?: { code: string }[] } }).code?.coding?.[0]?.code
const observations = (resources: readonly FhirResource[], code: string) => resources.filter((one) => one.resourceType === 'Observation' && codeOf(one) === code)

describe('synthetic people', () => {
  it('follow from the seed, and the first ones do not depend on the number', () => {
    expect(generatePeople('test', 120)).toEqual(people)
    expect(generatePeople('test', 3)).toEqual(people.slice(0, 3))
    expect(generatePeople('other', 3)).not.toEqual(people.slice(0, 3))
  })

  it('have records at two to four organizations', () => {
    const numbers = people.map((person) => DEMO_ORGANIZATIONS.filter((organization) => person.records[organization].length > 0).length)
    expect(Math.min(...numbers)).toBe(2)
    expect(Math.max(...numbers)).toBe(4)
  })

  it('have every kind of entry', () => {
    const types = new Set(records.flatMap(({ resources }) => resources.map(({ resourceType }) => resourceType)))
    for (const type of [
      'Patient',
      'Encounter',
      'Condition',
      'Observation',
      'MedicationRequest',
      'AllergyIntolerance',
      'Immunization',
      'Procedure',
      'DiagnosticReport',
      'Coverage',
      'Claim',
    ])
      expect(types).toContain(type)
  })

  it('have ids once, and references that stay inside the record', () => {
    for (const { resources } of records) {
      const references = resources.map(referenceOf)
      expect(new Set(references).size).toBe(references.length)
      for (const reference of collect(resources, 'reference')) expect(references).toContain(reference)
    }
  })

  it('have entries that are all about them', () => {
    for (const { resources } of records) {
      const patient = resources.find(({ resourceType }) => resourceType === 'Patient')
      for (const resource of resources) {
        if (resource.resourceType === 'Organization' || resource.resourceType === 'Practitioner') continue
        expect(isAboutPatient(resource, patient?.id ?? ''), referenceOf(resource)).toBe(true)
      }
    }
  })

  it('live before and during what is recorded, and not after the last day', () => {
    for (const { person, resources } of records) {
      for (const member of [
        'onsetDateTime',
        'recordedDate',
        'authoredOn',
        'effectiveDateTime',
        'performedDateTime',
        'occurrenceDateTime',
        'created',
        'start',
        'end',
      ]) {
        for (const day of collect(resources, member)) {
          expect(String(day) >= person.birthDate.slice(0, String(day).length), `${person.id} ${member} ${day}`).toBe(true)
          expect(String(day).slice(0, 10) <= LAST_RECORDED_DAY, `${person.id} ${member} ${day}`).toBe(true)
        }
      }
    }
  })

  it('have problems that begin before they are recorded and end after they begin', () => {
    for (const { resources } of records) {
      for (const resource of resources.filter(({ resourceType }) => resourceType === 'Condition')) {
        const { onsetDateTime, abatementDateTime, recordedDate } = resource as unknown as {
          onsetDateTime: string
          abatementDateTime?: string
          recordedDate: string
        }
        expect(onsetDateTime <= recordedDate).toBe(true)
        if (abatementDateTime !== undefined) expect(abatementDateTime > onsetDateTime).toBe(true)
      }
    }
  })

  it('take drugs for problems they have, ordered when the problem is known', () => {
    for (const { resources } of records) {
      const byReference = new Map(resources.map((resource) => [referenceOf(resource), resource]))
      for (const order of resources.filter(({ resourceType }) => resourceType === 'MedicationRequest')) {
        const { authoredOn, reasonReference } = order as unknown as { authoredOn: string; reasonReference: { reference: string }[] }
        const reason = byReference.get(reasonReference[0]?.reference) as unknown as { resourceType: string; onsetDateTime: string }
        expect(reason.resourceType).toBe('Condition')
        expect(authoredOn >= reason.onsetDateTime).toBe(true)
      }
    }
  })

  it('have vital signs of living people that agree with each other', () => {
    for (const { resources } of records) {
      for (const pressure of observations(resources, '85354-9')) {
        const [systolic = 0, diastolic = 0] = (pressure as unknown as { component: { valueQuantity: { value: number } }[] }).component.map(
          (part) => part.valueQuantity.value,
        )
        expect(systolic).toBeGreaterThanOrEqual(70)
        expect(systolic).toBeLessThanOrEqual(190)
        expect(systolic - diastolic).toBeGreaterThanOrEqual(15)
        expect(diastolic).toBeGreaterThanOrEqual(35)
      }
      for (const [code, low, high] of [
        ['8867-4', 40, 140],
        ['59408-5', 88, 100],
        ['39156-5', 9, 50],
        ['4548-4', 4, 12],
        ['2345-7', 60, 300],
        ['2160-0', 0.3, 3],
      ] as const) {
        for (const observation of observations(resources, code)) {
          expect(valueOf(observation), code).toBeGreaterThanOrEqual(low)
          expect(valueOf(observation), code).toBeLessThanOrEqual(high)
        }
      }
    }
  })

  it('have more sugar in the blood with diabetes than without', () => {
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    const glucose = (diabetic: boolean) =>
      people
        .filter((person) => person.records.birch.some((one) => codeOf(one) === '44054006') === diabetic)
        .flatMap((person) =>
          observations(person.records.birch, '2345-7')
            .slice(-1)
            .map((one) => valueOf(one) ?? 0),
        )
    expect(mean(glucose(true)) - mean(glucose(false))).toBeGreaterThan(30)
  })

  it('have records in codes that the label rules know, with no free text', () => {
    for (const { organization, resources } of records) {
      for (const resource of resources) {
        const facts = readFacts(resource, RULE_SET)
        expect(facts, referenceOf(resource)).toBeDefined()
        const labelled = facts !== undefined && facts.sensitivity.length > 0
        const bySource = referenceOf(resource) === rosa.labelledBySource
        expect(facts?.confidentiality, `${organization} ${referenceOf(resource)}`).toBe(bySource ? 'V' : labelled ? 'R' : 'N')
      }
    }
  })

  it('are of every category now and then, and mostly normal', () => {
    const categories = new Set(records.flatMap(({ resources }) => resources.flatMap((resource) => readFacts(resource, RULE_SET)?.categories ?? [])))
    expect([...categories].sort()).toEqual(expect.arrayContaining(['mental-health', 'sexual-reproductive', 'substance-use']))
  })
})

describe('Rosa', () => {
  const factsOf = (reference: string) =>
    readFacts(
      rosa.person.records.alder.find((one) => referenceOf(one) === reference),
      RULE_SET,
    )

  it('has records at Alder, Cedar and Dune, and none at Birch', () => {
    expect(DEMO_ORGANIZATIONS.filter((organization) => rosa.person.records[organization].length > 0)).toEqual(['alder', 'cedar', 'dune'])
    for (const organization of ['alder', 'cedar', 'dune'] as const)
      expect(rosa.person.records[organization].map(referenceOf)).toContain(rosa.patient[organization])
  })

  it('has items that labels hold back, one that only her choice does, and one that the source labels', () => {
    expect(factsOf(rosa.mentalHealth)).toMatchObject({ confidentiality: 'R', categories: ['mental-health'] })
    expect(factsOf(rosa.substanceUse)).toMatchObject({ confidentiality: 'R', categories: ['substance-use'] })
    expect(factsOf(rosa.hidden)).toMatchObject({ confidentiality: 'N', categories: [] })
    expect(factsOf(rosa.labelledBySource)).toMatchObject({ confidentiality: 'V', sensitivity: [] })
  })
})

describe('practitioners', () => {
  it('have identifiers with a valid check digit, each once', () => {
    expect(completeNpi('123456789')).toBe('1234567893')
    expect(new Set(PRACTITIONERS.map(({ npi }) => npi)).size).toBe(PRACTITIONERS.length)
    for (const { npi } of PRACTITIONERS) expect(completeNpi(npi.slice(0, 9))).toBe(npi)
    expect(() => completeNpi('923456789')).toThrow(/nine digits/)
  })
})
