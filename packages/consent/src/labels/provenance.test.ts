import { describe, expect, it } from 'vitest'
import { spanOfDate } from '../dates.ts'
import { hasServer, nameOfReference, readEncounter, readProvenance, readSpan, relativeReference } from './provenance.ts'

const to = (reference: string) => ({ reference })

describe('the name of a reference', () => {
  it.each<[name: string, value: unknown, expected: string | undefined]>([
    ['a type and an id', to('Patient/1'), 'Patient/1'],
    ['a version of it', to('Patient/12/_history/34'), 'Patient/12'],
    ['a path before it', to('fhir/Patient/12'), 'Patient/12'],
    ['another server', to('https://a.example/fhir/Patient/1'), undefined],
    ['a name of another kind', to('urn:uuid:7d4d4c5e-0000-4000-8000-000000000000'), undefined],
    ['a contained resource', to('#1'), undefined],
    ['text', to('Dr. Somebody'), undefined],
    ['a type in small letters', to('patient/1'), undefined],
    ['a type with a number', to('P1/1'), undefined],
    ['an id with other characters', to('Patient/_'), undefined],
    ['more behind the id', to('Patient/1/2'), undefined],
    ['more before the type', to('xPatient/1'), undefined],
    ['an id that is too long', to(`Patient/${'x'.repeat(65)}`), undefined],
    ['an identifier', { identifier: { system: 's', value: '1' } }, 's|1'],
    ['an identifier beside a reference', { reference: 'Patient/1', identifier: { system: 's', value: '1' } }, 'Patient/1'],
    ['an identifier beside a reference elsewhere', { reference: '#1', identifier: { system: 's', value: '1' } }, undefined],
    ['an identifier without a system', { identifier: { value: '1' } }, undefined],
    ['an identifier without a value', { identifier: { system: 's' } }, undefined],
    ['an identifier that is none', { identifier: '1' }, undefined],
    ['a name alone', { display: 'x' }, undefined],
    ['no object', 'Patient/1', undefined],
    ['nothing', undefined, undefined],
  ])('%s', (_, value, expected) => {
    expect(nameOfReference(value)).toBe(expected)
  })

  it('shows whether it names a server', () => {
    expect(['https://a/Patient/1', 'HTTP://a/b', 'urn:x', 'a+b.c-1:x'].map(hasServer)).toEqual([true, true, true, true])
    expect(['Patient/1', '#1', '', '/a:b', '1a:x', 'Patient/1?a:b'].map(hasServer)).toEqual([false, false, false, false, false, false])
    expect(relativeReference('https://a.example/fhir/Patient/1/_history/2')).toBe('Patient/1')
    expect(relativeReference('Patient/1/_history/')).toBeUndefined()
    expect(relativeReference('Patient/1/_history/1/')).toBeUndefined()
  })
})

describe('who wrote a resource, and who keeps it', () => {
  it.each(['author', 'recorder', 'performer', 'requester', 'asserter', 'participant', 'enterer'])('%s names its authors', (member) => {
    expect(readProvenance({ [member]: to('Practitioner/1') })).toEqual({ authors: ['Practitioner/1'], sources: undefined })
    expect(readProvenance({ [member]: [{ actor: to('Practitioner/1') }, { individual: to('Organization/2') }] })).toEqual({
      authors: ['Practitioner/1', 'Organization/2'],
      sources: ['Organization/2'],
    })
  })

  it.each(['custodian', 'serviceProvider', 'managingOrganization', 'provider', 'insurer'])('%s names its keeper', (member) => {
    expect(readProvenance({ [member]: to('Organization/1') })).toEqual({ authors: undefined, sources: ['Organization/1'] })
  })

  it.each<[name: string, resource: { readonly [name: string]: unknown }, authors: readonly string[] | undefined, sources: readonly string[] | undefined]>([
    ['nobody', {}, undefined, undefined],
    ['somebody twice', { author: [to('Practitioner/1'), to('Practitioner/1')] }, ['Practitioner/1'], undefined],
    ['an organization as both', { author: to('Organization/1'), custodian: to('Organization/1') }, ['Organization/1'], ['Organization/1']],
    ['keepers beside an author', { author: to('Practitioner/1'), custodian: to('Organization/1') }, ['Practitioner/1'], ['Organization/1']],
    ['an author who cannot be followed', { author: [to('Practitioner/1'), to('#x')], custodian: to('Organization/1') }, undefined, undefined],
    ['a keeper who cannot be followed', { author: to('Practitioner/1'), custodian: to('#x') }, ['Practitioner/1'], undefined],
    ['an author with a name only', { author: { display: 'Dr. Somebody' } }, undefined, undefined],
    ['an author with a name only beside another', { author: [to('Practitioner/1'), { display: 'Dr. Somebody' }] }, undefined, undefined],
    ['an author of whom nothing is left', { author: [to('Practitioner/1'), {}], custodian: to('Organization/1') }, undefined, undefined],
    ['an author with a role only', { participant: [{ role: {} }, { actor: to('Practitioner/1') }] }, ['Practitioner/1'], undefined],
    ['an author by an identifier', { author: { identifier: { system: 's', value: '1' } } }, ['s|1'], undefined],
    ['an organization by an identifier', { author: { type: 'Organization', identifier: { system: 's', value: '1' } } }, ['s|1'], ['s|1']],
    [
      'an organization by an identifier beside a keeper',
      { performer: { actor: { type: 'Organization', identifier: { system: 's', value: '1' } } }, custodian: to('Organization/1') },
      ['s|1'],
      ['Organization/1', 's|1'],
    ],
    [
      'a practitioner by an identifier beside a keeper',
      { author: { type: 'Practitioner', identifier: { system: 's', value: '1' } }, custodian: to('Organization/1') },
      ['s|1'],
      ['Organization/1'],
    ],
    [
      'somebody by an identifier, who may be an organization, beside a keeper',
      { author: { identifier: { system: 's', value: '1' } }, custodian: to('Organization/1') },
      ['s|1'],
      undefined,
    ],
    ...['urn:x', 'aPractitioner', 'Practitioner 1', ['Organization']].map(
      (type): [string, { readonly [name: string]: unknown }, readonly string[], undefined] => [
        `somebody by an identifier and the type ${JSON.stringify(type)}, which is none, beside a keeper`,
        { author: { type, identifier: { system: 's', value: '1' } }, custodian: to('Organization/1') },
        ['s|1'],
        undefined,
      ],
    ),
    ['a keeper by an identifier', { custodian: { identifier: { system: 's', value: '1' } } }, undefined, ['s|1']],
    ['an author wrapped in text', { participant: [{ actor: 'x' }] }, undefined, undefined],
    ['an author that is text', { author: 'x', custodian: to('Organization/1') }, undefined, undefined],
    ['an author that is null', { author: null }, undefined, undefined],
    ['lists in lists', { author: [[to('Practitioner/1')]] }, ['Practitioner/1'], undefined],
    ['an organization by name alone', { author: to('OrganizationAffiliation/1') }, ['OrganizationAffiliation/1'], undefined],
  ])('%s', (_, resource, authors, sources) => {
    expect(readProvenance(resource)).toEqual({ authors, sources })
  })
})

describe('the encounter of a resource', () => {
  it.each<[name: string, resource: { readonly [name: string]: unknown }, type: string, expected: string | undefined]>([
    ['an encounter itself', {}, 'Encounter', 'Encounter/self'],
    ['one that is named', { encounter: to('Encounter/1') }, 'Observation', 'Encounter/1'],
    ['one in a list', { encounter: [to('Encounter/1')] }, 'Observation', 'Encounter/1'],
    ['several', { encounter: [to('Encounter/1'), to('Encounter/2')] }, 'Observation', undefined],
    ['none', {}, 'Observation', undefined],
    ['an empty list', { encounter: [] }, 'Observation', undefined],
    ['something else', { encounter: to('EpisodeOfCare/1') }, 'Observation', undefined],
    ['one that cannot be followed', { encounter: to('#x') }, 'Observation', undefined],
    ['one as the context', { context: to('Encounter/1') }, 'MedicationStatement', 'Encounter/1'],
    ['one in the context', { context: { encounter: [to('Encounter/1')] } }, 'DocumentReference', 'Encounter/1'],
    ['a context that is text', { context: 'x' }, 'DocumentReference', undefined],
    ['none, where R4 has no place for one', {}, 'Patient', ''],
    ['one where R4 has no place for it', { encounter: to('Encounter/1') }, 'Patient', 'Encounter/1'],
    ['one that cannot be followed, where R4 has no place for it', { encounter: to('#x') }, 'Patient', ''],
  ])('%s', (_, resource, type, expected) => {
    expect(readEncounter(resource, type, 'Encounter/self')).toBe(expected)
  })

  /** Types whose R4 definition has neither `encounter` nor `context` (hl7.org/fhir/R4). */
  it.each(
    'Patient Coverage Practitioner PractitionerRole Organization Location RelatedPerson Consent Goal Medication Specimen Device FamilyMemberHistory BodyStructure'.split(
      ' ',
    ),
  )('is none for %s', (type) => {
    expect(readEncounter({}, type, `${type}/1`)).toBe('')
  })
})

describe('when something happened', () => {
  const dates =
    'effectiveDateTime effectiveInstant occurrenceDateTime performedDateTime onsetDateTime started authoredOn recordedDate date issued created startDate'
  const periods = 'effectivePeriod occurrencePeriod performedPeriod onsetPeriod period billablePeriod'

  it.each(dates.split(' '))('%s says it', (member) => {
    expect(readSpan({ [member]: '2024' })).toEqual(spanOfDate('2024'))
    expect(readSpan({ [member]: 'soon', period: { start: '2024' } })).toBeUndefined()
  })

  it.each(periods.split(' '))('%s says it', (member) => {
    expect(readSpan({ [member]: { start: '2024', end: '2024' } })).toEqual(spanOfDate('2024'))
    expect(readSpan({ [member]: 'soon' })).toBeUndefined()
    expect(readSpan({ [member]: { start: '2024', end: 'soon' } })).toBeUndefined()
  })

  it('goes by what happened before what was written down', () => {
    expect(readSpan({ issued: '2024', effectiveDateTime: '2023', period: { start: '2022' } })).toEqual(spanOfDate('2023'))
    expect(readSpan({})).toBeUndefined()
  })
})
