import { encodeBase64Url, encodeUtf8, formatCanonical, InputError, type JsonObject, sha256 } from '@fiducia/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  batchRoot,
  type BatchLine,
  checkDigitOf,
  decodeLine,
  endpointSubject,
  encodeLine,
  fieldPolicy,
  FIELDS,
  identifierSubject,
  isNpi,
  lineCommitment,
  locationSubject,
  npiOf,
  npiSubject,
  parseStatement,
  parseSubjectKey,
  participationSubject,
  roleSubject,
  type Statement,
  subjectKind,
} from '../index.ts'

const bytes32 = (label: string) => encodeBase64Url(sha256(encodeUtf8(label))) as Extract<BatchLine, { com: unknown }>['com']

const practitioner = npiSubject('practitioner', '1234567893')
const clinic = npiSubject('organization', '2000000002')
const statement: Statement = {
  subject: practitioner,
  operation: 'assert',
  fields: { 'name.family': 'Rowan', 'taxonomy/207Q00000X': 'primary' },
  observedAt: 1_700_000_000_000,
  basis: 'own-record',
  origin: 'alder',
}

describe('an NPI', () => {
  it('is ten digits with the check digit of the standard’s own example', () => {
    expect(['1234567893', '1234567890', '123456789', '3234567893', '12345678931', 'abcdefghij'].map(isNpi)).toEqual([true, false, false, false, false, false])
  })

  it('is never valid with one digit changed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100_000_000, max: 299_999_999 }), fc.nat({ max: 9 }), fc.integer({ min: 1, max: 9 }), (nine, place, by) => {
        const npi = `${nine}${checkDigitOf(String(nine))}`
        const digits = [...npi].map(Number)
        digits[place] = ((digits[place] ?? 0) + by) % 10
        expect([isNpi(npi), isNpi(digits.join(''))]).toEqual([true, false])
      }),
    )
  })
})

describe('a subject', () => {
  const address = { line: '1 main st', line2: '', city: 'salem', state: 'OR', postalCode: '97301', country: 'US' }

  it('has the key that the specification gives it: the hash of the canonical form of what names it', () => {
    const keyOf = (named: JsonObject) => `${String(named['kind'])}/${encodeBase64Url(sha256(encodeUtf8(`fiducia/subject/v1\0${formatCanonical(named)}`)))}`
    const part = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constant('"\\\u2028\0'))
    const key = fc.constantFrom(practitioner, clinic, null)
    const parts = { line: part, line2: part, city: part, state: part, postalCode: part, country: part }
    fc.assert(fc.property(fc.record(parts), (one) => void expect(locationSubject(one)).toBe(keyOf({ kind: 'location', ...one }))))
    fc.assert(
      fc.property(key, key, part, (organization, location, value) => {
        expect(roleSubject(practitioner, organization, location)).toBe(keyOf({ kind: 'role', practitioner, organization, location }))
        expect(identifierSubject('endpoint', value, 'x')).toBe(keyOf({ kind: 'endpoint', system: value, value: 'x' }))
        expect(endpointSubject(value)).toBe(keyOf({ kind: 'endpoint', address: value }))
      }),
    )
    expect(participationSubject(practitioner, clinic)).toBe(keyOf({ kind: 'participation', participant: practitioner, network: clinic }))
    expect(() => endpointSubject('\ud800')).toThrow(InputError)
  })

  it('has a key that follows from what names it', () => {
    const place = locationSubject(address)
    expect(locationSubject({ ...address })).toBe(place)
    expect(locationSubject({ ...address, line2: 'suite 2' })).not.toBe(place)
    const keys = [
      practitioner,
      clinic,
      place,
      roleSubject(practitioner, clinic, place),
      roleSubject(practitioner, clinic, null),
      roleSubject(practitioner, null, null),
    ]
    expect(new Set(keys).size).toBe(keys.length)
    expect(keys.map((key) => parseSubjectKey(key, ''))).toEqual(keys)
    expect(keys.map(subjectKind)).toEqual(['practitioner', 'organization', 'location', 'role', 'role', 'role'])
    expect([practitioner, place].map(npiOf)).toEqual(['1234567893', undefined])
  })

  it.each([
    'practitioner',
    'person/npi/1234567893',
    'practitioner/npi/1234567890',
    'location/npi/1234567893',
    'role/short',
    'practitioner/npi/1234567893/x',
    7,
  ])('is refused as %j', (value) => {
    expect(() => parseSubjectKey(value, '')).toThrow(InputError)
  })
})

describe('a field', () => {
  it('is known by its kind; of many of a kind what tells them apart follows a slash', () => {
    expect(fieldPolicy('practitioner', 'taxonomy/207Q00000X')).toBe(FIELDS.practitioner['taxonomy/*'])
    for (const name of ['nothing', 'taxonomy', 'taxonomy/', 'phone', 'name.family/x', '__proto__'])
      expect(() => fieldPolicy('practitioner', name)).toThrow(InputError)
  })

  it('of a mailing address is never published, and of no other', () => {
    const hidden = Object.values(FIELDS).flatMap((fields) => Object.entries(fields).flatMap(([name, { published }]) => (published ? [] : [name])))
    expect(hidden.length).toBe(16)
    expect(hidden.every((name) => name.startsWith('mailing.'))).toBe(true)
  })
})

describe('a batch', () => {
  const lines: readonly BatchLine[] = Array.from({ length: 5 }, (_, i) => ({ salt: bytes32(`salt ${i}`), statement: { ...statement, observedAt: i } }))

  it('is lines that read back as they were written', () => {
    for (const line of lines) expect(decodeLine(encodeLine(line))).toEqual(line)
  })

  it('keeps its root when the subject of a line is erased, and with any other change it does not', () => {
    const root = batchRoot(lines.map(lineCommitment))
    const [, second] = lines
    if (second === undefined) throw new Error('expected lines')
    const erased: BatchLine = { com: bytes32('other') }
    const redacted: BatchLine = { com: encodeBase64Url(lineCommitment(second)) as typeof erased.com }
    expect(decodeLine(encodeLine(redacted))).toEqual(redacted)
    expect(batchRoot(lines.map((line, i) => lineCommitment(i === 1 ? redacted : line)))).toBe(root)
    expect(batchRoot(lines.map((line, i) => lineCommitment(i === 1 ? erased : line)))).not.toBe(root)
    expect(batchRoot(lines.toReversed().map(lineCommitment))).not.toBe(root)
    expect(() => batchRoot([])).toThrow(InputError)
  })

  it('refuses statements of another shape', () => {
    const refused: readonly unknown[] = [
      { ...statement, fields: {} },
      { ...statement, fields: { phone: '1' } },
      { ...statement, fields: { 'name.family': '' } },
      { ...statement, fields: { 'name.family': null } },
      { ...statement, operation: 'withdraw' },
      { ...statement, basis: 'hearsay' },
      { ...statement, subject: 'practitioner/npi/1' },
      { ...statement, more: 1 },
      { ...statement, fields: { 'name.family': 'x'.repeat(2_001) } },
    ]
    for (const value of refused) expect(() => parseStatement(value, '')).toThrow(InputError)
    expect(parseStatement({ ...statement, operation: 'withdraw', fields: { 'name.family': null } }, '').operation).toBe('withdraw')
  })
})
