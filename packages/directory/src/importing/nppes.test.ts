import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clinician, NPPES_HEADER, nppesFile, nppesLine, nppesPeople, npiOf } from '../../test/nppes-rows.ts'
import { countsOf, factsOf, findingsOf, readFile, rejectedSubjects, salem } from '../../test/read-file.ts'
import { createNppesReader, DirectoryError, npiSubject, parseStatement, roleSubject } from '../index.ts'
import type { KindOf } from './types.ts'

const read = (file: string | Uint8Array, kindOf?: KindOf) => readFile(createNppesReader({ ...(kindOf && { kindOf }) }), file)
const SALEM = salem('10 Harbor Road')

function refusal(file: string | Uint8Array): string {
  try {
    read(file)
    return 'read'
  } catch (error) {
    if (error instanceof DirectoryError) return error.message
    throw error
  }
}

describe('a row of the main file', () => {
  it('gives the practitioner, where it practices, and the role that joins the two', () => {
    const records = read(nppesFile([clinician(1, { 'Provider Credential Text': 'M.D.', 'Provider Other Last Name': 'BIRCH' })]))
    const practitioner = npiSubject('practitioner', npiOf(1))
    expect(findingsOf(records)).toEqual([[]])
    expect(factsOf(records)).toEqual({
      [practitioner]: {
        npi: npiOf(1),
        'npi.status': 'active',
        'npi.enumerated': '2006-05-23',
        'name.family': 'ROWAN',
        'name.given': 'ALDER',
        'name.credential': 'M.D.',
        'otherName.family': 'BIRCH',
        gender: 'female',
        soleProprietor: 'N',
        'taxonomy/207Q00000X': 'primary',
        'license/OR/L100': '207Q00000X',
        'mailing.line': 'PO Box 7',
        'mailing.city': 'Salem',
        'mailing.state': 'OR',
        'mailing.postalCode': '973010001',
        'mailing.phone': '5035550100',
      },
      [SALEM]: { line: '10 Harbor Road', city: 'Salem', state: 'OR', postalCode: '973010001', phone: '5035550100' },
      [roleSubject(practitioner, null, SALEM)]: { practitioner, location: SALEM, phone: '5035550100' },
    })
    expect(records.flatMap((record) => (record.accepted ? record.facts.map(({ observedAt }) => observedAt) : []))).toEqual(Array(3).fill(Date.UTC(2019, 6, 8)))
  })

  it('gives an organization with its own address, never its official or its tax number', () => {
    const cells = {
      'Entity Type Code': '2',
      'Provider Organization Name (Legal Business Name)': 'HARBOR CLINIC',
      'Provider Other Organization Name': 'THE CLINIC',
      'Parent Organization LBN': 'ROWAN HEALTH',
      'Parent Organization TIN': '123456789',
      'Employer Identification Number (EIN)': '987654321',
      'Authorized Official Last Name': 'SECRET',
    }
    const facts = factsOf(read(nppesFile([clinician(1, cells)])))
    expect(Object.keys(facts)).toEqual([npiSubject('organization', npiOf(1)), SALEM])
    expect(facts[npiSubject('organization', npiOf(1))]).toMatchObject({ name: 'HARBOR CLINIC', otherName: 'THE CLINIC', partOf: 'ROWAN HEALTH', city: 'Salem' })
    expect(JSON.stringify(facts)).not.toMatch(/SECRET|123456789|987654321/)
  })

  it('has the taxonomy whose slot is marked as the primary one, and one licence for all its taxonomies', () => {
    const slot = (i: number, code: string, isPrimary: string) => ({
      [`Healthcare Provider Taxonomy Code_${i}`]: code,
      [`Provider License Number_${i}`]: 'L100',
      [`Provider License Number State Code_${i}`]: 'OR',
      [`Healthcare Provider Primary Taxonomy Switch_${i}`]: isPrimary,
    })
    const rows = [
      clinician(1, { ...slot(1, '207Q00000X', 'N'), ...slot(2, '207R00000X', 'Y') }),
      clinician(2, slot(1, '207Q00000X', 'X')),
      clinician(3, slot(1, 'FAMILY DOC', 'Y')),
    ]
    const records = read(nppesFile(rows))
    const switchOf = (i: number) => `Healthcare Provider Primary Taxonomy Switch_${i}`
    expect(findingsOf(records)).toEqual([
      [`PRIMARY_TAXONOMY_NOT_FIRST ${switchOf(2)}`],
      [`PRIMARY_TAXONOMY_MISSING ${switchOf(1)}`],
      ['TAXONOMY_CODE Healthcare Provider Taxonomy Code_1'],
    ])
    const [one, two, three] = [1, 2, 3].map((i) => factsOf(records)[npiSubject('practitioner', npiOf(i))])
    expect(one).toMatchObject({ 'taxonomy/207Q00000X': 'secondary', 'taxonomy/207R00000X': 'primary', 'license/OR/L100': '207Q00000X 207R00000X' })
    expect(two).toMatchObject({ 'taxonomy/207Q00000X': 'secondary' })
    expect(three).toMatchObject({ 'license/OR/L100': '-' })
  })

  it('keeps every other identifier, apart by who gave it', () => {
    const cells = {
      'Other Provider Identifier_1': '111',
      'Other Provider Identifier Type Code_1': '05',
      'Other Provider Identifier State_1': 'OR',
      'Other Provider Identifier_2': '222',
      'Other Provider Identifier Type Code_2': '05',
      'Other Provider Identifier State_2': 'OR',
      'Other Provider Identifier_50': '333',
      'Other Provider Identifier Type Code_50': '01',
      'Other Provider Identifier Issuer_50': 'SOME PAYER',
    }
    const facts = factsOf(read(nppesFile([clinician(1, cells)])))
    expect(facts[npiSubject('practitioner', npiOf(1))]).toMatchObject({ 'identifier/05/OR': '111 222', 'identifier/01/SOME PAYER': '333' })
  })

  it('is rejected where nothing names its subject, and comes back as it was', () => {
    const bad = clinician(1, { NPI: '1234567890' })
    const records = read(nppesFile([bad, clinician(2, { NPI: '' }), clinician(3, { 'Entity Type Code': '' })]))
    expect(records.map(({ accepted }) => accepted)).toEqual([false, false, false])
    expect(findingsOf(records)).toEqual([['NPI_CHECK_DIGIT NPI 1234567890'], ['NPI_MISSING NPI'], ['ENTITY_TYPE Entity Type Code']])
    const [first] = records
    expect(first?.accepted === false && first.source).toEqual(NPPES_HEADER.map((name) => (bad as Record<string, string>)[name] ?? ''))
  })

  it('that is not taken says whom it speaks of, by its own kind or the one that is known', () => {
    const line = (n: number, cells = {}) => `${nppesLine(clinician(n, cells))},""`
    const file = [nppesFile([]), line(1), line(2, { 'Entity Type Code': '2' }), line(3, { 'Entity Type Code': '' }), line(4, { NPI: '1234567890' })].join('\n')
    const kindOf = (npi: string) => (npi === npiOf(3) ? 'practitioner' : undefined)
    const subjects = [npiSubject('practitioner', npiOf(1)), npiSubject('organization', npiOf(2)), npiSubject('practitioner', npiOf(3)), undefined]
    expect(rejectedSubjects(read(file, kindOf))).toEqual(subjects)
    const names = ['NPI', 'Provider Other Organization Name', 'Provider Other Organization Name Type Code']
    expect(rejectedSubjects(read(`${nppesFile([], names)}\n${npiOf(3)}\n`, kindOf))).toEqual(subjects.slice(2, 3))
  })

  it('is found where it comes twice', () => {
    const records = read(nppesFile([clinician(1), clinician(1), clinician(1, { 'Provider First Name': 'ASH' })]))
    expect(records.map(({ accepted }) => accepted)).toEqual([true, true, false])
    expect(findingsOf(records)).toEqual([[], ['DUPLICATE_ROW NPI'], ['DUPLICATE_KEY NPI']])
  })

  it('becomes statements that the ledger’s batches carry', () => {
    for (const record of read(nppesPeople(3, 50)))
      if (record.accepted)
        for (const { subject, fields, observedAt = 0 } of record.facts)
          expect(parseStatement({ subject, operation: 'assert', fields, observedAt, basis: 'import', origin: 'nppes' }, '').subject).toBe(subject)
  })
})

describe('a deactivated NPI', () => {
  const left = { NPI: npiOf(1), 'NPI Deactivation Date': '03/20/2020' }
  const departed = { npi: npiOf(1), 'npi.status': 'deactivated', status: 'departed' }
  const [practitioner, organization] = [npiSubject('practitioner', npiOf(1)), npiSubject('organization', npiOf(1))]

  it('departs although its row is empty: of both that it may name, or of the one that is known', () => {
    const records = read(nppesFile([left]))
    expect(records.map(({ accepted }) => accepted)).toEqual([true])
    expect(findingsOf(records)).toEqual([[`NPI_DEACTIVATED NPI Deactivation Date ${npiOf(1)}`]])
    expect(factsOf(records)).toEqual({ [practitioner]: departed, [organization]: departed })
    expect(factsOf(read(nppesFile([left]), () => 'organization'))).toEqual({ [organization]: departed })
  })

  it('is active again from its reactivation on', () => {
    const back = (day: string) => factsOf(read(nppesFile([clinician(1, { ...left, 'NPI Reactivation Date': day })])))[practitioner]
    expect(back('03/20/2020')).toMatchObject({ 'npi.status': 'active' })
    expect(back('03/19/2020')).toMatchObject(departed)
    expect(back('not a day')).toMatchObject(departed)
  })

  it('names the one that replaced it', () => {
    expect(findingsOf(read(nppesFile([clinician(1, { 'Replacement NPI': npiOf(2) })])))).toEqual([[`NPI_REPLACED Replacement NPI ${npiOf(2)}`]])
  })
})

describe('the files beside the main one', () => {
  const at = 'Provider Secondary Practice Location Address'
  const PRACTICES = [
    'NPI',
    `${at}- Address Line 1`,
    `${at}-  Address Line 2`,
    ...['City Name', 'State Name', 'Postal Code', 'Country Code (If outside U.S.)', 'Telephone Number', 'Telephone Extension'].map((name) => `${at} - ${name}`),
    'Provider Practice Location Address - Fax Number',
  ]
  const place = {
    NPI: npiOf(1),
    [`${at}- Address Line 1`]: '10 Harbor Road',
    [`${at} - City Name`]: 'Salem',
    [`${at} - State Name`]: 'OR',
    [`${at} - Postal Code`]: '97301',
  }

  it('give further locations of whom the directory knows', () => {
    const file = nppesFile([place, place], PRACTICES)
    const practitioner = npiSubject('practitioner', npiOf(1))
    const records = read(file, () => 'practitioner')
    expect(Object.keys(factsOf(records))).toEqual([SALEM, roleSubject(practitioner, null, SALEM)])
    expect(findingsOf(records)).toEqual([[], ['DUPLICATE_ROW NPI']])
    expect(Object.keys(factsOf(read(file, () => 'organization')))).toEqual([SALEM])
    expect(findingsOf(read(file))[0]).toEqual([`ENTITY_TYPE NPI ${npiOf(1)}`])
  })

  it('give other names and endpoints', () => {
    const names = ['NPI', 'Provider Other Organization Name', 'Provider Other Organization Name Type Code']
    expect(factsOf(read(nppesFile([{ NPI: npiOf(1), 'Provider Other Organization Name': 'THE CLINIC' }], names)))).toEqual({
      [npiSubject('organization', npiOf(1))]: { otherName: 'THE CLINIC' },
    })
    const file = nppesFile(
      ['THE CLINIC', 'The Clinic, Inc.', 'HARBOR CARE'].map((name) => ({ NPI: npiOf(1), 'Provider Other Organization Name': name })),
      names,
    )
    expect(findingsOf(read(file))).toEqual([[], [], ['OTHER_NAME Provider Other Organization Name']])
    expect(Object.values(factsOf(read(file)))).toEqual([{ otherName: 'THE CLINIC' }])
    const beside = readFile(createNppesReader({ otherNameOf: () => 'The Clinic' }), file)
    expect([factsOf(beside), findingsOf(beside)]).toEqual([{}, [[], [], ['OTHER_NAME Provider Other Organization Name']]])
    const endpoints = ['NPI', 'Endpoint Type', 'Endpoint Type Description', 'Endpoint', 'Affiliation', 'Endpoint Description']
    const endpoint = { NPI: npiOf(1), 'Endpoint Type': 'FHIR', Endpoint: 'https://fhir.example.org', 'Endpoint Description': 'ours' }
    const [fields] = Object.values(factsOf(read(nppesFile([endpoint], endpoints), () => 'organization')))
    expect(fields).toEqual({ address: 'https://fhir.example.org', connectionType: 'FHIR', name: 'ours', organization: npiSubject('organization', npiOf(1)) })
    const ofPerson = read(nppesFile([endpoint], endpoints), () => 'practitioner')
    expect([findingsOf(ofPerson), Object.values(factsOf(ofPerson))]).toEqual([
      [['ENDPOINT_OWNER NPI']],
      [{ address: 'https://fhir.example.org', connectionType: 'FHIR', name: 'ours' }],
    ])
  })
})

describe('a file', () => {
  const shuffled = [...NPPES_HEADER].reverse()

  it('is read by the names of its columns, in the second version too', () => {
    const second = [...shuffled.map((name) => (name === 'Provider Gender Code' ? 'Provider Sex Code' : name)), 'Certification Date']
    const row = { ...clinician(1), 'Provider Sex Code': 'F', 'Certification Date': '01/01/2025' }
    expect(factsOf(read(nppesFile([row], second)))).toEqual(factsOf(read(nppesFile([clinician(1)]))))
  })

  it.each([
    'NPI',
    'Provider Business Practice Location Address City Name',
    'Provider Gender Code',
    'NPI Deactivation Date',
    'Healthcare Provider Taxonomy Code_7',
    'Provider License Number State Code_15',
    'Other Provider Identifier Issuer_50',
  ])('without `%s` is refused by that name', (column) => {
    const renamed = NPPES_HEADER.map((name) => (name === column ? 'Somewhat Else' : name))
    expect(refusal(nppesFile([clinician(1)], renamed))).toContain(`row 1: expected a column \`${column}\`, found none`)
  })

  it.each([
    ['', 'expected a header and records, found an empty file'],
    ['id,name\n1,a\n', 'row 1: expected the header of a file of the national register, found another one'],
    [nppesFile([clinician(1)]).replaceAll('","', '";"'), 'row 1: expected quotation marks and line ends as in RFC 4180, found others in column 1'],
    [
      nppesFile([clinician(1)])
        .replaceAll('","', '\t')
        .replaceAll('"', ''),
      'row 1: expected commas between columns, found semicolons, tabs or bars',
    ],
    [nppesFile([clinician(1)]).slice(0, -1), 'row 2: expected a closing quotation mark in column 329, found the end of the file'],
    [nppesFile([clinician(1)]).slice(0, 500), 'row 1: expected a closing quotation mark in column 18, found the end of the file'],
  ])('is refused where it is none', (file, message) => {
    expect(refusal(file)).toBe(message)
  })

  it('goes on behind rows that are cut, too long or in another encoding', () => {
    const [good, other] = [nppesLine(clinician(1)), nppesLine(clinician(2, { 'Provider First Name': 'JOS\xc9' }))]
    const text = [nppesFile([]), good.slice(0, good.lastIndexOf(',')), other, `${good},""`, nppesLine(clinician(3))].join('\n')
    const records = read(Uint8Array.from(text, (character) => character.charCodeAt(0)))
    expect(records.map(({ row, accepted }) => [row, accepted])).toEqual([
      [2, false],
      [3, false],
      [4, false],
      [5, true],
    ])
    expect(findingsOf(records)).toEqual([
      ['ROW_CELLS Healthcare Provider Taxonomy Group_15 328 cells, expected 329'],
      ['ROW_ENCODING Provider First Name'],
      ['ROW_CELLS column 330 330 cells, expected 329'],
      [],
    ])
  })

  it('of random bytes throws nothing but a DirectoryError', () => {
    const head = new TextEncoder().encode(nppesFile([]))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (some, isHeaded) => {
        try {
          read(isHeaded ? Uint8Array.from([...head, 10, ...some]) : some)
        } catch (error) {
          expect(error).toBeInstanceOf(DirectoryError)
        }
      }),
      { numRuns: 50 },
    )
  })

  it('of a million rejected rows gives each back with the bytes that brought it', () => {
    const reader = createNppesReader()
    const line = new TextEncoder().encode(`${Array(2_000).fill('"1"').join('\n')}\n`)
    reader.push(new TextEncoder().encode(`${nppesFile([])}\n`))
    let rejected = 0
    for (let i = 0; i < 500; i += 1) rejected += reader.push(line).filter(({ accepted }) => !accepted).length
    expect(rejected + reader.end().length).toBe(1_000_000)
  })

  it('of invented people gives a thousand of them', () => {
    const { read: rows, accepted, subjects } = countsOf(read(nppesPeople(1, 1_000)))
    expect([rows, accepted, subjects['practitioner'], subjects['role']]).toEqual([1_000, 1_000, 1_000, 1_000])
  })
})
