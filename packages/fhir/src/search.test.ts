import { InputError } from '@fiducia/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatSearch, matchesSearch, parseSearch, SEARCHABLE_TYPES, searchParametersOf } from './search.ts'

const glucose = {
  resourceType: 'Observation',
  id: 'glucose',
  status: 'final',
  subject: { reference: 'Patient/1' },
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] }],
  code: { coding: [{ system: 'http://loinc.org', code: '2345-7' }] },
  effectiveDateTime: '2024-03-05T10:00:00Z',
}
const search = (...params: [string, string][]) => parseSearch('Observation', [['patient', '1'], ...params])

describe('a search', () => {
  it('finds by code, category, status, id and date', () => {
    for (const params of [
      [['code', '2345-7']],
      [['code', 'http://loinc.org|2345-7']],
      [['code', 'http://loinc.org|']],
      [['code', '1-8,2345-7']],
      [
        ['category', 'laboratory'],
        ['status', 'final,amended'],
      ],
      [['_id', 'glucose,other']],
      [['date', '2024-03']],
      [
        ['date', 'ge2024-03-05'],
        ['date', 'le2024-03-05'],
      ],
      [['date', 'lt2025']],
    ] as [string, string][][])
      expect(matchesSearch(search(...params), glucose), JSON.stringify(params)).toBe(true)
  })

  it('does not find by another value', () => {
    for (const params of [
      [['code', 'http://snomed.info/sct|2345-7']],
      [['code', '|2345-7']],
      [['status', 'amended']],
      [['_id', 'other']],
      [['date', 'gt2024-03-05']],
      [['date', '2023']],
      [['date', 'lt2024-03-05']],
    ] as [string, string][][])
      expect(matchesSearch(search(...params), glucose), JSON.stringify(params)).toBe(false)
  })

  it('never finds what is about somebody else, even on the same words', () => {
    expect(matchesSearch(search(), { ...glucose, subject: { reference: 'Patient/2' } })).toBe(false)
    expect(matchesSearch(search(), { ...glucose, subject: { reference: 'https://elsewhere.example/fhir/Patient/1' } })).toBe(false)
    expect(matchesSearch(search(), { ...glucose, subject: undefined })).toBe(false)
    expect(matchesSearch(search(), 'Observation')).toBe(false)
  })

  it('is written back in a fixed order and read again', () => {
    const shape = search(['date', 'ge2024'], ['code', 'http://loinc.org|2345-7'], ['_count', '7'])
    expect(formatSearch(shape)).toBe('patient=1&code=http%3A%2F%2Floinc.org%7C2345-7&date=ge2024&_count=7')
    expect(parseSearch('Observation', new URLSearchParams(formatSearch(shape)))).toEqual(shape)
  })

  const refused: readonly (readonly [string, string, readonly (readonly [string, string])[]])[] = [
    ['no patient', 'Observation', [['code', 'x']]],
    [
      'two patients',
      'Observation',
      [
        ['patient', '1'],
        ['patient', '2'],
      ],
    ],
    [
      'a modifier',
      'Observation',
      [
        ['patient', '1'],
        ['code:not', 'x'],
      ],
    ],
    [
      'a chain',
      'Observation',
      [
        ['patient', '1'],
        ['encounter.status', 'x'],
      ],
    ],
    [
      '_has',
      'Observation',
      [
        ['patient', '1'],
        ['_has:Provenance:target:agent', 'x'],
      ],
    ],
    [
      '_include',
      'Observation',
      [
        ['patient', '1'],
        ['_include', 'Observation:encounter'],
      ],
    ],
    [
      '_summary',
      'Observation',
      [
        ['patient', '1'],
        ['_summary', 'count'],
      ],
    ],
    [
      '_sort',
      'Observation',
      [
        ['patient', '1'],
        ['_sort', 'date'],
      ],
    ],
    [
      'an empty value',
      'Observation',
      [
        ['patient', '1'],
        ['code', ''],
      ],
    ],
    [
      'an escape',
      'Observation',
      [
        ['patient', '1'],
        ['code', 'a\\,b'],
      ],
    ],
    [
      'a token of three parts',
      'Observation',
      [
        ['patient', '1'],
        ['code', 'a|b|c'],
      ],
    ],
    [
      'a date that is none',
      'Observation',
      [
        ['patient', '1'],
        ['date', '2024-02-30'],
      ],
    ],
    [
      'a prefix that is not offered',
      'Observation',
      [
        ['patient', '1'],
        ['date', 'ap2024'],
      ],
    ],
    [
      'a count of zero',
      'Observation',
      [
        ['patient', '1'],
        ['_count', '0'],
      ],
    ],
    [
      'a count above the limit',
      'Observation',
      [
        ['patient', '1'],
        ['_count', '201'],
      ],
    ],
    ['a type off the list', 'Basic', [['patient', '1']]],
    [
      'a name of every object',
      'Observation',
      [
        ['patient', '1'],
        ['constructor', 'x'],
      ],
    ],
    ['all patients', 'Patient', []],
    ['two patients by id', 'Patient', [['_id', '1,2']]],
  ]
  it.each(refused)('refuses %s', (_, type, params) => {
    expect(() => parseSearch(type, params)).toThrow(InputError)
  })

  it('names every fault at once and quotes no value', () => {
    const attempt = () =>
      parseSearch('Observation', [
        ['code:not', 'secret'],
        ['date', 'secret'],
        ['_count', 'secret'],
      ])
    expect(attempt).toThrow(/list for this type.*date with.*number from 1.*exactly one patient/)
    expect(attempt).not.toThrow(/secret/)
  })

  it('answers any input with a shape or an InputError', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SEARCHABLE_TYPES, 'x'),
        fc.array(fc.tuple(fc.oneof(fc.string(), fc.constantFrom('patient', 'date', 'code', '_id', '_count')), fc.string())),
        (type, params) => {
          try {
            const shape = parseSearch(type, params)
            expect(parseSearch(type, new URLSearchParams(formatSearch(shape)))).toEqual(shape)
          } catch (error) {
            expect(error).toBeInstanceOf(InputError)
          }
        },
      ),
    )
  })

  it('says in the capability statement what it offers', () => {
    expect(searchParametersOf('Observation').map(({ name }) => name)).toEqual(['patient', '_id', 'category', 'code', 'date', 'status'])
    expect(searchParametersOf('Nothing').map(({ name }) => name)).toEqual(['patient', '_id'])
  })
})
