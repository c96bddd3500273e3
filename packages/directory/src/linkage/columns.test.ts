import { describe, expect, it } from 'vitest'
import { MAX_UNKNOWN_FIELDS } from '../limits.ts'
import { agreeFields, describeColumns } from './columns.ts'

const describeHeader = (header: readonly string[], rows: readonly (readonly string[])[] = [header.map((_, i) => `x${i}`), header.map((_, i) => `y${i}`)]) =>
  describeColumns({ header, rows }, header[0] ?? '')
const meanings = (...header: readonly string[]) => describeHeader(['id', ...header]).map(({ meaning }) => meaning)

describe('describeColumns', () => {
  it('knows the words of headers', () => {
    expect(meanings('given_name', 'surname', 'street_number', 'address_1', 'address_2', 'suburb', 'postcode', 'state', 'date_of_birth', 'soc_sec_id')).toEqual([
      'given',
      'family',
      'street',
      'street',
      'street',
      'city',
      'postalCode',
      'state',
      'birthDate',
      'identifier',
    ])
    expect(meanings('FirstName', 'LastName', 'DOB', 'Zip Code', 'City', 'E-Mail', 'Telephone', 'Gender', 'NPI', 'Middle Initial')).toEqual([
      'given',
      'family',
      'birthDate',
      'postalCode',
      'city',
      'email',
      'phone',
      'sex',
      'identifier',
      'middle',
    ])
    expect(meanings('Vorname', 'Nachname', 'Geburtsdatum', 'PLZ', 'Ort', 'Straße', 'Name', 'patient_name', 'prénom')).toEqual([
      'given',
      'family',
      'birthDate',
      'postalCode',
      'city',
      'street',
      'name',
      'name',
      'given',
    ])
    expect(meanings('Provider License Number State Code_1', 'Practice Location Address Fax Number', 'Other Last Name Type Code', 'Name Prefix')).toEqual([
      'state',
      'phone',
      'local',
      'local',
    ])
    expect(meanings('mrn', 'patient_id', 'record number', 'updated', 'ward')).toEqual(['local', 'local', 'local', 'local', 'unknown'])
  })

  it('looks at the values where the header says nothing', () => {
    const rows = [
      ['1', '1990-04-03', 'a@b.example', 'f', 'red'],
      ['2', '1985-12-31', 'c@d.example', 'M', 'blue'],
    ]
    expect(describeHeader(['id', 'c1', 'c2', 'c3', 'c4'], rows).map(({ meaning }) => meaning)).toEqual(['birthDate', 'email', 'sex', 'unknown'])
    const dated = describeHeader(
      ['id', 'last update', 'family', 'dob'],
      rows.map(([id = '', day = '']) => [id, day, `x${id}`, day]),
    )
    expect(dated.map(({ meaning, form }) => `${meaning} ${form}`)).toEqual(['unknown date', 'family words', 'birthDate date'])
    const numbered = describeHeader(
      ['id', 'ssn'],
      [
        ['1', '69880480'],
        ['2', '73640098'],
      ],
    )
    expect(numbered[0]).toMatchObject({ meaning: 'identifier', form: 'digits' })
    const twice = rows.map((row) => [...row, row[1] ?? ''])
    expect(describeHeader(['id', 'c1', 'c2', 'c3', 'c4', 'c5'], twice).map(({ meaning, form }) => `${meaning} ${form}`)).toEqual([
      'unknown date',
      'email words',
      'sex code',
      'unknown words',
      'unknown date',
    ])
  })
})

describe('agreeFields', () => {
  const names = (a: readonly string[], b: readonly string[]) => {
    const fields = agreeFields(describeHeader(['id', ...a]), describeHeader(['key', ...b]))
    const [listA, listB] = [fields.a, fields.b].map((list) => list.map(({ name, space, form, hashes }) => [name, space, form, hashes]))
    expect(listA).toEqual(listB)
    return fields.a.map(({ name, columns }, i) => `${name}: ${columns.join('+')} = ${fields.b[i]?.columns.join('+')}`)
  }

  it('takes what both have, whatever it is called and wherever it stands', () => {
    expect(names(['surname', 'dob', 'suburb', 'phone'], ['city', 'Birth Date', 'Last Name'])).toEqual([
      'family: surname = Last Name',
      'birthDate: dob = Birth Date',
      'city: suburb = city',
    ])
  })

  it('compares a whole name with its parts', () => {
    expect(names(['name'], ['given', 'family', 'middle name'])).toEqual(['given:  = given', 'family:  = family', 'name: name = '])
  })

  it('takes columns of the same name, not more than a few, and none that is blank', () => {
    expect(names(['surname', 'Ward', 'bed'], ['ward', 'surname'])).toEqual(['family: surname = surname', 'ward: Ward = ward'])
    const many = Array.from({ length: 50 }, (_, i) => `thing${i}`)
    expect(names(['surname', ...many], ['surname', ...many])).toHaveLength(1 + MAX_UNKNOWN_FIELDS)
    const blank = describeHeader(
      ['id', 'surname', 'dob'],
      [
        ['1', 'x', ''],
        ['2', 'y', ''],
      ],
    )
    expect(agreeFields(blank, blank).a.map(({ name }) => name)).toEqual(['family'])
  })

  it('refuses where nothing tells people apart', () => {
    for (const [a, b] of [
      [['surname'], ['dob']],
      [
        ['state', 'sex'],
        ['state', 'sex'],
      ],
      [[], []],
    ] as const)
      expect(() => names(a, b)).toThrow(/expected a name, an identifier/)
  })

  it('leaves room for every field', () => {
    const wide = ['given', 'surname', 'dob', 'ssn', 'phone', 'email', 'address', 'city', 'zip', 'state', ...Array.from({ length: 12 }, (_, i) => `thing${i}`)]
    const { a } = agreeFields(describeHeader(['id', ...wide]), describeHeader(['id', ...wide]))
    expect(a.every(({ hashes }) => hashes >= 1)).toBe(true)
    expect(a.find(({ name }) => name === 'birthDate')?.hashes).toBeGreaterThan(a.find(({ name }) => name === 'street')?.hashes ?? Number.POSITIVE_INFINITY)
  })
})
