import { parseBytes32, parseCanonicalString, parseHandle } from '@fiducia/core'
import { describe, expect, it } from 'vitest'
import { buildDisclosure, type DisclosureInput, formatDisclosure } from './audit-event.ts'
import { limitedSearchset, unlimitedSearchset } from './bundle.ts'
import { isAboutPatient, isInPatientCompartment } from './compartment.ts'
import { operationOutcome } from './outcome.ts'
import { stripForRelease } from './strip.ts'

const bytes = (letter: string) => parseBytes32(`${letter.repeat(42)}A`)
const input: DisclosureInput = {
  interaction: 'read',
  outcome: 'released',
  recorded: Date.UTC(2026, 0, 1, 0, 0, 30),
  requester: 'birch',
  holder: 'alder',
  practitioner: 'npi|1932102084',
  purpose: 'TREAT',
  handle: parseHandle(bytes('h')),
  authzHash: bytes('a'),
  responseDigest: bytes('d'),
  mirrorKey: bytes('m'),
  released: ['Observation/1/_history/3'],
}

describe('a disclosure', () => {
  it('is its own canonical JSON', () => {
    const text = formatDisclosure(input)
    expect(parseCanonicalString(text)).toEqual(buildDisclosure(input))
  })

  it('says who asked, for what, under which handle and what left', () => {
    const event = JSON.parse(formatDisclosure(input))
    expect(event.agent.map((agent: { type: { coding: { code: string }[] }; who: unknown }) => [agent.type.coding[0]?.code, agent.who])).toEqual([
      ['110152', { identifier: { value: 'birch' } }],
      ['110153', { identifier: { value: 'alder' } }],
      ['IRCP', { identifier: { value: 'npi|1932102084' } }],
    ])
    expect(event.agent[2].purposeOfUse[0].coding[0].code).toBe('TREAT')
    expect(event.entity[0].detail).toEqual([
      { type: 'fiducia.authz', valueString: bytes('a') },
      { type: 'fiducia.digest', valueString: bytes('d') },
      { type: 'fiducia.handle', valueString: bytes('h') },
      { type: 'fiducia.mirror', valueString: bytes('m') },
    ])
    expect(event.entity[1].what.reference).toBe('Observation/1/_history/3')
    expect(event.recorded).toBe('2026-01-01T00:00:30.000Z')
    expect(event.outcome).toBe('0')
  })

  it('names nobody where there is no relationship', () => {
    const { handle: _, ...unlinked } = input
    const text = formatDisclosure({ ...unlinked, outcome: 'refused', released: [] })
    expect(text).not.toMatch(/fiducia\.handle|"Patient"|_history|profile/)
    expect(JSON.parse(text).outcome).toBe('8')
  })

  it('keeps details off the entity of a query, as the profile demands', () => {
    const event = JSON.parse(formatDisclosure({ ...input, interaction: 'search', asked: 'Observation?code=1-8' }))
    const query = event.entity.find((entity: { query?: string }) => entity.query !== undefined)
    expect(query).toEqual({
      type: { system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type', code: '2', display: 'System Object' },
      role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '24', display: 'Query' },
      query: btoa('Observation?code=1-8'),
    })
    expect(event.entity.filter((entity: { type: { code: string } }) => entity.type.code === '2')).toHaveLength(1)
  })
})

describe('what leaves', () => {
  const stripped = stripForRelease({
    resourceType: 'DiagnosticReport',
    id: '1',
    meta: { versionId: '2', source: '#secret', security: [{ code: 'R' }], tag: [{ code: 'secret' }], profile: ['http://p'] },
    text: { status: 'generated', div: '<div>secret</div>' },
    contained: [{ resourceType: 'Patient', id: 'secret' }],
    subject: { reference: 'Patient/1', display: 'secret' },
    performer: [{ reference: '#secret' }, { display: 'secret' }],
    code: { coding: [{ system: 'http://loinc.org', code: '1-8', display: 'kept' }], text: 'kept' },
  })

  it('has no labels, narrative, contained resources or displays of references', () => {
    expect(JSON.stringify(stripped)).not.toContain('secret')
    expect(JSON.stringify(stripped)).not.toContain('"R"')
  })

  it('keeps what was released', () => {
    expect(stripped).toMatchObject({
      meta: { versionId: '2', profile: ['http://p'] },
      subject: { reference: 'Patient/1' },
      code: { coding: [{ system: 'http://loinc.org', code: '1-8', display: 'kept' }], text: 'kept' },
    })
  })

  it('looks the same whether something was withheld or never there', () => {
    const page = { baseUrl: 'https://alder.example/fhir', selfUrl: 'https://alder.example/fhir/AllergyIntolerance?patient=1' }
    expect(JSON.stringify(limitedSearchset([], page))).toContain('It does not mean none')
    expect(JSON.stringify(limitedSearchset([], page))).not.toMatch(/known/i)
    expect(JSON.stringify(limitedSearchset([stripped], page))).toContain('there may be more')
    expect(unlimitedSearchset([], page)).not.toHaveProperty('entry')
    expect(limitedSearchset([stripped], page)).toMatchObject({
      total: 1,
      entry: [{ fullUrl: 'https://alder.example/fhir/DiagnosticReport/1' }, { search: { mode: 'outcome' } }],
    })
  })

  it('speaks of refusals in its own words', () => {
    expect(operationOutcome('forbidden')).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'forbidden' }] })
  })
})

describe('whose record', () => {
  const mother = { resourceType: 'Observation', id: '1', subject: { reference: 'Patient/child' }, performer: [{ reference: 'Patient/mother' }] }

  it('is told by the subject, not by who took part', () => {
    expect(isInPatientCompartment(mother, 'mother')).toBe(true)
    expect(isAboutPatient(mother, 'mother')).toBe(false)
    expect(isAboutPatient(mother, 'child')).toBe(true)
  })

  it('is nobody’s without a subject, and the patient’s own for Patient', () => {
    expect(isAboutPatient({ resourceType: 'Observation', id: '1' }, 'child')).toBe(false)
    expect(isAboutPatient({ resourceType: 'Organization', id: 'child' }, 'child')).toBe(false)
    expect(isAboutPatient({ resourceType: 'Patient', id: 'child' }, 'child')).toBe(true)
    expect(isInPatientCompartment({ resourceType: 'Patient', id: 'other', link: [{ other: { reference: 'Patient/child' } }] }, 'child')).toBe(true)
    expect(isAboutPatient(undefined, 'child')).toBe(false)
  })

  it('follows elements through arrays', () => {
    expect(isInPatientCompartment({ resourceType: 'Claim', id: '1', patient: { reference: 'https://s.example/Patient/a/_history/2' } }, 'a')).toBe(true)
    expect(isInPatientCompartment({ resourceType: 'CareTeam', id: '1', participant: [{ member: { reference: 'Patient/b' } }] }, 'b')).toBe(true)
  })
})
