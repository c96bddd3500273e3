import { describe, expect, it } from 'vitest'
import { npiOf } from '../../test/nppes-rows.ts'
import { countsOf, factsOf, findingsOf, readFile, rejectedSubjects } from '../../test/read-file.ts'
import {
  bundle,
  clinic,
  coded,
  joined,
  type Json,
  load,
  location,
  ndjson,
  net,
  network,
  NPI,
  NUCC,
  organization,
  person,
  place,
  PLAN_NET,
  practitioner,
  role,
  to,
} from '../../test/resources.ts'
import { createFhirReader, createReferenceCollector, endpointSubject, identifierSubject, npiSubject, participationSubject, roleSubject } from '../index.ts'

describe('resources of Plan-Net', () => {
  const all = [person('one'), clinic, network, place, role]

  it('become facts about people, organizations, locations, roles and who takes part in which network', () => {
    const records = load(ndjson(...all))
    expect(findingsOf(records)).toEqual([[], [], [], [], []])
    expect(factsOf(records)).toEqual({
      [practitioner]: {
        npi: npiOf(1),
        status: 'active',
        'name.family': 'Rowan',
        'name.given': 'Alder',
        'name.middle': 'B.',
        'name.suffix': 'Jr.',
        'name.credential': 'MD',
      },
      [organization]: { npi: npiOf(2), status: 'active', name: 'Harbor Clinic' },
      [net]: { status: 'active', name: 'Standard Network' },
      [location]: { name: 'Harbor Clinic', organization, status: 'active', line: '10 Harbor Road', city: 'Salem', state: 'OR', postalCode: '97301-0001' },
      [joined]: { practitioner, organization, location, status: 'active', phone: '503 555 0100', 'specialty/207Q00000X': 'listed' },
      [participationSubject(joined, net)]: { participant: joined, network: net, status: 'active', acceptingPatients: 'nopt' },
    })
    const [first] = records
    expect(first?.accepted === true && first.facts[0]?.observedAt).toBe(Date.parse('2020-07-07T13:26:22.031Z'))
  })

  it('are the same as NDJSON, as a Bundle in one line or in many, and alone, wherever the bytes are cut', () => {
    const expected = factsOf(load(ndjson(...all)))
    for (const file of [`\uFEFF${ndjson(...all)}\n`, JSON.stringify(bundle(...all)), `\n${JSON.stringify(bundle(...all), null, 2)}\n`])
      for (const size of [1, 100, undefined]) expect(factsOf(load(file, size))).toEqual(expected)
    expect(Object.keys(factsOf(load(JSON.stringify(network, null, 2))))).toEqual([net])
  })

  it('are found by the address that a Bundle gives them', () => {
    const byAddress = { ...role, practitioner: to('urn:uuid:0'), organization: to('urn:uuid:1'), location: [to('urn:uuid:3')], extension: [] }
    const records = load(JSON.stringify(bundle(person('one'), clinic, network, place, byAddress)))
    expect(findingsOf(records).flat()).toEqual([])
    expect(factsOf(records)[joined]).toBeDefined()
    expect(records.map(({ row }) => row)).toEqual([1, 2, 3, 4, 5])
  })

  it('take part as organizations, and are endpoints; services and plans are accepted and are no subjects', () => {
    const affiliation = {
      resourceType: 'OrganizationAffiliation',
      id: 'a',
      active: false,
      participatingOrganization: to('Organization/clinic'),
      network: [to('Organization/net')],
    }
    const period = { ...affiliation, id: 'b', active: true, period: { start: '2026-01-01', end: '2026-12' } }
    const endpoint = {
      resourceType: 'Endpoint',
      id: 'e',
      status: 'off',
      address: 'https://fhir.example.org',
      connectionType: { system: 'http://terminology.hl7.org/CodeSystem/endpoint-connection-type', code: 'hl7-fhir-rest' },
    }
    const service = { resourceType: 'HealthcareService', id: 's', providedBy: to('Organization/clinic') }
    const plan = { resourceType: 'InsurancePlan', id: 'p', network: [to('Organization/net')], ownedBy: to('HealthcareService/s') }
    const records = load(
      ndjson(
        clinic,
        network,
        affiliation,
        endpoint,
        service,
        plan,
        { ...role, id: 'x', practitioner: undefined, healthcareService: [to('HealthcareService/s')], location: [] },
        period,
      ),
    )
    expect(countsOf(records)).toMatchObject({ read: 8, accepted: 8, findings: { REFERENCE_KIND: 1 } })
    const facts = factsOf(records)
    expect(facts[endpointSubject('https://fhir.example.org')]).toEqual({
      address: 'https://fhir.example.org',
      connectionType: 'hl7-fhir-rest',
      status: 'departed',
    })
    expect(facts[participationSubject(organization, net)]).toEqual({ participant: organization, network: net, status: 'active', from: '2026-01-01' })
    expect(facts[identifierSubject('role', 'alder', 'x')]).toMatchObject({ organization })
  })
})

describe('a role', () => {
  const observedAt = Date.UTC(2026, 10, 20)
  const statusOf = (more: Json) => {
    const references = createReferenceCollector({ origin: 'alder' })
    const records = readFile(createFhirReader({ origin: 'alder', references, observedAt }), ndjson({ ...role, active: undefined, ...more, extension: [] }))
    return [
      Object.values(factsOf(records))[0]?.['status'],
      ...findingsOf(records)
        .flat()
        .filter((finding) => !finding.startsWith('REFERENCE')),
    ]
  }

  it.each<[string, string | undefined]>([
    ['2019-01-01', 'departed'],
    ['2026-11-19', 'departed'],
    ['2026-11-20', undefined],
    ['2026-11-19T23:00:00-05:00', undefined],
    ['2026-11-19T23:00:00Z', 'departed'],
    ['2026-10', 'departed'],
    ['2026-11', undefined],
    ['2025', 'departed'],
  ])('whose period ended with %s is %s', (end, status) => {
    expect(statusOf({ period: { end } })).toEqual([status])
  })

  it('that ended has departed even where it is said to be active', () => {
    expect(statusOf({ active: true, period: { start: '2015-01-01', end: '2019-01-01' } })).toEqual(['departed'])
    expect(statusOf({ active: true, period: { end: 'soon' } })).toEqual(['active', 'VALUE_FORM PractitionerRole.period.end'])
  })
})

describe('a resource', () => {
  const one = (resource: Json) => {
    const records = load(ndjson(resource))
    return { findings: findingsOf(records).flat(), fields: Object.values(factsOf(records))[0], subject: Object.keys(factsOf(records))[0] }
  }

  it('with an NPI that names nobody is named by its source', () => {
    const { findings, fields, subject } = one(person('one', { identifier: [{ system: NPI, value: '1234567890' }] }))
    expect(findings).toEqual(['NPI_CHECK_DIGIT Practitioner.identifier[0].value 1234567890'])
    expect(subject).toBe(identifierSubject('practitioner', 'alder', 'one'))
    expect(fields).not.toHaveProperty('npi')
  })

  it('is named by the first NPI that is in use, and says which others it has', () => {
    const npis = [{ system: NPI, use: 'old', value: npiOf(3) }, ...[1, 2, 1].map((n) => ({ system: NPI, value: npiOf(n) }))]
    const { findings, subject } = one(person('one', { identifier: npis }))
    expect(subject).toBe(practitioner)
    expect(findings).toEqual([`NPI_SECOND Practitioner.identifier[0].value ${npiOf(3)}`, `NPI_SECOND Practitioner.identifier[2].value ${npiOf(2)}`])
    expect(one(person('one', { identifier: npis.slice(0, 1) })).subject).toBe(npiSubject('practitioner', npiOf(3)))
  })

  it('keeps what has the right type where something else has not', () => {
    const { findings, fields } = one({
      ...clinic,
      active: 'yes',
      identifier: [{ system: NPI, value: 7 }, null, { system: 'urn:x', value: 'kept' }],
      telecom: { system: 'phone' },
      partOf: 'Organization/net',
      alias: [null, 5, 'The Clinic'],
    })
    expect(findings.sort()).toEqual([
      'WRONG_TYPE Organization.active',
      'WRONG_TYPE Organization.alias[1]',
      'WRONG_TYPE Organization.identifier[0].value',
      'WRONG_TYPE Organization.identifier[1]',
      'WRONG_TYPE Organization.partOf',
      'WRONG_TYPE Organization.telecom',
    ])
    expect(fields).toEqual({ name: 'Harbor Clinic', otherName: 'The Clinic', 'identifier/urn:x': 'kept' })
  })

  it('keeps a code of an unknown system with its system', () => {
    const { findings, fields } = one({ ...clinic, type: [coded('urn:ours', 'clinic')] })
    expect(findings).toEqual(['UNKNOWN_CODE_SYSTEM Organization.type[0].coding[0] urn:ours'])
    expect(fields).toMatchObject({ type: 'urn:ours|clinic' })
  })

  it('names the only taxonomy the primary one, several as listed, and licences by state', () => {
    const where = {
      url: `${PLAN_NET}/StructureDefinition/practitioner-qualification`,
      extension: [{ url: 'whereValid', valueCodeableConcept: coded('https://www.usps.com/', 'OR') }],
    }
    const first = { code: coded(NUCC, '207Q00000X'), identifier: [{ system: 'urn:board', value: 'L100' }], extension: [where] }
    const second = { code: coded(NUCC, '207R00000X') }
    expect(one(person('one', { qualification: [first] })).fields).toMatchObject({ 'taxonomy/207Q00000X': 'primary', 'license/OR/L100': '207Q00000X' })
    expect(one(person('one', { qualification: [first, second] })).fields).toMatchObject({ 'taxonomy/207Q00000X': 'listed', 'taxonomy/207R00000X': 'listed' })
    expect(one(person('one', { qualification: [{ code: coded(NUCC, '207q') }] })).findings).toEqual([
      'TAXONOMY_CODE Practitioner.qualification[0].code.coding[0] 207Q',
    ])
  })

  it('that is not active has departed, and a postal address is no place', () => {
    const address = [{ type: 'postal', line: ['PO Box 7', 'Suite 1'], city: 'Salem' }]
    expect(one(person('one', { active: false, address })).fields).toMatchObject({ status: 'departed', 'mailing.line': 'PO Box 7', 'mailing.line2': 'Suite 1' })
    expect(one({ ...clinic, address }).fields).not.toHaveProperty('line')
    expect(one({ ...place, status: 'inactive', managingOrganization: undefined }).fields).toMatchObject({ status: 'departed' })
  })

  it.each([
    ['REFERENCE_DANGLING', 'Organization/nobody'],
    ['REFERENCE_KIND', 'Location/place'],
  ])('shows a reference with %s', (code, reference) => {
    expect(one({ ...place, managingOrganization: to(reference) }).findings).toEqual([`${code} Location.managingOrganization.reference ${reference}`])
  })

  it('refers by NPI alone, and to one version', () => {
    const byNpi = { ...place, managingOrganization: { identifier: { system: NPI, value: npiOf(2) } } }
    expect(one(byNpi).fields).toMatchObject({ organization })
    const records = load(ndjson(clinic, { ...place, managingOrganization: to('Organization/clinic/_history/3') }))
    expect(findingsOf(records).flat()).toEqual([])
  })

  it('is read with what it contains, which is named by what it says of itself or by its container', () => {
    const bare = { ...network, id: 'o', name: 'Mill Group' }
    const contained = [person('p'), { ...place, id: 'l', managingOrganization: to('#o') }, bare, { ...role, id: 'x' }]
    const holder = { ...role, practitioner: to('#p'), organization: to('#o'), location: [to('#l'), to('#nowhere')], extension: [], contained }
    const records = load(ndjson(holder, { ...holder, id: 'other', contained: [] }))
    const mill = identifierSubject('organization', 'alder', 'PractitionerRole/role#o')
    expect(findingsOf(records)).toEqual([
      ['CONTAINED PractitionerRole.contained[3]', 'REFERENCE_DANGLING PractitionerRole.location[1].reference #nowhere'],
      ['#p', '#o', '#l', '#nowhere'].map((reference) => expect.stringMatching(new RegExp(`^REFERENCE_DANGLING .* ${reference}$`))),
    ])
    const facts = factsOf(records)
    expect(facts[roleSubject(practitioner, mill, location)]).toMatchObject({ practitioner, organization: mill, location })
    expect([facts[practitioner]?.['name.family'], facts[mill]?.['name'], facts[location]?.['organization']]).toEqual(['Rowan', 'Mill Group', mill])
  })

  it('that a Bundle asks to delete is rejected, and not for its form', () => {
    const entry = [{ resource: clinic }, { request: { method: 'DELETE', url: 'Organization/net' } }, { request: { method: 'GET', url: 'x' } }]
    expect(findingsOf(load(JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })))).toEqual([
      [],
      ['RESOURCE_DELETED resource'],
      ['RESOURCE_JSON resource'],
    ])
  })

  it('is rejected where it is none of ours', () => {
    const records = load(
      [
        '{"resourceType":"Practitioner"',
        '7',
        ndjson({ resourceType: 'Patient', id: 'p' }),
        ndjson({ resourceType: 'Location' }),
        ndjson(clinic),
        ndjson({ ...clinic, active: false }),
        ndjson(clinic),
      ].join('\n'),
    )
    expect(records.map(({ accepted }) => accepted)).toEqual([false, false, false, false, true, false, true])
    expect(findingsOf(records)).toEqual([
      ['RESOURCE_JSON resource'],
      ['RESOURCE_JSON resource'],
      ['RESOURCE_TYPE resourceType Patient'],
      ['RESOURCE_ID Location.id'],
      [],
      ['DUPLICATE_KEY Organization.id clinic'],
      ['DUPLICATE_ROW Organization.id clinic'],
    ])
  })
})

it('a resource that is not taken says whom it speaks of, where its reference or its NPI does', () => {
  const records = load(ndjson(person('one'), person('one', { active: false }), person('two', { id: undefined }), { resourceType: 'Location' }))
  expect(rejectedSubjects(records)).toEqual([practitioner, practitioner, undefined])
  const references = createReferenceCollector({ origin: 'alder' })
  references.push(new TextEncoder().encode(ndjson(person('one'), network)))
  references.end()
  const latin = Uint8Array.from('{"resourceType":"Organization","id":"net","name":"\xe9"}', (character) => character.charCodeAt(0))
  expect(rejectedSubjects(readFile(createFhirReader({ origin: 'alder', references }), latin))).toEqual([net])
})
