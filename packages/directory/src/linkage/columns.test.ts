import { describe, expect, it } from 'vitest'
import { MAX_UNKNOWN_FIELDS } from '../limits.ts'
import { agreeFields } from './agree.ts'
import { describeColumns } from './columns.ts'

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

  it('knows them abbreviated, in camel case, in capitals and with digits', () => {
    expect(
      meanings('fname_c1', 'l_name', 'PatientFirstName', 'LASTNAME', 'adr_ln_1', 'addr1', 'STREETADDRESS', 'City/Town', 'ZIP Code', 'postal', 'zip5'),
    ).toEqual(['given', 'family', 'given', 'family', 'street', 'street', 'street', 'city', 'postalCode', 'postalCode', 'postalCode'])
    expect(meanings('birth_dt', 'PatientDOB', 'BIRTHDATE', 'PHONENUMBER', 'gndr', 'Telephone Number', 'midl_name', 'maiden_name', 'state_cd')).toEqual([
      'birthDate',
      'birthDate',
      'birthDate',
      'phone',
      'sex',
      'phone',
      'middle',
      'maiden',
      'state',
    ])
    expect(meanings('DoB', 'FName', 'LName', 'DateOfBirth', 'fn', 'ln')).toEqual(['birthDate', 'given', 'family', 'birthDate', 'given', 'family'])
    expect(meanings('res_street_address', 'res_city_desc', 'Provider First Line Business Practice Location Address', 'Apellido', 'nom de famille')).toEqual([
      'street',
      'city',
      'street',
      'family',
      'family',
    ])
  })

  it('takes nobody else for the person of the record, and no event for a birth', () => {
    expect(meanings("mother's maiden name", 'emergency contact phone', 'birth_place', 'age')).toEqual(['unknown', 'unknown', 'unknown', 'unknown'])
    expect(meanings('admission_date', 'visit_date', 'updated_at')).toEqual(['local', 'local', 'local'])
  })

  it('tells numbers of one office from those of another', () => {
    const offices = describeHeader(['id', 'ssn', 'npi_number', 'nhs_no', 'medicare_id', 'State License Number']).map(
      ({ meaning, office }) => `${meaning} ${office}`,
    )
    expect(offices).toEqual(['identifier social security', 'identifier provider', 'identifier nation', 'identifier insurance', 'identifier license'])
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

describe('birth dates in pieces', () => {
  const people = Array.from({ length: 30 }, (_, i) => ({ year: String(1930 + 2 * i), month: String(1 + (i % 12)), day: String(1 + (i % 28)) }))
  const births = (header: readonly string[], cells: (person: (typeof people)[number], i: number) => readonly string[]) =>
    describeHeader(
      ['id', ...header],
      people.map((person, i) => [String(i), ...cells(person, i)]),
    ).map(({ meaning, part }) => part ?? meaning)

  it.each([
    ['by', 'bm', 'bd'],
    ['birth_year', 'birth_month', 'birth_day'],
    ['year of birth', 'month of birth', 'day of birth'],
    ['dob_yr', 'dob_mon', 'dob_dd'],
    ['BirthYear', 'BirthMonth', 'BirthDay'],
    ['yob', 'month_of_birth', 'bday'],
    ['Geburtsjahr', 'Geburtsmonat', 'Geburtstag'],
    ['année de naissance', 'mois de naissance', 'jour de naissance'],
    ['año de nacimiento', 'mes de nacimiento', 'día de nacimiento'],
    ['year', 'month', 'day'],
  ])('%s, %s, %s', (...header) => {
    expect(births(header, ({ year, month, day }) => [year, month, day])).toEqual(['year', 'month', 'day'])
  })

  it('what a column holds decides', () => {
    const whole = ({ year, month, day }: (typeof people)[number]): readonly string[] => [`${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`]
    for (const name of ['birth_day', 'bday', 'bd', 'dob']) expect(births([name], whole)).toEqual(['birthDate'])
    expect(births(['dob'], ({ year }) => [year])).toEqual(['year'])
    expect(births(['dob'], ({ day }) => [day])).toEqual(['day'])
    expect(births(['birth_date'], (_, i) => [String(40_000 + 137 * i)])).toEqual(['unknown'])
    expect(births(['birth_month'], (_, i) => [String(40 + i)])).toEqual(['unknown'])
  })

  it('are not taken from years of visits, and from one column of dates only where it spans lives', () => {
    expect(births(['year', 'month', 'day'], ({ month, day }, i) => [String(2020 + (i % 5)), month, day])).toEqual(['unknown', 'unknown', 'unknown'])
    const twoDates = births(['d1', 'd2'], ({ year }, i) => [`${year}-04-03`, `${2020 + (i % 5)}-04-03`])
    expect(twoDates).toEqual(['birthDate', 'unknown'])
  })
})

describe('postal codes by their look', () => {
  const described = (cell: (i: number) => string) =>
    describeHeader(
      ['id', 'c1'],
      Array.from({ length: 200 }, (_, i) => [String(i), cell(i)]),
    ).map(({ meaning }) => meaning)

  it('are five digits that many records share', () => {
    expect(described((i) => String(97_000 + (i % 60)))).toEqual(['postalCode'])
    expect(described((i) => String(97_000 + i))).toEqual(['unknown'])
    expect(described((i) => String(97_000 + (i % 5)))).toEqual(['unknown'])
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

  it('compares of a birth date what both have', () => {
    const rows = Array.from({ length: 30 }, (_, i) => [String(i), `n${i}`, String(1930 + i), String(1 + (i % 12)), String(1 + (i % 28))])
    const pieces = describeHeader(['id', 'surname', 'by', 'bm', 'bd'], rows)
    const whole = describeHeader(['key', 'dob', 'Last Name'])
    expect(agreeFields(pieces, whole)).toMatchObject({
      a: [{ name: 'family' }, { name: 'birthDate', columns: ['by', 'bm', 'bd'], isInPieces: true, parts: ['year', 'month', 'day'] }],
      b: [{ name: 'family' }, { name: 'birthDate', columns: ['dob'], isInPieces: false, parts: ['year', 'month', 'day'] }],
    })
    const yearOnly = pieces.filter(({ part }) => part === undefined || part === 'year')
    expect(agreeFields(yearOnly, whole).b[1]).toMatchObject({ columns: ['dob'], parts: ['year'] })
  })

  it('compares identifiers of one office', () => {
    expect(names(['npi', 'license no', 'surname'], ['Last Name', 'NPI', 'ssn'])).toEqual(['family: surname = Last Name', 'identifier: npi = NPI'])
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
