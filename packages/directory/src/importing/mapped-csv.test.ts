import { InputError } from '@fiducia/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { npiOf } from '../../test/nppes-rows.ts'
import { factsOf, findingsOf, readFile, rejectedSubjects, salem } from '../../test/read-file.ts'
import {
  createCsvReader,
  DirectoryError,
  identifierSubject,
  NORMALIZERS,
  npiSubject,
  parseMapping,
  participationSubject,
  parseStatement,
  roleSubject,
} from '../index.ts'
import type { ColumnMapping } from './types.ts'

const read = (mapping: unknown, file: string | Uint8Array) => readFile(createCsvReader(parseMapping(mapping), { origin: 'birch' }), file)

const HEADER = 'NPI,Last,First,Group,Street,City,State,ZIP,Phone,Network,Accepting,Status,Specialty'
const MAPPING: ColumnMapping = {
  key: 'NPI',
  fields: {
    'name.family': 'Last',
    'practitioner.name.given': 'First',
    'taxonomy/*': 'Specialty',
    'organization.name': 'Group',
    'location.line': 'Street',
    'location.city': 'City',
    'location.state': 'State',
    'location.postalCode': 'ZIP',
    'role.phone': 'Phone',
    'role.acceptingPatients': 'Accepting',
    'role.status': 'Status',
    'participation.network': 'Network',
  },
}
const nameOf = (name: string) => NORMALIZERS['organization-name'].normalize(name)
const practitioner = npiSubject('practitioner', npiOf(1))
const group = identifierSubject('organization', 'birch', nameOf('Harbor Clinic'))
const network = identifierSubject('organization', 'birch', nameOf('Standard'))
const row = (street: string, last = 'Rowan') => `${npiOf(1)},${last},Alder,Harbor Clinic,${street},Salem,OR,97301,503 555 0100,Standard,Y,Active,207q00000x`

describe('a row of a mapped file', () => {
  it('gives a practitioner, its organization, location, role and network', () => {
    const records = read(MAPPING, `${HEADER}\n${row('10 Harbor Road')}\n`)
    const role = roleSubject(practitioner, group, salem('10 Harbor Road'))
    expect(findingsOf(records)).toEqual([[]])
    expect(factsOf(records)).toEqual({
      [practitioner]: { npi: npiOf(1), 'name.family': 'Rowan', 'name.given': 'Alder', 'taxonomy/207Q00000X': 'listed' },
      [group]: { name: 'Harbor Clinic' },
      [salem('10 Harbor Road')]: { line: '10 Harbor Road', city: 'Salem', state: 'OR', postalCode: '97301' },
      [role]: { practitioner, organization: group, location: salem('10 Harbor Road'), phone: '503 555 0100', acceptingPatients: 'newpt', status: 'active' },
      [network]: { name: 'Standard' },
      [participationSubject(role, network)]: { participant: role, network },
    })
    for (const record of records)
      if (record.accepted)
        for (const { subject, fields } of record.facts)
          parseStatement({ subject, operation: 'assert', fields, observedAt: 0, basis: 'import', origin: 'birch' }, '')
  })

  it('may be one of several locations of its key, and may not say something else of whom it names', () => {
    const records = read(MAPPING, [HEADER, row('10 Harbor Road'), row('7 Mill Street'), row('7 Mill Street'), row('7 Mill Street', 'Birch')].join('\n'))
    expect(findingsOf(records)).toEqual([[], [], ['DUPLICATE_ROW NPI'], ['DUPLICATE_KEY NPI']])
    expect(Object.keys(factsOf(records)).filter((subject) => subject.startsWith('role/')).length).toBe(2)
  })

  it('may spell whom it names in another way', () => {
    const spelled = [row('10 Harbor Road', 'Núñez-Rowan'), row('7 Mill Street', 'NUNEZ-ROWAN'), row('8 Mill Street', 'Nunez Birch'), row('9 Mill Street', '')]
    expect(findingsOf(read(MAPPING, [HEADER, ...spelled].join('\n')))).toEqual([[], [], ['DUPLICATE_KEY NPI'], ['DUPLICATE_KEY NPI']])
  })

  it('names whom the contract’s own example names, with a location that is theirs alone', () => {
    const mapping = { key: 'NPI', fields: { 'name.family': 'Provider Last Name', 'location.postalCode': 'ZIP' } }
    const facts = factsOf(read(mapping, `NPI,Provider Last Name,ZIP\n${npiOf(1)},Rowan,97301\n${npiOf(2)},Birch,97301\n`))
    expect(Object.values(facts).filter(({ postalCode }) => postalCode === '97301').length).toBe(2)
    expect(Object.keys(facts).length).toBe(6)
  })

  it('is rejected without what names it', () => {
    const records = read(
      MAPPING,
      `${HEADER}\n${row('x').replace(npiOf(1), '1234567890')}\n${row('x').replace(npiOf(1), '')}\n${row('x').replace(npiOf(1), 'call us')}\n`,
    )
    expect(findingsOf(records)).toEqual([['NPI_CHECK_DIGIT NPI 1234567890'], ['NPI_MISSING NPI'], ['NPI_CHECK_DIGIT NPI']])
    expect(records.every(({ accepted }) => !accepted)).toBe(true)
  })

  it('that is not taken says whom it speaks of, where its key can be read', () => {
    const good = row('10 Harbor Road')
    const rows = [
      good,
      `${good},`,
      good.replace('Rowan', 'Birch'),
      good.replace('Rowan', 'Ro"wan'),
      good.replace('Rowan', 'Row\xe9n'),
      good.replace(npiOf(1), '1'),
    ]
    const text = [HEADER, ...rows].join('\n')
    const records = read(
      MAPPING,
      Uint8Array.from(text, (character) => character.charCodeAt(0)),
    )
    expect(findingsOf(records).map(([first = '']) => first.split(' ')[0])).toEqual([
      '',
      'ROW_CELLS',
      'DUPLICATE_KEY',
      'ROW_FORM',
      'ROW_ENCODING',
      'NPI_CHECK_DIGIT',
    ])
    expect(rejectedSubjects(records)).toEqual([practitioner, practitioner, practitioner, practitioner, undefined])
    const own = { key: 'Id', fields: { npi: 'NPI', gender: 'Sex' } }
    expect(rejectedSubjects(read(own, `Id,NPI,Sex\n7,${npiOf(1)},F,\n8,,F,\n`))).toEqual([practitioner, identifierSubject('practitioner', 'birch', '8')])
  })

  it('can be named by the source’s own key, and is the NPI’s where it has one', () => {
    const mapping = { key: 'Id', fields: { npi: 'Number', gender: 'Sex', 'npi.enumerated': 'Since' } }
    const records = read(mapping, `Id,Number,Sex,Since\n7,${npiOf(1)},F,05/23/2006\n8,1234567890,M,2006-05-23\n9,,X,soon\n,,,\n`)
    expect(findingsOf(records)).toEqual([[], ['NPI_CHECK_DIGIT Number 1234567890'], ['VALUE_FORM Since'], ['KEY_MISSING Id']])
    expect(factsOf(records)).toEqual({
      [practitioner]: { npi: npiOf(1), gender: 'female', 'npi.enumerated': '2006-05-23' },
      [identifierSubject('practitioner', 'birch', '8')]: { gender: 'male', 'npi.enumerated': '2006-05-23' },
      [identifierSubject('practitioner', 'birch', '9')]: { gender: 'other' },
    })
  })

  it.each(['NPI', 'npi_number', 'ProviderNPI', 'NPINumber', 'providerNpi', 'National Provider Identifier', 'NationalProviderID'])(
    'is named by an NPI in `%s`',
    (key) => {
      const records = read({ key, fields: { gender: 'Sex' } }, `${key},Sex\n${npiOf(1)},F\n1234567890,F\n`)
      expect(Object.keys(factsOf(records))).toEqual([practitioner])
      expect(findingsOf(records)).toEqual([[], [`NPI_CHECK_DIGIT ${key} 1234567890`]])
    },
  )

  it('says once where keys of another name are NPIs', () => {
    const rows = [1, 2, 2, 3, 4, 5, 6].map((n) => `${npiOf(n)},F`)
    expect(findingsOf(read({ key: 'Id', fields: { gender: 'Sex' } }, ['Id,Sex', ...rows].join('\n'))).flat()).toEqual(['DUPLICATE_ROW Id', 'KEY_IS_NPI Id'])
    expect(findingsOf(read({ key: 'Id', fields: { gender: 'Sex' } }, ['Id,Sex', '7,F', ...rows.slice(2)].join('\n'))).flat()).toEqual([])
    expect(findingsOf(read({ key: 'Id', fields: { npi: 'Id', gender: 'Sex' } }, ['Id,Sex', ...rows.slice(2)].join('\n'))).flat()).toEqual([])
  })

  it('is about an organization where no field is a practitioner’s', () => {
    const mapping = { key: 'NPI', fields: { 'organization.name': 'Name', 'organization.status': 'Status', 'location.line': 'Street', 'location.city': 'City' } }
    const facts = factsOf(read(mapping, `NPI,Name,Status,Street,City\n${npiOf(1)},Harbor Clinic,Termed,10 Harbor Road,Salem\n${npiOf(2)},Mill,maybe,,\n`))
    expect(facts[npiSubject('organization', npiOf(1))]).toEqual({ npi: npiOf(1), name: 'Harbor Clinic', status: 'departed' })
    expect(facts[npiSubject('organization', npiOf(2))]).toEqual({ npi: npiOf(2), name: 'Mill' })
    expect(Object.keys(facts).length).toBe(3)
  })

  it('loses a value that is too long or of another form, and nothing else', () => {
    const mapping = { key: 'NPI', fields: { 'name.family': 'Last', 'taxonomy/*': 'Taxonomy' } }
    const records = read(mapping, `NPI,Last,Taxonomy\n${npiOf(1)},${'x'.repeat(2_001)},GP\n`)
    expect(findingsOf(records)).toEqual([['VALUE_TOO_LONG Last', 'TAXONOMY_CODE Taxonomy']])
    expect(factsOf(records)).toEqual({ [practitioner]: { npi: npiOf(1) } })
  })
})

describe('a mapping', () => {
  it.each<[unknown, string]>([
    [{}, 'member `key` is missing'],
    [{ key: 'NPI', fields: {} }, 'expected 1 to 256 fields, found 0'],
    [
      { key: 'NPI', fields: { phone: 'Phone' } },
      'expected a field of the directory, found `phone`; perhaps `organization.phone` or `location.phone` or `role.phone`',
    ],
    [{ key: 'NPI', fields: { 'endpoint.address': 'URL' } }, 'expected a field of the directory, found `endpoint.address`'],
    [{ key: 'NPI', fields: { 'role.location': 'Place' } }, 'field `role.location` follows from the row and has no column'],
    [{ key: 'NPI', fields: { 'name.family': '' } }, 'expected the name of a column, found none'],
    [{ key: 'NPI', fields: { 'name.family': 7 } }, 'expected text of at most 300 characters'],
    [{ key: 'NPI', fields: { __proto__: null, constructor: 'x' } }, 'expected a field of the directory, found `constructor`'],
  ])('is refused as %j', (value, message) => {
    expect(() => parseMapping(value)).toThrow(message)
    expect(() => parseMapping(value)).toThrow(InputError)
  })

  it('of a column that the file has not is refused with those near it', () => {
    const mapping = { key: 'NPI', fields: { 'name.family': 'Provider Last Name' } }
    const refused = () => read(mapping, 'NPI,Provider Lastname,Provider First Name,Fax\n')
    expect(refused).toThrow('row 1: expected a column `Provider Last Name`, found none; near it: `Provider Lastname`, `Provider First Name`')
    expect(refused).toThrow(DirectoryError)
  })

  it('of a column that the file has twice is refused by its name, of others not', () => {
    const mapping = { key: 'NPI', fields: { 'name.family': 'Last' } }
    expect(factsOf(read(mapping, `NPI,Phone,Last,Phone\n${npiOf(1)},1,Rowan,2\n`))).toMatchObject({ [practitioner]: { 'name.family': 'Rowan' } })
    expect(() => read(mapping, 'NPI,Last,Phone,Last\n')).toThrow('row 1: expected each column name once, found `Last` for columns 2 and 4')
    expect(() => read(mapping, 'NPI,last,Phone,last\n')).toThrow('found `last` for columns 2 and 4')
  })

  it('of any shape throws nothing but an InputError, and with any file nothing but a DirectoryError', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          parseMapping(value)
        } catch (error) {
          expect(error).toBeInstanceOf(InputError)
        }
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          read(MAPPING, Uint8Array.from([...new TextEncoder().encode(`${HEADER}\n`), ...bytes]))
        } catch (error) {
          expect(error).toBeInstanceOf(DirectoryError)
        }
      }),
    )
  })
})
